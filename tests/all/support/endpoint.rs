//! An endpoint of the reference over a blocking TCP connection, for applications that the tests launch.

use std::io::{self, ErrorKind, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use wsgauntlet_reference::EchoEndpoint;

/// How long an application waits for a peer that sends nothing.
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads once, or waits until the endpoint's own deadline. True: the peer has ended the connection.
pub fn read_once(tcp: &mut TcpStream, endpoint: &mut EchoEndpoint, started: Instant) -> io::Result<bool> {
    let mut buffer = vec![0; 64 * 1024];
    let patience = endpoint.poll_timeout().map(|at| at.saturating_sub(started.elapsed()));
    tcp.set_read_timeout(Some(patience.unwrap_or(PATIENCE).max(Duration::from_millis(1))))?;
    match tcp.read(&mut buffer) {
        Ok(0) => {
            endpoint.receive_eof(started.elapsed());
            return Ok(true);
        }
        Ok(len) => endpoint.receive(started.elapsed(), &buffer[..len]),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            endpoint.handle_timeout(started.elapsed());
        }
        Err(error) => return Err(error),
    }
    Ok(false)
}
