//! Echo server on warp: `warp-server PORT`.

use futures_util::{SinkExt, StreamExt};
use warp::Filter;
use warp::ws::{WebSocket, Ws};

#[tokio::main]
async fn main() {
    let route = warp::path::end().and(warp::ws()).map(|upgrade: Ws| upgrade.on_upgrade(echo));
    warp::serve(route).run(([127, 0, 0, 1], target_arguments::port())).await;
}

async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.next().await {
        if (message.is_text() || message.is_binary()) && socket.send(message).await.is_err() {
            return;
        }
    }
}
