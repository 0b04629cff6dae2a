//! Inflates what an endpoint receives, RFC 7692 §7.2.2.

use crate::event::MessageKind;
use crate::violation::Violation;
use std::fmt;
use wsgauntlet_wire::Role;
use wsgauntlet_wire::deflate::{DecompressError, Decompressor};
use wsgauntlet_wire::opening::DeflateParams;

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
pub(crate) struct Inflater {
    decompressor: Decompressor,
    len_max: usize,
}

impl Inflater {
    /// `len_max`: the longest message that is taken, in octets, inflated.
    pub(crate) fn new(role: Role, params: DeflateParams, len_max: usize) -> Inflater {
        let context_takeover = params.settings(role.peer()).context_takeover;
        Inflater { decompressor: Decompressor::new(context_takeover, len_max), len_max }
    }

    /// Takes the next octets of a compressed message, of which `len` octets are inflated so far,
    /// and hands on what they inflate to.
    pub(crate) fn push(
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
    pub(crate) fn finish(
        &mut self,
        mut inflated: impl FnMut(&[u8]) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        inflated(&self.decompressor.finish_message().map_err(violation)?)
    }
}

impl fmt::Debug for Inflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflater").finish_non_exhaustive()
    }
}

fn violation(error: DecompressError) -> Violation {
    match error {
        DecompressError::Corrupt { .. } | DecompressError::CutShort => Violation::NotDeflate,
        DecompressError::TooLong { .. } => Violation::MessageTooLong,
    }
}
