//! TLS at our end, where we are the server: its certificate and its key.

use super::segmented::Segmented;
use std::io;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use wsgauntlet_suite::case::address::OTHER_HOST;

/// Accepts TLS connections, and has the certificate that clients are to trust.
#[derive(Clone)]
pub struct Acceptor {
    acceptor: TlsAcceptor,
    /// In PEM, for clients that are to trust it, or what signed it.
    pub certificate_pem: String,
}

impl std::fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Acceptor")
    }
}

impl Acceptor {
    /// A certificate made for this process, for `localhost` and the loopback addresses.
    pub fn self_signed() -> io::Result<Acceptor> {
        let names = ["localhost", "127.0.0.1", "::1", OTHER_HOST].map(str::to_owned).to_vec();
        let made = rcgen::generate_simple_self_signed(names).map_err(io::Error::other)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let certificate: CertificateDer<'static> = made.cert.der().clone();
        Acceptor::new(vec![certificate], key, made.cert.pem())
    }

    /// A certificate with its chain, and its key, both in PEM.
    pub fn from_files(certificate: &Path, key: &Path) -> io::Result<Acceptor> {
        let in_file = |path: &Path, what: String| io::Error::other(format!("{}: {what}", path.display()));
        let certificate_pem =
            std::fs::read_to_string(certificate).map_err(|e| in_file(certificate, e.to_string()))?;
        let chain: Result<Vec<CertificateDer<'static>>, _> =
            CertificateDer::pem_slice_iter(certificate_pem.as_bytes()).collect();
        let chain = chain.map_err(|e| in_file(certificate, e.to_string()))?;
        let key = PrivateKeyDer::from_pem_file(key).map_err(|e| in_file(key, e.to_string()))?;
        Acceptor::new(chain, key, certificate_pem)
    }

    pub(super) fn new(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
        certificate_pem: String,
    ) -> io::Result<Acceptor> {
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(io::Error::other)?;
        Ok(Acceptor { acceptor: TlsAcceptor::from(Arc::new(config)), certificate_pem })
    }

    /// Takes a connection, and completes the TLS handshake.
    ///
    /// # Errors
    ///
    /// The handshake fails.
    pub async fn accept(&self, tcp: TcpStream) -> io::Result<tokio_rustls::server::TlsStream<Segmented>> {
        self.acceptor.accept(Segmented::new(tcp)).await
    }
}
