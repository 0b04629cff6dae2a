//! Audits an echo server of axum that runs in this process, and writes the reports into a folder.
//!
//! ```text
//! cargo run --example axum_server -- target/axum-report
//! ```

use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::routing::any;

/// Echoes text and binary messages; axum answers pings and Closes by itself.
async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        if matches!(message, Message::Text(_) | Message::Binary(_)) && socket.send(message).await.is_err() {
            return;
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let router =
        Router::new().route("/", any(|upgrade: WebSocketUpgrade| async { upgrade.on_upgrade(echo) }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}/", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, router).await });

    let report = wsgauntlet::Audit::server(url).name("axum").run().await?;
    print!("{report}");
    if let Some(dir) = std::env::args().nth(1) {
        report.write(&dir, &[])?;
        println!("\nreports: {dir}/index.html");
    }
    Ok(())
}
