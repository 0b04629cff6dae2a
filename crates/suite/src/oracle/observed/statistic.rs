//! What only all connections of a client show of its nonces and masking keys.

use crate::matching::structure::Structure;
use std::fmt;

/// What is wrong with nonces or masking keys.
#[derive(Clone, Debug, PartialEq)]
pub enum Statistic {
    /// A nonce in base64, in how many connections it is, and of how many.
    NonceRepeated {
        /// The nonce in base64.
        nonce: String,
        /// In how many connections it was sent.
        times: usize,
        /// How many connections sent a nonce.
        connections: usize,
    },
    /// There are fewer different nonces than chance explains.
    NoncesCount,
    /// A bit that is set too often or too seldom: its place, in how many of how many values it is set, and their name.
    Bit {
        /// Which bit, counted from the first octet's highest.
        bit: usize,
        /// In how many values it is set.
        set: usize,
        /// How many values were seen.
        of: usize,
        /// What the values are.
        values: Values,
    },
    /// How many pairs of keys are equal, how many chance gives, and the key that is there most often.
    KeysRepeated {
        /// How many pairs of keys are equal.
        pairs: usize,
        /// How many keys were seen.
        keys: usize,
        /// In how many connections they were seen.
        connections: usize,
        /// How many equal pairs chance gives.
        expected: f64,
        /// The key that was seen most often.
        key: u32,
        /// How often it was seen.
        times: usize,
    },
    /// How many keys are the one before them plus the same number.
    KeysCount(usize),
    /// How many keys follow from the three before them as in a congruential generator.
    Congruential(usize),
    /// A bit that follows from `complexity` before it by exclusive or, and the number of keys.
    Linear {
        /// Which bit, counted from the first octet's highest.
        bit: usize,
        /// How many keys were seen.
        keys: usize,
        /// From how many bits before it the bit follows.
        complexity: usize,
    },
}

/// What a statistic is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// The values of Sec-WebSocket-Key.
    Nonces,
    /// The masking keys of frames.
    MaskingKeys,
}

impl Statistic {
    /// What tells this statistic from others, without its numbers.
    pub fn structure(&self) -> Structure {
        match self {
            Statistic::NonceRepeated { .. } => Structure::new("nonce-repeated"),
            Statistic::NoncesCount => Structure::new("nonces-count"),
            Statistic::Bit { .. } => Structure::new("bit-biased"),
            Statistic::KeysRepeated { .. } => Structure::new("keys-repeated"),
            Statistic::KeysCount(_) => Structure::new("keys-of-a-counter"),
            Statistic::Congruential(_) => Structure::new("keys-congruential"),
            Statistic::Linear { .. } => Structure::new("keys-linear"),
        }
    }
}

impl fmt::Display for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Values::Nonces => "nonces",
            Values::MaskingKeys => "masking keys",
        })
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Statistic::NonceRepeated { nonce, times, connections } => {
                write!(f, "the nonce {nonce} in {times} of {connections} connections")
            }
            Statistic::NoncesCount => f.write_str("nonces that count up"),
            Statistic::Bit { bit, set, of, values } => {
                write!(f, "bit {bit} is set in {set} of {of} {values}")
            }
            Statistic::KeysRepeated { pairs, keys, connections, expected, key, times } => write!(
                f,
                "{pairs} pairs of equal keys among {keys} keys of {connections} connections, where chance gives \
                 {expected:.6}; {key:08x} occurs {times} times"
            ),
            Statistic::KeysCount(count) => {
                write!(f, "{count} keys that are the one before them plus the same number")
            }
            Statistic::Congruential(hits) => {
                write!(f, "{hits} keys that follow from the three before them as in a congruential generator")
            }
            Statistic::Linear { bit, keys, complexity } => {
                write!(f, "bit {bit} of {keys} keys follows from {complexity} before it by exclusive or")
            }
        }
    }
}
