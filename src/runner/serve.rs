//! The reference implementation, live: an echo server, and an echo client, over TCP and TLS.

pub use super::acceptor::Acceptor;

use super::stream::Stream;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wsgauntlet_reference::{Config, Demise, EchoEndpoint, Event, MessageKind, Transmit};
use wsgauntlet_wire::{CloseCode, Role};

/// A listener that echoes, until it is dropped.
#[derive(Debug)]
pub struct ReferenceServer {
    pub address: SocketAddr,
    listener: TcpListener,
    acceptor: Option<Acceptor>,
    config: Config,
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
        let ward = Ward::default();
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
            let (acceptor, ward) = (self.acceptor.clone(), ward.clone());
            drop(ward.0.read().await);
            tokio::spawn(async move {
                // A connection that breaks concerns nobody but its peer.
                let _ = connection(tcp, acceptor, config, &ward).await;
            });
        }
    }
}

pub(super) fn is_transient(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    ) || error.raw_os_error() == Some(24)
}

async fn connection(
    tcp: TcpStream,
    acceptor: Option<Acceptor>,
    config: Config,
    ward: &Ward,
) -> io::Result<()> {
    let stream = Stream::accept(tcp, acceptor.as_ref()).await?;
    run(stream, EchoEndpoint::new(config), &mut Heard::default(), ward).await
}

/// Runs an endpoint over a transport until it has ended.
pub async fn drive(stream: Stream, endpoint: EchoEndpoint) -> io::Result<()> {
    run(stream, endpoint, &mut Heard::default(), &Ward::default()).await
}

/// What an application learned in one connection.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// The last text message.
    pub text: Option<String>,
    /// Where the server sent its client instead.
    pub location: Option<Vec<u8>>,
}

impl Heard {
    fn take_events(&mut self, endpoint: &mut EchoEndpoint) {
        while let Some(event) = endpoint.poll_event() {
            match event {
                Event::Message { kind: MessageKind::Text, payload } => {
                    self.text = String::from_utf8(payload).ok()
                }
                Event::Redirected(location) => self.location = Some(location),
                _ => {}
            }
        }
    }
}

/// Runs an endpoint for `timeout` at most. Gives what it heard.
pub(super) async fn drive_for(
    stream: Stream,
    endpoint: EchoEndpoint,
    timeout: std::time::Duration,
) -> io::Result<Heard> {
    let (mut heard, ward) = (Heard::default(), Ward::default());
    let result = tokio::time::timeout(timeout, run(stream, endpoint, &mut heard, &ward)).await;
    match result {
        // What was received counts, however the connection ended.
        _ if heard.text.is_some() || heard.location.is_some() => Ok(heard),
        Ok(result) => result.map(|()| heard),
        Err(_elapsed) => Ok(heard),
    }
}

#[expect(clippy::disallowed_methods, reason = "the endpoint's own deadlines")]
async fn run(stream: Stream, mut endpoint: EchoEndpoint, heard: &mut Heard, ward: &Ward) -> io::Result<()> {
    let started = Instant::now();
    let now = || started.elapsed();
    let below_tls = stream.below_tls();
    // Those of the TLS handshake.
    if let Some(below) = &below_tls {
        below.take_reads();
    }
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut buffer = Vec::with_capacity(64 * 1024);
    let mut reading = true;
    loop {
        drop(ward.0.read().await);
        heard.take_events(&mut endpoint);
        while let Some(transmit) = endpoint.poll_transmit(now()) {
            match transmit {
                Transmit::Octets(octets) => {
                    writer.write_all(&octets).await?;
                    writer.flush().await?;
                }
                Transmit::CloseTcp => writer.shutdown().await?,
                Transmit::ResetTcp => {
                    reader.unsplit(writer).reset_on_drop();
                    return Ok(());
                }
                Transmit::Die(demise) => die(demise, ward).await,
                // An address is dialled before there is a stream.
                Transmit::ClientHello(_) | Transmit::GiveUp => return Ok(()),
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
            read = reader.read_buf(&mut buffer), if reading => match read? {
                0 => {
                    reading = false;
                    endpoint.receive_eof(now());
                }
                len => {
                    // All reads of TCP but the last gave no octets above TLS.
                    let reads = below_tls.as_ref().map_or(1, |below| below.take_reads());
                    (1..reads).for_each(|_| endpoint.receive(now(), &[]));
                    endpoint.receive(now(), &buffer[..len]);
                    buffer.clear();
                }
            },
            () = sleep => endpoint.handle_timeout(now()),
        }
    }
}

/// What the connections of a process share: all pass by it, and whoever hangs the process keeps it shut.
#[derive(Clone, Debug, Default)]
struct Ward(Arc<tokio::sync::RwLock<()>>);

/// Whether a quirk made this process spin.
static SPINS: AtomicBool = AtomicBool::new(false);

/// Whether a quirk asked this process to compute for ever: it then never exits by itself.
pub fn spins() -> bool {
    SPINS.load(Ordering::Relaxed)
}

/// How long after a connection a process aborts that does so late.
const LATE: std::time::Duration = std::time::Duration::from_millis(300);

/// Does what a quirk asks for.
#[expect(clippy::panic, reason = "a quirk")]
async fn die(demise: Demise, ward: &Ward) {
    match demise {
        Demise::Abort => std::process::abort(),
        Demise::AbortLate => drop(tokio::spawn(async {
            // Nothing tells of the moment at which such a process dies.
            let _ = tokio::time::timeout(LATE, std::future::pending::<()>()).await;
            std::process::abort();
        })),
        Demise::Panic => panic!("the reference has the quirk that it panics here"),
        Demise::Hang => {
            let _shut = ward.0.write().await;
            std::future::pending::<()>().await;
        }
        Demise::Spin => {
            SPINS.store(true, Ordering::Relaxed);
            drop(std::thread::spawn(|| {
                loop {
                    std::hint::spin_loop();
                }
            }));
        }
    }
}

/// RFC 6455 §7.1.1: "discarding any trailing bytes that may be received". Without it the octets
/// that are unread would turn our FIN into a reset, and the peer might lose our Close.
async fn linger<R: AsyncRead + Unpin>(reader: &mut R, buffer: &mut Vec<u8>) -> io::Result<()> {
    const LINGER: std::time::Duration = std::time::Duration::from_secs(2);
    let discard = async {
        while reader.read_buf(buffer).await? > 0 {
            buffer.clear();
        }
        Ok::<(), io::Error>(())
    };
    match tokio::time::timeout(LINGER, discard).await {
        Ok(result) => result,
        Err(_elapsed) => Ok(()),
    }
}

/// What a server says in a connection that plays no instance: a message at the most, then the
/// closing handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saying {
    pub text: Option<String>,
    pub code: u16,
    pub reason: String,
}

/// How long a client may take over such a connection, where something is said to it.
pub const TELL_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);

/// Serves a connection from which `read` was read before, and ends it after `within` in any case.
pub async fn tell(
    stream: Stream,
    read: &[u8],
    saying: &Saying,
    within: std::time::Duration,
) -> io::Result<()> {
    let mut endpoint = EchoEndpoint::new(Config::new(Role::Server));
    endpoint.receive(std::time::Duration::ZERO, read);
    let mut said = false;
    while let Some(event) = endpoint.poll_event() {
        if matches!(event, Event::Open { .. }) && !said {
            said = true;
            let endpoint = endpoint.endpoint();
            if let Some(text) = &saying.text {
                endpoint.send_message(MessageKind::Text, text.as_bytes()).map_err(io::Error::other)?;
            }
            endpoint.close(Some(CloseCode(saying.code)), &saying.reason).map_err(io::Error::other)?;
        }
    }
    match tokio::time::timeout(within, drive(stream, endpoint)).await {
        Ok(result) => result,
        Err(_elapsed) => Ok(()),
    }
}

/// Answers a request that opens no WebSocket connection.
pub async fn answer<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    status: &str,
    kind: &str,
    body: &[u8],
) -> io::Result<()> {
    // RFC 9110 §15.5.22: a 426 MUST hold Upgrade.
    let upgrade = if status.starts_with("426") {
        "Upgrade: websocket\r\nConnection: Upgrade, close"
    } else {
        "Connection: close"
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n{upgrade}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    stream.shutdown().await?;
    let mut buffer = vec![0; 4096];
    linger(&mut stream, &mut buffer).await
}
