//! The kinds of certificates that a client has to tell apart: RFC 6455 §4.1, "the server's certificate could not be
//! verified".

use std::fmt;

/// The certificate that a server shows in its TLS handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Certificate {
    /// From an authority that the client trusts, for the right name, and not expired.
    #[default]
    Valid,
    /// Expired.
    Expired,
    /// For another name than the client asked for.
    OtherName,
    /// From an authority that the client does not know.
    Untrusted,
}

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Certificate::Valid => "a valid certificate",
            Certificate::Expired => "a certificate that expired",
            Certificate::OtherName => "a certificate for another name",
            Certificate::Untrusted => "a certificate of an unknown authority",
        })
    }
}
