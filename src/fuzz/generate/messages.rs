//! Lawful traffic: messages in any fragments, control frames anywhere, compressed messages in any shape.

use super::values;
use crate::fuzz::rng::Rng;
use wsgauntlet_suite::case::compress::Compress;
use wsgauntlet_suite::case::{CompressedSpec, Cut, FrameSpec, Payload, Piece};
use wsgauntlet_wire::Opcode;
use wsgauntlet_wire::boundary;
use wsgauntlet_wire::close::{CloseCode, ClosePayload};
use wsgauntlet_wire::deflate::{Empty, Finality, Kind, Matching, Shape};

/// The most fragments of one message.
const FRAGMENTS_MAX: usize = 6;

pub(super) fn frame(rng: &mut Rng, opcode: Opcode, payload: Vec<u8>) -> FrameSpec {
    let mut frame = FrameSpec::new(opcode, Payload::Literal(payload));
    frame.key = values::key(rng);
    frame
}

/// A ping or a pong.
pub(super) fn control(rng: &mut Rng) -> FrameSpec {
    let len = values::control_length(rng);
    let payload = if rng.once_in(3) { values::binary(rng, len) } else { values::text(rng, len) };
    let opcode = if rng.once_in(4) { Opcode::Pong } else { Opcode::Ping };
    frame(rng, opcode, payload)
}

pub(super) fn close(rng: &mut Rng) -> FrameSpec {
    let payload = if rng.once_in(8) {
        Vec::new()
    } else {
        let code = CloseCode(values::close_code(rng));
        let len = match rng.below(4) {
            0 | 1 => 0,
            2 => rng.below(124),
            _ => *rng.pick(boundary::REASON_LENGTHS),
        };
        ClosePayload::encode(code, &values::text(rng, len))
    };
    frame(rng, Opcode::Close, payload)
}

fn data(rng: &mut Rng) -> (Opcode, Vec<u8>) {
    let len = values::length(rng);
    if rng.once_in(3) {
        (Opcode::Binary, values::binary(rng, len))
    } else {
        (Opcode::Text, values::text(rng, len))
    }
}

/// A message, whole or in fragments, with control frames between them.
pub(super) fn message(rng: &mut Rng) -> Vec<Piece> {
    let (opcode, payload) = data(rng);
    let first = frame(rng, opcode, Vec::new());
    split(rng, first, payload).into_iter().map(Piece::Frame).collect()
}

/// The frames of a message.
pub(super) fn split(rng: &mut Rng, mut first: FrameSpec, payload: Vec<u8>) -> Vec<FrameSpec> {
    if rng.once_in(2) {
        first.payload = Payload::Literal(payload);
        return vec![first];
    }
    let cut = fragments(rng, payload.len());
    let frames = first.fragments(&payload, &cut, &[]);
    let mut woven = Vec::new();
    let busy = rng.once_in(2);
    for (index, mut frame) in frames.into_iter().enumerate() {
        while busy && index > 0 && rng.once_in(3) {
            woven.push(control(rng));
        }
        if index > 0 {
            frame.key = values::key(rng);
        }
        woven.push(frame);
    }
    woven
}

fn fragments(rng: &mut Rng, len: usize) -> Cut {
    match rng.below(8) {
        // Rarely many of them.
        0 if rng.once_in(8) => Cut::Every((len / (17 + rng.below(8))).max(1)),
        1 if len <= 8 => Cut::Every(1),
        _ => {
            let count = 1 + rng.below(FRAGMENTS_MAX);
            Cut::At(values::positions(rng, len, count))
        }
    }
}

/// A message that our peer compresses by what was agreed.
pub(super) fn compressed(rng: &mut Rng) -> Piece {
    let (opcode, payload) = data(rng);
    let mut first = frame(rng, opcode, payload);
    first.rsv = 4;
    let len = first.payload.len();
    let fragments = if rng.once_in(2) {
        Cut::Whole
    } else {
        // Compressed lengths are not known here; positions beyond the end make empty fragments.
        let count = 1 + rng.below(3);
        Cut::At(values::positions(rng, (len / 2).clamp(4, 40), count))
    };
    let between = if fragments != Cut::Whole && rng.once_in(4) { vec![control(rng)] } else { Vec::new() };
    let how = if rng.once_in(2) {
        Compress::default()
    } else {
        Compress { shape: shape(rng), ..Compress::default() }
    };
    Piece::Compressed(CompressedSpec { frame: first, how, fragments, between })
}

fn shape(rng: &mut Rng) -> Shape {
    let mut shape = Shape {
        kind: *rng.pick(&[Kind::Stored, Kind::Fixed, Kind::Dynamic, Kind::Smallest]),
        ..Shape::default()
    };
    if rng.once_in(4) {
        shape.matching = Matching::None;
    }
    if rng.once_in(4) {
        shape.block_len_max = 1 + rng.below(200);
    }
    if rng.once_in(6) {
        shape.empty = *rng.pick(&[Empty::Stored, Empty::Fixed, Empty::Dynamic]);
    }
    if rng.once_in(6) {
        shape.finality = *rng.pick(&[Finality::LastBlock, Finality::EveryBlock]);
    }
    shape
}
