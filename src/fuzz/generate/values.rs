//! Values for sessions, drawn from the tables of `wsgauntlet_wire::boundary`: lengths, masking keys, texts, close codes.

use crate::fuzz::rng::Rng;
use wsgauntlet_wire::boundary;

/// The length of a message or a frame, in octets.
pub fn length(rng: &mut Rng) -> usize {
    match rng.below(400) {
        0 => *rng.pick(boundary::LONG_LENGTHS),
        1..=140 => *rng.pick(boundary::SHORT_LENGTHS),
        141..=160 => *rng.pick(boundary::LENGTHS),
        161..=330 => rng.below(24),
        331..=370 => rng.below(512),
        _ => rng.below(2048),
    }
}

/// The length of the payload of a control frame that is within the rules.
pub fn control_length(rng: &mut Rng) -> usize {
    match rng.below(4) {
        0 => *rng.pick(boundary::CONTROL_LENGTHS),
        1 => rng.below(126),
        _ => rng.below(16),
    }
}

/// A masking key, where it is not to be drawn by the player.
pub(super) fn key(rng: &mut Rng) -> Option<[u8; 4]> {
    match rng.below(12) {
        which @ 0..=2 => boundary::KEYS.get(which).copied(),
        3 | 4 => {
            let mut key = [rng.octet(), rng.octet(), rng.octet(), rng.octet()];
            key[rng.below(4)] = 0;
            Some(key)
        }
        _ => None,
    }
}

/// Valid text of exactly `len` octets.
pub fn text(rng: &mut Rng, len: usize) -> Vec<u8> {
    if len > 256 {
        let unit = *rng.pick(boundary::TEXT_UNITS);
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
        let c = if plain { char::from(b'a' + rng.below(26) as u8) } else { *rng.pick(boundary::CHARACTERS) };
        let c = if octets.len() + c.len_utf8() > len { 'z' } else { c };
        octets.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    octets
}

/// Octets of exactly that length.
pub(super) fn binary(rng: &mut Rng, len: usize) -> Vec<u8> {
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

/// A sequence that occurs in no UTF-8.
pub(super) fn not_utf8(rng: &mut Rng) -> &'static [u8] {
    rng.pick::<&[u8]>(boundary::NOT_UTF8)
}

/// Codes that a Close may carry.
pub fn close_code(rng: &mut Rng) -> u16 {
    match rng.below(6) {
        0..=2 => *rng.pick(boundary::REGISTERED_CLOSE_CODES),
        3 => *rng.pick(boundary::OPEN_CLOSE_CODES),
        _ => 3000 + rng.below(2000) as u16,
    }
}

/// Codes that it may not.
pub(super) fn bad_close_code(rng: &mut Rng) -> u16 {
    match rng.below(3) {
        0 => *rng.pick(boundary::BAD_CLOSE_CODES),
        1 => rng.below(1000) as u16,
        _ => *rng.pick(boundary::RESERVED_CLOSE_CODES),
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

    /// Texts and octets have the length asked for, and texts are valid.
    #[test]
    fn texts_are_exact() {
        let mut rng = Rng::new(7);
        for len in (0..700).chain([1337, 4096, 65_537]) {
            let text = text(&mut rng, len);
            assert_eq!(text.len(), len);
            assert!(std::str::from_utf8(&text).is_ok());
            assert_eq!(binary(&mut rng, len).len(), len);
        }
    }
}
