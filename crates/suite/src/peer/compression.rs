//! The compressor of our peer in one connection: one history for everything that it compresses there.

use crate::case::{CompressedSpec, FrameSpec};
use std::fmt;
use wsgauntlet_wire::Role;
use wsgauntlet_wire::deflate::{Compressor, Encoder};
use wsgauntlet_wire::opening::DeflateParams;

/// Compresses the messages of one connection, in their order, by what was agreed.
pub struct Compression(Engine);

enum Engine {
    /// zlib: fast, but it chooses the shape of the blocks.
    Ordinary(Compressor),
    Shaped(Encoder),
}

impl Compression {
    /// `ordinary`: no message of the script asks for a shape, so that the fast compressor does. Without an agreement, the
    /// defaults of RFC 7692 hold: a window of 15 bits, and context takeover.
    pub fn new(agreed: Option<&DeflateParams>, sender: Role, ordinary: bool) -> Compression {
        let settings = agreed.map(|params| params.settings(sender)).unwrap_or_default();
        Compression(match ordinary {
            true => Engine::Ordinary(Compressor::new(settings)),
            false => Engine::Shaped(Encoder::new(settings)),
        })
    }

    /// The frames of a message, and those between its fragments. Call it once for each message, in the order of sending.
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
