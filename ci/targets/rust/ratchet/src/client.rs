//! A testee on ratchet: `ratchet-client URL AGENT`. permessage-deflate is off unless its provider is given.

use std::error::Error;

use bytes::BytesMut;
use ratchet_rs::deflate::{Deflate, DeflateExtProvider};
use ratchet_rs::{Message, PayloadType, SubprotocolRegistry, WebSocket, WebSocketConfig, subscribe_with};
use target_arguments::Testee;
use tokio::net::TcpStream;

#[tokio::main]
async fn main() {
    let testee = Testee::from_arguments();
    let count = case_count(&testee).await.expect("failed to count the cases");
    for case in 1..=count {
        let _ended = echo(&testee, &testee.case_path(case)).await;
    }
    let _ended = echo(&testee, &testee.reports_path()).await;
}

async fn case_count(testee: &Testee) -> Result<u32, Box<dyn Error>> {
    let mut socket = connect(testee, testee.case_count_path()).await?;
    let mut text = BytesMut::new();
    socket.read(&mut text).await?;
    Ok(std::str::from_utf8(&text)?.parse()?)
}

async fn echo(testee: &Testee, path: &str) -> Result<(), Box<dyn Error>> {
    let mut socket = connect(testee, path).await?;
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

async fn connect(testee: &Testee, path: &str) -> Result<WebSocket<TcpStream, Deflate>, Box<dyn Error>> {
    let stream = TcpStream::connect(testee.address()).await?;
    let url = format!("{}{path}", testee.base);
    let config = WebSocketConfig::default();
    let deflate = DeflateExtProvider::default();
    Ok(subscribe_with(config, stream, url, &deflate, SubprotocolRegistry::default()).await?.websocket)
}
