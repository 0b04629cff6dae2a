//! The steps of pings, pongs and the closing handshake, and of failing a connection: RFC 6455 §5.5 and §7.

use crate::event::Demise;
use crate::response_error::ResponseError;
use crate::violation::Violation;
use std::time::Duration;
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::{CloseCode, Frame, Opcode};

/// What a ping is answered by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PingContext {
    /// The ping arrived between the fragments of a message.
    pub(crate) mid_message: bool,
    /// Whole messages so far.
    pub(crate) messages: u64,
}

/// The frames that answer a ping, and when they are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pongs {
    pub(crate) frames: Vec<Frame>,
    pub(crate) delay: Duration,
}

impl Pongs {
    /// One pong, at once. §5.5.3: it "must have identical "Application data"".
    pub(crate) fn lawful(payload: &[u8]) -> Pongs {
        Pongs { frames: vec![Frame::new(Opcode::Pong, payload)], delay: Duration::ZERO }
    }
}

/// What a Close frame is answered by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReplyContext {
    /// The Close frame arrived between the fragments of a message.
    pub(crate) mid_message: bool,
    /// Whole messages so far.
    pub(crate) messages: u64,
    /// Octets behind the Close frame arrived with it.
    pub(crate) unread: bool,
}

/// What an endpoint does with TCP once both Close frames were sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TcpEnd {
    /// §5.5.1: the server ends it at once, the client waits for that.
    Lawful,
    /// It ends it at once, in both roles.
    Now,
    /// It resets it.
    Reset,
    /// It ends it after this time.
    Late(Duration),
    /// It ends it when the peer has ended its direction.
    AfterPeer,
    /// It keeps it open.
    Never,
}

/// The answer to a Close frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) frames: Vec<Frame>,
    pub(crate) delay: Duration,
    pub(crate) tcp_end: TcpEnd,
    /// Whether frames are still read.
    pub(crate) reads_on: bool,
}

impl Reply {
    /// One Close frame, and the end of TCP as the role has it.
    pub(crate) fn lawful(payload: &[u8]) -> Reply {
        Reply {
            frames: vec![Frame::new(Opcode::Close, payload)],
            delay: Duration::ZERO,
            tcp_end: TcpEnd::Lawful,
            reads_on: false,
        }
    }
}

/// What an endpoint does after the frames that a violation makes it send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    CloseTcp,
    ResetTcp,
    ReadOn,
    AwaitClose,
    /// Neither reads nor ends.
    Hang,
}

/// How a connection is failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) frames: Vec<Frame>,
    pub(crate) delay: Duration,
    pub(crate) then: Then,
    /// How the process dies of it, before anything is sent.
    pub(crate) demise: Option<Demise>,
}

impl Failure {
    /// §7.1.7: "an endpoint SHOULD send a Close frame with an appropriate status code", and the end of TCP.
    pub(crate) fn lawful(violation: Violation, reason: &str) -> Failure {
        let payload = ClosePayload::encode(violation.close_code(), reason.as_bytes());
        Failure {
            frames: vec![Frame::new(Opcode::Close, payload)],
            delay: Duration::ZERO,
            then: Then::CloseTcp,
            demise: None,
        }
    }
}

/// What a client does after a response that fails the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailedOpening {
    /// §7.1.7: "the client SHOULD close the TCP connection".
    CloseTcp,
    /// It keeps TCP open.
    Hang,
    /// It sends a Close frame.
    SendClose,
    /// It sends its request again.
    RequestAgain,
    /// Its process dies.
    Die(Demise),
}

/// The steps of control frames and of the end of a connection.
pub(crate) trait Closing {
    /// §5.5.2: "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response".
    fn pong(&mut self, payload: &[u8], _context: PingContext) -> Pongs {
        Pongs::lawful(payload)
    }

    /// Pongs that were held back and are due now. `mid_message`: a message has begun and not ended.
    fn held_pongs(&mut self, _mid_message: bool) -> Vec<Frame> {
        Vec::new()
    }

    /// The frames that answer a pong. §5.5.3: "A response to an unsolicited Pong frame is not expected."
    fn frames_for_pong(&mut self) -> Vec<Frame> {
        Vec::new()
    }

    /// How the process dies of a pong.
    fn dies_of_pong(&mut self, _payload: &[u8]) -> Option<Demise> {
        None
    }

    /// The answer to a Close frame. `payload`: that of the Close frame that answers it lawfully.
    fn close_reply(&mut self, _close: &ClosePayload, payload: &[u8], _context: ReplyContext) -> Reply {
        Reply::lawful(payload)
    }

    /// How the connection is failed, §7.1.7. `reason`: the reason to send, or an empty one.
    fn fail(&mut self, violation: Violation, reason: &str) -> Failure {
        Failure::lawful(violation, reason)
    }

    /// What a client does when the opening handshake failed, §4.1.
    fn fail_opening(&mut self, _error: &ResponseError) -> FailedOpening {
        FailedOpening::CloseTcp
    }

    /// Whether our direction of TCP is ended when the peer ended its own.
    fn ends_after_peer(&mut self) -> bool {
        true
    }

    /// The code of a Close frame that is sent when the peer ended its direction without one.
    fn close_at_eof(&mut self) -> Option<CloseCode> {
        None
    }
}
