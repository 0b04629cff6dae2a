//! Whether masking keys are those of a generator that is known to be weak.

use super::chance::Finding;
use super::evidence::Evidence;
use crate::oracle::observed::Statistic;

/// How many keys are held against rules.
const RULE_KEYS_MAX: usize = 512;

pub(super) fn rules(evidence: &Evidence) -> Finding {
    let mut all = evidence.all_keys();
    all.truncate(RULE_KEYS_MAX);
    if all.len() < 16 {
        return Finding::TooLittle;
    }
    // In the order of the connections, where one followed another, and within each of them.
    for keys in [&all].into_iter().chain(&evidence.keys) {
        let swapped: Vec<u32> = keys.iter().map(|key| key.swap_bytes()).collect();
        for keys in [keys, &swapped] {
            if let Some(rule) = congruential(keys).or_else(|| linear(keys)) {
                return Finding::Broken(rule);
            }
        }
    }
    Finding::Holds
}

/// Keys of x' = a x + c mod 2^32: the differences grow by one factor. A counter is one.
fn congruential(keys: &[u32]) -> Option<Statistic> {
    let hits = keys
        .windows(4)
        .filter(|four| {
            let step = |index: usize| four[index + 1].wrapping_sub(four[index]);
            // Even differences share factors of two, and fulfil the equation more easily.
            step(1) % 2 == 1 && step(1).wrapping_mul(step(1)) == step(0).wrapping_mul(step(2))
        })
        .count();
    let counts = keys
        .windows(3)
        .filter(|three| {
            three[1] != three[0] && three[1].wrapping_sub(three[0]) == three[2].wrapping_sub(three[1])
        })
        .count();
    if counts >= 3 {
        return Some(Statistic::KeysCount(counts));
    }
    (hits >= 3).then_some(Statistic::Congruential(hits))
}

/// Keys of a shift register, xorshift among them: each bit is a linear recurrence of few terms.
fn linear(keys: &[u32]) -> Option<Statistic> {
    const MARGIN: usize = 40;
    let keys = &keys[..keys.len().min(RULE_KEYS_MAX)];
    [0, 31].into_iter().find_map(|bit| {
        let bits: Vec<bool> = keys.iter().map(|key| key >> bit & 1 == 1).collect();
        let complexity = linear_complexity(&bits);
        // Random bits have a complexity of half their number, give or take a few.
        let keys = bits.len();
        (complexity + MARGIN < keys / 2).then_some(Statistic::Linear { bit, keys, complexity })
    })
}

/// The length of the shortest shift register that gives these bits (Berlekamp and Massey).
pub(super) fn linear_complexity(bits: &[bool]) -> usize {
    let (mut current, mut previous) = (vec![false; bits.len() + 1], vec![false; bits.len() + 1]);
    (current[0], previous[0]) = (true, true);
    let (mut length, mut since) = (0, 1);
    for at in 0..bits.len() {
        let discrepancy = (0..=length).fold(false, |sum, tap| sum ^ (current[tap] & bits[at - tap]));
        if !discrepancy {
            since += 1;
            continue;
        }
        let before = current.clone();
        for tap in since..=bits.len() {
            current[tap] ^= previous[tap - since];
        }
        if 2 * length <= at {
            length = at + 1 - length;
            previous = before;
            since = 1;
        } else {
            since += 1;
        }
    }
    length
}
