//! The bitstream of permessage-deflate (RFC 7692 §7.2 on top of RFC 1951): message payloads to octets and back.
//!
//! Three parts, which share no decoding code, so that each can be held against the others:
//!
//! * [`Inflater`] walks a payload bit by bit and reports facts: blocks, distances, the tail, the fault. It judges
//!   nothing and keeps a full window whatever was agreed, so that an offence is decoded and reported. Start reading in
//!   `walk.rs`.
//! * [`Message`] is a payload as data, legal or not, and [`Encoder`] makes such messages of octets in every legal
//!   shape.
//! * [`Compressor`] and [`Decompressor`] do the ordinary work, over zlib-rs, for an endpoint that just wants messages.
//!
//! Nothing here knows what was negotiated, or a frame: payloads come without the tail that §7.2.1 removes.

mod bits;
mod codec;
mod encode;
mod fault;
#[cfg(any(feature = "arbitrary", feature = "proptest"))]
mod generated;
mod huffman;
mod idle;
mod inflater;
mod lz77;
mod message;
mod symbol;
mod walk;

pub use codec::{Compressor, DecompressError, Decompressor};
pub use encode::{AfterFinal, Empty, Encoder, Finality, Kind, Matching, Shape};
pub use fault::{Fault, FaultKind};
pub use inflater::Inflater;
pub use message::{Block, Body, Ending, Message, Padding, Tables};
pub use symbol::{Alphabet, Match, Token};
pub use walk::{BLOCKS_RECORDED_MAX, BlockKind, Tail, Walk, WalkedBlock};

/// The octets that a sender removes from the end of each compressed message, and a receiver appends (§7.2.1, §7.2.2):
/// LEN and NLEN of an empty stored block.
pub const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// The longest LZ77 sliding window, in octets (§7.2.1: "MUST NOT use an LZ77 sliding window longer than 32,768 bytes").
pub const WINDOW_LEN_MAX: usize = 32_768;

/// The size of an LZ77 sliding window as its base-2 logarithm, 8 to 15 (RFC 7692 §7.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct WindowBits(u8);

impl WindowBits {
    /// 256 octets.
    pub const MIN: WindowBits = WindowBits(8);
    /// 32,768 octets, which holds when nothing was agreed.
    pub const MAX: WindowBits = WindowBits(15);

    /// `None` outside 8 to 15.
    pub fn new(bits: u8) -> Option<WindowBits> {
        (8..=15).contains(&bits).then_some(WindowBits(bits))
    }

    /// The logarithm, 8 to 15.
    pub fn get(self) -> u8 {
        self.0
    }

    /// The window in octets, 256 to 32,768; also the greatest distance that a match may have.
    pub fn window_len(self) -> usize {
        1 << self.0
    }
}

/// What a sender of compressed messages has agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How far back matches may reach (§7.1.2).
    pub window_bits: WindowBits,
    /// Whether a message may refer to the messages before it (§7.1.1).
    pub context_takeover: bool,
}

impl Default for Settings {
    /// What holds when no parameter was agreed.
    fn default() -> Settings {
        Settings { window_bits: WindowBits::MAX, context_takeover: true }
    }
}
