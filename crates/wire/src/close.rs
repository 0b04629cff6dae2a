//! Close payloads and status codes, RFC 6455 §5.5.1 and §7.4.

use super::utf8;
use std::fmt;

/// A status code as two octets can hold it: 0 to 65535.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CloseCode(pub u16);

/// The range that RFC 6455 §7.4 and the registry of §11.7 put a code in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseCodeClass {
    /// 0 to 999, "not used".
    NotUsed,
    /// 1000 to 1003 and 1007 to 1011, defined by §7.4.1; 1012 to 1014, registered later.
    Defined,
    /// 1004: "Reserved. The specific meaning might be defined in the future."
    Reserved,
    /// 1005, 1006, 1015: "MUST NOT be set as a status code in a Close control frame".
    NotOnWire,
    /// 1016 to 2999, "reserved for definition by this protocol", and not defined so far.
    Undefined,
    /// 3000 to 3999, libraries, frameworks and applications.
    Registered,
    /// 4000 to 4999, private use.
    Private,
    /// 5000 and above: §11.7, "an integer number between 1000 and 4999 (inclusive)".
    OutOfRange,
}

impl CloseCode {
    /// The purpose for which the connection was opened is fulfilled.
    pub const NORMAL: CloseCode = CloseCode(1000);
    /// The peer broke a rule of the protocol.
    pub const PROTOCOL_ERROR: CloseCode = CloseCode(1002);
    /// The peer sent a type of data that the endpoint cannot accept.
    pub const UNSUPPORTED_DATA: CloseCode = CloseCode(1003);
    /// The data of a message does not fit its type, for instance text that is not UTF-8.
    pub const INVALID_PAYLOAD: CloseCode = CloseCode(1007);
    /// A message is too big to be processed.
    pub const TOO_BIG: CloseCode = CloseCode(1009);

    /// The range of §7.4.2 or the definition of §7.4.1 that the code falls under.
    pub fn class(self) -> CloseCodeClass {
        match self.0 {
            0..=999 => CloseCodeClass::NotUsed,
            1004 => CloseCodeClass::Reserved,
            1005 | 1006 | 1015 => CloseCodeClass::NotOnWire,
            1000..=1014 => CloseCodeClass::Defined,
            1016..=2999 => CloseCodeClass::Undefined,
            3000..=3999 => CloseCodeClass::Registered,
            4000..=4999 => CloseCodeClass::Private,
            5000.. => CloseCodeClass::OutOfRange,
        }
    }

    /// Whether an endpoint may put the code into a Close frame.
    pub fn may_be_sent(self) -> bool {
        matches!(self.class(), CloseCodeClass::Defined | CloseCodeClass::Registered | CloseCodeClass::Private)
    }

    /// Whether the code says that what its sender received was wrong, as §7.4.1 defines it: a protocol error, a type of
    /// data that cannot be accepted, data that does not fit its type, a message that is too big.
    pub fn reports_fault(self) -> bool {
        [
            CloseCode::PROTOCOL_ERROR,
            CloseCode::UNSUPPORTED_DATA,
            CloseCode::INVALID_PAYLOAD,
            CloseCode::TOO_BIG,
        ]
        .contains(&self)
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A payload that §5.5.1 does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClosePayloadError {
    /// One octet: a status code has two.
    #[error("a close payload of one octet holds no status code")]
    OneOctet,
    /// The octets after the status code are not UTF-8.
    #[error("a close reason is not UTF-8")]
    ReasonNotUtf8,
}

/// The body of a Close frame. Empty: no status code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosePayload {
    /// The status code. Absent in an empty payload.
    pub code: Option<CloseCode>,
    /// The text after the code, at most 123 octets in a frame that §5.5 allows.
    pub reason: String,
}

impl ClosePayload {
    /// Reads the payload of a Close frame. It judges neither the code nor the length.
    ///
    /// # Errors
    ///
    /// A payload of one octet, or a reason that is not UTF-8.
    pub fn decode(payload: &[u8]) -> Result<ClosePayload, ClosePayloadError> {
        match payload {
            [] => Ok(ClosePayload { code: None, reason: String::new() }),
            [_] => Err(ClosePayloadError::OneOctet),
            [high, low, reason @ ..] => {
                if !utf8::is_valid(reason) {
                    return Err(ClosePayloadError::ReasonNotUtf8);
                }
                Ok(ClosePayload {
                    code: Some(CloseCode(u16::from_be_bytes([*high, *low]))),
                    reason: String::from_utf8_lossy(reason).into_owned(),
                })
            }
        }
    }

    /// The octets of a payload with a code and a reason.
    pub fn encode(code: CloseCode, reason: &[u8]) -> Vec<u8> {
        [&code.0.to_be_bytes()[..], reason].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The classes of §7.4 tile the whole range of two octets.
    #[test]
    fn every_code_has_its_class() {
        let may_be_sent: Vec<u16> = (0..=u16::MAX).filter(|code| CloseCode(*code).may_be_sent()).collect();
        let expected: Vec<u16> = (1000..=1003).chain(1007..=1014).chain(3000..=4999).collect();
        assert_eq!(may_be_sent, expected);
        assert_eq!(CloseCode(1004).class(), CloseCodeClass::Reserved);
        assert_eq!(CloseCode(1016).class(), CloseCodeClass::Undefined);
        assert_eq!(CloseCode(65535).class(), CloseCodeClass::OutOfRange);
    }

    #[test]
    fn payloads() {
        assert_eq!(ClosePayload::decode(&[3]), Err(ClosePayloadError::OneOctet));
        assert_eq!(ClosePayload::decode(b"\x03\xe8\xff"), Err(ClosePayloadError::ReasonNotUtf8));
        let payload = ClosePayload::decode(b"\x03\xe8bye").expect("a code and a reason");
        assert_eq!((payload.code, payload.reason.as_str()), (Some(CloseCode::NORMAL), "bye"));
        assert_eq!(ClosePayload::decode(b"").expect("empty").code, None);
        assert_eq!(ClosePayload::encode(CloseCode::NORMAL, b"bye"), b"\x03\xe8bye");
        assert_eq!(CloseCode::NORMAL.to_string(), "1000");
    }
}
