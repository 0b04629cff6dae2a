//! Where a client connects and what it asks for there, as values: RFC 6455 §3.

use wsgauntlet_wire::opening::certificate::Certificate;

/// The address that a client opens, and the server that it finds there: for plays in memory, where no socket is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// A WebSocket URI, valid or not.
    pub url: String,
    /// The port at which the peer listens. Nothing answers at another one.
    pub port: u16,
    /// The certificate that the peer shows where the URI is one of `wss`.
    pub certificate: Certificate,
    /// The redirection that the peer answers with, if any.
    pub redirect: Option<Redirection>,
}

/// A redirection that a client gets at its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirection {
    /// The value of `Location`.
    pub location: Vec<u8>,
    /// How many redirections follow one another.
    pub times: usize,
    /// The port of the other origin.
    pub other_port: u16,
}

/// A WebSocket URI, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// §3: "the scheme component matches "wss" case-insensitively".
    pub secure: bool,
    /// In ASCII, without brackets.
    pub host: String,
    /// The port of the URI, or the default one of its scheme. Not 0.
    pub port: u16,
    /// The value of `Host`.
    pub authority: String,
    /// §3's resource name: path and query.
    pub resource: String,
    /// The TLS extension server_name. RFC 6066 §3: none where the host is an IP address.
    pub server_name: Option<String>,
}

/// Why a client does not open an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Neither `ws` nor `wss`, or not a URI.
    #[error("the scheme is neither ws nor wss")]
    Scheme,
    /// RFC 6455 §3.
    #[error("a fragment has no meaning in it (RFC 6455 §3)")]
    Fragment,
    /// `user@` before the host.
    #[error("it has user information")]
    UserInformation,
    /// Not a host name or IP address.
    #[error("invalid host {0:?}")]
    Host(String),
    /// Not a number from 1 to 65535.
    #[error("invalid port {0:?}")]
    Port(String),
    /// A quirk refuses it.
    #[error("refused for no reason")]
    NoReason,
}
