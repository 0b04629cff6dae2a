//! The certificate that our server shows to the clients of an audit.

use super::AuditError;
use crate::runner::authority::Authority;
use crate::runner::serve::Acceptor;
use std::path::PathBuf;
use wsgauntlet_wire::opening::certificate::Certificate;

/// Whether clients connect over TLS, and what they are shown.
#[derive(Clone, Debug, Default)]
pub(super) enum ClientTls {
    #[default]
    None,
    /// A certificate of the run's own authority. Clients that trust it are shown certificates that they must refuse, too.
    Own { trusted: bool },
    /// A certificate and its key, both in PEM.
    Files { certificate: PathBuf, key: PathBuf },
}

impl ClientTls {
    /// What accepts connections, and the authority that clients trust.
    pub(super) fn make(&self) -> Result<(Option<Acceptor>, Option<Authority>), AuditError> {
        match self {
            ClientTls::None => Ok((None, None)),
            ClientTls::Own { trusted } => {
                let authority = Authority::new().map_err(AuditError::Certificate)?;
                let acceptor = authority.issue(Certificate::Valid).map_err(AuditError::Certificate)?;
                Ok((Some(acceptor), trusted.then_some(authority)))
            }
            ClientTls::Files { certificate, key } => {
                let acceptor =
                    Acceptor::from_files(certificate, key).map_err(AuditError::CertificateFiles)?;
                Ok((Some(acceptor), None))
            }
        }
    }
}
