//! The reference implementation, live: an echo server, and an echo client, over TCP and TLS.

pub use super::acceptor::Acceptor;

use super::read_buffer::{self, poll_read};
use super::segmented::Control;
use super::stream::Stream;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Sleep;
use wsgauntlet_reference::{Config, Demise, EchoEndpoint, Event, MessageKind, Transmit};
use wsgauntlet_wire::{CloseCode, Role};

/// A listener that echoes, until it is dropped.
#[derive(Debug)]
pub struct ReferenceServer {
    /// Where it listens.
    pub address: SocketAddr,
    listener: TcpListener,
    acceptor: Option<Acceptor>,
    config: Config,
}

impl ReferenceServer {
    /// Listens at `address`, such as `127.0.0.1:0`; over TLS with an `acceptor`.
    ///
    /// # Errors
    ///
    /// The address cannot be listened on.
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
        let hang = HangSwitch::default();
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
            let (acceptor, hang) = (self.acceptor.clone(), hang.clone());
            hang.pass().await;
            tokio::spawn(async move {
                // A connection that breaks concerns nobody but its peer.
                let _ = connection(tcp, acceptor, config, &hang).await;
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
    hang: &HangSwitch,
) -> io::Result<()> {
    let stream = Stream::accept(tcp, acceptor.as_ref()).await?;
    run(stream, EchoEndpoint::new(config), &mut Heard::default(), hang).await
}

/// Runs an endpoint over a transport until it has ended.
pub async fn drive(stream: Stream, endpoint: EchoEndpoint) -> io::Result<()> {
    run(stream, endpoint, &mut Heard::default(), &HangSwitch::default()).await
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
    timeout: Duration,
) -> io::Result<Heard> {
    let (mut heard, hang) = (Heard::default(), HangSwitch::default());
    let result = tokio::time::timeout(timeout, run(stream, endpoint, &mut heard, &hang)).await;
    match result {
        // What was received counts, however the connection ended.
        _ if heard.text.is_some() || heard.location.is_some() => Ok(heard),
        Ok(result) => result.map(|()| heard),
        Err(_elapsed) => Ok(heard),
    }
}

#[expect(clippy::disallowed_methods, reason = "the endpoint's own deadlines")]
async fn run(
    mut stream: Stream,
    mut endpoint: EchoEndpoint,
    heard: &mut Heard,
    hang: &HangSwitch,
) -> io::Result<()> {
    let started = Instant::now();
    let below_tls = stream.below_tls();
    // Those of the TLS handshake.
    if let Some(below) = &below_tls {
        below.take_reads();
    }
    let mut alarm = pin!(tokio::time::sleep_until(started.into()));
    let mut reads = true;
    loop {
        hang.pass().await;
        heard.take_events(&mut endpoint);
        while let Some(transmit) = endpoint.poll_transmit(started.elapsed()) {
            match transmit {
                Transmit::Octets(octets) => {
                    stream.write_all(&octets).await?;
                    stream.flush().await?;
                }
                Transmit::CloseTcp => stream.shutdown().await?,
                Transmit::ResetTcp => {
                    stream.reset_on_drop();
                    return Ok(());
                }
                Transmit::Die(demise) => die(demise, hang).await,
                // An address is dialled before there is a stream.
                Transmit::ClientHello(_) | Transmit::GiveUp => return Ok(()),
            }
        }
        if endpoint.is_ended() {
            return linger(&mut stream).await;
        }
        let reader = reads.then_some(&mut stream);
        reads = turn(reader, &mut endpoint, started, alarm.as_mut(), below_tls.as_deref()).await? && reads;
    }
}

/// Waits until something was read, or a deadline of the endpoint has passed. False: the peer has ended its direction.
async fn turn(
    mut reader: Option<&mut Stream>,
    endpoint: &mut EchoEndpoint,
    started: Instant,
    mut alarm: Pin<&mut Sleep>,
    below_tls: Option<&Control>,
) -> io::Result<bool> {
    let deadline = endpoint.poll_timeout().map(|at| started + at);
    if let Some(at) = deadline
        && alarm.deadline() != at.into()
    {
        alarm.as_mut().reset(at.into());
    }
    poll_fn(|cx| {
        if let Some(reader) = &mut reader {
            let read = poll_read(*reader, cx, |read| {
                let octets = read?;
                if octets.is_empty() {
                    endpoint.receive_eof(started.elapsed());
                    return Ok(false);
                }
                // All reads of TCP but the last gave no octets above TLS.
                let reads = below_tls.map_or(1, Control::take_reads);
                (1..reads).for_each(|_| endpoint.receive(started.elapsed(), &[]));
                endpoint.receive(started.elapsed(), octets);
                Ok(true)
            });
            if read.is_ready() {
                return read;
            }
        }
        if deadline.is_none() || alarm.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        endpoint.handle_timeout(started.elapsed());
        Poll::Ready(Ok(true))
    })
    .await
}

/// Shared by the connections of a process. A quirk that hangs the process switches it on, and none of them goes on.
#[derive(Clone, Debug, Default)]
struct HangSwitch(Arc<AtomicBool>);

impl HangSwitch {
    /// Never ends once the process hangs.
    async fn pass(&self) {
        if self.0.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    }

    async fn hang(&self) {
        self.0.store(true, Ordering::Relaxed);
        self.pass().await;
    }
}

/// Whether a quirk made this process spin.
static SPINS: AtomicBool = AtomicBool::new(false);

/// Whether a quirk asked this process to compute for ever: it then never exits by itself.
pub fn spins() -> bool {
    SPINS.load(Ordering::Relaxed)
}

/// How long after a connection a process aborts that does so late.
const LATE: Duration = Duration::from_millis(300);

/// Does what a quirk asks for.
#[expect(clippy::panic, reason = "a quirk")]
async fn die(demise: Demise, hang: &HangSwitch) {
    match demise {
        Demise::Abort => std::process::abort(),
        Demise::AbortLate => drop(tokio::spawn(async {
            // No event announces when such a process dies.
            let _ = tokio::time::timeout(LATE, std::future::pending::<()>()).await;
            std::process::abort();
        })),
        Demise::Panic => panic!("the reference has the quirk that it panics here"),
        Demise::Hang => hang.hang().await,
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
async fn linger<R: AsyncRead + Unpin>(reader: &mut R) -> io::Result<()> {
    const LINGER: Duration = Duration::from_secs(2);
    match tokio::time::timeout(LINGER, read_buffer::discard(reader, usize::MAX)).await {
        Ok(result) => result,
        Err(_elapsed) => Ok(()),
    }
}

/// What a server sends in a connection that plays no instance: at most one message, then a Close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saying {
    /// A text message before the Close.
    pub text: Option<String>,
    /// The code of the Close (RFC 6455 §7.4).
    pub code: u16,
    /// The reason of the Close, at most 123 octets.
    pub reason: String,
}

/// How long a client may take over such a connection, where something is said to it.
pub const TELL_TIMEOUT: Duration = Duration::from_secs(5);

/// Serves a connection from which `read` was read before, and ends it after `within` in any case.
pub async fn tell(stream: Stream, read: &[u8], saying: &Saying, within: Duration) -> io::Result<()> {
    let mut endpoint = EchoEndpoint::new(Config::new(Role::Server));
    endpoint.receive(Duration::ZERO, read);
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
    linger(&mut stream).await
}
