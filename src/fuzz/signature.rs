//! What a connection looked like from outside, in few bits: the feedback that no instrumentation is needed for.

use super::predict::Ending;
use crate::transcript::{Observation, Seen};
use std::hash::{DefaultHasher, Hash, Hasher};

/// How many observations tell connections apart.
const OBSERVATIONS_MAX: usize = 12;

/// The kinds and order of what was seen, the close code, the kind of end, and what the connection had come to. The same
/// for connections that behave alike.
pub fn signature(observations: &[Observation], ending: &Ending) -> u64 {
    let mut hasher = DefaultHasher::new();
    let head = observations.len().min(OBSERVATIONS_MAX);
    let tail = observations.len().saturating_sub(3).max(head);
    for observation in observations[..head].iter().chain(&observations[tail..]) {
        kind(&observation.seen, &mut hasher);
    }
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
            (opcode, compressed, magnitude(payload.len()) / 4, (*frames).min(3)).hash(hasher);
        }
        Seen::Close(payload) => payload.get(..2).hash(hasher),
        Seen::Stray(header) | Seen::TooLong(header) => header.opcode.hash(hasher),
        Seen::Request(_)
        | Seen::NotAHead(_)
        | Seen::Undecodable { .. }
        | Seen::Ping(_)
        | Seen::Pong(_)
        | Seen::Eof
        | Seen::Reset
        | Seen::Flood => {}
    }
}
