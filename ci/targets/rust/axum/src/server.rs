//! Echo server on axum: `axum-server PORT`. With its feature `http2` it takes RFC 8441 on the same port.

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::{Router, routing::any};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() {
    let listener = TcpListener::bind(("127.0.0.1", target_arguments::port())).await.expect("failed to bind");
    // `any`, since RFC 8441 has CONNECT where RFC 6455 has GET.
    axum::serve(listener, Router::new().route("/", any(upgrade))).await.expect("failed to serve");
}

async fn upgrade(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(echo)
}

async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        if matches!(message, Message::Text(_) | Message::Binary(_)) && socket.send(message).await.is_err() {
            return;
        }
    }
}
