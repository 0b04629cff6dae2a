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
