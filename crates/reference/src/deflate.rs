//! permessage-deflate, RFC 7692 §7: what an endpoint offers, accepts and agrees to, and how it
//! compresses and inflates by what was agreed.

use super::event::MessageKind;
use super::quirk::Faults;
use super::quirk::catalogue::{DeflateNegotiation, DeflateSent};
use super::variant::Variant;
use super::violation::Violation;
use std::fmt;
use wsgauntlet_wire::deflate::{
    Compressor, DecompressError, Decompressor, Encoder, Finality, Kind, Settings, Shape, WindowBits,
};
use wsgauntlet_wire::frame::RSV1;
use wsgauntlet_wire::opening::deflate_params::{NAME, WINDOW_BITS_MAX};
use wsgauntlet_wire::opening::{DeflateOffer, DeflateParams, Extension};
use wsgauntlet_wire::{Frame, Role};

/// How an endpoint uses the extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeflateConfig {
    /// Client: its offers, in order of preference.
    pub offers: Vec<DeflateOffer>,
}

impl Default for DeflateConfig {
    /// The usual offer of clients: any window, and the server may limit ours.
    fn default() -> DeflateConfig {
        DeflateConfig {
            offers: vec![DeflateOffer { client_max_window_bits: Some(None), ..DeflateOffer::default() }],
        }
    }
}

/// The server's answer: the parameters for the first offer that is acceptable, §5 and §7.1.
/// Offers that are not acceptable are declined, §7: "A server MUST decline an extension
/// negotiation offer for this extension if any of the following conditions are met".
pub fn accept(offers: &[Extension], variant: Option<Variant>, faults: Faults) -> Option<DeflateParams> {
    if variant == Some(Variant::DeflateDeclined) {
        return None;
    }
    let read = |extension: &Extension| match DeflateOffer::parse(extension) {
        Ok(offer) => Some(offer),
        Err(_) => {
            let misread = |fault: DeflateNegotiation| fault.misread_offer(extension);
            faults.showing(|fault| misread(fault).is_some()).and_then(misread)
        }
    };
    let mut offers = offers.iter().filter(|extension| extension.name == NAME);
    offers.find_map(read).map(|offer| agree(offer, variant))
}

/// What is asked is granted, and hints are taken.
fn agree(offer: DeflateOffer, variant: Option<Variant>) -> DeflateParams {
    const LIMITED_BITS: u8 = 10;
    let mut params = DeflateParams {
        server_no_context_takeover: offer.server_no_context_takeover,
        client_no_context_takeover: offer.client_no_context_takeover,
        server_max_window_bits: offer.server_max_window_bits,
        client_max_window_bits: offer.client_max_window_bits.flatten(),
    };
    let limited = |bits: Option<u8>| Some(bits.map_or(LIMITED_BITS, |bits| bits.min(LIMITED_BITS)));
    match variant {
        Some(Variant::ServerContextDropped) => params.server_no_context_takeover = true,
        Some(Variant::ClientContextRefused) => params.client_no_context_takeover = true,
        Some(Variant::ServerWindowLimited) => {
            params.server_max_window_bits = limited(params.server_max_window_bits);
        }
        Some(Variant::ClientWindowLimited) if offer.client_max_window_bits.is_some() => {
            params.client_max_window_bits = limited(params.client_max_window_bits);
        }
        Some(Variant::ClientContextHintIgnored) => params.client_no_context_takeover = false,
        Some(Variant::ClientWindowHintExceeded) if params.client_max_window_bits.is_some() => {
            params.client_max_window_bits = Some(WINDOW_BITS_MAX);
        }
        Some(Variant::ClientWindowHintIgnored) => params.client_max_window_bits = None,
        Some(_) | None => {}
    }
    params
}

/// Compresses what this end sends, §7.2.1.
pub struct Deflater {
    engine: Engine,
    fault: Option<DeflateSent>,
    messages: u64,
}

enum Engine {
    Usual(Compressor),
    /// Blocks of another shape, all lawful.
    Shaped(Encoder, Shape),
}

impl Deflater {
    pub fn new(role: Role, params: DeflateParams, variant: Option<Variant>, faults: Faults) -> Deflater {
        let fault = faults.deflate_sent();
        let params = fault.map_or(params, |fault| fault.params(params));
        let mut settings = settings(role, params);
        if let Some(fault) = fault {
            settings = fault.settings(settings);
        }
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
        Deflater { engine, fault, messages: 0 }
    }

    /// The frames of a message: one, whose payload is compressed, without the tail.
    pub fn frames(&mut self, kind: MessageKind, payload: &[u8]) -> Vec<Frame> {
        self.messages += 1;
        let payload = match (&mut self.engine, self.fault) {
            (Engine::Usual(compressor), Some(fault)) => {
                return fault.message(kind.opcode(), payload, self.messages - 1, compressor);
            }
            (Engine::Usual(compressor), None) => compressor.compress_message(payload),
            (Engine::Shaped(encoder, shape), _) => encoder.message(payload, shape).encode(),
        };
        // §6.1: "set the "Per-Message Compressed" bit of the first frame".
        let mut frame = Frame::new(kind.opcode(), payload);
        frame.header.rsv = RSV1;
        vec![frame]
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

/// DEFLATE makes at most 258 octets of two bits.
const EXPANSION_MAX: usize = 1032;

/// How many octets are inflated at once far from the limit.
const CHUNK_LEN: usize = 4096;

/// What zlib may hold of earlier octets.
const HELD_LEN_MAX: usize = 8;

/// Inflates what this end receives, §7.2.2, as it arrives.
///
/// The first violation must be the same in any segmentation. But after an error the decompressor
/// does not tell what it inflated before it, and finds invalid data before it finds that a limit
/// is exceeded. So text, and whatever comes near the limit, is inflated octet by octet.
pub struct Inflater {
    decompressor: Decompressor,
    len_max: usize,
}

impl Inflater {
    /// `len_max`: the longest message that is taken, in octets, inflated.
    pub fn new(role: Role, params: DeflateParams, len_max: usize) -> Inflater {
        let context_takeover = settings(role.peer(), params).context_takeover;
        Inflater { decompressor: Decompressor::new(context_takeover, len_max), len_max }
    }

    /// Takes the next octets of a compressed message, of which `len` octets are inflated so far,
    /// and hands on what they inflate to.
    pub fn push(
        &mut self,
        kind: MessageKind,
        mut len: usize,
        mut octets: &[u8],
        mut inflated: impl FnMut(&[u8]) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        while !octets.is_empty() {
            let near = self.len_max.saturating_sub(len) < (CHUNK_LEN + HELD_LEN_MAX) * EXPANSION_MAX;
            let chunk_len = match kind {
                MessageKind::Binary if !near => CHUNK_LEN.min(octets.len()),
                MessageKind::Binary | MessageKind::Text => 1,
            };
            let (chunk, rest) = octets.split_at(chunk_len);
            let output = self.decompressor.decompress_chunk(chunk).map_err(violation)?;
            len += output.len();
            inflated(&output)?;
            octets = rest;
        }
        Ok(())
    }

    /// Ends the message: hands on what its tail inflates to.
    pub fn finish(
        &mut self,
        mut inflated: impl FnMut(&[u8]) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        inflated(&self.decompressor.finish_message().map_err(violation)?)
    }
}

impl fmt::Debug for Deflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deflater").finish_non_exhaustive()
    }
}

impl fmt::Debug for Inflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflater").finish_non_exhaustive()
    }
}

/// What was agreed about the messages that `sender` sends.
fn settings(sender: Role, params: DeflateParams) -> Settings {
    let (bits, no_context_takeover) = match sender {
        Role::Server => (params.server_max_window_bits, params.server_no_context_takeover),
        Role::Client => (params.client_max_window_bits, params.client_no_context_takeover),
    };
    let bits = bits.unwrap_or(WINDOW_BITS_MAX);
    Settings {
        window_bits: WindowBits::new(bits).expect("parameters are parsed: 8 to 15"),
        context_takeover: !no_context_takeover,
    }
}

fn violation(error: DecompressError) -> Violation {
    match error {
        DecompressError::Corrupt { .. } | DecompressError::CutShort => Violation::NotDeflate,
        DecompressError::TooLong { .. } => Violation::MessageTooLong,
    }
}
