//! Whom a statement binds.

use std::fmt;
use std::str::FromStr;

use super::name::{UnknownName, value_named};

/// The party that a requirement binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Binds {
    /// The server.
    Server,
    /// The client.
    Client,
    /// Either endpoint; also where one sends what the other has to cope with (RFC 2119 §5).
    Both,
    /// A proxy that understands WebSocket.
    Intermediary,
    /// Whoever writes the specification of an extension.
    SpecAuthor,
}

impl Binds {
    /// All of them.
    pub const ALL: [Binds; 5] =
        [Binds::Server, Binds::Client, Binds::Both, Binds::Intermediary, Binds::SpecAuthor];

    /// Whether a client is bound.
    pub fn binds_client(self) -> bool {
        match self {
            Binds::Client | Binds::Both => true,
            Binds::Server | Binds::Intermediary | Binds::SpecAuthor => false,
        }
    }

    /// Whether a server is bound.
    pub fn binds_server(self) -> bool {
        match self {
            Binds::Server | Binds::Both => true,
            Binds::Client | Binds::Intermediary | Binds::SpecAuthor => false,
        }
    }

    /// The word that stands for it in a file, a report and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Binds::Server => "server",
            Binds::Client => "client",
            Binds::Both => "both",
            Binds::Intermediary => "intermediary",
            Binds::SpecAuthor => "spec-author",
        }
    }
}

impl fmt::Display for Binds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Binds {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        value_named(text, &Self::ALL, Self::as_str)
    }
}
