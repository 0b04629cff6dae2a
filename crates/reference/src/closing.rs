//! The closing handshake, RFC 6455 §7.1: who has sent a Close frame, and who ends TCP when.

use std::time::Duration;
use wsgauntlet_wire::Role;

/// How far the closing handshake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClosingState {
    /// No Close frame was sent or received: data may be sent.
    Open,
    /// Ours was sent; the peer's is awaited until the deadline.
    Sent { deadline: Duration },
    /// Both were sent, and a client awaits the end of TCP until the deadline.
    Both { deadline: Duration },
    /// Our direction is ended, and nothing is read any more.
    Ended,
}

/// What a step of the closing handshake asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Send a Close frame in response.
    pub(crate) close_frame: bool,
    /// End our direction of TCP.
    pub(crate) close_tcp: bool,
}

impl ClosingState {
    /// §5.5.1: "The application MUST NOT send any more data frames after sending a Close frame."
    pub(crate) fn may_send_data(self) -> bool {
        self == ClosingState::Open
    }

    /// Whether octets from the peer are still read as frames.
    pub(crate) fn reads(self) -> bool {
        matches!(self, ClosingState::Open | ClosingState::Sent { .. })
    }

    pub(crate) fn deadline(self) -> Option<Duration> {
        match self {
            ClosingState::Open | ClosingState::Ended => None,
            ClosingState::Sent { deadline } | ClosingState::Both { deadline } => Some(deadline),
        }
    }

    /// A Close frame arrived.
    pub(crate) fn received(&mut self, role: Role, deadline: Duration) -> Answer {
        let close_frame = *self == ClosingState::Open;
        // §5.5.1: "The server MUST close the underlying TCP connection immediately; the client
        // SHOULD wait for the server to close the connection".
        let close_tcp = role == Role::Server;
        *self = ClosingState::Both { deadline };
        Answer { close_frame, close_tcp }
    }
}
