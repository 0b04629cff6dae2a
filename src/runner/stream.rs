//! Connections, with or without TLS.

use super::acceptor::Acceptor;
use super::segmented::{Control, Segmented};
use super::target::{ALPN_HTTP_2, Target, TargetError};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsStream;
use wsgauntlet_suite::transcript::Transport;

/// How long a connection may take to be established.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A transport that is established.
#[derive(Debug)]
pub enum Stream {
    /// TCP.
    Plain(TcpStream),
    /// TLS over TCP.
    Tls(Box<TlsStream<Segmented>>),
}

impl Stream {
    /// Connects to a server under test.
    pub async fn connect(target: &Target) -> Result<Stream, TargetError> {
        let timed_out = || io::Error::new(io::ErrorKind::TimedOut, "no answer within 5 s");
        let url = || target.url.clone();
        let tried: Vec<SocketAddr> = tokio::net::lookup_host((target.host.as_str(), target.port))
            .await
            .map_err(|source| TargetError::Unresolved { url: url(), host: target.host.clone(), source })?
            .collect();
        let unreachable = |source| TargetError::Unreachable { url: url(), tried: tried.clone(), source };
        let tcp = tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(tried.as_slice()))
            .await
            .map_err(|_| unreachable(timed_out()))?
            .map_err(unreachable)?;
        // Each write is to leave as it is written.
        tcp.set_nodelay(true).map_err(unreachable)?;
        let Some(tls) = &target.tls else { return Ok(Stream::Plain(tcp)) };
        let failed = |source| TargetError::Tls { url: url(), source };
        let handshake = tls.connector.connect(tls.name.clone(), Segmented::new(tcp));
        let stream = tokio::time::timeout(CONNECT_TIMEOUT, handshake)
            .await
            .map_err(|_| failed(timed_out()))?
            .map_err(failed)?;
        let agreed = stream.get_ref().1.alpn_protocol();
        if target.transport == Transport::Http2 && agreed != Some(ALPN_HTTP_2) {
            let agreed = agreed.map_or("no protocol".into(), String::from_utf8_lossy).into_owned();
            return Err(TargetError::NoHttp2 { url: url(), agreed });
        }
        Ok(Stream::Tls(Box::new(TlsStream::Client(stream))))
    }

    /// Takes a connection of a client under test.
    pub async fn accept(tcp: TcpStream, acceptor: Option<&Acceptor>) -> io::Result<Stream> {
        tcp.set_nodelay(true)?;
        let Some(acceptor) = acceptor else { return Ok(Stream::Plain(tcp)) };
        let handshake = tokio::time::timeout(CONNECT_TIMEOUT, acceptor.accept(tcp));
        let stream = handshake
            .await
            .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "no TLS handshake within 5 s"))??;
        Ok(Stream::Tls(Box::new(TlsStream::Server(stream))))
    }

    /// What a client named in its TLS handshake, where there was one.
    pub fn server_name(&self) -> Option<Option<String>> {
        match self {
            Stream::Plain(_) => None,
            Stream::Tls(tls) => match tls.as_ref() {
                TlsStream::Server(tls) => Some(tls.get_ref().1.server_name().map(str::to_owned)),
                TlsStream::Client(_) => None,
            },
        }
    }

    /// The port at our end.
    pub fn local_port(&self) -> Option<u16> {
        self.tcp().local_addr().ok().map(|address| address.port())
    }

    fn tcp(&self) -> &TcpStream {
        match self {
            Stream::Plain(tcp) => tcp,
            Stream::Tls(tls) => tls.get_ref().0.tcp(),
        }
    }

    /// What lies below TLS, where there is TLS.
    pub fn below_tls(&self) -> Option<Arc<Control>> {
        match self {
            Stream::Plain(_) => None,
            Stream::Tls(tls) => Some(tls.get_ref().0.control()),
        }
    }

    /// What is dropped next sends RST instead of FIN.
    pub fn reset_on_drop(&self) {
        // Nothing is lost when the socket is gone already.
        let _ = self.tcp().set_zero_linger();
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Stream::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(tcp) => Pin::new(tcp).poll_write(cx, octets),
            Stream::Tls(tls) => Pin::new(tls).poll_write(cx, octets),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Stream::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Stream::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}
