//! The transports of WebSocket connections.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a WebSocket connection is opened over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Transport {
    /// An upgrade in HTTP/1.1, RFC 6455.
    #[default]
    #[serde(rename = "h1")]
    Http1,
    /// An extended CONNECT in HTTP/2, RFC 8441.
    #[serde(rename = "h2")]
    Http2,
}

impl Transport {
    /// The last part of an instance's id: `h1`, `h2`.
    pub fn as_str(self) -> &'static str {
        match self {
            Transport::Http1 => "h1",
            Transport::Http2 => "h2",
        }
    }
}

/// `HTTP/1.1`, `HTTP/2`.
impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Transport::Http1 => "HTTP/1.1",
            Transport::Http2 => "HTTP/2",
        })
    }
}
