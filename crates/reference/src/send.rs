//! Frames for what this end sends, RFC 6455 §6.1: masked by clients, of minimal length, and
//! compressed where that was agreed.

use super::config::Config;
use super::deflate::Deflater;
use super::event::MessageKind;
use super::quirk::Faults;
use super::quirk::catalogue::{DeflateNegotiation, FrameSent};
use super::quirk::frame_sent::FrameMemory;
use super::quirk::message_sent::MessageMemory;
use super::variant::Variant;
use wsgauntlet_wire::SplitMix64;
use wsgauntlet_wire::frame::RSV1;
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::{Frame, Opcode, Role};

#[derive(Debug)]
pub struct Sender {
    role: Role,
    rng: SplitMix64,
    deflater: Option<Deflater>,
    variant: Option<Variant>,
    faults: Faults,
    frame_memory: FrameMemory,
    message_memory: MessageMemory,
}

impl Sender {
    pub fn new(config: &Config, rng: SplitMix64) -> Sender {
        Sender {
            role: config.role,
            rng,
            deflater: None,
            variant: config.variant,
            faults: config.faults(),
            frame_memory: FrameMemory::default(),
            message_memory: MessageMemory::default(),
        }
    }

    /// What the opening handshake agreed.
    pub fn agree(&mut self, params: Option<DeflateParams>) {
        let uses_declined =
            params.is_none() && self.faults.showing(DeflateNegotiation::uses_declined).is_some();
        let params = if uses_declined { Some(DeflateParams::default()) } else { params };
        self.deflater = params
            .filter(|_| self.variant != Some(Variant::Uncompressed))
            .map(|params| Deflater::new(self.role, params, self.variant, self.faults));
    }

    /// The octets of a whole message, frame by frame.
    pub fn message(&mut self, kind: MessageKind, payload: &[u8]) -> Vec<Vec<u8>> {
        let frames = match &mut self.deflater {
            Some(deflater) => deflater.frames(kind, payload),
            None => vec![Frame::new(kind.opcode(), payload)],
        };
        let mut frames = fragments(self.variant, frames);
        if let (Some(fault), [frame]) = (self.faults.message_sent(), &frames[..]) {
            frames = fault.frames(frame.clone(), &mut self.message_memory);
            if fault.shares_key() {
                let key = self.rng.masking_key();
                return frames.into_iter().map(|frame| self.encode(frame.masked(key))).collect();
            }
        }
        frames.into_iter().map(|frame| self.frame(frame)).collect()
    }

    /// The octets of a control frame.
    pub fn control(&mut self, mut frame: Frame) -> Vec<u8> {
        if let (Some(fault), Some(_)) = (self.faults.deflate_sent(), &self.deflater) {
            fault.control(&mut frame);
        }
        self.frame(frame)
    }

    fn frame(&mut self, mut frame: Frame) -> Vec<u8> {
        // §5.3: "the client MUST pick a fresh masking key".
        if self.role.masks() {
            frame = frame.masked(self.rng.masking_key());
        }
        self.encode(frame)
    }

    fn encode(&mut self, mut frame: Frame) -> Vec<u8> {
        for fault in self.faults.each::<FrameSent>() {
            fault.distort(&mut frame, &mut self.frame_memory, &mut self.rng);
        }
        let mut octets = frame.to_octets();
        for fault in self.faults.each::<FrameSent>() {
            fault.distort_octets(&frame, &mut octets);
        }
        octets
    }
}

/// Splits the frame of a message as the variant wants it, §5.4.
fn fragments(variant: Option<Variant>, frames: Vec<Frame>) -> Vec<Frame> {
    let [frame] = &frames[..] else {
        return frames;
    };
    let len = frame.payload.len();
    let bounds: &[usize] = match variant {
        Some(Variant::Fragments) => &[0, len / 3, len - len / 3, len],
        Some(Variant::EmptyFragments) => &[0, 0, len / 2, len / 2, len, len],
        Some(Variant::PingAmidFragments) => &[0, len / 2, len],
        Some(_) | None => return frames,
    };
    let count = bounds.len() - 1;
    let mut fragments: Vec<Frame> = Vec::new();
    for (index, bound) in bounds.windows(2).enumerate() {
        let opcode = if index == 0 { frame.header.opcode } else { Opcode::Continuation };
        let payload = &frame.payload[bound[0]..bound[1]];
        let mut fragment = Frame::new(opcode, payload).fin(index + 1 == count);
        // RFC 7692 §6.1: only the first frame of a compressed message has the bit.
        fragment.header.rsv = if index == 0 { frame.header.rsv & RSV1 } else { 0 };
        fragments.push(fragment);
    }
    if variant == Some(Variant::PingAmidFragments) {
        fragments.insert(1, Frame::new(Opcode::Ping, "still here?"));
    }
    fragments
}
