//! Control frames, RFC 6455 §5.5.

use super::framing::name;
use super::{Monitor, Notes};
use crate::oracle::scene::Scene;

pub const CONTROL_FRAMES: Monitor = Monitor {
    name: "control-frames",
    doc: "Every control frame is whole and has at most 125 octets of payload.",
    requirements: &[LENGTH_AND_FIN],
    check,
};

const LENGTH_AND_FIN: &str = "rfc6455/5.5/control-length-and-fragmentation";

fn check(scene: &Scene<'_>, notes: &mut Notes) {
    for frame in scene.received.frames.iter().filter(|frame| frame.opcode >= 8) {
        let event = scene.received.moment_of(frame);
        let holds = frame.fin && frame.declared_len <= 125;
        notes.subject(
            LENGTH_AND_FIN,
            holds,
            event,
            "control frames are whole, of 125 octets at most",
            || format!("a {}{}", name(frame), if frame.fin { "" } else { " without FIN" }),
        );
    }
}
