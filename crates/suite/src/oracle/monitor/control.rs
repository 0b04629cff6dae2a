//! Control frames, RFC 6455 §5.5.

use super::{Monitor, Notes};
use crate::oracle::decoded::DecodedTranscript;
use crate::oracle::observed::{FrameBreach, FrameFault};

pub(super) const CONTROL_FRAMES: Monitor = Monitor {
    name: "control-frames",
    doc: "Every control frame is whole and has at most 125 octets of payload.",
    requirements: &[LENGTH_AND_FIN],
    check,
};

const LENGTH_AND_FIN: &str = "rfc6455/5.5/control-length-and-fragmentation";

fn check(decoded: &DecodedTranscript<'_>, notes: &mut Notes) {
    for frame in decoded.received.frames.iter().filter(|frame| frame.opcode >= 8) {
        let event = decoded.received.moment_of(frame);
        let holds = frame.fin && frame.declared_len <= 125;
        let expected = "control frames are whole, of 125 octets at most";
        notes.subject(LENGTH_AND_FIN, holds, event, expected, || {
            let fault = if frame.fin { FrameFault::ControlTooLong } else { FrameFault::ControlFragmented };
            FrameBreach::of(fault, frame)
        });
    }
}
