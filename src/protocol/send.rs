//! Frames for what this end sends, RFC 6455 §6.1: masked by clients, of minimal length.

use super::deflate::Deflater;
use super::event::MessageKind;
use super::rng::SplitMix64;
use crate::opening::DeflateParams;
use crate::wire::frame::RSV1;
use crate::wire::{Frame, Opcode, Role};

#[derive(Debug)]
pub struct Sender {
    role: Role,
    rng: SplitMix64,
    deflater: Option<Deflater>,
}

impl Sender {
    pub fn new(role: Role, rng: SplitMix64) -> Sender {
        Sender { role, rng, deflater: None }
    }

    /// What the opening handshake agreed.
    pub fn agree(&mut self, params: Option<DeflateParams>) {
        self.deflater = params.map(|params| Deflater::new(self.role, params));
    }

    /// Appends a whole message.
    pub fn message(&mut self, kind: MessageKind, payload: &[u8], out: &mut Vec<u8>) {
        let frame = match &mut self.deflater {
            None => Frame::new(kind.opcode(), payload),
            Some(deflater) => {
                // RFC 7692 §6.1: the bit is set on the first frame of a compressed message.
                let mut frame = Frame::new(kind.opcode(), deflater.message(payload));
                frame.header.rsv = RSV1;
                frame
            }
        };
        self.frame(frame, out);
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
