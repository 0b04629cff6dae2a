//! How frames make messages, RFC 6455 §5.4.

use super::{Monitor, Notes};
use crate::oracle::decoded::DecodedTranscript;
use crate::oracle::observed::{FrameBreach, FrameFault};

pub(super) const FRAGMENTATION: Monitor = Monitor {
    name: "fragmentation",
    doc: "Continuations continue a message, and no message begins within another.",
    requirements: &[FORM, INTERLEAVING],
    check,
};

const FORM: &str = "rfc6455/5.4/fragmented-message-form";
const INTERLEAVING: &str = "rfc6455/5.4/no-interleaving";

fn check(decoded: &DecodedTranscript<'_>, notes: &mut Notes) {
    let mut open = false;
    for frame in decoded.received.frames.iter().filter(|frame| frame.opcode < 3) {
        let event = decoded.received.moment_of(frame);
        if frame.opcode == 0 {
            notes.subject(FORM, open, event, "a continuation continues a message", || {
                FrameBreach::of(FrameFault::ContinuesNothing, frame)
            });
        } else {
            notes.subject(INTERLEAVING, !open, event, "a message ends before the next begins", || {
                FrameBreach::of(FrameFault::WithinMessage, frame)
            });
        }
        open = !frame.fin;
    }
}
