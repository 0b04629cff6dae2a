//! The second decoder of what our peer compresses: it tells what is lawful but unusual, and what is no DEFLATE data at all.

use wsgauntlet_wire::Role;
use wsgauntlet_wire::deflate::{FaultKind, Inflater, Tail, Walk};
use wsgauntlet_wire::opening::DeflateParams;

/// How far a compressed message is inflated, in octets.
const INFLATED_LEN_MAX: usize = 1 << 24;

/// Inflates the messages of one connection, in their order.
#[derive(Debug)]
pub(super) struct Deflate {
    inflater: Inflater,
    window_len: usize,
    context_takeover: bool,
}

impl Deflate {
    /// Of what a sender in that role compresses by what was agreed.
    pub(super) fn new(sender: Role, agreed: &DeflateParams) -> Deflate {
        let settings = agreed.settings(sender);
        Deflate {
            inflater: Inflater::new(INFLATED_LEN_MAX),
            window_len: settings.window_bits.window_len(),
            context_takeover: settings.context_takeover,
        }
    }

    /// Inflates a whole message.
    pub(super) fn inflate(&mut self, payload: &[u8]) -> Walk {
        self.inflater.inflate_message(payload)
    }

    /// Whether the payload so far of a message under way refers to what the agreement lets a target forget.
    pub(super) fn peeks_too_far(&self, payload: &[u8]) -> bool {
        self.reaches_too_far(&self.inflater.peek(payload))
    }

    /// Whether a target may refuse a message that the reference inflates, or may read it otherwise.
    pub(super) fn is_unusual(&self, walk: &Walk) -> bool {
        walk.end.is_err() || walk.tail != Tail::Removed || self.reaches_too_far(walk)
    }

    /// Whether it refers to what the agreement lets a target forget.
    fn reaches_too_far(&self, walk: &Walk) -> bool {
        walk.distance_max > self.window_len || (!self.context_takeover && walk.beyond_message.is_some())
    }
}

/// Whether no inflater can take the payload for data. One that ends early may see less of it.
pub(super) fn is_no_deflate_data(walk: &Walk) -> bool {
    let Err(fault) = walk.end else { return false };
    if walk.final_end.is_some() {
        return false;
    }
    match fault.kind {
        FaultKind::InvalidBlockType
        | FaultKind::StoredLengthMismatch { .. }
        | FaultKind::OverSubscribed(_)
        | FaultKind::InvalidRepeat
        | FaultKind::InvalidSymbol(_) => true,
        // zlib and others differ in what they take.
        FaultKind::TooManyCodes { .. }
        | FaultKind::IncompleteCode(_)
        | FaultKind::MissingEndOfBlock
        | FaultKind::DistanceTooFar { .. }
        | FaultKind::CutShort
        | FaultKind::OutputTooLong { .. } => false,
    }
}
