//! Octets in memory as a transport, for what blocks, for the futures of `futures` and for those of tokio.

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

/// What arrives, in two pieces, each of them a read's worth; the end of the octets is the end of the connection. What is
/// written is lost.
pub(super) struct Memory {
    pieces: [Vec<u8>; 2],
}

impl Memory {
    pub(super) fn new(first: &[u8], second: &[u8]) -> Self {
        Self { pieces: [first.to_vec(), second.to_vec()] }
    }

    /// The octets of the next read.
    fn next_octets(&mut self, len_max: usize) -> Vec<u8> {
        let Some(piece) = self.pieces.iter_mut().find(|piece| !piece.is_empty()) else { return Vec::new() };
        piece.drain(..piece.len().min(len_max)).collect()
    }
}

impl Read for Memory {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let octets = self.next_octets(buffer.len());
        buffer[..octets.len()].copy_from_slice(&octets);
        Ok(octets.len())
    }
}

impl Write for Memory {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl futures::io::AsyncRead for Memory {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.read(buffer))
    }
}

impl futures::io::AsyncWrite for Memory {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(octets.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl tokio::io::AsyncRead for Memory {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let octets = self.next_octets(buffer.remaining());
        buffer.put_slice(&octets);
        Poll::Ready(Ok(()))
    }
}

impl tokio::io::AsyncWrite for Memory {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(octets.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
