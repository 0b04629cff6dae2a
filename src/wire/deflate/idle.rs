//! zlib's streams that are not in use. Their tables are large: to clear them costs less than to make new ones, and a run
//! has thousands of short connections.

use super::WindowBits;
use flate2::{Compress, Compression, Decompress};
use std::cell::RefCell;

/// The most streams of either kind that a thread keeps.
const IDLE_MAX: usize = 8;

thread_local! {
    static COMPRESSING: RefCell<Vec<(WindowBits, Compress)>> = const { RefCell::new(Vec::new()) };
    static DECOMPRESSING: RefCell<Vec<Decompress>> = const { RefCell::new(Vec::new()) };
}

/// A stream of raw DEFLATE as a new one is.
pub(super) fn compress(level: Compression, bits: WindowBits) -> Compress {
    let idle = COMPRESSING.with_borrow_mut(|idle| {
        let at = idle.iter().position(|(of, _)| *of == bits)?;
        Some(idle.swap_remove(at).1)
    });
    match idle {
        Some(mut stream) => {
            stream.reset();
            stream
        }
        None => Compress::new_with_window_bits(level, false, bits.get()),
    }
}

/// Every stream that is given back was made with the same level.
pub(super) fn give_back_compress(bits: WindowBits, stream: Compress) {
    // The thread may be about to end.
    let _ = COMPRESSING.try_with(|idle| {
        let mut idle = idle.borrow_mut();
        if idle.len() < IDLE_MAX {
            idle.push((bits, stream));
        }
    });
}

/// A stream of raw DEFLATE as a new one is.
pub(super) fn decompress() -> Decompress {
    match DECOMPRESSING.with_borrow_mut(Vec::pop) {
        Some(mut stream) => {
            stream.reset(false);
            stream
        }
        None => Decompress::new(false),
    }
}

pub(super) fn give_back_decompress(stream: Decompress) {
    let _ = DECOMPRESSING.try_with(|idle| {
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

    #[test]
    fn who_is_dropped_gives_the_stream_back() {
        COMPRESSING.with_borrow_mut(Vec::clear);
        DECOMPRESSING.with_borrow_mut(Vec::clear);
        let settings = Settings { window_bits: NINE, ..Settings::default() };
        let payload = Compressor::new(settings).compress_message(b"Hello");
        assert_eq!(kept(), [NINE]);
        Decompressor::new(true, 5).decompress_chunk(&payload).expect("lawful data");
        assert_eq!(DECOMPRESSING.with_borrow(Vec::len), 1);
    }
}
