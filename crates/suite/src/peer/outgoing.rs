//! What our peer has to send, in the order in which it leaves.

use super::action::Action;
use crate::case::script::{FrameSpec, Piece, Write};
use wsgauntlet_wire::Role;

/// The length, in octets, at which a write of a flood ends; its last frame may exceed it.
const FLOOD_WRITE_LEN: usize = 64 * 1024;

/// One entry of the outbox.
#[derive(Debug)]
pub(super) enum Outgoing {
    /// The first octets of the `send` step of this index follow.
    StepBegins(usize),
    Act(Action),
    Flood(Flood),
    /// The answer to the target's Close. Apart from other writes, since it is still owed when the play was decided before it.
    CloseAnswer(Vec<u8>),
}

/// What [`Endpoint::poll`](super::Endpoint::poll) gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// The first octets of the `send` step of this index follow.
    StepBegins(usize),
    /// The runner is to do this now.
    Act(Action),
}

/// One frame that is sent many times. Its octets are made write by write, so that no flood is held in memory as a whole.
#[derive(Debug)]
pub(super) struct Flood {
    frame: FrameSpec,
    left: usize,
}

impl Flood {
    /// The flood that a `send` step asks for, if it does.
    pub(super) fn of(write: &Write) -> Option<Flood> {
        match write.pieces.as_slice() {
            [Piece::Frame(frame)] if write.flood > 0 => {
                Some(Flood { frame: frame.clone(), left: write.flood })
            }
            _ => None,
        }
    }

    /// The octets of the next write, and what is left after it.
    pub(super) fn next(
        mut self,
        role: Role,
        mut draw_key: impl FnMut() -> [u8; 4],
    ) -> (Vec<u8>, Option<Flood>) {
        let mut octets = Vec::with_capacity(FLOOD_WRITE_LEN);
        while self.left > 0 && octets.len() < FLOOD_WRITE_LEN {
            octets.extend(self.frame.encode(role, draw_key()));
            self.left -= 1;
        }
        (octets, Some(self).filter(|flood| flood.left > 0))
    }
}
