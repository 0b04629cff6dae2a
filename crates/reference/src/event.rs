//! What an endpoint tells its application, and what it asks of its transport.

use super::refusal::Refusal;
use super::response_error::ResponseError;
use super::violation::Violation;
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::{CloseCode, Opcode};

/// The type of a message, §5.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// UTF-8.
    Text,
    /// Any octets.
    Binary,
}

impl MessageKind {
    /// The opcode of its first frame, §5.2.
    pub fn opcode(self) -> Opcode {
        match self {
            MessageKind::Text => Opcode::Text,
            MessageKind::Binary => Opcode::Binary,
        }
    }
}

/// What happened, in the order of the octets that made it happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The opening handshake succeeded.
    Open {
        /// The request target. A client has its own.
        target: String,
        /// The one that is in use, if any.
        subprotocol: Option<String>,
        /// What was agreed about permessage-deflate. None: it is not used.
        deflate: Option<DeflateParams>,
    },
    /// A server sent an error response; `Ended` follows.
    Refused(Refusal),
    /// A server redirected its client to this `Location`; `OpeningFailed` follows.
    Redirected(Vec<u8>),
    /// A client failed the connection for its response (§4.1); `Ended` follows.
    OpeningFailed(ResponseError),
    /// A whole message. Text is UTF-8.
    Message {
        /// Its type.
        kind: MessageKind,
        /// Unmasked and inflated.
        payload: Vec<u8>,
    },
    /// A ping, which is answered already.
    Ping(Vec<u8>),
    /// A pong, solicited or not.
    Pong(Vec<u8>),
    /// The peer's Close frame. No code: 1005 (§7.1.5).
    Closing {
        /// The code in its payload.
        code: Option<CloseCode>,
        /// The reason in its payload, at most 123 octets.
        reason: String,
    },
    /// The peer broke the protocol, and the connection is failed; `Ended` follows.
    Failed(Violation),
    /// Nothing more will be read. What is left to transmit ends with the end of TCP.
    Ended,
}

/// How a process ends, or stops working. Only quirks ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demise {
    /// The process aborts.
    Abort,
    /// The process goes on, and aborts when the connection has ended.
    AbortLate,
    /// Whoever serves this connection panics; the process goes on.
    Panic,
    /// The process serves nobody any more.
    Hang,
    /// A thread computes for ever; the process goes on.
    Spin,
}

impl Demise {
    /// Whether the connection goes on.
    pub(crate) fn goes_on(self) -> bool {
        match self {
            Demise::AbortLate | Demise::Spin => true,
            Demise::Abort | Demise::Panic | Demise::Hang => false,
        }
    }
}

/// What the transport shall do, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transmit {
    /// Write these octets.
    Octets(Vec<u8>),
    /// As a client with an address: begin TLS, with that server name.
    ClientHello(Option<String>),
    /// As a client with an address: open no connection, or end it before the request.
    GiveUp,
    /// End our direction in order: FIN, and close_notify under TLS.
    CloseTcp,
    /// Abort.
    ResetTcp,
    /// End the process, or ruin it: a quirk.
    Die(Demise),
}
