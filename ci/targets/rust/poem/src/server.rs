//! Echo server on poem: `poem-server PORT`.

use futures_util::{SinkExt, StreamExt};
use poem::listener::TcpListener;
use poem::web::websocket::{Message, WebSocket, WebSocketStream};
use poem::{IntoResponse, Route, Server, get, handler};

#[tokio::main]
async fn main() {
    let listener = TcpListener::bind(("127.0.0.1", target_arguments::port()));
    Server::new(listener).run(Route::new().at("/", get(upgrade))).await.expect("failed to serve");
}

#[handler]
fn upgrade(upgrade: WebSocket) -> impl IntoResponse {
    upgrade.on_upgrade(echo)
}

async fn echo(mut socket: WebSocketStream) {
    while let Some(Ok(message)) = socket.next().await {
        if matches!(message, Message::Text(_) | Message::Binary(_)) && socket.send(message).await.is_err() {
            return;
        }
    }
}
