//! The masking keys of one connection, RFC 6455 §5.3. What only many connections show is judged in
//! `oracle::statistics`.

use super::{Monitor, Notes};
use crate::oracle::decoded::DecodedTranscript;
use crate::oracle::observed::FrameBreach;
use wsgauntlet_wire::Role;

pub(super) const MASKING_KEYS: Monitor = Monitor {
    name: "masking-keys",
    doc: "Each masked frame has a fresh masking key, and no key tells the next.",
    requirements: &[FRESH, ENTROPY, PREDICTABLE, CHOSEN],
    check,
};

const FRESH: &str = "rfc6455/5.3/fresh-key-per-frame";
const ENTROPY: &str = "rfc6455/5.3/key-from-strong-entropy";
const PREDICTABLE: &str = "rfc6455/5.3/key-not-predictable";
const CHOSEN: &str = "rfc6455/10.3/masking-key-unpredictable-to-application";

fn check(decoded: &DecodedTranscript<'_>, notes: &mut Notes) {
    if decoded.role != Role::Client {
        return;
    }
    let frames: Vec<_> = decoded.received.frames.iter().filter(|frame| frame.masked).collect();
    let Some(last) = frames.last() else { return };
    let event = decoded.received.moment_of(last);
    let keys: Vec<u32> = frames.iter().map(|frame| u32::from_be_bytes(frame.key)).collect();
    if keys.len() < 2 {
        return;
    }
    // Two keys of a connection are equal by chance once in four thousand million.
    let repeated = keys.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
    let shown = || FrameBreach::KeyTwice(repeated.unwrap_or_default());
    notes.subject(FRESH, repeated.is_none(), event, "a fresh masking key for each frame", shown);
    notes.subject(CHOSEN, repeated.is_none(), event, "a new masking key for each frame", shown);
    let poor = keys.iter().filter(|key| is_one_octet(**key)).count();
    notes.subject(ENTROPY, poor < 2, event, "masking keys from the whole set of 32-bit values", || {
        FrameBreach::KeysOfOneOctet { poor, all: keys.len() }
    });
    if let Some(step) = counts(&keys) {
        notes.subject(PREDICTABLE, false, event, "masking keys that do not predict the next one", || {
            FrameBreach::KeysCount(step)
        });
    } else if keys.len() >= 3 {
        notes.meets(PREDICTABLE);
    }
}

fn is_one_octet(key: u32) -> bool {
    let octets = key.to_be_bytes();
    octets.iter().all(|octet| *octet == octets[0])
}

/// The difference between keys, where it is the same between all, three at least, in either order of
/// octets.
fn counts(keys: &[u32]) -> Option<u32> {
    let step = |keys: &[u32]| {
        let step = keys[1].wrapping_sub(keys[0]);
        let same = keys.windows(2).all(|pair| pair[1].wrapping_sub(pair[0]) == step);
        (keys.len() >= 3 && step != 0 && same).then_some(step)
    };
    let swapped: Vec<u32> = keys.iter().map(|key| key.swap_bytes()).collect();
    step(keys).or_else(|| step(&swapped))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters() {
        assert_eq!(counts(&[5, 6, 7]), Some(1));
        assert_eq!(counts(&[u32::MAX, 1, 3]), Some(2));
        assert_eq!(counts(&[0xff00_0000, 0x0001_0000, 0x0101_0000]), Some(1));
        assert_eq!(counts(&[5, 6]), None);
        assert_eq!(counts(&[5, 6, 8]), None);
        assert_eq!(counts(&[5, 5, 5]), None);
    }
}
