//! Connections of clients, up to the end of their opening request: only then it is known what they
//! are for.

use crate::runner::serve::{Acceptor, is_transient};
use crate::runner::stream::Stream;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use wsgauntlet_wire::opening::{HeadError, RequestHead};

/// How many connections may be in their opening at once. More of them wait to be accepted.
const OPENINGS_MAX: usize = 256;

/// Where clients come to.
#[derive(Debug)]
pub struct Listener {
    /// The address that it is bound to.
    pub address: SocketAddr,
    listener: TcpListener,
    acceptor: Option<Acceptor>,
}

/// A connection whose request, or whatever stands in its place, was read.
#[derive(Debug)]
pub struct Handshake {
    pub stream: Stream,
    /// When it was accepted.
    pub started: Instant,
    /// What was read, and when, since `started`.
    pub read: Vec<(Duration, Vec<u8>)>,
    pub request: Result<RequestHead, HeadError>,
    /// The length of the request's head in octets, 0 if no head came.
    pub head_len: usize,
}

/// What became of a connection that was accepted.
#[derive(Debug)]
pub enum Accepted {
    /// Its request was read.
    Request(Box<Handshake>),
    /// It ended, or stayed, without an octet.
    Silent,
    /// Its request has no end.
    Incomplete,
    TlsFailed(String),
}

impl Listener {
    /// Binds an address, and accepts TLS where there is an acceptor.
    /// # Errors
    /// What binding gives.
    pub async fn bind(address: &str, acceptor: Option<Acceptor>) -> io::Result<Listener> {
        let listener = TcpListener::bind(address).await?;
        Ok(Listener { address: listener.local_addr()?, listener, acceptor })
    }

    /// What connections run over, where that is TLS.
    pub fn acceptor(&self) -> Option<Acceptor> {
        self.acceptor.clone()
    }

    /// `ws://127.0.0.1:9001`, for clients on this machine.
    pub fn url(&self) -> String {
        let scheme = if self.acceptor.is_some() { "wss" } else { "ws" };
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(match address.ip() {
                std::net::IpAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                std::net::IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            });
        }
        format!("{scheme}://{address}")
    }

    /// Accepts until the other end of `sender` is dropped. A request has `deadline` to arrive.
    pub async fn serve(self, deadline: Duration, sender: mpsc::Sender<Accepted>) -> io::Result<()> {
        let openings = Arc::new(Semaphore::new(OPENINGS_MAX));
        loop {
            let permit = openings.clone().acquire_owned().await.map_err(io::Error::other)?;
            let tcp = match self.listener.accept().await {
                Ok((tcp, _)) => tcp,
                // The client is gone already, or descriptors are short: the next may be better.
                Err(error) if is_transient(&error) => {
                    tokio::task::yield_now().await;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let (acceptor, sender) = (self.acceptor.clone(), sender.clone());
            tokio::spawn(async move {
                let accepted = arrive(tcp, acceptor.as_ref(), deadline).await;
                drop(permit);
                // Nobody listens any more when the run is over.
                let _ = sender.send(accepted).await;
            });
        }
    }
}

async fn arrive(tcp: TcpStream, acceptor: Option<&Acceptor>, deadline: Duration) -> Accepted {
    let started = Instant::now();
    let mut stream = match Stream::accept(tcp, acceptor).await {
        Ok(stream) => stream,
        Err(error) => return Accepted::TlsFailed(error.to_string()),
    };
    let mut read = Vec::new();
    let request = read_head(&mut stream, started, deadline, &mut read).await;
    match request {
        Some((request, head_len)) => {
            Accepted::Request(Box::new(Handshake { stream, started, read, request, head_len }))
        }
        None if read.is_empty() => Accepted::Silent,
        None => Accepted::Incomplete,
    }
}

/// Reads until a head is complete or impossible. `None`: neither came within `deadline`.
async fn read_head<S: AsyncRead + Unpin>(
    stream: &mut S,
    started: Instant,
    deadline: Duration,
    read: &mut Vec<(Duration, Vec<u8>)>,
) -> Option<(Result<RequestHead, HeadError>, usize)> {
    let mut octets = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    let until = tokio::time::Instant::now() + deadline;
    loop {
        let len = match tokio::time::timeout_at(until, stream.read(&mut buffer)).await {
            Ok(Ok(len)) if len > 0 => len,
            Ok(Ok(_) | Err(_)) | Err(_) => return None,
        };
        octets.extend_from_slice(&buffer[..len]);
        read.push((started.elapsed(), buffer[..len].to_vec()));
        match RequestHead::parse(&octets) {
            Ok(None) => {}
            Ok(Some((head, head_len))) => return Some((Ok(head), head_len)),
            Err(error) => return Some((Err(error), 0)),
        }
    }
}

impl Handshake {
    /// What it asks for, where that can be read.
    pub fn target(&self) -> Option<String> {
        self.request.as_ref().ok().map(|request| request.target.clone())
    }

    /// Makes the time begin again where the request was complete: what comes next has waited for
    /// us, and not for the client.
    pub fn resume(&mut self) {
        let last = self.read.last().map_or(Duration::ZERO, |(at, _)| *at);
        let now = Instant::now();
        self.started = now.checked_sub(last).unwrap_or(now);
    }

    /// What was read after the head.
    pub fn after_head(&self) -> Vec<u8> {
        let octets: Vec<u8> = self.read.iter().flat_map(|(_, octets)| octets.iter().copied()).collect();
        octets[self.head_len.min(octets.len())..].to_vec()
    }
}
