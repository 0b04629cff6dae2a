//! What breaks a rule, each time in one place of otherwise lawful traffic.

use super::messages;
use super::values;
use crate::fuzz::rng::Rng;
use wsgauntlet_suite::case::compress::{BlockFault, Compress, Content};
use wsgauntlet_suite::case::{CompressedSpec, Cut, FrameSpec, Masking, Payload, Piece};
use wsgauntlet_wire::boundary;
use wsgauntlet_wire::close::{CloseCode, ClosePayload};
use wsgauntlet_wire::deflate::{Alphabet, Ending};
use wsgauntlet_wire::{LengthForm, Opcode};

/// One or a few pieces, the last of which breaks a rule, or is on the way to it.
pub(super) fn violation(rng: &mut Rng, deflate: bool) -> Vec<Piece> {
    match rng.below(if deflate { 17 } else { 16 }) {
        0 | 1 => wrong_mask(rng),
        2 | 3 => reserved_bit(rng),
        4 => reserved_opcode(rng),
        5 => length_form(rng),
        6 => vec![stray_continuation(rng)],
        7 => interleaved(rng),
        8 => vec![bad_control(rng)],
        9 => vec![bad_close(rng)],
        10..=12 => bad_text(rng),
        13 => vec![declared(rng)],
        14 => vec![any_frame(rng)],
        15 => {
            let len = rng.below(40);
            vec![Piece::Raw(rng.octets(len))]
        }
        _ => vec![bad_deflate(rng)],
    }
}

/// A frame, or a message in fragments, one frame of which is changed.
fn one_changed(rng: &mut Rng, change: impl FnOnce(&mut Rng, &mut FrameSpec)) -> Vec<Piece> {
    if rng.once_in(3) {
        let mut frame = if rng.once_in(6) { messages::close(rng) } else { messages::control(rng) };
        change(rng, &mut frame);
        return vec![Piece::Frame(frame)];
    }
    let mut pieces = messages::message(rng);
    let changed = rng.below(pieces.len());
    if let Some(Piece::Frame(frame)) = pieces.get_mut(changed) {
        change(rng, frame);
    }
    pieces
}

fn wrong_mask(rng: &mut Rng) -> Vec<Piece> {
    one_changed(rng, |_, frame| frame.masking = Masking::Wrong)
}

fn reserved_bit(rng: &mut Rng) -> Vec<Piece> {
    one_changed(rng, |rng, frame| frame.rsv = *rng.pick(&[1, 2, 4, 4, 3, 5, 6, 7]))
}

fn reserved_opcode(rng: &mut Rng) -> Vec<Piece> {
    if rng.once_in(3) {
        return one_changed(rng, |rng, frame| {
            frame.opcode = Opcode::from_bits(*rng.pick(&[3, 4, 5, 6, 7, 11, 15]))
        });
    }
    let opcode = Opcode::from_bits(*rng.pick(&[3, 4, 5, 6, 7, 11, 12, 13, 14, 15]));
    let len = values::control_length(rng);
    let payload = values::binary(rng, len);
    let mut frame = messages::frame(rng, opcode, payload);
    frame.fin = !rng.once_in(4);
    vec![Piece::Frame(frame)]
}

/// A length in more octets than it needs.
fn length_form(rng: &mut Rng) -> Vec<Piece> {
    one_changed(rng, |rng, frame| {
        frame.length_form = Some(*rng.pick(&[LengthForm::Sixteen, LengthForm::SixtyFour]));
        if frame.payload.len() > 65_535 {
            frame.length_form = None;
        }
    })
}

fn stray_continuation(rng: &mut Rng) -> Piece {
    let len = values::length(rng);
    let payload = values::text(rng, len);
    let mut frame = messages::frame(rng, Opcode::Continuation, payload);
    frame.fin = !rng.once_in(3);
    Piece::Frame(frame)
}

/// A message begins within another one.
fn interleaved(rng: &mut Rng) -> Vec<Piece> {
    let len = rng.below(30);
    let text = values::text(rng, len);
    let opcode = *rng.pick(&[Opcode::Text, Opcode::Binary]);
    let mut first = messages::frame(rng, opcode, text);
    first.fin = false;
    let mut pieces = vec![Piece::Frame(first)];
    if rng.once_in(2) {
        pieces.push(Piece::Frame(messages::control(rng)));
    }
    pieces.extend(messages::message(rng));
    if rng.once_in(2) {
        pieces.push(Piece::Frame(messages::frame(rng, Opcode::Continuation, b"end".to_vec())));
    }
    pieces
}

/// A control frame that is a fragment, or longer than 125 octets.
fn bad_control(rng: &mut Rng) -> Piece {
    let mut frame = if rng.once_in(3) { messages::close(rng) } else { messages::control(rng) };
    if rng.once_in(2) {
        frame.fin = false;
    } else {
        let len = *rng.pick(boundary::OVERLONG_CONTROL_LENGTHS);
        let mut payload = frame.payload.octets();
        payload.resize(len, b'p');
        frame.payload = Payload::Literal(payload);
    }
    Piece::Frame(frame)
}

fn bad_close(rng: &mut Rng) -> Piece {
    let payload = match rng.below(3) {
        0 => vec![rng.octet()],
        1 => {
            let code = CloseCode(values::bad_close_code(rng));
            let len = if rng.once_in(2) { 0 } else { rng.below(124) };
            ClosePayload::encode(code, &values::text(rng, len))
        }
        _ => {
            let len = rng.below(100);
            let mut reason = values::text(rng, len);
            reason.extend_from_slice(values::not_utf8(rng));
            if rng.once_in(2) {
                reason.extend_from_slice(b"end");
            }
            ClosePayload::encode(CloseCode(values::close_code(rng)), &reason)
        }
    };
    Piece::Frame(messages::frame(rng, Opcode::Close, payload))
}

/// A text message that is not UTF-8 somewhere, in any fragments.
fn bad_text(rng: &mut Rng) -> Vec<Piece> {
    let before = if rng.once_in(2) { 0 } else { values::length(rng).min(4096) };
    let mut payload = values::text(rng, before);
    payload.extend_from_slice(values::not_utf8(rng));
    if !rng.once_in(3) {
        let behind = rng.below(40);
        payload.extend(values::text(rng, behind));
    }
    let first = messages::frame(rng, Opcode::Text, Vec::new());
    messages::split(rng, first, payload).into_iter().map(Piece::Frame).collect()
}

/// A header that says another length than that of what follows.
fn declared(rng: &mut Rng) -> Piece {
    let mut frame = if rng.once_in(4) {
        messages::control(rng)
    } else {
        let len = rng.below(20);
        let payload = values::text(rng, len);
        messages::frame(rng, Opcode::Text, payload)
    };
    let len = frame.payload.len() as u64;
    frame.declared_len = Some(match rng.below(6) {
        0 => len.saturating_sub(1),
        1 => len + 1,
        2 => *rng.pick(boundary::HUGE_LENGTHS),
        3 => *rng.pick(boundary::TOP_BIT_LENGTHS),
        4 => *rng.pick(boundary::DECLARED_LENGTHS),
        _ => rng.draw() >> rng.below(64),
    });
    Piece::Frame(frame)
}

/// A frame whose header is drawn bit by bit.
fn any_frame(rng: &mut Rng) -> Piece {
    let len = values::length(rng).min(4096);
    let payload = values::binary(rng, len);
    let opcode = Opcode::from_bits(rng.octet());
    let mut frame = messages::frame(rng, opcode, payload);
    frame.fin = rng.once_in(2);
    frame.rsv = if rng.once_in(2) { rng.octet() & 7 } else { 0 };
    frame.masking = if rng.once_in(8) { Masking::Wrong } else { Masking::Right };
    Piece::Frame(frame)
}

/// A message with RSV1 that is no DEFLATE data, or an unusual kind of it.
fn bad_deflate(rng: &mut Rng) -> Piece {
    let len = rng.below(60);
    if rng.once_in(3) {
        let payload = rng.octets(len);
        let mut frame = messages::frame(rng, Opcode::Text, payload);
        frame.rsv = 4;
        return Piece::Frame(frame);
    }
    let mut how = Compress::default();
    match rng.below(4) {
        0 => {
            how.content = Content::Fault(*rng.pick(&[
                BlockFault::ReservedType,
                BlockFault::StoredLength,
                BlockFault::OverSubscribed(Alphabet::Literals),
                BlockFault::OverSubscribed(Alphabet::Distances),
                BlockFault::OverSubscribed(Alphabet::CodeLengths),
                BlockFault::Incomplete(Alphabet::Literals),
                BlockFault::NoEndOfBlock,
            ]));
        }
        1 => how.cut_len = Some(rng.below(20)),
        2 => {
            let len = 1 + rng.below(4);
            how.trailing = rng.octets(len);
        }
        _ => how.ending = *rng.pick(&[Ending::Kept, Ending::Absent]),
    }
    let payload = values::text(rng, len);
    let mut frame = messages::frame(rng, Opcode::Text, payload);
    frame.rsv = 4;
    Piece::Compressed(CompressedSpec { frame, how, fragments: Cut::Whole, between: Vec::new() })
}
