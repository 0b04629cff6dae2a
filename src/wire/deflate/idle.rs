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
    use super::*;

    const NINE: WindowBits = WindowBits(9);

    fn kept() -> Vec<WindowBits> {
        COMPRESSING.with_borrow(|idle| idle.iter().map(|(bits, _)| *bits).collect())
    }

    #[test]
    fn a_stream_is_kept_for_its_own_window() {
        COMPRESSING.with_borrow_mut(Vec::clear);
        let level = Compression::new(2);
        give_back_compress(NINE, compress(level, NINE));
        give_back_compress(WindowBits::MAX, compress(level, WindowBits::MAX));
        assert_eq!(kept(), [NINE, WindowBits::MAX]);
        let _taken = compress(level, WindowBits::MAX);
        assert_eq!(kept(), [NINE]);
    }

    #[test]
    fn a_stream_that_is_taken_again_is_as_new() {
        COMPRESSING.with_borrow_mut(Vec::clear);
        DECOMPRESSING.with_borrow_mut(Vec::clear);
        let mut used = compress(Compression::new(2), NINE);
        used.compress_vec(b"Hello", &mut Vec::with_capacity(64), flate2::FlushCompress::Sync).expect("room");
        give_back_compress(NINE, used);
        assert_eq!(compress(Compression::new(2), NINE).total_in(), 0);

        let mut used = decompress();
        used.decompress_vec(b"\xf2\x48", &mut Vec::with_capacity(64), flate2::FlushDecompress::Sync)
            .expect("the start of a fixed block");
        give_back_decompress(used);
        assert_eq!(DECOMPRESSING.with_borrow(Vec::len), 1);
        assert_eq!(decompress().total_in(), 0);
        assert_eq!(DECOMPRESSING.with_borrow(Vec::len), 0);
    }

    #[test]
    fn no_more_streams_are_kept_than_that() {
        COMPRESSING.with_borrow_mut(Vec::clear);
        DECOMPRESSING.with_borrow_mut(Vec::clear);
        for _ in 0..IDLE_MAX + 1 {
            give_back_compress(NINE, Compress::new_with_window_bits(Compression::new(2), false, NINE.get()));
            give_back_decompress(Decompress::new(false));
        }
        assert_eq!((kept().len(), DECOMPRESSING.with_borrow(Vec::len)), (IDLE_MAX, IDLE_MAX));
    }
}
