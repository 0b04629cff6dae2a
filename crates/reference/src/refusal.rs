//! Why a server refuses a request, and the one place that says which status answers it.

use wsgauntlet_wire::opening::extension::ExtensionError;
use wsgauntlet_wire::opening::key::KeyError;
use wsgauntlet_wire::opening::strict::HeadViolation;

/// Why a request does not open a connection, in the order of the checks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The octets are no HTTP at all.
    #[error("the octets are not a request")]
    NotHttp,
    /// The peer ended its direction within the head.
    #[error("the request was cut short")]
    CutShort,
    /// More octets than a head may have here.
    #[error("the head is longer than the limit")]
    HeadTooLong,
    /// More field lines than a head may have here.
    #[error("the head has more fields than the limit")]
    TooManyFields,
    /// RFC 9112 §2 to §5.
    #[error("{0}")]
    Grammar(HeadViolation),
    /// RFC 9112 §3.
    #[error("the request line or a field line is malformed")]
    Malformed,
    /// RFC 9110 §15.6.6.
    #[error("HTTP of this major version is not spoken here")]
    HttpVersion,
    /// RFC 9110 §7.8.
    #[error("HTTP/1.0 has no upgrade")]
    Http10,
    /// RFC 9112 §3.2.
    #[error("Host is absent, empty, invalid or repeated")]
    Host,
    /// RFC 6455 §4.2.1.
    #[error("the request target is neither a path nor an absolute http URI")]
    Target,
    /// RFC 6455 §4.2.1: GET.
    #[error("the method is not GET")]
    Method,
    /// RFC 9110 §7.8.
    #[error("the request has a body")]
    Body,
    /// RFC 9110 §10.1.1.
    #[error("the expectation is not known")]
    Expectation,
    /// RFC 6455 §4.2.1.
    #[error("Upgrade does not hold websocket")]
    Upgrade,
    /// RFC 6455 §4.2.1.
    #[error("Connection does not hold Upgrade")]
    Connection,
    /// RFC 6455 §4.4.
    #[error("Sec-WebSocket-Version is absent, or not 13")]
    Version,
    /// RFC 6455 §11.3.5.
    #[error("Sec-WebSocket-Version stands more than once")]
    VersionRepeated,
    /// RFC 6455 §4.2.1.
    #[error("Sec-WebSocket-Key is absent")]
    KeyAbsent,
    /// RFC 6455 §11.3.1.
    #[error("Sec-WebSocket-Key stands more than once")]
    KeyRepeated,
    /// RFC 6455 §4.2.1.
    #[error("Sec-WebSocket-Key is {0}")]
    Key(KeyError),
    /// RFC 6455 §4.3.
    #[error("Sec-WebSocket-Protocol is not a list of tokens")]
    Subprotocols,
    /// RFC 6455 §4.1.
    #[error("Sec-WebSocket-Protocol names a subprotocol twice")]
    SubprotocolRepeated,
    /// RFC 6455 §9.1.
    #[error("Sec-WebSocket-Extensions is malformed: {0}")]
    Extensions(ExtensionError),
}

impl Refusal {
    /// The status code and reason phrase of the response.
    pub(crate) fn status(&self) -> (u16, &'static str) {
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

    /// Whether the response names the versions that are spoken, §4.4.
    pub(crate) fn is_about_version(&self) -> bool {
        matches!(self, Refusal::Version | Refusal::VersionRepeated)
    }

    /// Whether HTTP itself asks for 400: RFC 9112 §3.2, §5.1, §5.2.
    pub(crate) fn needs_400(&self) -> bool {
        matches!(self, Refusal::Host | Refusal::Grammar(_) | Refusal::Malformed | Refusal::NotHttp)
    }

    /// Whether it is known where the next request begins.
    pub(crate) fn leaves_framing_sound(&self) -> bool {
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
