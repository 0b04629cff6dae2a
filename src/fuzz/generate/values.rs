//! Values at and about the boundaries: lengths, masking keys, texts, close codes.

use crate::fuzz::rng::Rng;

/// Where encodings and buffers change.
const LENGTHS: &[usize] = &[
    0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 122, 123, 124, 125, 126, 127, 128,
    129, 254, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 2047, 2048, 2049, 4095, 4096, 4097,
];

/// How many of these are short.
const SHORT_COUNT: usize = 31;

/// Those that cost as much time as a hundred others.
const LONG_LENGTHS: &[usize] =
    &[8191, 8192, 8193, 16383, 16384, 16385, 32767, 32768, 32769, 65534, 65535, 65536, 65537, 131_072];

/// The length of a message or a frame, in octets.
pub fn length(rng: &mut Rng) -> usize {
    match rng.below(400) {
        0 => *rng.pick(LONG_LENGTHS),
        1..=140 => *rng.pick(&LENGTHS[..SHORT_COUNT]),
        141..=160 => *rng.pick(LENGTHS),
        161..=330 => rng.below(24),
        331..=370 => rng.below(512),
        _ => rng.below(2048),
    }
}

/// The length of the payload of a control frame that is within the rules.
pub fn control_length(rng: &mut Rng) -> usize {
    match rng.below(4) {
        0 => *rng.pick(&[0, 0, 1, 2, 3, 4, 63, 64, 65, 123, 124, 125, 125]),
        1 => rng.below(126),
        _ => rng.below(16),
    }
}

/// A masking key, where it is not to be drawn by the player.
pub fn key(rng: &mut Rng) -> Option<[u8; 4]> {
    match rng.below(12) {
        0 => Some([0; 4]),
        1 => Some([0xff; 4]),
        2 => Some([0x37, 0xfa, 0x21, 0x3d]),
        3 | 4 => {
            let mut key = [rng.octet(), rng.octet(), rng.octet(), rng.octet()];
            key[rng.below(4)] = 0;
            Some(key)
        }
        _ => None,
    }
}

/// Characters at the bounds of their encodings, and those that software stumbles over.
const CHARACTERS: &[char] = &[
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

/// Valid text of exactly `len` octets.
pub fn text(rng: &mut Rng, len: usize) -> Vec<u8> {
    if len > 256 {
        let unit = *rng.pick(&["x", "ab", "é", "κόσμε 😀 "]);
        let mut octets = unit.repeat(len / unit.len() + 1).into_bytes();
        let valid = match std::str::from_utf8(&octets[..len]) {
            Ok(_) => len,
            Err(error) => error.valid_up_to(),
        };
        octets.truncate(valid);
        octets.resize(len, b'.');
        return octets;
    }
    let plain = rng.once_in(2);
    let mut octets = Vec::with_capacity(len);
    while octets.len() < len {
        if !plain && octets.len() + 2 <= len && rng.once_in(24) {
            octets.extend_from_slice(b"\r\n");
            continue;
        }
        let c = if plain { char::from(b'a' + rng.below(26) as u8) } else { *rng.pick(CHARACTERS) };
        let c = if octets.len() + c.len_utf8() > len { 'z' } else { c };
        octets.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    octets
}

/// Octets of exactly that length.
pub fn binary(rng: &mut Rng, len: usize) -> Vec<u8> {
    match rng.below(4) {
        0 => vec![*rng.pick(&[0x00, 0xff, 0x80, b'x']); len],
        1 => (0..=255u8).cycle().skip(rng.below(256)).take(len).collect(),
        2 if len <= 512 => text(rng, len),
        _ if len <= 512 => rng.octets(len),
        _ => {
            let unit = rng.octets(61);
            unit.into_iter().cycle().take(len).collect()
        }
    }
}

const NOT_UTF8: &[&[u8]] = &[
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

/// A sequence that occurs in no UTF-8.
pub fn not_utf8(rng: &mut Rng) -> &'static [u8] {
    NOT_UTF8[rng.below(NOT_UTF8.len())]
}

/// Codes that a Close may carry.
pub fn close_code(rng: &mut Rng) -> u16 {
    match rng.below(6) {
        0..=2 => *rng.pick(&[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014]),
        3 => *rng.pick(&[3000, 3001, 3999, 4000, 4001, 4999]),
        _ => 3000 + rng.below(2000) as u16,
    }
}

/// Codes that it may not.
pub fn bad_close_code(rng: &mut Rng) -> u16 {
    match rng.below(3) {
        0 => *rng.pick(&[
            0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 5001, 32767, 32768, 65535,
        ]),
        1 => rng.below(1000) as u16,
        _ => *rng.pick(&[1004, 1005, 1006, 1015]),
    }
}

/// Ascending positions within `len` octets, some of them equal.
pub fn positions(rng: &mut Rng, len: usize, count: usize) -> Vec<usize> {
    let mut positions: Vec<usize> = (0..count).map(|_| rng.below(len + 1)).collect();
    if rng.once_in(3) && !positions.is_empty() {
        let twice = positions[rng.below(positions.len())];
        positions.push(twice);
    }
    positions.sort_unstable();
    positions
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts have the length asked for and are valid; what is to be invalid is.
    #[test]
    fn texts_are_exact() {
        let mut rng = Rng::new(7);
        for len in (0..700).chain([1337, 4096, 65_537]) {
            let text = text(&mut rng, len);
            assert_eq!(text.len(), len);
            assert!(std::str::from_utf8(&text).is_ok());
            assert_eq!(binary(&mut rng, len).len(), len);
        }
        for bad in NOT_UTF8 {
            assert!(std::str::from_utf8(bad).is_err(), "{bad:02x?}");
        }
    }
}
