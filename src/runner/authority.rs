//! An authority made for one run, which clients trust, and the certificates that it issues: valid ones, and
//! each kind that a client has to refuse.

use super::serve::Acceptor;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use std::io;
use std::sync::Arc;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use wsgauntlet_suite::case::address::OTHER_HOST;
use wsgauntlet_wire::opening::certificate::Certificate;

/// The names of this machine.
const NAMES: [&str; 4] = ["localhost", "127.0.0.1", "::1", OTHER_HOST];

/// A name that no client asks for here.
const OTHER_NAMES: [&str; 2] = ["other.example", "192.0.2.1"];

/// Signs certificates.
#[derive(Clone)]
pub struct Authority {
    issuer: Arc<Issuer<'static, KeyPair>>,
    /// In PEM, for clients that are to trust it.
    pub certificate_pem: String,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority")
    }
}

impl Authority {
    /// Makes a key and a self-signed certificate.
    ///
    /// # Errors
    ///
    /// No key can be made.
    pub fn new() -> io::Result<Authority> {
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "wsgauntlet, for one run");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).map_err(io::Error::other)?;
        Ok(Authority { certificate_pem: certificate.pem(), issuer: Arc::new(Issuer::new(params, key)) })
    }

    /// An acceptor that shows such a certificate.
    pub fn issue(&self, certificate: Certificate) -> io::Result<Acceptor> {
        if certificate == Certificate::Untrusted {
            return Authority::new()?.issue(Certificate::Valid);
        }
        let names: &[&str] = if certificate == Certificate::OtherName { &OTHER_NAMES } else { &NAMES };
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
        params.distinguished_name.push(DnType::CommonName, "wsgauntlet");
        params.use_authority_key_identifier_extension = true;
        if certificate == Certificate::Expired {
            params.not_before = rcgen::date_time_ymd(2019, 1, 1);
            params.not_after = rcgen::date_time_ymd(2020, 1, 1);
        }
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let made = params.signed_by(&key, self.issuer.as_ref()).map_err(io::Error::other)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Acceptor::new(vec![made.der().clone()], key, self.certificate_pem.clone())
    }
}
