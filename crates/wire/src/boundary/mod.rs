//! Values at and about the boundaries of RFC 6455 and RFC 7692, as plain tables.
//!
//! The fuzzer of targets, the `Arbitrary` implementations and the proptest strategies all pick from these tables, so that a
//! boundary that is added here is tried by all three. In each table the simplest value comes first: generators shrink
//! towards it. Start reading in [`LENGTHS`]; [`heads`] has the tables for opening handshakes.

pub mod heads;

use crate::Opcode;
use crate::deflate::{Alphabet, WINDOW_LEN_MAX};

/// Payload lengths in octets, where encodings (RFC 6455 §5.2) and common buffers change. Ascending.
pub const LENGTHS: &[usize] = &[
    0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 122, 123, 124, 125, 126, 127, 128,
    129, 254, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 2047, 2048, 2049, 4095, 4096, 4097,
];

/// The first entries of [`LENGTHS`]: up to 257 octets, just above what one octet can count.
pub const SHORT_LENGTHS: &[usize] = LENGTHS.split_at(31).0;

/// Payload lengths in octets that cost as much time as a hundred shorter ones. Ascending.
pub const LONG_LENGTHS: &[usize] =
    &[8191, 8192, 8193, 16383, 16384, 16385, 32767, 32768, 32769, 65534, 65535, 65536, 65537, 131_072];

/// Payload lengths of control frames within the limit of 125 octets, RFC 6455 §5.5. The two limits are there twice.
pub const CONTROL_LENGTHS: &[usize] = &[0, 0, 1, 2, 3, 4, 63, 64, 65, 123, 124, 125, 125];

/// Payload lengths that a control frame must not have, RFC 6455 §5.5.
pub const OVERLONG_CONTROL_LENGTHS: &[usize] = &[126, 126, 127, 128, 200, 256, 1000, 65_535, 65_536];

/// Lengths of a close reason in octets, RFC 6455 §5.5.1: 123 and the two octets of the code fill a control frame.
pub const REASON_LENGTHS: &[usize] = &[1, 2, 3, 63, 64, 65, 121, 122, 123];

/// Lengths that a header declares at the bounds of its three forms, RFC 6455 §5.2.
pub const DECLARED_LENGTHS: &[u64] = &[125, 126, 127, 65_535, 65_536];

/// Declared lengths that no payload reaches, and that overflow signed and 32-bit integers.
pub const HUGE_LENGTHS: &[u64] = &[1 << 31, (1 << 32) - 1, 1 << 32, (1 << 63) - 1];

/// Declared lengths whose most significant bit is 1. RFC 6455 §5.2: it "MUST be 0".
pub const TOP_BIT_LENGTHS: &[u64] = &[1 << 63, u64::MAX, (1 << 63) + 5];

/// Masking keys: without effect, with every bit set, and the one of the examples in RFC 6455 §5.7.
pub const KEYS: &[[u8; 4]] = &[[0; 4], [0xff; 4], [0x37, 0xfa, 0x21, 0x3d]];

/// Opcodes: the six that RFC 6455 §11.8 registers, then the bounds of the two reserved ranges.
pub const OPCODES: &[Opcode] = &[
    Opcode::Text,
    Opcode::Binary,
    Opcode::Continuation,
    Opcode::Ping,
    Opcode::Pong,
    Opcode::Close,
    Opcode::ReservedData(3),
    Opcode::ReservedData(7),
    Opcode::ReservedControl(11),
    Opcode::ReservedControl(15),
];

/// Close codes with a registered meaning that may be sent, RFC 6455 §7.4.1 and the registry of §11.7.
pub const REGISTERED_CLOSE_CODES: &[u16] =
    &[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];

/// The bounds of the ranges for libraries, frameworks and applications, RFC 6455 §7.4.2.
pub const OPEN_CLOSE_CODES: &[u16] = &[3000, 3001, 3999, 4000, 4001, 4999];

/// Close codes that must not be sent, at the bounds of their ranges, RFC 6455 §7.4.
pub const BAD_CLOSE_CODES: &[u16] =
    &[0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 5001, 32767, 32768, 65535];

/// Close codes below 5000 that "MUST NOT be set as a status code in a Close control frame", and 1004, which is reserved.
pub const RESERVED_CLOSE_CODES: &[u16] = &[1004, 1005, 1006, 1015];

/// Characters at the bounds of their UTF-8 encodings, and characters that software handles wrongly.
pub const CHARACTERS: &[char] = &[
    'a',
    'b',
    ' ',
    '~',
    '\0',
    '\n',
    '\u{7f}',
    '\u{80}',
    'é',
    'ß',
    '\u{7ff}',
    '\u{800}',
    '€',
    'κ',
    '\u{d7ff}',
    '\u{e000}',
    '\u{feff}',
    '\u{fdd0}',
    '\u{fffd}',
    '\u{fffe}',
    '\u{ffff}',
    '\u{10000}',
    '😀',
    '\u{1f4a9}',
    '\u{fffff}',
    '\u{10ffff}',
];

/// Units that long texts repeat: characters of one to four octets.
pub const TEXT_UNITS: &[&str] = &["x", "ab", "é", "κόσμε 😀 "];

/// Octet sequences that occur in no UTF-8 (RFC 3629), or that are cut within a character.
pub const NOT_UTF8: &[&[u8]] = &[
    b"\x80",
    b"\xbf",
    b"\xc0\x80",
    b"\xc0\xaf",
    b"\xc1\xbf",
    b"\xc3\x28",
    b"\xe0\x80\xaf",
    b"\xe0\x9f\xbf",
    b"\xe2\x82",
    b"\xe2\x28\xa1",
    b"\xed\xa0\x80",
    b"\xed\xbf\xbf",
    b"\xed\xa0\xbd\xed\xb8\x80",
    b"\xf0\x80\x80\xaf",
    b"\xf0\x8f\xbf\xbf",
    b"\xf0\x9f\x98",
    b"\xf0\x28\x8c\xbc",
    b"\xf4\x90\x80\x80",
    b"\xf5\x80\x80\x80",
    b"\xf8\x88\x80\x80\x80",
    b"\xfc\x84\x80\x80\x80\x80",
    b"\xfe",
    b"\xff",
];

/// Payloads at which readers differ: text, whole and cut within a character, close payloads of every kind, and the
/// compressed "Hello" of RFC 7692 §7.2.3.1.
pub const PAYLOADS: &[&[u8]] = &[
    b"Hello",
    b"\xce\xba\xe1\xbd\xb9",
    b"\xf0\x9f\x98\x80",
    b"\xf0\x9f",
    b"\x98\x80",
    b"\xed\xa0\x80",
    b"\xc0\x80",
    b"\xf4\x90\x80\x80",
    b"\xef\xbf\xbe",
    b"\x03",
    b"\x03\xe8",
    b"\x03\xe8bye",
    b"\x03\xe8\xff",
    b"\x03\xed",
    b"\x03\xef\xce",
    b"\x03\xe7",
    b"\x03\xf6",
    b"\x03\xf8",
    b"\x0b\xb7",
    b"\x0b\xb8",
    b"\x13\x87ok",
    b"\x13\x88",
    b"\xf2\x48\xcd\xc9\xc9\x07\x00",
    b"\x00",
];

/// Pieces of text that compress well together.
pub const WORDS: &[&str] = &["Hello", " ", "window", "κόσμε", "{\"id\":", "0"];

/// Match lengths in octets, where RFC 1951 §3.2.5 changes the number of extra bits, and its bounds.
pub const MATCH_LENGTHS: &[usize] = &[3, 4, 10, 11, 18, 19, 130, 131, 257, 258];

/// Match distances in octets: the bounds of RFC 1951 §3.2.5, of the first codes, and of the windows of RFC 7692 §7.1.2.
pub const DISTANCES: &[usize] =
    &[1, 2, 3, 4, 5, 255, 256, 257, 511, 512, 513, 1024, 8192, 16_384, 32_767, WINDOW_LEN_MAX];

/// Octets of data in each DEFLATE block.
pub const BLOCK_LENGTHS: &[usize] = &[32_768, 1, 2, 7, 100, 65_535, 65_536];

/// Window bits, RFC 7692 §7.1.2: all that are lawful, without a limit first.
pub const WINDOW_BITS: &[u8] = &[15, 8, 9, 10, 11, 12, 13, 14];

/// The three alphabets of a dynamic block.
pub const ALPHABETS: &[Alphabet] = &[Alphabet::CodeLengths, Alphabet::Literals, Alphabet::Distances];

/// HTTP status codes (RFC 9110 §15): the one that accepts, the one that names versions, and the bounds of the classes.
pub const STATUSES: &[u16] = &[
    101, 100, 102, 200, 204, 299, 301, 302, 307, 308, 400, 401, 403, 404, 426, 499, 500, 503, 599, 600, 999,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CloseCode;

    /// A close code stands in the table that its class asks for.
    #[test]
    fn close_codes_are_sorted_by_class() {
        let may_be_sent = |code: &u16| CloseCode(*code).may_be_sent();
        assert!(REGISTERED_CLOSE_CODES.iter().chain(OPEN_CLOSE_CODES).all(may_be_sent));
        assert!(!BAD_CLOSE_CODES.iter().chain(RESERVED_CLOSE_CODES).any(may_be_sent));
    }

    #[test]
    fn sequences_are_not_utf8() {
        for bad in NOT_UTF8 {
            assert!(std::str::from_utf8(bad).is_err(), "{bad:02x?}");
        }
    }

    /// The forms of §5.2 change behind 125 and behind 65,535: both sides of both are tried.
    #[test]
    fn lengths_have_both_sides_of_every_form() {
        for boundary in [125, 126, 127, 65_535, 65_536] {
            assert!(LENGTHS.contains(&boundary) || LONG_LENGTHS.contains(&boundary), "{boundary}");
        }
        assert!(LENGTHS.is_sorted() && LONG_LENGTHS.is_sorted() && SHORT_LENGTHS.ends_with(&[257]));
    }

    #[test]
    fn matches_are_those_of_the_format() {
        use crate::deflate::Match;
        for &len in MATCH_LENGTHS {
            assert!(DISTANCES.iter().all(|&distance| Match::new(len, distance).is_some()), "{len}");
        }
    }
}
