//! What only shows over all connections of a client: whether it draws a nonce for each, and masking
//! keys that are fresh and unpredictable. Pure over the transcripts of a run, in their order. Chance
//! alone makes each of these checks fail in less than one run of a thousand million.

use super::observed::{Statistic, Values};
use super::record::Record;
use super::scene::Scene;
use super::verdict::{Failure, Verdict, VerdictKind};
use crate::case::script::{Opening, Script};
use crate::case::{self, Instance, InstanceId, Profile};
use crate::requirement::{Catalogue, Level, RequirementId};
use crate::transcript::Transcript;
use std::collections::HashMap;
use std::sync::Arc;
use wsgauntlet_wire::Role;
use wsgauntlet_wire::opening::key;

/// A check over a run.
pub struct RunCheck {
    /// The id of the record, as that of a case.
    pub case: &'static str,
    pub doc: &'static str,
    pub requirements: &'static [&'static str],
    check: fn(&Evidence) -> Finding,
}

/// All of them.
pub const ALL: &[RunCheck] = &[
    RunCheck {
        case: "opening/run/nonces-are-fresh",
        doc: "Each connection of the run has a nonce of its own, which does not follow from those before.",
        requirements: &["rfc6455/4.1/key-random-per-connection"],
        check: nonces,
    },
    RunCheck {
        case: "masking/run/keys-are-fresh",
        doc: "No more masking keys of the run are equal than chance allows.",
        requirements: &[
            "rfc6455/5.3/fresh-key-per-frame",
            "rfc6455/10.3/masking-key-unpredictable-to-application",
        ],
        check: repeats,
    },
    RunCheck {
        case: "masking/run/keys-are-unbiased",
        doc: "Each bit of the masking keys of the run is set as often as chance allows.",
        requirements: &["rfc6455/5.3/key-from-strong-entropy"],
        check: bias,
    },
    RunCheck {
        case: "masking/run/keys-follow-no-rule",
        doc: "The masking keys of the run are not those of a counter or of a generator known to be weak.",
        requirements: &["rfc6455/5.3/key-not-predictable"],
        check: rules,
    },
];

/// What a run gives to judge from.
#[derive(Debug, Default)]
pub struct Evidence {
    /// One a connection.
    pub nonces: Vec<[u8; 16]>,
    /// The masking keys of each connection.
    pub keys: Vec<Vec<u32>>,
}

enum Finding {
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

/// How many keys are held against rules.
const RULE_KEYS_MAX: usize = 512;

/// The records of a run of a client. A check that has too little to judge from gives none.
pub fn records(transcripts: &[&Transcript], catalogue: &Catalogue) -> Vec<Record> {
    let evidence = Evidence::new(transcripts);
    ALL.iter().filter_map(|check| record(check, &evidence, catalogue)).collect()
}

impl Evidence {
    pub fn new(transcripts: &[&Transcript]) -> Evidence {
        let mut evidence = Evidence::default();
        for transcript in transcripts.iter().filter(|transcript| transcript.role == Role::Client) {
            let scene = Scene::new(transcript);
            let nonce = scene.request.as_ref().and_then(|head| head.fields.single("Sec-WebSocket-Key"));
            evidence.nonces.extend(nonce.and_then(key::nonce));
            let masked = scene.received.frames.iter().filter(|frame| frame.masked);
            let keys: Vec<u32> = masked.map(|frame| u32::from_be_bytes(frame.key)).collect();
            if !keys.is_empty() {
                evidence.keys.push(keys);
            }
        }
        evidence
    }

    fn all_keys(&self) -> Vec<u32> {
        self.keys.concat()
    }
}

fn record(check: &RunCheck, evidence: &Evidence, catalogue: &Catalogue) -> Option<Record> {
    let found: Vec<_> = check.requirements.iter().filter_map(|id| catalogue.get(id)).collect();
    let verifies: Vec<RequirementId> = found.iter().map(|requirement| requirement.id.clone()).collect();
    let first = found.first()?;
    let verdict = match (check.check)(evidence) {
        Finding::TooLittle => return None,
        Finding::Holds => Verdict {
            kind: VerdictKind::Pass,
            failure: None,
            others: Vec::new(),
            met: verifies.clone(),
            reason: None,
        },
        Finding::Broken(observed) => {
            let tolerated = first.level != Level::Must;
            Verdict {
                kind: if tolerated { VerdictKind::Lenient } else { VerdictKind::Fail },
                failure: Some(
                    Failure::by_monitor("run-statistics", first.id.clone(), check.doc, observed)
                        .tolerated(tolerated),
                ),
                others: Vec::new(),
                met: Vec::new(),
                reason: None,
            }
        }
    };
    let instance = Instance {
        id: InstanceId::new(check.case, &[], Role::Client),
        case: check.case.to_owned(),
        doc: check.doc.to_owned(),
        verifies,
        role: Role::Client,
        autobahn: Vec::new(),
        origin: None,
        profile: Profile::Default,
        info: false,
        needs: Vec::new(),
        script: case::made(Script { opening: Opening::default(), steps: Vec::new(), closing_added: false }),
        plain: None,
    };
    let instance = Arc::new(instance);
    Some(Record { instance, verdict, transcript: None, plays: 1, reference: None, application: None })
}

fn nonces(evidence: &Evidence) -> Finding {
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

fn repeats(evidence: &Evidence) -> Finding {
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

fn bias(evidence: &Evidence) -> Finding {
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

fn rules(evidence: &Evidence) -> Finding {
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
fn linear_complexity(bits: &[bool]) -> usize {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::{Capabilities, EventKind};
    use std::time::Duration;
    use wsgauntlet_wire::SplitMix64;
    use wsgauntlet_wire::{Frame, Opcode};

    fn broken(check: fn(&Evidence) -> Finding, keys: &[Vec<u32>]) -> Option<String> {
        match check(&Evidence { nonces: Vec::new(), keys: keys.to_vec() }) {
            Finding::Broken(what) => Some(what.to_string()),
            Finding::Holds => None,
            Finding::TooLittle => panic!("too little"),
        }
    }

    fn drawn(count: usize, next: &mut dyn FnMut() -> u32) -> Vec<u32> {
        (0..count).map(|_| next()).collect()
    }

    /// A good generator passes, whatever its seed.
    #[test]
    fn random_keys_pass() {
        for seed in 0..50 {
            let mut random = SplitMix64::new(seed);
            let keys: Vec<Vec<u32>> = (0..300).map(|_| drawn(5, &mut || random.next_u64() as u32)).collect();
            for check in [repeats, bias, rules] {
                assert_eq!(broken(check, &keys), None, "seed {seed}");
            }
        }
    }

    /// Each weak generator is found by the check that is meant for it.
    #[test]
    fn weak_generators_are_found() {
        let mut count = 7u32;
        let counter = drawn(32, &mut || {
            count = count.wrapping_add(1);
            count
        });
        assert!(broken(rules, &[counter]).is_some());
        let mut state = 1u32;
        let congruential = drawn(32, &mut || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state
        });
        assert!(broken(rules, &[congruential.iter().map(|key| key.swap_bytes()).collect()]).is_some());
        assert!(broken(rules, &[congruential]).is_some());
        let mut state = 2_463_534_242u32;
        let xorshift = drawn(200, &mut || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state
        });
        assert!(broken(rules, &[xorshift]).is_some());
        let mut random = SplitMix64::new(3);
        let thirty_one_bits = drawn(100, &mut || random.next_u64() as u32 & 0x7fff_ffff);
        assert_eq!(
            broken(bias, &[thirty_one_bits]).as_deref(),
            Some("bit 0 is set in 0 of 100 masking keys")
        );
        let constant: Vec<Vec<u32>> = (0..50).map(|_| vec![random.next_u64() as u32; 3]).collect();
        assert!(broken(repeats, &constant).is_some());
        assert!(broken(repeats, &[vec![0; 20]]).is_some());
        // One seed for all processes.
        let same: Vec<Vec<u32>> = (0..50)
            .map(|_| {
                drawn(2, &mut {
                    let mut r = SplitMix64::new(9);
                    move || r.next_u64() as u32
                })
            })
            .collect();
        assert!(broken(repeats, &same).is_some());
    }

    /// How many pairs of equal keys there are, and how many chance gives: n (n - 1) / 2 of 2^32.
    #[test]
    fn pairs_are_counted() {
        let keys: Vec<u32> = (0..100_000).map(|number| number % 1000).collect();
        let said = broken(repeats, &[keys]).expect("each key stands a hundred times");
        let counts =
            "4950000 pairs of equal keys among 100000 keys of 1 connections, where chance gives 1.164142;";
        assert!(said.starts_with(counts), "{said}");
        assert!(said.ends_with(" stands 100 times"), "{said}");
        // Two equal keys are less probable than one in 10^9.
        assert!(broken(repeats, &[vec![5], vec![5]]).is_some());
        let one = Evidence { nonces: Vec::new(), keys: vec![vec![5]] };
        assert!(matches!(repeats(&one), Finding::TooLittle));
    }

    #[test]
    fn nonces_that_are_none() {
        let judged = |nonces: Vec<[u8; 16]>| matches!(nonces_of(nonces), Finding::Broken(_));
        fn nonces_of(list: Vec<[u8; 16]>) -> Finding {
            nonces(&Evidence { nonces: list, keys: Vec::new() })
        }
        let mut random = SplitMix64::new(1);
        let mut draw = || u128::from(random.next_u64()) << 64 | u128::from(random.next_u64());
        assert!(!judged((0..500).map(|_| draw().to_be_bytes()).collect()));
        assert!(judged(vec![[7; 16], [7; 16]]));
        assert!(judged((0..5u128).map(|number| number.to_be_bytes()).collect()));
        // With one carry, so that they count in one order of octets only.
        assert!(judged([156, 256, 356u128].map(u128::to_be_bytes).to_vec()));
        assert!(judged([156, 256, 356u128].map(u128::to_le_bytes).to_vec()));
        assert!(judged(
            (0..100).map(|_| (draw() & 0x7f7f_7f7f_7f7f_7f7f_7f7f_7f7f_7f7f_7f7f).to_be_bytes()).collect()
        ));
        assert!(matches!(nonces_of(vec![[1; 16]]), Finding::TooLittle));
    }

    /// One connection of a client: its opening, and one masked message.
    fn connection(nonce: [u8; 16], key: [u8; 4]) -> Transcript {
        let mut transcript = Transcript::new(Role::Client, Capabilities::FULL);
        let request = format!(
            "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {}\r\n\
             Sec-WebSocket-Version: 13\r\n\r\n",
            key::encode(nonce)
        );
        let message = Frame::new(Opcode::Text, *b"x").masked(key).to_octets();
        for kind in [
            EventKind::Received(request.into_bytes()),
            EventKind::Sent(b"HTTP/1.1 101 Switching Protocols\r\n\r\n".to_vec()),
            EventKind::Received(message),
        ] {
            transcript.push(Duration::ZERO, kind);
        }
        transcript
    }

    fn kinds(connections: &[Transcript]) -> Vec<(String, VerdictKind)> {
        let records = records(&connections.iter().collect::<Vec<_>>(), crate::testing::catalogue());
        records.into_iter().map(|record| (record.instance.case.clone(), record.verdict.kind)).collect()
    }

    /// Each check has a record where there is enough to judge from: a broken MUST fails, a broken SHOULD is lenient.
    #[test]
    fn a_run_has_a_record_for_each_check() {
        let cases = |kind: VerdictKind| {
            ALL.iter().map(move |check| (check.case.to_owned(), kind)).collect::<Vec<_>>()
        };
        let mut random = SplitMix64::new(5);
        let mut draw = || random.next_u64().to_be_bytes();
        let good = (0..100).map(|_| {
            let nonce = [draw(), draw()].concat().try_into().expect("16 octets");
            connection(nonce, draw()[..4].try_into().expect("4 octets"))
        });
        assert_eq!(kinds(&good.collect::<Vec<_>>()), cases(VerdictKind::Pass));
        let same = vec![connection([7; 16], [0; 4]); 100];
        assert_eq!(kinds(&same), cases(VerdictKind::Fail));
        assert_eq!(kinds(&same[..1]), []);
        assert_eq!(kinds(&[]), []);
    }

    /// The same weakness has the same fingerprint, however long the run and whatever the keys.
    #[test]
    fn fingerprints_do_not_count() {
        let prints = |connections: &[Transcript]| -> Vec<String> {
            let records = records(&connections.iter().collect::<Vec<_>>(), crate::testing::catalogue());
            records.into_iter().filter_map(|record| Some(record.verdict.failure?.fingerprint())).collect()
        };
        let seven = prints(&vec![connection([7; 16], [1, 2, 3, 4]); 100]);
        assert_eq!(seven.len(), ALL.len());
        assert_eq!(seven, prints(&vec![connection([250; 16], [4, 2, 3, 1]); 123]));
    }

    /// x^3 + x + 1, of period 7.
    #[test]
    fn complexity_of_a_known_register() {
        let bits: Vec<bool> =
            [0, 0, 1, 0, 1, 1, 1, 0, 0, 1, 0, 1, 1, 1].iter().map(|bit| *bit == 1).collect();
        assert_eq!(linear_complexity(&bits), 3);
    }
}
