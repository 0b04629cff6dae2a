//! The reference implementation, live: an echo server, and an echo client, over TCP and TLS.

use crate::protocol::{Config, EchoEndpoint, Transmit};
use crate::wire::Role;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

/// A listener that echoes, until it is dropped.
#[derive(Debug)]
pub struct ReferenceServer {
    pub address: SocketAddr,
    listener: TcpListener,
    acceptor: Option<Acceptor>,
    config: Config,
}

/// A TLS acceptor and the certificate that it shows.
#[derive(Clone)]
pub struct Acceptor {
    acceptor: TlsAcceptor,
    /// In PEM, for clients that are to trust it.
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
        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
        let made = rcgen::generate_simple_self_signed(names).map_err(io::Error::other)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let certificate: CertificateDer<'static> = made.cert.der().clone();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .map_err(io::Error::other)?;
        Ok(Acceptor { acceptor: TlsAcceptor::from(Arc::new(config)), certificate_pem: made.cert.pem() })
    }
}

impl ReferenceServer {
    pub async fn bind(
        address: &str,
        config: Config,
        acceptor: Option<Acceptor>,
    ) -> io::Result<ReferenceServer> {
        let listener = TcpListener::bind(address).await?;
        Ok(ReferenceServer { address: listener.local_addr()?, listener, acceptor, config })
    }

    /// Serves for ever; each connection is a task of its own.
    pub async fn serve(self) -> io::Result<()> {
        let mut seed = self.config.seed;
        loop {
            let (tcp, _) = match self.listener.accept().await {
                Ok(accepted) => accepted,
                // The peer is gone already, or descriptors are short: the next may be better.
                Err(error) if is_transient(&error) => {
                    tokio::task::yield_now().await;
                    continue;
                }
                Err(error) => return Err(error),
            };
            seed = seed.wrapping_add(1);
            let mut config = self.config.clone();
            config.seed = seed;
            let acceptor = self.acceptor.clone();
            tokio::spawn(async move {
                // A connection that breaks concerns nobody but its peer.
                let _ = connection(tcp, acceptor, config).await;
            });
        }
    }
}

fn is_transient(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    ) || error.raw_os_error() == Some(24)
}

async fn connection(tcp: TcpStream, acceptor: Option<Acceptor>, config: Config) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    match acceptor {
        None => drive(tcp, EchoEndpoint::new(config)).await,
        Some(acceptor) => drive(acceptor.acceptor.accept(tcp).await?, EchoEndpoint::new(config)).await,
    }
}

/// Runs an endpoint over a transport until it has ended.
pub async fn drive<S: AsyncRead + AsyncWrite>(stream: S, mut endpoint: EchoEndpoint) -> io::Result<()> {
    let started = Instant::now();
    let now = || started.elapsed();
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut buffer = vec![0; 64 * 1024];
    let mut reading = true;
    loop {
        while endpoint.poll_event().is_some() {}
        while let Some(transmit) = endpoint.poll_transmit(now()) {
            match transmit {
                Transmit::Octets(octets) => {
                    writer.write_all(&octets).await?;
                    writer.flush().await?;
                }
                Transmit::CloseTcp => writer.shutdown().await?,
                Transmit::ResetTcp => return Ok(()),
            }
        }
        if endpoint.is_ended() {
            return linger(&mut reader, &mut buffer).await;
        }
        let sleep = async {
            match endpoint.poll_timeout() {
                Some(at) => tokio::time::sleep_until((started + at).into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            read = reader.read(&mut buffer), if reading => match read? {
                0 => {
                    reading = false;
                    endpoint.receive_eof(now());
                }
                len => endpoint.receive(now(), &buffer[..len]),
            },
            () = sleep => endpoint.handle_timeout(now()),
        }
    }
}

/// RFC 6455 §7.1.1: "discarding any trailing bytes that may be received". Without it the octets
/// that are unread would turn our FIN into a reset, and the peer might lose our Close.
async fn linger<R: AsyncRead + Unpin>(reader: &mut R, buffer: &mut [u8]) -> io::Result<()> {
    const LINGER: std::time::Duration = std::time::Duration::from_secs(2);
    let discard = async {
        while reader.read(buffer).await? > 0 {}
        Ok::<(), io::Error>(())
    };
    match tokio::time::timeout(LINGER, discard).await {
        Ok(result) => result,
        Err(_elapsed) => Ok(()),
    }
}

/// Connects to `address` and echoes there, as a client.
pub async fn connect(address: &str, config: Config) -> io::Result<()> {
    debug_assert_eq!(config.role, Role::Client);
    let tcp = TcpStream::connect(address).await?;
    tcp.set_nodelay(true)?;
    drive(tcp, EchoEndpoint::new(config)).await
}
