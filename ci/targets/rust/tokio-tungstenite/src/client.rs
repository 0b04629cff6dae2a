//! A testee on tokio-tungstenite: `tokio-tungstenite-client URL AGENT`.

use futures_util::{SinkExt, StreamExt};
use target_arguments::Testee;
use tokio_tungstenite::{connect_async, tungstenite::Error};

#[tokio::main]
async fn main() {
    let testee = Testee::from_arguments();
    let url = format!("{}{}", testee.base, testee.case_count_path());
    let count = case_count(&url).await.expect("failed to count the cases");
    for case in 1..=count {
        let _ended = echo(&format!("{}{}", testee.base, testee.case_path(case))).await;
    }
    let _ended = echo(&format!("{}{}", testee.base, testee.reports_path())).await;
}

async fn case_count(url: &str) -> Result<u32, Box<dyn std::error::Error>> {
    let (mut socket, _response) = connect_async(url).await?;
    Ok(socket.next().await.ok_or("no message")??.to_text()?.parse()?)
}

async fn echo(url: &str) -> Result<(), Error> {
    let (mut socket, _response) = connect_async(url).await?;
    while let Some(message) = socket.next().await {
        let message = message?;
        if message.is_text() || message.is_binary() {
            socket.send(message).await?;
        }
    }
    Ok(())
}
