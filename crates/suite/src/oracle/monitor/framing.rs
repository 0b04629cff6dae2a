//! The header of every frame, RFC 6455 §5.1 and §5.2.

use super::{Monitor, Notes};
use crate::oracle::decoded::DecodedTranscript;
use crate::oracle::observed::{FrameBreach, FrameFault};
use wsgauntlet_wire::Role;

pub(super) const MASKING: Monitor = Monitor {
    name: "masking",
    doc: "A client masks every frame, a server none.",
    requirements: &[SERVER_UNMASKED, CLIENT_MASKED, CLIENT_CLOSE_MASKED, CLIENT_DATA_MASKED],
    check: masking,
};

pub(super) const LENGTHS: Monitor = Monitor {
    name: "lengths",
    doc: "Every length is encoded in the fewest octets, and its top bit is 0.",
    requirements: &[MINIMAL, TOP_BIT],
    check: lengths,
};

pub(super) const RESERVED: Monitor = Monitor {
    name: "reserved",
    doc: "No reserved bit and no reserved opcode is used that nothing negotiated.",
    requirements: &[RSV_ZERO, RSV1_FIRST, OPCODES],
    check: reserved,
};

const SERVER_UNMASKED: &str = "rfc6455/5.1/server-does-not-mask";
const CLIENT_MASKED: &str = "rfc6455/5.1/client-masks";
const CLIENT_CLOSE_MASKED: &str = "rfc6455/5.5.1/client-close-masked";
const CLIENT_DATA_MASKED: &str = "rfc6455/6.1/client-data-frames-masked";
const MINIMAL: &str = "rfc6455/5.2/minimal-length";
const TOP_BIT: &str = "rfc6455/5.2/length-most-significant-bit";
const RSV_ZERO: &str = "rfc6455/5.2/rsv-zero-when-sending";
const RSV1_FIRST: &str = "rfc7692/6.1/rsv1-only-on-first-frame";
const OPCODES: &str = "rfc6455/5.8/extensions-negotiated-in-opening";

fn masking(decoded: &DecodedTranscript<'_>, notes: &mut Notes) {
    for frame in &decoded.received.frames {
        let event = decoded.received.moment_of(frame);
        match decoded.role {
            Role::Server => {
                notes.subject(SERVER_UNMASKED, !frame.masked, event, "no frame is masked", || {
                    FrameBreach::of(FrameFault::Masked, frame)
                })
            }
            Role::Client => {
                let by_kind = match frame.opcode {
                    0..=2 => Some(CLIENT_DATA_MASKED),
                    8 => Some(CLIENT_CLOSE_MASKED),
                    _ => None,
                };
                for requirement in [Some(CLIENT_MASKED), by_kind].into_iter().flatten() {
                    notes.subject(requirement, frame.masked, event, "every frame is masked", || {
                        FrameBreach::of(FrameFault::Unmasked, frame)
                    });
                }
            }
        }
    }
}

fn lengths(decoded: &DecodedTranscript<'_>, notes: &mut Notes) {
    for frame in &decoded.received.frames {
        let event = decoded.received.moment_of(frame);
        let bits_needed = match frame.declared_len {
            0..=125 => 7,
            126..=0xffff => 16,
            _ => 64,
        };
        notes.subject(
            MINIMAL,
            frame.length_bits == bits_needed,
            event,
            "the length in the fewest octets",
            || FrameBreach::LengthForm { len: frame.declared_len, bits: frame.length_bits },
        );
        if frame.length_bits == 64 {
            notes.subject(
                TOP_BIT,
                frame.declared_len < 1 << 63,
                event,
                "the top bit of the length is 0",
                || FrameBreach::LengthTopBit(frame.declared_len),
            );
        }
    }
}

fn reserved(decoded: &DecodedTranscript<'_>, notes: &mut Notes) {
    let deflate = decoded.deflate().is_some();
    for frame in &decoded.received.frames {
        let event = decoded.received.moment_of(frame);
        let set = FrameFault::Reserved([frame.rsv1, frame.rsv2, frame.rsv3]);
        let reserved = || FrameBreach::of(set, frame);
        let unexpected = frame.rsv2 || frame.rsv3 || (frame.rsv1 && !deflate);
        let expected = "reserved bits that nothing negotiated are 0";
        notes.subject(RSV_ZERO, !unexpected, event, expected, reserved);
        if deflate {
            let first_of_data = matches!(frame.opcode, 1 | 2);
            notes.subject(
                RSV1_FIRST,
                !frame.rsv1 || first_of_data,
                event,
                "RSV1 only on the first frame of a data message",
                reserved,
            );
        }
        let known = matches!(frame.opcode, 0 | 1 | 2 | 8 | 9 | 10);
        notes.subject(OPCODES, known, event, "no opcode that nothing negotiated", || {
            FrameBreach::of(FrameFault::UnknownOpcode, frame)
        });
    }
}
