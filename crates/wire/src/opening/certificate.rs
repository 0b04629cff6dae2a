//! What a server's certificate is like, as far as a client has to tell it: RFC 6455 §4.1, "the server's certificate could
//! not be verified".

use std::fmt;

/// The certificate that a server shows in its TLS handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Certificate {
    /// Of an authority that the client trusts, for its own name, in its time.
    #[default]
    Valid,
    /// Its time is over.
    Expired,
    /// For another name than the client asked for.
    OtherName,
    /// Of an authority that the client never heard of.
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
