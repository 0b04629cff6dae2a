//! Compresses what an endpoint sends, RFC 7692 §7.2.1.

use crate::behavior::Sending;
use crate::event::MessageKind;
use crate::variant::Variant;
use std::fmt;
use wsgauntlet_wire::deflate::{Compressor, Encoder, Finality, Kind, Shape, WindowBits};
use wsgauntlet_wire::frame::RSV1;
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::{Frame, Role};

/// The compressor of one direction.
pub(crate) struct Deflater {
    engine: Engine,
}

enum Engine {
    /// zlib's blocks.
    Usual(Compressor),
    /// Blocks of another shape, all lawful.
    Shaped(Encoder, Shape),
}

impl Deflater {
    pub(crate) fn new(
        role: Role,
        params: DeflateParams,
        variant: Option<Variant>,
        behavior: &mut impl Sending,
    ) -> Deflater {
        let mut settings = behavior.compression(role, params);
        match variant {
            Some(Variant::DeflateContextUnused) => settings.context_takeover = false,
            Some(Variant::DeflateSmallWindow) => {
                let small = WindowBits::new(9).expect("8 to 15");
                settings.window_bits = settings.window_bits.min(small);
            }
            Some(_) | None => {}
        }
        let engine = match shape(variant) {
            Some(shape) => Engine::Shaped(Encoder::new(settings), shape),
            None => Engine::Usual(Compressor::new(settings)),
        };
        Deflater { engine }
    }

    /// The frames of a message: one, whose payload is compressed, without the tail.
    pub(crate) fn frames(
        &mut self,
        kind: MessageKind,
        payload: &[u8],
        behavior: &mut impl Sending,
    ) -> Vec<Frame> {
        match &mut self.engine {
            Engine::Usual(compressor) => behavior.compress(kind.opcode(), payload, compressor),
            Engine::Shaped(encoder, shape) => {
                let mut frame = Frame::new(kind.opcode(), encoder.message(payload, shape).encode());
                frame.header.rsv = RSV1;
                vec![frame]
            }
        }
    }
}

/// How a variant lays out its blocks.
fn shape(variant: Option<Variant>) -> Option<Shape> {
    let shape = Shape::default();
    match variant {
        Some(Variant::DeflateStored) => Some(Shape { kind: Kind::Stored, ..shape }),
        Some(Variant::DeflateManyBlocks) => Some(Shape { kind: Kind::Fixed, block_len_max: 100, ..shape }),
        Some(Variant::DeflateBfinal) => Some(Shape { finality: Finality::LastBlock, ..shape }),
        Some(_) | None => None,
    }
}

impl fmt::Debug for Deflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deflater").finish_non_exhaustive()
    }
}
