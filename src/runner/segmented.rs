//! TCP below TLS: TLS records can be made to leave in several TCP segments, and reads that bring only a part of a record are
//! counted. Above it TLS hides both.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

/// Between two pieces of what was cut, for the target to read the first one before the second is there. No verdict rests on
/// it: where the target is slower, both arrive as one, which is lawful too.
pub(super) const APART: Duration = Duration::from_millis(1);

/// TCP, and how it is to be written.
#[derive(Debug)]
pub struct Segmented {
    tcp: TcpStream,
    control: Arc<Control>,
    /// How many octets of the record under way were not written yet.
    left: usize,
    /// The most octets of one segment of it.
    segment_len: usize,
    /// The next segment waits for it.
    pause: Option<Pin<Box<Sleep>>>,
}

/// What is set and asked above TLS.
#[derive(Debug, Default)]
pub struct Control {
    /// In how many segments each record leaves; 0: as TCP has it.
    segments: AtomicUsize,
    reads: AtomicUsize,
}

impl Control {
    pub fn segment_records(&self, count: usize) {
        self.segments.store(count, Ordering::Relaxed);
    }

    /// How many reads of TCP brought octets since this was asked last.
    pub fn take_reads(&self) -> usize {
        self.reads.swap(0, Ordering::Relaxed)
    }
}

impl Segmented {
    pub fn new(tcp: TcpStream) -> Segmented {
        Segmented { tcp, control: Arc::default(), left: 0, segment_len: 0, pause: None }
    }

    pub fn tcp(&self) -> &TcpStream {
        &self.tcp
    }

    pub fn control(&self) -> Arc<Control> {
        self.control.clone()
    }
}

impl AsyncRead for Segmented {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let filled = buf.filled().len();
        let read = Pin::new(&mut self.tcp).poll_read(cx, buf);
        if buf.filled().len() > filled {
            self.control.reads.fetch_add(1, Ordering::Relaxed);
        }
        read
    }
}

impl AsyncWrite for Segmented {
    /// TLS hands each record over whole, and again what was not written of it.
    #[expect(clippy::disallowed_methods, reason = "the pause between two segments")]
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let segments = self.control.segments.load(Ordering::Relaxed);
        if segments < 2 {
            self.left = 0;
            return Pin::new(&mut self.tcp).poll_write(cx, octets);
        }
        if self.left == 0 {
            self.left = octets.len();
            self.segment_len = octets.len().div_ceil(segments).max(1);
        }
        if let Some(pause) = &mut self.pause {
            std::task::ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        let len = self.segment_len.min(self.left).min(octets.len());
        let written = std::task::ready!(Pin::new(&mut self.tcp).poll_write(cx, &octets[..len]))?;
        self.left -= written.min(self.left);
        self.pause = Some(Box::pin(tokio::time::sleep_until(Instant::now() + APART)));
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}
