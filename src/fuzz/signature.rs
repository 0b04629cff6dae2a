//! What a connection looked like from outside, in few bits: the feedback that no instrumentation is needed for.

use super::predict::Ending;
use std::hash::{DefaultHasher, Hash, Hasher};
use wsgauntlet_suite::transcript::{Observation, Seen};

/// How many kinds of observations, one after the other, tell connections apart.
const KINDS_MAX: usize = 8;

/// The kinds and order of what was seen (the same again and again counts once), the close code, the kind of end, and what
/// the connection had come to. The same for connections that behave alike.
pub fn signature(observations: &[Observation], ending: &Ending) -> u64 {
    let mut kinds: Vec<u64> = Vec::new();
    for observation in observations {
        let mut hasher = DefaultHasher::new();
        kind(&observation.seen, &mut hasher);
        let kind = hasher.finish();
        if !kinds.contains(&kind) && kinds.len() < KINDS_MAX {
            kinds.push(kind);
        }
    }
    let mut hasher = DefaultHasher::new();
    kinds.hash(&mut hasher);
    std::mem::discriminant(ending).hash(&mut hasher);
    if let Ending::Failed { violation, .. } | Ending::Free(violation) = ending {
        std::mem::discriminant(violation).hash(&mut hasher);
    }
    hasher.finish()
}

/// Lengths count by their order of magnitude.
fn magnitude(len: usize) -> u32 {
    usize::BITS - len.leading_zeros()
}

fn kind(seen: &Seen, hasher: &mut DefaultHasher) {
    std::mem::discriminant(seen).hash(hasher);
    match seen {
        Seen::Response(head) => head.status.hash(hasher),
        Seen::Message { opcode, compressed, payload, frames, .. } => {
            (opcode, compressed, magnitude(payload.len()) / 8, *frames > 1).hash(hasher);
        }
        Seen::Close(payload) => payload.get(..2).hash(hasher),
        Seen::Stray(header) | Seen::TooLong(header) => header.opcode.hash(hasher),
        Seen::Request(_)
        | Seen::NotAHead(_)
        | Seen::Undecodable { .. }
        | Seen::Ping(_)
        | Seen::Pong(_)
        | Seen::GaveUp
        | Seen::Eof
        | Seen::Reset
        | Seen::Flood => {}
    }
}
