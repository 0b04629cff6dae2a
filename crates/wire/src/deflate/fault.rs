//! Why a payload is no DEFLATE data, and where. Knows no bits.

use super::symbol::Alphabet;

/// What ended the decoding, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}, at bit {bit}")]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// Where the offending element (header field, code, symbol) starts, in bits from the payload's start.
    pub bit: usize,
}

/// Why a payload is no DEFLATE data (RFC 1951 §3.2), or was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum FaultKind {
    /// BTYPE 11.
    #[error("block type 11 is reserved")]
    InvalidBlockType,
    /// NLEN is not the one's complement of LEN, RFC 1951 §3.2.4.
    #[error("stored block with LEN {len:#06x} and NLEN {nlen:#06x}")]
    StoredLengthMismatch {
        /// LEN, in octets.
        len: u16,
        /// NLEN as it stands.
        nlen: u16,
    },
    /// HLIT declares more than 286 codes.
    #[error("{literals} literal/length codes declared, the limit is 286")]
    TooManyCodes {
        /// HLIT + 257.
        literals: usize,
    },
    /// More codes than their lengths leave room for, RFC 1951 §3.2.2.
    #[error("{0} code over-subscribed")]
    OverSubscribed(Alphabet),
    /// Bits that no code starts with, where zlib refuses them: all but a single code of one bit.
    #[error("{0} code incomplete")]
    IncompleteCode(Alphabet),
    /// A repetition with nothing before it, or beyond the number of codes declared.
    #[error("invalid repetition of a code length")]
    InvalidRepeat,
    /// The literal/length alphabet has no code for symbol 256.
    #[error("no code for the end of the block")]
    MissingEndOfBlock,
    /// Bits that are no symbol's code, or one of the symbols without a meaning: 286, 287; 30, 31.
    #[error("invalid {0} symbol")]
    InvalidSymbol(Alphabet),
    /// `available` counts the octets before: those of this message and of the messages before it, 32,768 at the most.
    #[error("match distance {distance}, with {available} octets before")]
    DistanceTooFar {
        /// In octets.
        distance: usize,
        /// In octets.
        available: usize,
    },
    /// Payload and tail end within a block.
    #[error("data cut short")]
    CutShort,
    /// The limit that the caller set was reached.
    #[error("message longer than {limit} octets")]
    OutputTooLong {
        /// In octets.
        limit: usize,
    },
}
