//! What carries a WebSocket connection where it is not the connection itself: a stream of HTTP/2, RFC 8441. Sans-io.
//!
//! The peer opens, sends and receives as over HTTP/1.1: that is its *lane*. A carrier turns what leaves the lane into frames of
//! the transport, and what arrives into octets of the lane. Both are recorded: the octets of the connection as they were, and
//! the lane that was read from them, whose opening heads are written as HTTP/1.1 would write them. [`Http2Client`] is the client's
//! side, [`Lines`] shows the frames of a connection.

mod heads;
mod http2;
mod lines;

pub use http2::Http2Client;
pub use lines::Lines;

/// What a carrier read of the lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LaneEvent {
    /// Octets of the lane: a head, or what follows it.
    Octets(Vec<u8>),
    /// The target ended its direction in order.
    End,
    /// The target ended the lane at once.
    Reset,
}
