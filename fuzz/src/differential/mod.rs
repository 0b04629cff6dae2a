//! The reference against other implementations, fed the same octets behind the opening. What differs and is lawful is
//! named here; what differs and is a fault of theirs is named in `peers`, so that the search goes on behind it.

mod peers;
mod transport;

pub use peers::{
    run_versus_fastwebsockets, run_versus_soketto, run_versus_tokio_websockets, run_versus_tungstenite,
    run_versus_yawc,
};

use crate::halves;
use crate::inputs::{CutFrames, read};
use transport::Memory;
use wsgauntlet_reference::receive::{Incoming, Receiver};
use wsgauntlet_reference::{Config, Violation};
use wsgauntlet_wire::{Opcode, Role};

/// A data message: what it is, and its octets.
type Message = (Opcode, Vec<u8>);

/// How an implementation's reading ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// With a Close, or with the octets.
    Sound,
    /// It found fault with them.
    Refused,
    /// Its own limit was reached (§10.4), or a fault that is known; nothing follows from what it did not read.
    Cut,
}

/// What an implementation made of the octets: the data messages, in order, and how it ended.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    messages: Vec<Message>,
    end: End,
}

/// Another implementation, as a server behind its opening handshake.
struct Peer {
    read: fn(Memory) -> Seen,
    /// Whether it is known not to refuse this violation, and to deliver this message next.
    known: fn(Violation, Option<&Message>) -> bool,
}

/// What the reference made of the octets.
struct Reading {
    messages: Vec<Message>,
    violation: Option<Violation>,
    /// A Close ended it, with a code that it knows. Codes are registered all the time, §7.4.2; to others it can be unknown.
    closed: bool,
}

fn reference(octets: &[u8]) -> Reading {
    let mut receiver = Receiver::new(&Config::new(Role::Server));
    let mut rest = octets;
    let mut messages = Vec::new();
    loop {
        match receiver.receive(&mut rest) {
            Ok(Some(Incoming::Message { kind, payload })) => messages.push((kind.opcode(), payload)),
            Ok(Some(Incoming::Close(_))) => return Reading { messages, violation: None, closed: true },
            Ok(Some(Incoming::Ping(_) | Incoming::Pong(_))) => {}
            Ok(None) if rest.is_empty() => return Reading { messages, violation: None, closed: false },
            Ok(None) => {}
            Err(violation) => return Reading { messages, violation: Some(violation), closed: false },
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

/// Holds another implementation's reading of frames against the reference's.
fn compare(input: &[u8], peer: &Peer) {
    let octets = read::<CutFrames>(input).octets();
    let (first, second) = halves(&octets);
    let other = (peer.read)(Memory::new(first, second));
    let Reading { messages, violation, closed } = reference(&[first, second].concat());
    let free = violation.is_some_and(|violation| {
        is_free(violation) || (peer.known)(violation, other.messages.get(messages.len()))
    });
    if free && other.messages.len() >= messages.len() {
        assert!(other.messages.starts_with(&messages), "{messages:?}, then {violation:?}; {other:?}");
        return;
    }
    if other.end == End::Cut {
        assert!(messages.starts_with(&other.messages), "{messages:?}, then {violation:?}; {other:?}");
        return;
    }
    assert_eq!(other.messages, messages, "the reference ends with {violation:?}, the other {:?}", other.end);
    if violation.is_none() && !closed {
        assert_ne!(other.end, End::Refused, "the reference finds no fault");
    }
}
