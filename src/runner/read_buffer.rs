//! Reads that share one buffer for each thread.
//!
//! A connection that has a buffer of its own keeps it while it waits. With a buffer for each thread, hundreds of silent
//! connections take no memory for what they may read one day. The octets are handed over within the poll that read them, so
//! that no two connections use the buffer at the same time.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, ReadBuf};

/// The most octets that are read at once.
const READ_LEN: usize = 64 * 1024;

thread_local! {
    static BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_LEN].into());
}

/// Reads once, and gives the result to `take`: no octets at the end of the stream. `take` must not read.
pub(super) fn poll_read<R: AsyncRead + Unpin, T>(
    reader: &mut R,
    cx: &mut Context<'_>,
    take: impl FnOnce(io::Result<&[u8]>) -> T,
) -> Poll<T> {
    BUFFER.with_borrow_mut(|buffer| {
        let mut buffer = ReadBuf::new(buffer);
        let read = ready!(Pin::new(reader).poll_read(cx, &mut buffer));
        Poll::Ready(take(read.map(|()| buffer.filled())))
    })
}

/// Discards what arrives, until the stream ends or more than `len_max` octets have arrived.
///
/// # Errors
///
/// The stream was reset, or cannot be read.
pub(super) async fn discard<R: AsyncRead + Unpin>(reader: &mut R, len_max: usize) -> io::Result<()> {
    let mut discarded = 0;
    while discarded <= len_max {
        let len = poll_fn(|cx| poll_read(reader, cx, |read| read.map(<[u8]>::len))).await?;
        if len == 0 {
            break;
        }
        discarded += len;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncWriteExt, duplex};

    /// The octets of two connections that are read in turn do not mix.
    #[tokio::test]
    async fn each_read_gives_the_octets_of_its_connection() {
        let (mut one_end, one) = duplex(16);
        let (mut other_end, other) = duplex(16);
        one_end.write_all(b"a longer text").await.expect("it is open");
        other_end.write_all(b"short").await.expect("it is open");
        drop((one_end, other_end));
        let expected: [(usize, &[u8]); 4] = [(0, b"a longer text"), (1, b"short"), (0, b""), (1, b"")];
        let mut readers = [one, other];
        for (reader, expected) in expected {
            let reader = &mut readers[reader];
            let read = poll_fn(|cx| poll_read(reader, cx, |read| read.map(<[u8]>::to_vec))).await;
            assert_eq!(read.expect("it can be read"), expected);
        }
    }

    /// A peer that never stops sending is not read for ever.
    #[tokio::test]
    async fn a_flood_is_discarded_up_to_a_limit() {
        let mut flood = tokio::io::repeat(0);
        discard(&mut flood, 3 * READ_LEN).await.expect("it can be read");
    }
}
