//! What our peer has to send, in the order in which it is to leave.

use crate::case::script::{FrameSpec, Piece, Write};
use wsgauntlet_wire::Role;

/// The length that a write of a flood may have, in octets, but for its last frame.
const FLOOD_WRITE_LEN: usize = 64 * 1024;

/// One thing that waits for the transport.
#[derive(Debug)]
pub enum Outgoing {
    /// Marks the first octets of a `send` step.
    Begin(usize),
    Octets(Vec<u8>),
    Apart,
    /// The TLS record of the next write leaves in so many TCP segments.
    Segments(usize),
    Flood(Flood),
    /// The answer to the target's Close.
    CloseAnswer(Vec<u8>),
    HalfClose,
    Reset,
}

/// One frame that goes out again and again. It is made write by write, so that no flood is held as a whole.
#[derive(Debug)]
pub struct Flood {
    frame: FrameSpec,
    left: usize,
}

impl Flood {
    /// The flood that a `send` step asks for, if it does.
    pub fn of(write: &Write) -> Option<Flood> {
        match write.pieces.as_slice() {
            [Piece::Frame(frame)] if write.flood > 0 => {
                Some(Flood { frame: frame.clone(), left: write.flood })
            }
            _ => None,
        }
    }

    /// The octets of the next write, and what is left after it.
    pub fn next(mut self, role: Role, mut draw_key: impl FnMut() -> [u8; 4]) -> (Vec<u8>, Option<Flood>) {
        let mut octets = Vec::with_capacity(FLOOD_WRITE_LEN);
        while self.left > 0 && octets.len() < FLOOD_WRITE_LEN {
            octets.extend(self.frame.encode(role, draw_key()));
            self.left -= 1;
        }
        (octets, Some(self).filter(|flood| flood.left > 0))
    }
}
