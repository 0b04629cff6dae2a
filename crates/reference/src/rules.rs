//! The rules for the header of a frame, RFC 6455 §5.2 to §5.5 and RFC 7692 §6.1. Pure: octets of a
//! header in, what they break out.

use super::violation::Violation;
use wsgauntlet_wire::frame::{CONTROL_PAYLOAD_LEN_MAX, RSV1};
use wsgauntlet_wire::{LengthForm, Opcode, Role};

/// What this end takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// In octets, inflated.
    pub(crate) message_len_max: usize,
    /// In octets of payload.
    pub(crate) frame_len_max: u64,
}

/// What a header is judged by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    pub(crate) role: Role,
    /// Whether permessage-deflate was agreed.
    pub(crate) deflate: bool,
    pub(crate) limits: Limits,
    /// Of the message under way, if there is one: its octets so far, and whether it is compressed.
    pub(crate) message: Option<(usize, bool)>,
}

/// What the start of a header breaks, in the order of its octets. More octets may add to it.
pub(crate) fn broken(header: &[u8], context: &Context) -> Vec<Violation> {
    let mut broken = Vec::new();
    let Some(&first) = header.first() else {
        return broken;
    };
    let opcode = Opcode::from_bits(first);
    first_octet(first, opcode, context, &mut broken);
    let Some(&second) = header.get(1) else {
        return broken;
    };
    second_octet(second, opcode, context, &mut broken);
    let len = match (second & 0x7f, &header[2..]) {
        (126, [high, low, ..]) => u64::from(u16::from_be_bytes([*high, *low])),
        (127, octets) => {
            // §5.2: "the most significant bit MUST be 0".
            check(octets.first().is_none_or(|octet| octet & 0x80 == 0), Violation::LengthTopBit, &mut broken);
            let Some(octets) = octets.first_chunk::<8>() else {
                return broken;
            };
            u64::from_be_bytes(*octets)
        }
        (126, _) => return broken,
        (len, _) => u64::from(len),
    };
    let form = match second & 0x7f {
        126 => LengthForm::Sixteen,
        127 => LengthForm::SixtyFour,
        _ => LengthForm::Seven,
    };
    // §5.2: "in all cases, the minimal number of bytes MUST be used to encode the length".
    check(form == LengthForm::minimal(len), Violation::LengthNotMinimal, &mut broken);
    limits(len, first, context, &mut broken);
    broken
}

fn first_octet(octet: u8, opcode: Opcode, context: &Context, broken: &mut Vec<Violation>) {
    let (fin, rsv) = (octet & 0x80 != 0, (octet >> 4) & 7);
    // §5.2: "MUST be 0 unless an extension is negotiated that defines meanings for non-zero
    // values." RFC 7692 §6.1: RSV1 is for the first frame of a data message.
    let defined = match opcode {
        Opcode::Text | Opcode::Binary if context.deflate => RSV1,
        Opcode::Text
        | Opcode::Binary
        | Opcode::Continuation
        | Opcode::Close
        | Opcode::Ping
        | Opcode::Pong
        | Opcode::ReservedData(_)
        | Opcode::ReservedControl(_) => 0,
    };
    check(rsv & !defined == 0, Violation::ReservedBit, broken);
    check(!opcode.is_reserved(), Violation::ReservedOpcode, broken);
    // §5.5: control frames "MUST NOT be fragmented."
    check(fin || !opcode.is_control(), Violation::ControlFragmented, broken);
    match opcode {
        Opcode::Continuation => {
            check(context.message.is_some(), Violation::ContinuationOfNothing, broken);
        }
        Opcode::Text | Opcode::Binary => {
            check(context.message.is_none(), Violation::Interleaved, broken);
        }
        Opcode::Close
        | Opcode::Ping
        | Opcode::Pong
        | Opcode::ReservedData(_)
        | Opcode::ReservedControl(_) => {}
    }
}

fn second_octet(octet: u8, opcode: Opcode, context: &Context, broken: &mut Vec<Violation>) {
    let (masked, len) = (octet & 0x80 != 0, usize::from(octet & 0x7f));
    // §5.1: a client masks all frames, a server none.
    match context.role {
        Role::Server => check(masked, Violation::Unmasked, broken),
        Role::Client => check(!masked, Violation::Masked, broken),
    }
    // §5.5: "All control frames MUST have a payload length of 125 bytes or less".
    let fits = !opcode.is_control() || len <= CONTROL_PAYLOAD_LEN_MAX;
    check(fits, Violation::ControlTooLong, broken);
    // §5.5.1: the body, if there is one, begins with a code of two octets.
    check(opcode != Opcode::Close || len != 1, Violation::CloseOneOctet, broken);
}

/// §10.4. How long a compressed message is shows when it is inflated.
fn limits(len: u64, first: u8, context: &Context, broken: &mut Vec<Violation>) {
    let starts_compressed = context.deflate && first & (RSV1 << 4) != 0;
    let (so_far, compressed) = context.message.unwrap_or((0, starts_compressed));
    check(len <= context.limits.frame_len_max, Violation::FrameTooLong, broken);
    let fits = len.saturating_add(so_far as u64) <= context.limits.message_len_max as u64;
    check(compressed || fits, Violation::MessageTooLong, broken);
}

fn check(holds: bool, violation: Violation, broken: &mut Vec<Violation>) {
    if !holds {
        broken.push(violation);
    }
}
