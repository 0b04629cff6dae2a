//! zlib's inflating streams that are not in use. Their tables are large: to clear them costs less than to make new ones,
//! and a run has thousands of short connections. Compressing streams are not kept: what they make after a reset is lawful,
//! but may differ from what a new one makes, and runs are to repeat.

use flate2::Decompress;
use std::cell::RefCell;

/// The most streams that a thread keeps.
const IDLE_MAX: usize = 8;

thread_local! {
    static IDLE: RefCell<Vec<Decompress>> = const { RefCell::new(Vec::new()) };
}

/// A stream of raw DEFLATE as a new one is.
pub(super) fn decompress() -> Decompress {
    match IDLE.with_borrow_mut(Vec::pop) {
        Some(mut stream) => {
            stream.reset(false);
            stream
        }
        None => Decompress::new(false),
    }
}

pub(super) fn give_back(stream: Decompress) {
    // The thread may be about to end.
    let _ = IDLE.try_with(|idle| {
        let mut idle = idle.borrow_mut();
        if idle.len() < IDLE_MAX {
            idle.push(stream);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::{Compressor, Decompressor, Settings};
    use super::*;
    use flate2::FlushDecompress;

    #[test]
    fn a_stream_that_is_taken_again_is_as_new() {
        IDLE.with_borrow_mut(Vec::clear);
        let mut used = decompress();
        let read = used.decompress_vec(b"\xf2\x48", &mut Vec::with_capacity(64), FlushDecompress::Sync);
        read.expect("the start of a fixed block");
        give_back(used);
        assert_eq!(IDLE.with_borrow(Vec::len), 1);
        assert_eq!(decompress().total_in(), 0);
        assert_eq!(IDLE.with_borrow(Vec::len), 0);
    }

    #[test]
    fn no_more_streams_are_kept_than_that() {
        IDLE.with_borrow_mut(Vec::clear);
        for _ in 0..IDLE_MAX + 1 {
            give_back(Decompress::new(false));
        }
        assert_eq!(IDLE.with_borrow(Vec::len), IDLE_MAX);
    }

    #[test]
    fn who_is_dropped_gives_the_stream_back() {
        IDLE.with_borrow_mut(Vec::clear);
        let payload = Compressor::new(Settings::default()).compress_message(b"Hello");
        Decompressor::new(true, 5).decompress_chunk(&payload).expect("lawful data");
        assert_eq!(IDLE.with_borrow(Vec::len), 1);
    }
}
