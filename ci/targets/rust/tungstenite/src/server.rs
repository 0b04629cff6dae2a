//! Echo server on tungstenite, a thread for each connection: `tungstenite-server PORT`.

use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let listener = TcpListener::bind(("127.0.0.1", target_arguments::port())).expect("failed to bind");
    for stream in listener.incoming().flatten() {
        thread::spawn(move || {
            if let Err(error) = echo(stream) {
                eprintln!("{error}");
            }
        });
    }
}

fn echo(stream: TcpStream) -> Result<(), Box<dyn std::error::Error>> {
    let mut socket = tungstenite::accept(stream).map_err(|error| error.to_string())?;
    loop {
        let message = socket.read()?;
        if message.is_text() || message.is_binary() {
            socket.send(message)?;
        }
    }
}
