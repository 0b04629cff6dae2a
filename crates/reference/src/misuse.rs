//! What an application may not ask an endpoint for.

/// Why a call of an application was refused. The connection is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misuse {
    /// RFC 6455 §6.1 and §5.5.1.
    #[error("send before the opening handshake is done, or after a Close frame was sent")]
    NotOpen,
    /// RFC 6455 §5.5.
    #[error("send more than 125 octets in a control frame")]
    ControlTooLong,
    /// RFC 6455 §7.4.
    #[error("send a close code that is not for the wire")]
    CloseCode,
    /// RFC 6455 §5.5.1: a reason follows a code.
    #[error("send a close reason without a code")]
    ReasonWithoutCode,
}
