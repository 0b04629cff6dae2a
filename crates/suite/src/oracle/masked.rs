//! A pong that holds a ping's payload as it came over the wire, still masked: what was observed says so.

use super::decoded::DecodedTranscript;
use crate::matching::{Decision, Note, Sighting};
use crate::transcript::{Observation, Seen, Transcript};
use wsgauntlet_wire::mask;

/// What a decision observed, and whether it was a ping's payload as our peer masked it.
pub(super) fn noted(decision: &Decision, observations: &[Observation], transcript: &Transcript) -> Sighting {
    let from = decision.ledger.pongs;
    let pongs = observations.iter().skip(from).filter_map(|o| match &o.seen {
        Seen::Pong(payload) if !payload.is_empty() => Some(payload),
        _ => None,
    });
    let pongs: Vec<&Vec<u8>> = pongs.collect();
    if pongs.is_empty() {
        return decision.observed.clone();
    }
    let decoded = DecodedTranscript::new(transcript);
    let pings =
        decoded.sent.frames.iter().filter(|frame| frame.opcode == 9 && frame.masked && frame.complete);
    let mut masked = pings.filter(|ping| ping.key != [0; 4]).map(|ping| {
        let mut payload = ping.payload.clone();
        mask::apply(ping.key, 0, &mut payload);
        payload
    });
    if masked.any(|payload| pongs.contains(&&payload)) {
        decision.observed.clone().noting(Note::MaskedPayload)
    } else {
        decision.observed.clone()
    }
}
