//! Frames for what this end sends, RFC 6455 §6.1: masked by clients, of minimal length.

use super::event::MessageKind;
use super::rng::SplitMix64;
use crate::wire::{Frame, Opcode, Role};

#[derive(Debug)]
pub struct Sender {
    role: Role,
    rng: SplitMix64,
}

impl Sender {
    pub fn new(role: Role, rng: SplitMix64) -> Sender {
        Sender { role, rng }
    }

    /// Appends a whole message.
    pub fn message(&mut self, kind: MessageKind, payload: &[u8], out: &mut Vec<u8>) {
        self.frame(Frame::new(kind.opcode(), payload), out);
    }

    /// Appends a control frame.
    pub fn control(&mut self, opcode: Opcode, payload: &[u8], out: &mut Vec<u8>) {
        self.frame(Frame::new(opcode, payload), out);
    }

    fn frame(&mut self, mut frame: Frame, out: &mut Vec<u8>) {
        // §5.3: "the client MUST pick a fresh masking key".
        if self.role.masks() {
            frame = frame.masked(self.rng.masking_key());
        }
        frame.encode(out);
    }
}
