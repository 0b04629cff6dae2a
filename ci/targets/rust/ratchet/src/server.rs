//! Echo server on ratchet: `ratchet-server PORT`. permessage-deflate is off unless its provider is given.

use std::error::Error;

use bytes::BytesMut;
use ratchet_rs::deflate::DeflateExtProvider;
use ratchet_rs::{Message, PayloadType, SubprotocolRegistry, WebSocketConfig, accept_with};
use tokio::net::{TcpListener, TcpStream};

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

async fn echo(stream: TcpStream) -> Result<(), Box<dyn Error + Send + Sync>> {
    let config = WebSocketConfig::default();
    let upgrader =
        accept_with(stream, config, DeflateExtProvider::default(), SubprotocolRegistry::default()).await?;
    let mut socket = upgrader.upgrade().await?.websocket;
    let mut message = BytesMut::new();
    loop {
        match socket.read(&mut message).await? {
            Message::Text => {
                // The library leaves it to the application to validate text.
                std::str::from_utf8(&message)?;
                socket.write(&mut message, PayloadType::Text).await?
            }
            Message::Binary => socket.write(&mut message, PayloadType::Binary).await?,
            Message::Ping(_) | Message::Pong(_) => continue,
            Message::Close(_) => return Ok(()),
        }
        socket.flush().await?;
        message.clear();
    }
}
