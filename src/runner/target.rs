//! How a server under test is reached.

use super::no_opening::{tls_advice, unreachable_advice};
use super::reporter::Reporter;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{self, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use url::Url;
use wsgauntlet_suite::case::driver::{HELLO, HELLO_ANSWER};
use wsgauntlet_suite::case::{DriverWords, Instance, Prelude};
use wsgauntlet_suite::transcript::trouble::Trouble;
use wsgauntlet_suite::transcript::{Capabilities, Transport};

/// What is agreed in a TLS handshake for HTTP/2, RFC 9113 §3.2.
pub(super) const ALPN_HTTP_2: &[u8] = b"h2";

/// A server under test.
#[derive(Clone)]
pub struct Target {
    /// As it was given.
    pub url: String,
    /// Without brackets.
    pub host: String,
    /// The port of the URL, or the default of its scheme.
    pub port: u16,
    /// Path and query.
    pub resource: String,
    /// As it stands in `Host`.
    pub authority: String,
    /// Fields that are sent with each request, beside those of the handshake.
    pub headers: Vec<(String, String)>,
    /// Subprotocols that each request offers.
    pub subprotocols: Vec<String>,
    /// What follows each opening.
    pub prelude: Vec<Prelude>,
    /// What WebSocket connections are opened over.
    pub transport: Transport,
    /// Its application's own words for what a driver is told to do.
    pub words: DriverWords,
    /// How TLS is spoken, for `wss`.
    pub tls: Option<Tls>,
    /// What the probe saw it do.
    pub capabilities: Capabilities,
    /// Who reports what is wrong with each of its openings.
    pub reporter: Reporter,
}

/// TLS, and the name that certificates are checked against.
#[derive(Clone)]
pub struct Tls {
    /// Makes the handshakes.
    pub connector: TlsConnector,
    /// The host of the URL.
    pub name: ServerName<'static>,
}

/// What certificates are trusted.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Any certificate is.
    pub insecure: bool,
    /// Those that these authorities signed, in PEM, beside the public ones.
    pub ca: Option<PathBuf>,
}

/// Why the target is unusable.
#[expect(missing_docs, reason = "each message explains its variant and its fields")]
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    #[error("{0:?} is no WebSocket URL: {1}")]
    Url(String, String),
    #[error("the CA file {0:?}: {1}")]
    Ca(PathBuf, String),
    #[error("the host name {0:?} cannot be used with TLS")]
    Name(String),
    #[error("a header is NAME: VALUE, not {0:?}")]
    Header(String),
    #[error("cannot connect to {url}: the host name {host:?} does not resolve: {source}")]
    Unresolved { url: String, host: String, source: std::io::Error },
    #[error("cannot connect to {url}{}", why(tried, source))]
    Unreachable { url: String, tried: Vec<SocketAddr>, source: std::io::Error },
    #[error("the TLS handshake with {url} failed: {source}: {}", tls_advice(source))]
    Tls { url: String, source: std::io::Error },
    #[error("{url} does not open a WebSocket connection: {observed}{}{finding}", after(advice))]
    NoOpening {
        url: String,
        observed: String,
        /// What to change, where that is known.
        advice: String,
        /// Lines, each behind a line break: the sentence of the RFC, what was expected, and what was received. May be empty.
        finding: String,
    },
    #[error("{url} does not speak HTTP/2: it agreed to {agreed} in the TLS handshake")]
    NoHttp2 { url: String, agreed: String },
    #[error("{url} opens no WebSocket connection over HTTP/2: {trouble}")]
    Carrier { url: String, trouble: Trouble },
    #[error("{url} does not open as it must, and nothing else can be tried: {fault}")]
    WrongOpening { url: String, fault: String },
    #[error("{url} does not keep to the prelude that is declared for it: after the opening came {}", if observed.is_empty() { "nothing" } else { observed })]
    NoPrelude { url: String, observed: String },
    #[error("{url} is no driver: it does not answer {HELLO} with {HELLO_ANSWER:?} (docs/drivers.md)")]
    NoDriver { url: String },
    #[error("cannot audit {url}: {why}")]
    NoTime { url: String, why: String },
}

/// `tried` is empty where the connection was there, and broke.
fn why(tried: &[SocketAddr], source: &std::io::Error) -> String {
    let addresses: Vec<String> = tried.iter().map(SocketAddr::to_string).collect();
    match addresses.as_slice() {
        [] => format!(": {source}"),
        _ => format!(" (tried {}): {source}: {}", addresses.join(", "), unreachable_advice(source)),
    }
}

fn after(advice: &str) -> String {
    if advice.is_empty() { String::new() } else { format!("; {advice}") }
}

impl Target {
    /// Reads `ws://host[:port][/path][?query]`, or `wss:`. Connections are upgrades in HTTP/1.1.
    pub fn parse(text: &str, trust: &Trust) -> Result<Target, TargetError> {
        Target::parse_over(text, trust, Transport::Http1)
    }

    /// The same, for connections over a transport. Over HTTP/2: by agreement in the TLS handshake (ALPN), or by prior knowledge
    /// without TLS, RFC 9113 §3.2 and §3.3.
    pub fn parse_over(text: &str, trust: &Trust, transport: Transport) -> Result<Target, TargetError> {
        let mistake = |what: String| TargetError::Url(text.to_owned(), what);
        let url = Url::parse(text).map_err(|error| mistake(error.to_string()))?;
        let secure = match url.scheme() {
            "ws" => false,
            "wss" => true,
            other => return Err(mistake(format!("the scheme is ws or wss, not {other}"))),
        };
        if url.fragment().is_some() {
            return Err(mistake("a fragment has no meaning in it (RFC 6455 §3)".to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(mistake("it has no user information (RFC 6455 §3)".to_owned()));
        }
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or_else(|| mistake("it has no host".to_owned()))?;
        let port = url.port().unwrap_or(if secure { 443 } else { 80 });
        if port == 0 {
            return Err(mistake("port 0 cannot be connected to".to_owned()));
        }
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let tls = if secure {
            let name = ServerName::try_from(bare.clone()).map_err(|_| TargetError::Name(bare.clone()))?;
            Some(Tls { connector: connector(trust, transport)?, name })
        } else {
            None
        };
        Ok(Target {
            url: text.to_owned(),
            transport,
            authority: match url.port() {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            },
            host: bare,
            port,
            resource: format!("{}{query}", if url.path().is_empty() { "/" } else { url.path() }),
            headers: Vec::new(),
            subprotocols: Vec::new(),
            prelude: Vec::new(),
            words: DriverWords::default(),
            tls,
            capabilities: Capabilities::FULL,
            reporter: Reporter::default(),
        })
    }

    /// The same target, listening on another port.
    pub fn at_port(&self, port: u16) -> Target {
        let mut target = self.clone();
        // A URL that was parsed once takes any port.
        if let Ok(mut url) = Url::parse(&self.url)
            && url.set_port(Some(port)).is_ok()
        {
            target.authority = format!("{}:{port}", url.host_str().unwrap_or_default());
            target.url = url.to_string();
            target.port = port;
        }
        target
    }

    /// Adds a field to every request: `Name: value`.
    pub fn add_header(&mut self, text: &str) -> Result<(), TargetError> {
        let (name, value) = text.split_once(':').ok_or_else(|| TargetError::Header(text.to_owned()))?;
        let well_formed =
            wsgauntlet_wire::opening::token::is_token(name.as_bytes()) && !value.contains(['\r', '\n', '\0']);
        if !well_formed {
            return Err(TargetError::Header(text.to_owned()));
        }
        self.headers.push((name.to_owned(), value.trim().to_owned()));
        Ok(())
    }
}

impl Target {
    /// What the target can do in an instance, and what is overlooked in it.
    pub fn capabilities_for(&self, instance: &Instance) -> Capabilities {
        self.reporter.capabilities(self.capabilities, instance)
    }
}

fn connector(trust: &Trust, transport: Transport) -> Result<TlsConnector, TargetError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring supports the default versions");
    let mut config = if trust.insecure {
        builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyCertificate)).with_no_client_auth()
    } else {
        builder.with_root_certificates(roots(trust)?).with_no_client_auth()
    };
    if transport == Transport::Http2 {
        config.alpn_protocols = vec![ALPN_HTTP_2.to_vec()];
    }
    Ok(TlsConnector::from(Arc::new(config)))
}

fn roots(trust: &Trust) -> Result<RootCertStore, TargetError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let Some(path) = &trust.ca else { return Ok(roots) };
    let failed = |error: String| TargetError::Ca(path.clone(), error);
    let certificates = CertificateDer::pem_file_iter(path).map_err(|error| failed(error.to_string()))?;
    let mut count = 0;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| failed(error.to_string()))?;
        roots.add(certificate).map_err(|error| failed(error.to_string()))?;
        count += 1;
    }
    if count == 0 {
        return Err(failed("it holds no certificate".to_owned()));
    }
    Ok(roots)
}

/// `--insecure`: the run is about WebSocket, not about who the target is.
#[derive(Debug)]
struct AnyCertificate;

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        rustls::crypto::ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let parse = |text| Target::parse(text, &Trust::default());
        let target = parse("ws://127.0.0.1:9001/chat?a=b").expect("a URL");
        assert_eq!(
            (target.authority.as_str(), target.port, target.resource.as_str()),
            ("127.0.0.1:9001", 9001, "/chat?a=b")
        );
        let target = parse("ws://[::1]").expect("a URL");
        assert_eq!((target.authority.as_str(), target.host.as_str(), target.port), ("[::1]", "::1", 80));
        assert!(parse("wss://localhost").expect("a URL").tls.is_some());
        for bad in
            ["", "http://x", "ws://", "ws://x#f", "ws://u:p@x", "ws://x:99999", "ws://x:0", "127.0.0.1:9001"]
        {
            assert!(matches!(parse(bad), Err(TargetError::Url(..))), "{bad}");
        }
    }

    /// A target that is started again listens elsewhere, and is the same otherwise.
    #[test]
    fn another_port() {
        let target = Target::parse("ws://[::1]:9001/chat?a=b", &Trust::default()).expect("a URL");
        let moved = target.at_port(9002);
        assert_eq!((moved.url.as_str(), moved.port), ("ws://[::1]:9002/chat?a=b", 9002));
        assert_eq!((moved.authority.as_str(), moved.host.as_str()), ("[::1]:9002", "::1"));
        assert_eq!(moved.resource, target.resource);
    }

    #[test]
    fn headers() {
        let mut target = Target::parse("ws://x", &Trust::default()).expect("a URL");
        assert!(target.add_header("Origin: http://x").is_ok());
        assert!(target.add_header("Origin").is_err() && target.add_header("A: b\r\nC: d").is_err());
    }
}
