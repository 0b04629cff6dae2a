//! What frames complete.

use crate::event::MessageKind;
use wsgauntlet_wire::close::ClosePayload;

/// A whole message or control frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A message whose last fragment arrived, RFC 6455 §6.2.
    Message {
        /// The type that its first frame names.
        kind: MessageKind,
        /// Unmasked and inflated. Text is UTF-8.
        payload: Vec<u8>,
    },
    /// A ping with its payload, at most 125 octets.
    Ping(Vec<u8>),
    /// A pong with its payload, at most 125 octets.
    Pong(Vec<u8>),
    /// A Close frame.
    Close(ClosePayload),
}
