//! Payloads: octets that are written out, or generated.

use super::corpus::Corpus;
use wsgauntlet_wire::SplitMix64;

/// What a frame or message carries. Generated payloads depend on nothing but their parameters.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Payload {
    /// These octets.
    Literal(Vec<u8>),
    /// `unit` repeated, cut at `len` octets.
    Fill {
        /// What is repeated.
        unit: Vec<u8>,
        /// Length in octets.
        len: usize,
    },
    /// 0x00 to 0xff, again and again.
    Cycle {
        /// Length in octets.
        len: usize,
    },
    /// Valid UTF-8 of exactly `len` octets, with characters of one to four octets.
    Utf8 {
        /// Length in octets.
        len: usize,
    },
    /// Octets of SplitMix64.
    Random {
        /// Length in octets.
        len: usize,
        /// The seed of SplitMix64.
        seed: u64,
    },
    /// A part of a corpus.
    Corpus {
        /// Which corpus.
        corpus: Corpus,
        /// Where the part begins, in octets; beyond the end of the corpus it goes on from its start.
        start: usize,
        /// Length in octets.
        len: usize,
    },
    /// These payloads, one after the other.
    Concat(Vec<Payload>),
}

/// The largest payload that a case may ask for, in octets.
pub const PAYLOAD_LEN_MAX: usize = 64 << 20;

const UTF8_UNIT: &str = "κόσμε-Hello-µ@ßöäüàá-UTF-8!!-😀-";

impl Payload {
    /// The payload of no octets.
    pub fn empty() -> Payload {
        Payload::Literal(Vec::new())
    }

    /// Length in octets.
    pub fn len(&self) -> usize {
        match self {
            Payload::Literal(octets) => octets.len(),
            Payload::Fill { len, .. }
            | Payload::Cycle { len }
            | Payload::Utf8 { len }
            | Payload::Random { len, .. }
            | Payload::Corpus { len, .. } => *len,
            Payload::Concat(parts) => parts.iter().map(Payload::len).sum(),
        }
    }

    /// The payload of the message of that index in a row of them: of a corpus the part after those before, of all else
    /// the same again.
    pub fn numbered(&self, index: usize) -> Payload {
        match self {
            Payload::Corpus { corpus, start, len } => {
                Payload::Corpus { corpus: *corpus, start: start + index * len, len: *len }
            }
            Payload::Literal(_)
            | Payload::Fill { .. }
            | Payload::Cycle { .. }
            | Payload::Utf8 { .. }
            | Payload::Random { .. }
            | Payload::Concat(_) => self.clone(),
        }
    }

    /// Whether its octets may be a command to a driver: those of the generated payloads are none.
    pub(super) fn may_be_command(&self) -> bool {
        matches!(self, Payload::Literal(octets) if super::driver::is_command(octets))
    }

    /// Whether the payload has no octets.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All octets of the payload.
    pub fn octets(&self) -> Vec<u8> {
        match self {
            Payload::Literal(octets) => octets.clone(),
            Payload::Fill { unit, len } => repeated(unit, *len),
            Payload::Cycle { len } => repeated(&Vec::from_iter(0..=255), *len),
            Payload::Utf8 { len } => utf8(*len),
            Payload::Random { len, seed } => random(*len, *seed),
            Payload::Corpus { corpus, start, len } => corpus.part(*start, *len),
            Payload::Concat(parts) => parts.iter().map(Payload::octets).collect::<Vec<_>>().concat(),
        }
    }
}

/// `unit` again and again, cut at `len` octets.
fn repeated(unit: &[u8], len: usize) -> Vec<u8> {
    let mut octets = Vec::with_capacity(len);
    while octets.len() < len && !unit.is_empty() {
        let rest = len - octets.len();
        octets.extend_from_slice(&unit[..unit.len().min(rest)]);
    }
    octets
}

fn utf8(len: usize) -> Vec<u8> {
    let mut octets = Vec::with_capacity(len);
    for c in UTF8_UNIT.chars().cycle() {
        let left = len - octets.len();
        if left == 0 {
            break;
        }
        if c.len_utf8() <= left {
            octets.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        } else {
            octets.push(b'x');
        }
    }
    octets
}

fn random(len: usize, seed: u64) -> Vec<u8> {
    let mut random = SplitMix64::new(seed);
    let mut octets = Vec::with_capacity(len + 8);
    while octets.len() < len {
        octets.extend_from_slice(&random.next_u64().to_le_bytes());
    }
    octets.truncate(len);
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every generator gives exactly the length asked for, and UTF-8 is valid at any length.
    #[test]
    fn lengths_are_exact() {
        for len in 0..200 {
            let generated = [
                Payload::Fill { unit: b"abc".to_vec(), len },
                Payload::Cycle { len },
                Payload::Utf8 { len },
                Payload::Random { len, seed: 7 },
            ];
            for payload in generated {
                assert_eq!((payload.octets().len(), payload.len()), (len, len));
            }
            assert!(std::str::from_utf8(&Payload::Utf8 { len }.octets()).is_ok());
        }
    }
}
