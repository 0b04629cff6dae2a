//! Text messages, RFC 6455 §5.6: "the whole message MUST contain valid UTF-8".

use super::{Monitor, Notes};
use crate::oracle::decoded::DecodedTranscript;
use crate::oracle::observed::{Beginning, FrameBreach};

pub(super) const UTF8: Monitor = Monitor {
    name: "utf8",
    doc: "Every uncompressed text message is valid UTF-8 as a whole.",
    requirements: &[TEXT],
    check,
};

const TEXT: &str = "rfc6455/5.6/text-is-utf8";

fn check(decoded: &DecodedTranscript<'_>, notes: &mut Notes) {
    let mut text: Option<Vec<u8>> = None;
    for frame in &decoded.received.frames {
        match frame.opcode {
            1 if !frame.rsv1 => text = Some(Vec::new()),
            1 | 2 => text = None,
            _ => {}
        }
        if frame.opcode > 2 {
            continue;
        }
        let Some(so_far) = &mut text else { continue };
        so_far.extend_from_slice(&frame.payload);
        if frame.fin && frame.complete && !decoded.is_misread(frame) {
            let event = decoded.received.moment_of(frame);
            notes.subject(TEXT, std::str::from_utf8(so_far).is_ok(), event, "text is valid UTF-8", || {
                FrameBreach::InvalidText(Beginning::of(so_far, 24))
            });
            text = None;
        }
    }
}
