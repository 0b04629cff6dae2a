//! Frames for what this end sends, RFC 6455 §6.1: masked by clients, of minimal length, and compressed where that was agreed.

use super::behavior::Sending;
use super::config::Config;
use super::deflate::deflater::Deflater;
use super::event::MessageKind;
use super::variant::Variant;
use wsgauntlet_wire::SplitMix64;
use wsgauntlet_wire::frame::RSV1;
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::{Frame, Opcode, Role};

/// Makes octets of messages and control frames.
#[derive(Debug)]
pub(crate) struct Sender {
    role: Role,
    rng: SplitMix64,
    deflater: Option<Deflater>,
    variant: Option<Variant>,
}

impl Sender {
    pub(crate) fn new(config: &Config, rng: SplitMix64) -> Sender {
        Sender { role: config.role, rng, deflater: None, variant: config.variant }
    }

    /// What the opening handshake agreed.
    pub(crate) fn agree(&mut self, params: Option<DeflateParams>, behavior: &mut impl Sending) {
        self.deflater = behavior
            .sending_params(params)
            .filter(|_| self.variant != Some(Variant::Uncompressed))
            .map(|params| Deflater::new(self.role, params, self.variant, behavior));
    }

    /// The octets of a whole message, frame by frame.
    pub(crate) fn message(
        &mut self,
        kind: MessageKind,
        payload: &[u8],
        behavior: &mut impl Sending,
    ) -> Vec<Vec<u8>> {
        let frames = match &mut self.deflater {
            Some(deflater) => deflater.frames(kind, payload, behavior),
            None => vec![Frame::new(kind.opcode(), payload)],
        };
        let frames = behavior.message_frames(fragments(self.variant, frames));
        if !behavior.picks_key_for_each_frame() {
            let key = self.rng.masking_key();
            let masked = frames.into_iter().map(|frame| frame.masked(key));
            return masked.map(|frame| behavior.encode(frame, &mut self.rng)).collect();
        }
        frames.into_iter().map(|frame| self.frame(frame, behavior)).collect()
    }

    /// The frames of a message in fragments of about the same length.
    pub(crate) fn fragments(
        &mut self,
        kind: MessageKind,
        payload: &[u8],
        count: usize,
        behavior: &mut impl Sending,
    ) -> Vec<Frame> {
        let frames = match &mut self.deflater {
            Some(deflater) => deflater.frames(kind, payload, behavior),
            None => vec![Frame::new(kind.opcode(), payload)],
        };
        match &frames[..] {
            [frame] => {
                let len = frame.payload.len();
                let bounds: Vec<usize> = (0..=count).map(|index| len * index / count).collect();
                cut(frame, &bounds)
            }
            _ => frames,
        }
    }

    /// The octets of a control frame.
    pub(crate) fn control(&mut self, mut frame: Frame, behavior: &mut impl Sending) -> Vec<u8> {
        behavior.control_frame(&mut frame, self.deflater.is_some());
        self.frame(frame, behavior)
    }

    /// §5.1: "a client MUST mask all frames that it sends to the server", "A server MUST NOT mask any frames that it sends to the
    /// client."
    pub(crate) fn frame(&mut self, mut frame: Frame, behavior: &mut impl Sending) -> Vec<u8> {
        if self.role.masks() {
            // §5.3: "the client MUST pick a fresh masking key from the set of allowed 32-bit values."
            frame = frame.masked(self.rng.masking_key());
        }
        behavior.encode(frame, &mut self.rng)
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
    let mut fragments = cut(frame, bounds);
    if variant == Some(Variant::PingAmidFragments) {
        fragments.insert(1, Frame::new(Opcode::Ping, "still here?"));
    }
    fragments
}

/// The fragments of a frame that holds a whole message, cut at these places: its start, its end and those between.
fn cut(frame: &Frame, bounds: &[usize]) -> Vec<Frame> {
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
    fragments
}
