//! A testee on tokio-websockets: `tokio-websockets-client URL AGENT`.

use std::error::Error;

use futures_util::{SinkExt, StreamExt};
use target_arguments::Testee;
use tokio_websockets::ClientBuilder;

#[tokio::main]
async fn main() {
    let testee = Testee::from_arguments();
    let url = format!("{}{}", testee.base, testee.case_count_path());
    let count = case_count(&url).await.expect("failed to count the cases");
    for case in 1..=count {
        let url = format!("{}{}", testee.base, testee.case_path(case));
        // In a task of its own, since tokio-websockets 0.13.3 panics on a Sec-WebSocket-Accept that is too long.
        let _ended = tokio::spawn(async move { echo(&url).await.map_err(|error| error.to_string()) }).await;
    }
    let _ended = echo(&format!("{}{}", testee.base, testee.reports_path())).await;
}

async fn case_count(url: &str) -> Result<u32, Box<dyn Error>> {
    let (mut socket, _response) = ClientBuilder::new().uri(url)?.connect().await?;
    Ok(socket.next().await.ok_or("no message")??.as_text().ok_or("no text")?.parse()?)
}

async fn echo(url: &str) -> Result<(), Box<dyn Error>> {
    let (mut socket, _response) = ClientBuilder::new().uri(url)?.connect().await?;
    while let Some(message) = socket.next().await {
        let message = message?;
        if message.is_text() || message.is_binary() {
            socket.send(message).await?;
        }
    }
    Ok(())
}
