//! Checks that count: how often a value is repeated, and how often a bit is set, beside what chance gives.

use super::evidence::Evidence;
use crate::oracle::observed::{Statistic, Values};
use std::collections::HashMap;
use wsgauntlet_wire::opening::key;

/// What a check found.
pub(super) enum Finding {
    /// Nothing can be said.
    TooLittle,
    Holds,
    Broken(Statistic),
}

/// So many standard deviations from the mean are no chance: less than 10^-11.
const DEVIATIONS_MAX: f64 = 7.0;

/// How many keys, or nonces, there must be to count their bits.
const BITS_COUNT_MIN: usize = 64;

/// How improbable a finding must be.
const CHANCE_MAX: f64 = 1e-9;

pub(super) fn nonces(evidence: &Evidence) -> Finding {
    let nonces = &evidence.nonces;
    if nonces.len() < 2 {
        return Finding::TooLittle;
    }
    let mut seen: HashMap<[u8; 16], usize> = HashMap::new();
    for nonce in nonces {
        *seen.entry(*nonce).or_default() += 1;
    }
    if let Some((nonce, times)) =
        seen.iter().filter(|(_, times)| **times > 1).max_by_key(|(_, times)| **times)
    {
        let (nonce, times, connections) = (key::encode(*nonce), *times, nonces.len());
        return Finding::Broken(Statistic::NonceRepeated { nonce, times, connections });
    }
    let numbers: Vec<u128> = nonces.iter().map(|nonce| u128::from_be_bytes(*nonce)).collect();
    let swapped: Vec<u128> = numbers.iter().map(|number| number.swap_bytes()).collect();
    let counts = |numbers: &[u128]| {
        numbers.windows(3).any(|three| three[1].wrapping_sub(three[0]) == three[2].wrapping_sub(three[1]))
    };
    if counts(&numbers) || counts(&swapped) {
        return Finding::Broken(Statistic::NoncesCount);
    }
    let octets: Vec<Vec<u8>> = numbers.iter().map(|number| number.to_be_bytes().to_vec()).collect();
    match biased(&octets, Values::Nonces) {
        Some(bit) => Finding::Broken(bit),
        None => Finding::Holds,
    }
}

pub(super) fn repeats(evidence: &Evidence) -> Finding {
    let keys = evidence.all_keys();
    if keys.len() < 2 {
        return Finding::TooLittle;
    }
    let mut seen: HashMap<u32, usize> = HashMap::new();
    for key in &keys {
        *seen.entry(*key).or_default() += 1;
    }
    let pairs: usize = seen.values().map(|times| times * (times - 1) / 2).sum();
    let count = keys.len() as f64;
    let expected = count * (count - 1.0) / 2.0 / 4_294_967_296.0;
    if !is_improbable(pairs, expected) {
        return Finding::Holds;
    }
    let (key, times) =
        seen.iter().max_by_key(|(_, times)| **times).map_or((0, 0), |(key, times)| (*key, *times));
    let (keys, connections) = (keys.len(), evidence.keys.len());
    Finding::Broken(Statistic::KeysRepeated { pairs, keys, connections, expected, key, times })
}

/// Whether chance gives `count` or more in less than `CHANCE_MAX` of all runs, with that mean.
fn is_improbable(count: usize, mean: f64) -> bool {
    let mut term = (-mean).exp();
    let mut below = 0.0;
    for index in 0..count {
        below += term;
        term *= mean / (index as f64 + 1.0);
    }
    // The tail itself, and not 1 - below, which rounding makes of no use.
    let mut tail = 0.0;
    for index in count..count + 64 {
        tail += term;
        term *= mean / (index as f64 + 1.0);
    }
    count > 0 && below <= 1.0 && tail < CHANCE_MAX
}

pub(super) fn bias(evidence: &Evidence) -> Finding {
    let keys: Vec<Vec<u8>> = evidence.all_keys().iter().map(|key| key.to_be_bytes().to_vec()).collect();
    if keys.len() < BITS_COUNT_MIN {
        return Finding::TooLittle;
    }
    match biased(&keys, Values::MaskingKeys) {
        Some(bit) => Finding::Broken(bit),
        None => Finding::Holds,
    }
}

/// A bit that is set too often, or too seldom.
fn biased(values: &[Vec<u8>], what: Values) -> Option<Statistic> {
    let of = values.len();
    if values.len() < BITS_COUNT_MIN {
        return None;
    }
    let count = values.len() as f64;
    let bits = values[0].len() * 8;
    let deviations = (0..bits).map(|bit| {
        let set = values.iter().filter(|value| value[bit / 8] & (0x80 >> (bit % 8)) != 0).count();
        (bit, set, (set as f64 - count / 2.0).abs() / (count.sqrt() / 2.0))
    });
    let (bit, set, deviation) = deviations.max_by(|a, b| a.2.total_cmp(&b.2))?;
    (deviation > DEVIATIONS_MAX).then_some(Statistic::Bit { bit, set, of, values: what })
}
