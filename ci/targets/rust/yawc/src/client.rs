//! A testee on yawc: `yawc-client URL AGENT`. Compression is off by default, and so is the check of UTF-8.

use std::error::Error;

use futures_util::{SinkExt, StreamExt};
use target_arguments::Testee;
use yawc::frame::OpCode;
use yawc::{Options, TcpWebSocket, WebSocket};

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

async fn case_count(url: &str) -> Result<u32, Box<dyn Error>> {
    let frame = connect(url).await?.next().await.ok_or("no message")?;
    Ok(std::str::from_utf8(frame.payload())?.parse()?)
}

async fn echo(url: &str) -> Result<(), Box<dyn Error>> {
    let mut socket = connect(url).await?;
    while let Some(frame) = socket.next().await {
        if matches!(frame.opcode(), OpCode::Text | OpCode::Binary) {
            socket.send(frame).await?;
        }
    }
    Ok(())
}

async fn connect(url: &str) -> Result<TcpWebSocket, Box<dyn Error>> {
    let options = Options::default().with_utf8().with_balanced_compression();
    Ok(WebSocket::connect(url.parse()?).with_options(options).await?)
}
