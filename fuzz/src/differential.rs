//! The reference against other implementations, fed the same octets behind the opening. What differs and is lawful is
//! named here, each with its reason.

use futures::executor::block_on;
use futures::io::{AsyncRead, AsyncWrite};
use soketto::connection::{CloseReason, Error as SokettoError};
use soketto::{Incoming as SokettoIncoming, Mode};
use std::io::{self, Cursor, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use tungstenite::protocol::{Message, WebSocket};
use wsgauntlet::protocol::receive::{Incoming, Receiver};
use wsgauntlet::protocol::{Config, Violation};
use wsgauntlet::wire::{Opcode, Role};

/// What an implementation made of the octets.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    /// The data messages, in order.
    messages: Vec<(Opcode, Vec<u8>)>,
    /// Whether it found fault with them.
    failed: bool,
}

/// What the reference made of them: the messages, and the violation.
fn reference(octets: &[u8]) -> (Vec<(Opcode, Vec<u8>)>, Option<Violation>) {
    let mut receiver = Receiver::new(&Config::new(Role::Server));
    let mut rest = octets;
    let mut messages = Vec::new();
    loop {
        match receiver.receive(&mut rest) {
            Ok(Some(Incoming::Message { kind, payload })) => messages.push((kind.opcode(), payload)),
            Ok(Some(Incoming::Close(_))) => return (messages, None),
            Ok(Some(Incoming::Ping(_) | Incoming::Pong(_))) => {}
            Ok(None) if rest.is_empty() => return (messages, None),
            Ok(None) => {}
            Err(violation) => return (messages, Some(violation)),
        }
    }
}

/// What the RFC lets others take or refuse.
fn is_free(violation: Violation) -> bool {
    match violation {
        // The rule binds the sender, §10.7; limits are everybody's own, §10.4. A length of 127 in a control frame is
        // either.
        Violation::LengthNotMinimal
        | Violation::FrameTooLong
        | Violation::MessageTooLong
        | Violation::LengthTopBit
        | Violation::ControlTooLong => true,
        // A Close ends the connection in any case.
        Violation::CloseOneOctet | Violation::CloseCode(_) | Violation::CloseReasonNotUtf8 => true,
        Violation::Unmasked
        | Violation::Masked
        | Violation::ReservedBit
        | Violation::ReservedOpcode
        | Violation::ContinuationOfNothing
        | Violation::Interleaved
        | Violation::ControlFragmented
        | Violation::TextNotUtf8
        | Violation::NotDeflate => false,
    }
}

/// Holds another implementation's reading against the reference's.
fn compare(octets: &[u8], other: &Seen) {
    let (messages, violation) = reference(octets);
    if let Some(violation) = violation
        && is_free(violation)
    {
        assert!(other.messages.starts_with(&messages), "{messages:?}, then {violation}; {other:?}");
        return;
    }
    assert_eq!(other.messages, messages, "the reference ends with {violation:?}");
    if violation.is_none() {
        assert!(!other.failed, "the reference finds no fault");
    }
}

/// Octets in memory as a transport: what is written is lost, and the end of the octets is the end of the connection.
struct Memory(Cursor<Vec<u8>>);

impl Read for Memory {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Memory {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsyncRead for Memory {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.0.read(buffer))
    }
}

impl AsyncWrite for Memory {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(octets.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// tungstenite, as a server that takes what the reference takes.
pub fn run_versus_tungstenite(octets: &[u8]) {
    let memory = Memory(Cursor::new(octets.to_vec()));
    let mut socket = WebSocket::from_raw_socket(memory, tungstenite::protocol::Role::Server, None);
    let mut read = Seen { messages: Vec::new(), failed: false };
    loop {
        match socket.read() {
            Ok(Message::Text(text)) => read.messages.push((Opcode::Text, text.as_bytes().to_vec())),
            Ok(Message::Binary(octets)) => read.messages.push((Opcode::Binary, octets.to_vec())),
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
            Ok(Message::Close(_)) => break,
            Err(tungstenite::Error::Protocol(
                tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
            )) => break,
            Err(
                tungstenite::Error::Protocol(_)
                | tungstenite::Error::Utf8(_)
                | tungstenite::Error::Capacity(_),
            ) => {
                read.failed = true;
                break;
            }
            Err(_) => break,
        }
    }
    compare(octets, &read);
}

/// soketto, as a server.
pub fn run_versus_soketto(octets: &[u8]) {
    let memory = Memory(Cursor::new(octets.to_vec()));
    let (_sender, mut receiver) = soketto::connection::Builder::new(memory, Mode::Server).finish();
    let mut read = Seen { messages: Vec::new(), failed: false };
    block_on(async {
        loop {
            let mut message = Vec::new();
            match receiver.receive(&mut message).await {
                Ok(SokettoIncoming::Data(soketto::Data::Text(_))) => {
                    read.messages.push((Opcode::Text, message))
                }
                Ok(SokettoIncoming::Data(soketto::Data::Binary(_))) => {
                    read.messages.push((Opcode::Binary, message))
                }
                Ok(SokettoIncoming::Pong(_)) => {}
                Ok(SokettoIncoming::Closed(CloseReason { .. })) => break,
                Err(SokettoError::Io(_) | SokettoError::Closed) => break,
                Err(_) => {
                    read.failed = true;
                    break;
                }
            }
        }
    });
    compare(octets, &read);
}
