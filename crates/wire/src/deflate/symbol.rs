//! The alphabets of RFC 1951 §3.2.7 and the symbols of §3.2.5: literals, lengths and distances, with their extra bits.

use std::fmt;

/// The three alphabets of a dynamic block (§3.2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Alphabet {
    /// The code lengths of the other two alphabets.
    CodeLengths,
    /// Literals, the end of the block, and match lengths.
    Literals,
    /// Match distances.
    Distances,
}

impl fmt::Display for Alphabet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Alphabet::CodeLengths => "code length",
            Alphabet::Literals => "literal/length",
            Alphabet::Distances => "distance",
        })
    }
}

/// End of block in the literal/length alphabet.
pub(super) const END_OF_BLOCK: u16 = 256;
/// Literal/length codes that may be declared (HLIT + 257), and 2 more that only the fixed code has.
pub(super) const LITERALS_MAX: usize = 286;
pub(super) const LITERALS_FIXED: usize = 288;
/// Distance codes that may be declared (HDIST + 1); 30 and 31 "will never actually occur in the compressed data".
pub(super) const DISTANCES_MAX: usize = 32;

/// The order in which the lengths of the code length code are sent (§3.2.7).
pub(super) const CODE_LENGTH_ORDER: [usize; 19] =
    [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Shortest length and number of extra bits of the codes 257 to 285.
#[rustfmt::skip]
const LENGTHS: [(u16, u8); 29] = [
    (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (11, 1), (13, 1), (15, 1), (17, 1), (19, 2),
    (23, 2), (27, 2), (31, 2), (35, 3), (43, 3), (51, 3), (59, 3), (67, 4), (83, 4), (99, 4), (115, 4), (131, 5),
    (163, 5), (195, 5), (227, 5), (258, 0),
];

/// Shortest distance and number of extra bits of the codes 0 to 29.
#[rustfmt::skip]
const DISTANCES: [(u16, u8); 30] = [
    (1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (7, 1), (9, 2), (13, 2), (17, 3), (25, 3), (33, 4), (49, 4), (65, 5),
    (97, 5), (129, 6), (193, 6), (257, 7), (385, 7), (513, 8), (769, 8), (1025, 9), (1537, 9), (2049, 10), (3073, 10),
    (4097, 11), (6145, 11), (8193, 12), (12289, 12), (16385, 13), (24577, 13),
];

/// Shortest length and extra bits of a literal/length symbol above 256; `None` for 286 and 287.
pub(super) fn length_base(symbol: u16) -> Option<(u16, u8)> {
    LENGTHS.get(usize::from(symbol).checked_sub(257)?).copied()
}

/// Shortest distance and extra bits of a distance symbol; `None` for 30 and 31.
pub(super) fn distance_base(symbol: u16) -> Option<(u16, u8)> {
    DISTANCES.get(usize::from(symbol)).copied()
}

/// The lengths of the fixed codes (§3.2.6).
pub(super) fn fixed_literal_lengths() -> [u8; LITERALS_FIXED] {
    std::array::from_fn(|symbol| match symbol {
        144..=255 => 9,
        256..=279 => 7,
        _ => 8,
    })
}

/// See [`fixed_literal_lengths`].
pub(super) const FIXED_DISTANCE_LENGTHS: [u8; DISTANCES_MAX] = [5; DISTANCES_MAX];

/// A reference to earlier octets: RFC 1951 §3.2.5 has lengths of 3 to 258 and distances of 1 to 32,768.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Match {
    len: u16,
    distance: u16,
}

impl Match {
    /// The length of the shortest match, in octets.
    pub const LEN_MIN: usize = 3;
    /// The length of the longest match, in octets.
    pub const LEN_MAX: usize = 258;
    /// The shortest match, of the octet before it.
    pub const SHORTEST: Match = Match { len: 3, distance: 1 };

    /// `None` for what the format has no code for. The distance may reach back further than there are octets.
    pub fn new(len: usize, distance: usize) -> Option<Match> {
        let legal = (Match::LEN_MIN..=Match::LEN_MAX).contains(&len)
            && (1..=super::WINDOW_LEN_MAX).contains(&distance);
        legal.then_some(Match { len: len as u16, distance: distance as u16 })
    }

    /// In octets, 3 to 258.
    pub fn len_octets(self) -> usize {
        usize::from(self.len)
    }

    /// In octets, 1 to 32,768.
    pub fn distance(self) -> usize {
        usize::from(self.distance)
    }
}

/// One element of compressed data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Token {
    /// One octet.
    Literal(u8),
    /// Octets that came before.
    Match(Match),
    /// A literal/length symbol that stands for nothing: 286 or 287. Illegal; only a fixed block has codes for both.
    InvalidLength {
        /// 286 or 287.
        symbol: u16,
    },
    /// A length of 3, then a distance symbol that stands for nothing: 30 or 31. Illegal.
    InvalidDistance {
        /// 30 or 31.
        symbol: u16,
    },
}

/// A symbol and the extra bits after it.
#[derive(Clone, Copy)]
pub(super) struct Coded {
    pub(super) symbol: u16,
    pub(super) extra: u16,
    pub(super) extra_bits: u8,
}

impl Token {
    /// The literal/length symbol, and for a match the distance symbol.
    pub(super) fn coded(self) -> (Coded, Option<Coded>) {
        let plain = |symbol| Coded { symbol, extra: 0, extra_bits: 0 };
        match self {
            Token::Literal(octet) => (plain(u16::from(octet)), None),
            Token::Match(found) => {
                (coded(&LENGTHS, 257, found.len), Some(coded(&DISTANCES, 0, found.distance)))
            }
            Token::InvalidLength { symbol } => (plain(symbol), None),
            Token::InvalidDistance { symbol } => (plain(257), Some(plain(symbol))),
        }
    }
}

/// The last code whose range starts at or before `value`: so 258 is code 285, and not 284 with extra bits.
fn coded(table: &[(u16, u8)], first_symbol: u16, value: u16) -> Coded {
    let index = table.partition_point(|&(base, _)| base <= value).saturating_sub(1);
    let (base, extra_bits) = table[index];
    Coded { symbol: first_symbol + index as u16, extra: value - base, extra_bits }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(len: usize, distance: usize) -> (Coded, Coded) {
        let found = Match::new(len, distance).expect("a match that has a code");
        assert_eq!((found.len_octets(), found.distance()), (len, distance));
        let (length, distance) = Token::Match(found).coded();
        (length, distance.expect("a match has a distance"))
    }

    /// Base and extra bits give every length and every distance back.
    #[test]
    fn every_length_and_distance_has_its_code() {
        let check = |coded: Coded, base: Option<(u16, u8)>, value: usize| {
            let (base, extra_bits) = base.expect("a symbol with a meaning");
            assert_eq!(coded.extra_bits, extra_bits, "{value}");
            assert!(coded.extra < 1 << extra_bits && usize::from(base + coded.extra) == value, "{value}");
        };
        for len in Match::LEN_MIN..=Match::LEN_MAX {
            let (length, _) = matched(len, 1);
            check(length, length_base(length.symbol), len);
        }
        for distance in 1..=super::super::WINDOW_LEN_MAX {
            let (_, coded) = matched(3, distance);
            check(coded, distance_base(coded.symbol), distance);
        }
        assert_eq!((matched(257, 1).0.symbol, matched(258, 1).0.symbol), (284, 285));
    }

    #[test]
    fn symbols_without_a_meaning_have_none() {
        assert!([256, 286, 287].iter().all(|&symbol| length_base(symbol).is_none()));
        assert!([30, 31].iter().all(|&symbol| distance_base(symbol).is_none()));
        for (len, distance) in [(2, 1), (259, 1), (3, 0), (3, 32_769)] {
            assert_eq!(Match::new(len, distance), None);
        }
        let (length, distance) = Token::InvalidDistance { symbol: 31 }.coded();
        assert_eq!((length.symbol, distance.map(|coded| coded.symbol)), (257, Some(31)));
        let (length, distance) = Token::InvalidLength { symbol: 287 }.coded();
        assert_eq!((length.symbol, distance.is_none()), (287, true));
    }

    #[test]
    fn faults_name_the_alphabet() {
        let names = [Alphabet::CodeLengths, Alphabet::Literals, Alphabet::Distances].map(|it| it.to_string());
        assert_eq!(names, ["code length", "literal/length", "distance"]);
    }
}
