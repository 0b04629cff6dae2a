//! Echo server on the crate `websocket`, a thread for each connection: `websocket-server PORT`. Unmaintained.

use std::thread;

use websocket::WebSocketResult;
use websocket::message::OwnedMessage;
use websocket::sync::{Client, Server, Stream};

fn main() {
    let server = Server::bind(("127.0.0.1", target_arguments::port())).expect("failed to bind");
    for request in server.filter_map(Result::ok) {
        thread::spawn(move || {
            if let Ok(client) = request.accept()
                && let Err(error) = echo(client)
            {
                eprintln!("{error}");
            }
        });
    }
}

/// The library leaves pongs and closing to the application.
fn echo<S: Stream>(mut client: Client<S>) -> WebSocketResult<()> {
    loop {
        match client.recv_message()? {
            OwnedMessage::Close(data) => return client.send_message(&OwnedMessage::Close(data)),
            OwnedMessage::Ping(payload) => client.send_message(&OwnedMessage::Pong(payload))?,
            OwnedMessage::Pong(_) => {}
            message @ (OwnedMessage::Text(_) | OwnedMessage::Binary(_)) => client.send_message(&message)?,
        }
    }
}
