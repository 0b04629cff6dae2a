//! Echo server on tokio-tungstenite: `tokio-tungstenite-server PORT`.

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{accept_async, tungstenite::Error};

#[tokio::main]
async fn main() {
    let listener = TcpListener::bind(("127.0.0.1", target_arguments::port())).await.expect("failed to bind");
    loop {
        let (stream, _) = listener.accept().await.expect("failed to accept");
        tokio::spawn(async move {
            if let Err(error) = echo(stream).await {
                eprintln!("{error}");
            }
        });
    }
}

async fn echo(stream: TcpStream) -> Result<(), Error> {
    let mut socket = accept_async(stream).await?;
    while let Some(message) = socket.next().await {
        let message = message?;
        if message.is_text() || message.is_binary() {
            socket.send(message).await?;
        }
    }
    Ok(())
}
