//! What a peer did against RFC 6455 and RFC 7692 after the opening handshake, and the one place
//! that says which close code answers it.

use wsgauntlet_wire::CloseCode;

/// One violation, in the RFCs' order. Each fails the connection (§7.1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Violation {
    /// §5.1: "The server MUST close the connection upon receiving a frame that is not masked."
    #[error("a frame from a client is not masked")]
    Unmasked,
    /// §5.1: "A client MUST close a connection if it detects a masked frame."
    #[error("a frame from a server is masked")]
    Masked,
    /// §5.2; RFC 7692 §6.1 for RSV1 on a control frame or on a fragment that is not the first.
    #[error("a reserved bit is set that no extension defines here")]
    ReservedBit,
    /// §5.2: "If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket Connection_."
    #[error("the opcode is reserved")]
    ReservedOpcode,
    /// §5.2: "the most significant bit MUST be 0".
    #[error("the top bit of the 64-bit length is set")]
    LengthTopBit,
    /// §5.2: "the minimal number of bytes MUST be used to encode the length".
    #[error("the length is not encoded in the minimal number of octets")]
    LengthNotMinimal,
    /// §5.4: a continuation needs a first fragment.
    #[error("a continuation frame continues nothing")]
    ContinuationOfNothing,
    /// §5.4: "The fragments of one message MUST NOT be interleaved between the fragments of another message".
    #[error("a message starts before the last one is complete")]
    Interleaved,
    /// §5.4, §5.5: control frames "MUST NOT be fragmented".
    #[error("a control frame is fragmented")]
    ControlFragmented,
    /// §5.5: "All control frames MUST have a payload length of 125 bytes or less".
    #[error("a control frame has more than 125 octets of payload")]
    ControlTooLong,
    /// §5.5.1: "the first two bytes of the body MUST be a 2-byte unsigned integer".
    #[error("a Close frame has one octet of payload")]
    CloseOneOctet,
    /// §7.4: a code that is not for the wire.
    #[error("a Close frame has code {0}, which may not be sent")]
    CloseCode(CloseCode),
    /// §5.5.1, §8.1: the reason is UTF-8.
    #[error("a close reason is not UTF-8")]
    CloseReasonNotUtf8,
    /// §8.1: "MUST _Fail the WebSocket Connection_".
    #[error("a text message is not UTF-8")]
    TextNotUtf8,
    /// §10.4.
    #[error("a frame is longer than this endpoint takes")]
    FrameTooLong,
    /// §10.4, after inflation too.
    #[error("a message is longer than this endpoint takes")]
    MessageTooLong,
    /// RFC 7692 §7.2.2: what does not inflate.
    #[error("a compressed message is not DEFLATE data")]
    NotDeflate,
}

impl Violation {
    /// The code of the Close frame that fails the connection, §7.4.1.
    pub fn close_code(self) -> CloseCode {
        match self {
            Violation::Unmasked
            | Violation::Masked
            | Violation::ReservedBit
            | Violation::ReservedOpcode
            | Violation::LengthTopBit
            | Violation::LengthNotMinimal
            | Violation::ContinuationOfNothing
            | Violation::Interleaved
            | Violation::ControlFragmented
            | Violation::ControlTooLong
            | Violation::CloseOneOctet
            | Violation::CloseCode(_) => CloseCode::PROTOCOL_ERROR,
            // 1007: "data within a message that was not consistent with the type of the message".
            Violation::CloseReasonNotUtf8 | Violation::TextNotUtf8 | Violation::NotDeflate => {
                CloseCode::INVALID_PAYLOAD
            }
            Violation::FrameTooLong | Violation::MessageTooLong => CloseCode::TOO_BIG,
        }
    }
}
