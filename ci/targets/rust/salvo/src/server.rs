//! Echo server on salvo: `salvo-server PORT`.

use salvo::prelude::*;
use salvo::websocket::WebSocket;

#[tokio::main]
async fn main() {
    let acceptor = TcpListener::new(("127.0.0.1", target_arguments::port())).bind().await;
    Server::new(acceptor).serve(Router::new().goal(upgrade)).await;
}

#[handler]
async fn upgrade(request: &mut Request, response: &mut Response) -> Result<(), StatusError> {
    WebSocketUpgrade::new().upgrade(request, response, echo).await
}

async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        if (message.is_text() || message.is_binary()) && socket.send(message).await.is_err() {
            return;
        }
    }
}
