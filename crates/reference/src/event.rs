//! What an endpoint tells its application, and what it asks of its transport.

use super::opening_client::ResponseError;
use super::refusal::Refusal;
use super::violation::Violation;
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::{CloseCode, Opcode};

/// The type of a message, §5.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageKind {
    Text,
    Binary,
}

impl MessageKind {
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
        subprotocol: Option<String>,
        deflate: Option<DeflateParams>,
    },
    /// A server sent an error response; `Ended` follows.
    Refused(Refusal),
    /// A server sent its client elsewhere; `OpeningFailed` follows.
    Redirected(Vec<u8>),
    /// A client found the response wanting (§4.1); `Ended` follows.
    OpeningFailed(ResponseError),
    /// A whole message. Text is UTF-8.
    Message {
        kind: MessageKind,
        payload: Vec<u8>,
    },
    /// A ping, which is answered already.
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    /// The peer's Close frame. No code: 1005 (§7.1.5).
    Closing {
        code: Option<CloseCode>,
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
    /// Whether the connection goes on that brought it about.
    pub fn goes_on(self) -> bool {
        match self {
            Demise::AbortLate | Demise::Spin => true,
            Demise::Abort | Demise::Panic | Demise::Hang => false,
        }
    }
}

/// What the transport shall do, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transmit {
    Octets(Vec<u8>),
    /// As a client that was told an address: begin TLS, with that server name.
    ClientHello(Option<String>),
    /// As a client that was told an address: open no connection, or end it before the request.
    GiveUp,
    /// End our direction in order: FIN, and close_notify under TLS.
    CloseTcp,
    /// Abort.
    ResetTcp,
    /// End the process, or ruin it: a quirk.
    Die(Demise),
}
