//! The steps of sending data, RFC 6455 §6.1 and RFC 7692 §6.1.

use crate::event::Transmit;
use std::time::Duration;
use wsgauntlet_wire::deflate::{Compressor, Settings};
use wsgauntlet_wire::frame::RSV1;
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::{Frame, Opcode, Role, SplitMix64};

/// The steps from a message to octets.
pub(crate) trait Sending {
    /// The parameters by which messages are compressed. None: they are not.
    fn sending_params(&mut self, agreed: Option<DeflateParams>) -> Option<DeflateParams> {
        agreed
    }

    /// How messages are compressed, by what was agreed, RFC 7692 §7.1.
    fn compression(&mut self, role: Role, agreed: DeflateParams) -> Settings {
        agreed.settings(role)
    }

    /// The frames of a compressed message: one. RFC 7692 §6.1: "set the "Per-Message Compressed" bit of the first frame".
    fn compress(&mut self, opcode: Opcode, payload: &[u8], compressor: &mut Compressor) -> Vec<Frame> {
        let mut frame = Frame::new(opcode, compressor.compress_message(payload));
        frame.header.rsv = RSV1;
        vec![frame]
    }

    /// The frames of a message, before they are masked.
    fn message_frames(&mut self, frames: Vec<Frame>) -> Vec<Frame> {
        frames
    }

    /// How long a message waits before it is sent.
    fn message_delay(&mut self) -> Duration {
        Duration::ZERO
    }

    /// §5.3: "the client MUST pick a fresh masking key". False: the frames of a message share one.
    fn picks_key_for_each_frame(&mut self) -> bool {
        true
    }

    /// A control frame before it is masked. `deflate`: messages are compressed.
    fn control_frame(&mut self, _frame: &mut Frame, _deflate: bool) {}

    /// The octets of a frame, masked or not, §5.2.
    fn encode(&mut self, frame: Frame, _rng: &mut SplitMix64) -> Vec<u8> {
        frame.to_octets()
    }

    /// Whether `output` is to be asked about what is transmitted.
    fn alters_output(&mut self) -> bool {
        false
    }

    /// What is transmitted in place of `transmit`, once the connection is open.
    fn output(&mut self, transmit: Transmit) -> Vec<Transmit> {
        vec![transmit]
    }
}
