//! Audits an echo server of tungstenite that runs in this process, and prints what is wrong with it.
//!
//! ```text
//! cargo run --example tungstenite_server
//! ```

use std::net::TcpListener;
use tungstenite::Message;

/// Echoes on every connection, each in a thread of its own. Gives the URL.
fn serve() -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("ws://{}", listener.local_addr()?);
    std::thread::spawn(move || {
        for tcp in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let Ok(mut socket) = tungstenite::accept(tcp) else { return };
                while let Ok(message) = socket.read() {
                    if matches!(message, Message::Text(_) | Message::Binary(_))
                        && socket.send(message).is_err()
                    {
                        return;
                    }
                }
            });
        }
    });
    Ok(url)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let report = wsgauntlet::Audit::server(serve()?).name("tungstenite").run().await?;
    print!("{report}");
    println!("\n{} requirements of level MUST are met", report.score().must);
    Ok(())
}
