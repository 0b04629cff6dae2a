//! What only shows over all connections of a client: whether it draws a nonce for each, and masking
//! keys that are fresh and unpredictable. Pure over the transcripts of a run, in their order. Chance
//! alone makes each of these checks fail in less than one run of a thousand million.

mod chance;
mod evidence;
mod generators;

pub use evidence::Evidence;

use crate::case::script::{Opening, Script};
use crate::case::{self, Instance, InstanceId, Profile};
use crate::oracle::record::Record;
use crate::oracle::verdict::{Failure, Verdict, VerdictKind};
use crate::requirement::{Catalogue, Level, RequirementId};
use crate::transcript::Transcript;
use chance::{Finding, bias, nonces, repeats};
use generators::rules;
use std::sync::Arc;
use wsgauntlet_wire::Role;

/// A check over a run.
pub struct RunCheck {
    /// The id of the record, as that of a case.
    pub case: &'static str,
    /// What it checks, in one sentence.
    pub doc: &'static str,
    /// Ids of the requirements that it tests.
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

/// The records of a run of a client. A check that has too little to judge from gives none.
pub fn records(transcripts: &[&Transcript], catalogue: &Catalogue) -> Vec<Record> {
    let evidence = Evidence::new(transcripts);
    ALL.iter().filter_map(|check| record(check, &evidence, catalogue)).collect()
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
        script: case::made(Script {
            opening: Opening::default(),
            steps: Vec::new(),
            closing_added: false,
            holds_answers: false,
        }),
        plain: None,
    };
    let instance = Arc::new(instance);
    let record = Record::unplayed(instance, VerdictKind::Pass, "");
    Some(Record { verdict, plays: 1, ..record })
}

#[cfg(test)]
mod tests {
    use super::generators::linear_complexity;
    use super::*;
    use crate::transcript::{Capabilities, EventKind};
    use std::time::Duration;
    use wsgauntlet_wire::SplitMix64;
    use wsgauntlet_wire::opening::key;
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
        let said = broken(repeats, &[keys]).expect("each key occurs a hundred times");
        let counts =
            "4950000 pairs of equal keys among 100000 keys of 1 connections, where chance gives 1.164142;";
        assert!(said.starts_with(counts), "{said}");
        assert!(said.ends_with(" occurs 100 times"), "{said}");
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
