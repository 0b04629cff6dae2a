//! Why a client fails the connection instead of opening it, RFC 6455 §4.1.

use wsgauntlet_wire::opening::deflate_params::DeflateParamError;
use wsgauntlet_wire::opening::extension::ExtensionError;
use wsgauntlet_wire::opening::strict::HeadViolation;

/// Why a response fails the connection, in the order of the checks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResponseError {
    /// The peer ended its direction within the head.
    #[error("the connection ended before the response did")]
    CutShort,
    /// RFC 9112 §4.
    #[error("the octets are not a response: {0}")]
    NotHttp(&'static str),
    /// RFC 9112 §2 to §5.
    #[error("{0}")]
    Grammar(HeadViolation),
    /// RFC 6455 §4.1 step 1.
    #[error("the status is {0}, not 101")]
    Status(u16),
    /// RFC 9110 §7.8.
    #[error("the response is of HTTP/1.0")]
    Http10,
    /// RFC 6455 §4.1 step 2.
    #[error("Upgrade is absent, or not websocket")]
    Upgrade,
    /// RFC 6455 §4.1 step 3.
    #[error("Connection does not hold Upgrade")]
    Connection,
    /// RFC 6455 §4.1 step 4.
    #[error("Sec-WebSocket-Accept is absent")]
    AcceptAbsent,
    /// RFC 6455 §11.3.3.
    #[error("Sec-WebSocket-Accept stands more than once")]
    AcceptRepeated,
    /// RFC 6455 §4.1 step 4.
    #[error("Sec-WebSocket-Accept does not answer the key")]
    Accept,
    /// RFC 6455 §9.1.
    #[error("Sec-WebSocket-Extensions is malformed: {0}")]
    Extensions(ExtensionError),
    /// RFC 6455 §4.1 step 5.
    #[error("extension {0:?} was not offered")]
    ExtensionNotOffered(String),
    /// RFC 7692 §5.
    #[error("permessage-deflate is accepted twice")]
    DeflateTwice,
    /// RFC 7692 §7.
    #[error("permessage-deflate is answered wrongly: {0}")]
    Deflate(DeflateParamError),
    /// RFC 6455 §11.3.4.
    #[error("Sec-WebSocket-Protocol stands more than once")]
    SubprotocolRepeated,
    /// RFC 6455 §4.1 step 6.
    #[error("subprotocol {0:?} was not offered")]
    SubprotocolNotOffered(String),
}
