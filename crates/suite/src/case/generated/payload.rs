//! Payloads, written out or generated.

use crate::case::corpus::Corpus;
use crate::case::payload::{PAYLOAD_LEN_MAX, Payload};
use wsgauntlet_wire::boundary;
use wsgauntlet_wire::choices::{Choices, Chosen};
use wsgauntlet_wire::{chosen_of, generated};

/// How deep payloads are put together of others.
const DEPTH_MAX: usize = 4;

chosen_of! {
    Corpus: Text Html Image Json Random;
}

generated!(Corpus, Payload);

impl Chosen for Payload {
    fn simplest() -> Self {
        Payload::empty()
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        choose(self, choices, DEPTH_MAX);
    }
}

fn choose(payload: &mut Payload, choices: &mut Choices<'_>, depth: usize) {
    let makes: [fn() -> Payload; 7] = [
        Payload::empty,
        || Payload::Utf8 { len: 0 },
        || Payload::Fill { unit: b"*".to_vec(), len: 0 },
        || Payload::Cycle { len: 0 },
        || Payload::Random { len: 0, seed: 0 },
        || Payload::Corpus { corpus: Corpus::Text, start: 0, len: 0 },
        || Payload::Concat(Vec::new()),
    ];
    // The innermost ones are not put together of others, so that the depth ends.
    choices.variant(payload, if depth == 0 { &makes[..6] } else { &makes });
    match payload {
        Payload::Literal(octets) => choices.octets(octets, boundary::PAYLOADS),
        Payload::Fill { unit, len } => {
            choices.octets(unit, &super::as_octets(boundary::TEXT_UNITS));
            choices.len(len, PAYLOAD_LEN_MAX);
            // Nothing repeated is nothing: the length has to be that of the octets.
            if unit.is_empty() && choices.is_reading() {
                *len = 0;
            }
        }
        Payload::Cycle { len } | Payload::Utf8 { len } => choices.len(len, PAYLOAD_LEN_MAX),
        Payload::Random { len, seed } => {
            choices.len(len, PAYLOAD_LEN_MAX);
            choices.number(seed, &[0, 1], u64::MAX);
        }
        Payload::Corpus { corpus, start, len } => {
            corpus.choose(choices);
            choices.narrow(start, &[0, 1, 262_143], u64::from(u32::MAX));
            choices.len(len, PAYLOAD_LEN_MAX);
        }
        Payload::Concat(parts) => {
            super::list(parts, choices, Payload::empty, |part, choices| choose(part, choices, depth - 1));
        }
    }
}
