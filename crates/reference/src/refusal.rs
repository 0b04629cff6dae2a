//! Why a server refuses a request, and the one place that says which status answers it.

use wsgauntlet_wire::opening::extension::ExtensionError;
use wsgauntlet_wire::opening::key::KeyError;
use wsgauntlet_wire::opening::strict::HeadViolation;

/// Why a request does not open a connection, in the order of the checks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the octets are not a request")]
    NotHttp,
    #[error("the request was cut short")]
    CutShort,
    #[error("the head is longer than the limit")]
    HeadTooLong,
    #[error("the head has more fields than the limit")]
    TooManyFields,
    #[error("{0}")]
    Grammar(HeadViolation),
    #[error("the request line or a field line is malformed")]
    Malformed,
    #[error("HTTP of this major version is not spoken here")]
    HttpVersion,
    #[error("HTTP/1.0 has no upgrade")]
    Http10,
    #[error("Host is absent, empty, invalid or repeated")]
    Host,
    #[error("the request target is neither a path nor an absolute http URI")]
    Target,
    #[error("the method is not GET")]
    Method,
    #[error("the request has a body")]
    Body,
    #[error("the expectation is not known")]
    Expectation,
    #[error("Upgrade does not hold websocket")]
    Upgrade,
    #[error("Connection does not hold Upgrade")]
    Connection,
    #[error("Sec-WebSocket-Version is absent, or not 13")]
    Version,
    #[error("Sec-WebSocket-Version stands more than once")]
    VersionRepeated,
    #[error("Sec-WebSocket-Key is absent")]
    KeyAbsent,
    #[error("Sec-WebSocket-Key stands more than once")]
    KeyRepeated,
    #[error("Sec-WebSocket-Key is {0}")]
    Key(KeyError),
    #[error("Sec-WebSocket-Protocol is not a list of tokens")]
    Subprotocols,
    #[error("Sec-WebSocket-Protocol names a subprotocol twice")]
    SubprotocolRepeated,
    #[error("Sec-WebSocket-Extensions is malformed: {0}")]
    Extensions(ExtensionError),
}

impl Refusal {
    /// The status code and reason phrase of the response.
    pub fn status(&self) -> (u16, &'static str) {
        match self {
            Refusal::HeadTooLong | Refusal::TooManyFields => (431, "Request Header Fields Too Large"),
            Refusal::HttpVersion => (505, "HTTP Version Not Supported"),
            Refusal::Method => (405, "Method Not Allowed"),
            Refusal::Expectation => (417, "Expectation Failed"),
            Refusal::Http10 | Refusal::Upgrade | Refusal::Version => (426, "Upgrade Required"),
            Refusal::NotHttp
            | Refusal::CutShort
            | Refusal::Grammar(_)
            | Refusal::Malformed
            | Refusal::Host
            | Refusal::Target
            | Refusal::Body
            | Refusal::Connection
            | Refusal::VersionRepeated
            | Refusal::KeyAbsent
            | Refusal::KeyRepeated
            | Refusal::Key(_)
            | Refusal::Subprotocols
            | Refusal::SubprotocolRepeated
            | Refusal::Extensions(_) => (400, "Bad Request"),
        }
    }
}

impl Refusal {
    pub fn is_about_version(&self) -> bool {
        matches!(self, Refusal::Version | Refusal::VersionRepeated)
    }

    /// Whether HTTP itself asks for 400: RFC 9112 §3.2, §5.1, §5.2.
    pub fn needs_400(&self) -> bool {
        matches!(self, Refusal::Host | Refusal::Grammar(_) | Refusal::Malformed | Refusal::NotHttp)
    }

    /// Whether it is known where the next request begins.
    pub fn leaves_framing_sound(&self) -> bool {
        !matches!(
            self,
            Refusal::NotHttp
                | Refusal::CutShort
                | Refusal::HeadTooLong
                | Refusal::TooManyFields
                | Refusal::Grammar(_)
                | Refusal::Malformed
                | Refusal::HttpVersion
                | Refusal::Http10
                | Refusal::Body
        )
    }
}
