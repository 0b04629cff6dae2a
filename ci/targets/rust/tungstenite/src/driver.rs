//! Driver on tungstenite (docs/drivers.md): `tungstenite-driver PORT` serves, `tungstenite-driver URL` connects once.

use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;
use tungstenite::protocol::CloseFrame;
use tungstenite::{Message, WebSocket};

type Done = Result<(), Box<dyn std::error::Error>>;

fn text(size: usize, begin: &str) -> String {
    begin.chars().chain(('a'..='z').cycle()).take(size).collect()
}

fn number(command: &Value, name: &str) -> usize {
    command[name].as_u64().unwrap_or(0) as usize
}

fn obey(socket: &mut WebSocket<impl Read + Write>, command: &Value) -> Done {
    let counted = command.get("count").is_some();
    for index in 0..number(command, "count").max(1) {
        let begin = if counted { format!("0/{index} ") } else { String::new() };
        let made = text(number(command, "size"), &begin);
        let payload = command["text"].as_str().map_or(made, str::to_owned);
        let alone = number(command, "fragments") <= 1 && number(command, "tasks") <= 1;
        match command["do"].as_str() {
            Some("hello") => socket.send(Message::text("wsgauntlet driver 1"))?,
            Some("close") => {
                let reason = command["reason"].as_str().unwrap_or("").to_owned();
                let frame = match command.get("code").map(|code| u16::try_from(code.as_i64().unwrap_or(-1))) {
                    Some(code) => Some(CloseFrame { code: code?.into(), reason: reason.into() }),
                    None => None,
                };
                socket.close(frame)?;
                socket.flush()?;
            }
            Some("ping") => socket.send(Message::Ping(payload.into()))?,
            Some("pong") => socket.send(Message::Pong(payload.into()))?,
            Some("send") if alone && command["type"] == "binary" => {
                let octets: Vec<u8> = (0..=255).cycle().take(number(command, "size")).collect();
                socket.send(Message::binary(octets))?;
            }
            Some("send") if alone => socket.send(Message::text(payload))?,
            Some("wait") => {
                thread::sleep(Duration::from_millis(number(command, "ms") as u64));
                socket.send(Message::text("waited"))?;
            }
            Some("throw") => panic!("thrown"),
            _ => return Ok(socket.send(Message::text("unsupported"))?),
        }
    }
    match command.get("then") {
        Some(then) => obey(socket, then),
        None => Ok(()),
    }
}

fn drive(mut socket: WebSocket<impl Read + Write>) -> Done {
    loop {
        let message = socket.read()?;
        match message.to_text().ok().and_then(|text| text.strip_prefix("wsgauntlet {")) {
            Some(rest) if message.is_text() => {
                let done = serde_json::from_str(&format!("{{{rest}")).map_err(Into::into);
                if let Err(error) = done.and_then(|command| obey(&mut socket, &command)) {
                    // After a Close nobody hears it.
                    let _ = socket.send(Message::text(format!("refused: {error}")));
                }
            }
            _ if message.is_text() || message.is_binary() => {
                // After a Close of ours nothing is echoed.
                let _ = socket.send(message);
            }
            _ => {}
        }
    }
}

fn main() -> Done {
    let place = std::env::args().nth(1).ok_or("a port or a URL")?;
    if place.starts_with("ws") {
        let (socket, _) = tungstenite::connect(place)?;
        // However the connection ends: it has ended.
        let _ = drive(socket);
        return Ok(());
    }
    for stream in TcpListener::bind(("127.0.0.1", place.parse()?))?.incoming().flatten() {
        thread::spawn(move || {
            if let Ok(socket) = tungstenite::accept(stream) {
                // However the connection ends: it has ended.
                let _ = drive(socket);
            }
        });
    }
    Ok(())
}
