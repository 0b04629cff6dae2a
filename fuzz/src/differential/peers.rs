//! The implementations: how each is read from, and which of its faults are known.

use super::transport::Memory;
use super::{End, Message, Peer, Seen, compare};
use futures::StreamExt;
use futures::executor::block_on;
use soketto::connection::{CloseReason, Error as SokettoError};
use tungstenite::protocol::WebSocket;
use wsgauntlet_reference::Violation;
use wsgauntlet_wire::Opcode;

/// The longest message that is taken where that has to be said, in octets.
const LEN_MAX: usize = 1 << 20;

/// None of its faults is known.
fn no_fault(_: Violation, _: Option<&Message>) -> bool {
    false
}

/// tungstenite, as a server.
pub fn run_versus_tungstenite(octets: &[u8]) {
    compare(octets, &Peer { read: read_tungstenite, known: no_fault });
}

fn read_tungstenite(memory: Memory) -> Seen {
    use tungstenite::Error;
    use tungstenite::error::ProtocolError;
    use tungstenite::protocol::{Message, Role};

    let mut socket = WebSocket::from_raw_socket(memory, Role::Server, None);
    let mut messages = Vec::new();
    let end = loop {
        match socket.read() {
            Ok(Message::Text(text)) => messages.push((Opcode::Text, text.as_bytes().to_vec())),
            Ok(Message::Binary(octets)) => messages.push((Opcode::Binary, octets.to_vec())),
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
            Ok(Message::Close(_)) => break End::Sound,
            Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => break End::Sound,
            Err(Error::Protocol(_) | Error::Utf8(_)) => break End::Refused,
            Err(Error::Capacity(_)) => break End::Cut,
            Err(_) => break End::Sound,
        }
    };
    Seen { messages, end }
}

/// soketto, as a server. Text is for the application to validate.
pub fn run_versus_soketto(octets: &[u8]) {
    compare(octets, &Peer { read: read_soketto, known: known_of_soketto });
}

/// It looks at no mask bit (§5.1).
fn known_of_soketto(violation: Violation, _: Option<&Message>) -> bool {
    violation == Violation::Unmasked
}

fn read_soketto(memory: Memory) -> Seen {
    use soketto::base::Error as CodecError;
    use soketto::{Data, Incoming, Mode};

    let mut builder = soketto::connection::Builder::new(memory, Mode::Server);
    // It fills memory with zeros for what a header declares.
    builder.set_max_message_size(LEN_MAX);
    builder.set_max_frame_size(LEN_MAX);
    let (_sender, mut receiver) = builder.finish();
    let mut messages = Vec::new();
    let end = block_on(async {
        loop {
            let mut message = Vec::new();
            match receiver.receive(&mut message).await {
                Ok(Incoming::Data(Data::Text(_))) if std::str::from_utf8(&message).is_err() => {
                    break End::Refused;
                }
                Ok(Incoming::Data(Data::Text(_))) => messages.push((Opcode::Text, message)),
                Ok(Incoming::Data(Data::Binary(_))) => messages.push((Opcode::Binary, message)),
                // A pong amid a message makes it forget the message (§5.4).
                Ok(Incoming::Pong(_)) => break End::Cut,
                Ok(Incoming::Closed(CloseReason { .. })) => break End::Sound,
                Err(SokettoError::Io(_) | SokettoError::Codec(CodecError::Io(_)) | SokettoError::Closed) => {
                    break End::Sound;
                }
                Err(
                    SokettoError::MessageTooLarge { .. }
                    | SokettoError::Codec(CodecError::PayloadTooLarge { .. }),
                ) => break End::Cut,
                Err(_) => break End::Refused,
            }
        }
    });
    Seen { messages, end }
}

/// fastwebsockets, as a server that collects fragments.
pub fn run_versus_fastwebsockets(octets: &[u8]) {
    compare(octets, &Peer { read: read_fastwebsockets, known: known_of_fastwebsockets });
}

/// It looks at no mask bit (§5.1), lets the first fragment of a message take the place of an unfinished one (§5.4), and
/// cuts the start of a character off the end of a fragmented text (§8.1).
fn known_of_fastwebsockets(violation: Violation, next: Option<&Message>) -> bool {
    match violation {
        Violation::Unmasked | Violation::Interleaved => true,
        Violation::TextNotUtf8 => {
            next.is_some_and(|(kind, text)| *kind == Opcode::Text && std::str::from_utf8(text).is_ok())
        }
        _ => false,
    }
}

fn read_fastwebsockets(memory: Memory) -> Seen {
    use fastwebsockets::{FragmentCollector, OpCode, Role, WebSocket, WebSocketError};

    let mut socket = FragmentCollector::new(WebSocket::after_handshake(memory, Role::Server));
    let mut messages = Vec::new();
    let end = block_on(async {
        loop {
            match socket.read_frame().await {
                Ok(frame) => match frame.opcode {
                    OpCode::Text => messages.push((Opcode::Text, frame.payload.to_vec())),
                    OpCode::Binary => messages.push((Opcode::Binary, frame.payload.to_vec())),
                    OpCode::Close => break End::Sound,
                    OpCode::Continuation | OpCode::Ping | OpCode::Pong => {}
                },
                Err(
                    WebSocketError::UnexpectedEOF
                    | WebSocketError::IoError(_)
                    | WebSocketError::ConnectionClosed,
                ) => break End::Sound,
                Err(WebSocketError::FrameTooLarge) => break End::Cut,
                Err(_) => break End::Refused,
            }
        }
    });
    Seen { messages, end }
}

/// tokio-websockets, as a server.
pub fn run_versus_tokio_websockets(octets: &[u8]) {
    compare(octets, &Peer { read: read_tokio_websockets, known: known_of_tokio_websockets });
}

/// It takes a text that ends within a character where its last frame is empty (§8.1).
fn known_of_tokio_websockets(violation: Violation, next: Option<&Message>) -> bool {
    violation == Violation::TextNotUtf8
        && next.is_some_and(|(kind, text)| {
            let cut_short = std::str::from_utf8(text).is_err_and(|error| error.error_len().is_none());
            *kind == Opcode::Text && cut_short
        })
}

fn read_tokio_websockets(memory: Memory) -> Seen {
    use tokio_websockets::{Error, ServerBuilder};

    let mut socket = ServerBuilder::new().serve(memory);
    let mut messages = Vec::new();
    let end = block_on(async {
        loop {
            match socket.next().await {
                Some(Ok(message)) if message.is_text() => {
                    messages.push((Opcode::Text, message.into_payload().to_vec()));
                }
                Some(Ok(message)) if message.is_binary() => {
                    messages.push((Opcode::Binary, message.into_payload().to_vec()));
                }
                Some(Ok(message)) if message.is_close() => break End::Sound,
                Some(Ok(_)) => {}
                Some(Err(Error::Protocol(_))) => break End::Refused,
                Some(Err(Error::PayloadTooLong { .. })) => break End::Cut,
                Some(Err(_)) | None => break End::Sound,
            }
        }
    });
    Seen { messages, end }
}

/// yawc, as a server that validates text.
pub fn run_versus_yawc(octets: &[u8]) {
    compare(octets, &Peer { read: read_yawc, known: known_of_yawc });
}

/// It looks at no RSV1 of a control frame (§5.2).
fn known_of_yawc(violation: Violation, _: Option<&Message>) -> bool {
    violation == Violation::ReservedBit
}

fn read_yawc(memory: Memory) -> Seen {
    use yawc::{OpCode, Options, Role, WebSocket, WebSocketError};

    let mut messages = Vec::new();
    let options = Options::default().with_utf8();
    let Ok(mut socket) = WebSocket::from_stream(memory, Role::Server, options) else {
        unreachable!("no extension was agreed to");
    };
    let end = block_on(async {
        loop {
            match socket.next_frame().await {
                Ok(frame) => match frame.opcode() {
                    OpCode::Text => messages.push((Opcode::Text, frame.payload().to_vec())),
                    OpCode::Binary => messages.push((Opcode::Binary, frame.payload().to_vec())),
                    OpCode::Close => break End::Sound,
                    OpCode::Continuation | OpCode::Ping | OpCode::Pong => {}
                },
                Err(WebSocketError::IoError(_) | WebSocketError::ConnectionClosed) => break End::Sound,
                Err(WebSocketError::FrameTooLarge) => break End::Cut,
                Err(_) => break End::Refused,
            }
        }
    });
    Seen { messages, end }
}
