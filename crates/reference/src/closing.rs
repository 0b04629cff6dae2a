//! The closing handshake, RFC 6455 §7.1: who has sent a Close frame, and who ends TCP when.

use std::time::Duration;
use wsgauntlet_wire::Role;

/// How far the closing handshake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
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
pub struct Answer {
    /// Send a Close frame in response.
    pub close_frame: bool,
    /// End our direction of TCP.
    pub close_tcp: bool,
}

impl Closing {
    /// §5.5.1: "The application MUST NOT send any more data frames after sending a Close frame."
    pub fn may_send_data(self) -> bool {
        self == Closing::Open
    }

    /// Whether octets from the peer are still read as frames.
    pub fn reads(self) -> bool {
        matches!(self, Closing::Open | Closing::Sent { .. })
    }

    pub fn deadline(self) -> Option<Duration> {
        match self {
            Closing::Open | Closing::Ended => None,
            Closing::Sent { deadline } | Closing::Both { deadline } => Some(deadline),
        }
    }

    /// A Close frame arrived.
    pub fn received(&mut self, role: Role, deadline: Duration) -> Answer {
        let close_frame = *self == Closing::Open;
        // §5.5.1: "The server MUST close the underlying TCP connection immediately; the client
        // SHOULD wait for the server to close the connection".
        let close_tcp = role == Role::Server;
        *self = Closing::Both { deadline };
        Answer { close_frame, close_tcp }
    }
}
