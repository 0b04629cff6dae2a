//! The compressor of our peer in one connection: one history for everything that it compresses there.

use crate::case::{CompressedSpec, FrameSpec};
use std::fmt;
use wsgauntlet_wire::Role;
use wsgauntlet_wire::deflate::{Compressor, Encoder};
use wsgauntlet_wire::opening::DeflateParams;

/// Compresses by what was agreed.
pub struct Compression(Engine);

enum Engine {
    /// Fast, but in its own shape only.
    Ordinary(Compressor),
    Shaped(Encoder),
}

impl Compression {
    /// `ordinary`: no message of the script asks for a shape.
    pub fn new(agreed: Option<&DeflateParams>, sender: Role, ordinary: bool) -> Compression {
        let settings = agreed.map(|params| params.settings(sender)).unwrap_or_default();
        Compression(match ordinary {
            true => Engine::Ordinary(Compressor::new(settings)),
            false => Engine::Shaped(Encoder::new(settings)),
        })
    }

    /// The frames of a message, and those between its fragments.
    pub fn frames(&mut self, message: &CompressedSpec) -> Vec<FrameSpec> {
        let data = message.frame.payload.octets();
        let payload = match &mut self.0 {
            Engine::Ordinary(compressor) => compressor.compress_message(&data),
            Engine::Shaped(encoder) => message.how.payload(encoder, &data),
        };
        message.frame.fragments(&payload, &message.fragments, &message.between)
    }
}

impl fmt::Debug for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Compression")
    }
}
