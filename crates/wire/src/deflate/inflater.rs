//! Inflates what a target sends, with or without the facts that a judge wants.

use super::WINDOW_LEN_MAX;
use super::codec::Decompressor;
use super::fault::Fault;
use super::walk::{Walk, walk_message};
use std::fmt;

/// Inflates the messages of one direction of a connection.
///
/// It keeps the last 32,768 octets over messages, whatever was agreed, so that a sender that takes a context over
/// unasked, or exceeds its window, is decoded and reported. After a fault the history holds what the message gave until
/// then.
pub struct Inflater {
    output_len_max: usize,
    history: Vec<u8>,
    ordinary: Ordinary,
}

/// zlib takes a fifth of the time of the walk. It is used as long as only the output is asked for.
enum Ordinary {
    /// No message was inflated yet.
    Unused,
    Used(Box<Decompressor>),
    /// It refused a message, or a message was decoded without it: it cannot go on.
    Behind,
}

impl fmt::Debug for Inflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflater").field("output_len_max", &self.output_len_max).finish_non_exhaustive()
    }
}

impl Inflater {
    /// An inflater whose messages end with a fault when they inflate to more than `output_len_max` octets.
    pub fn new(output_len_max: usize) -> Inflater {
        Inflater { output_len_max, history: Vec::new(), ordinary: Ordinary::Unused }
    }

    /// Forgets all messages before, so that a match that reaches them is a fault.
    pub fn forget_history(&mut self) {
        self.history.clear();
        self.ordinary = Ordinary::Unused;
    }

    /// What the message inflates to.
    ///
    /// # Errors
    ///
    /// The fault that [`Inflater::inflate_message`] finds.
    pub fn inflate(&mut self, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        if matches!(self.ordinary, Ordinary::Unused) {
            self.ordinary = Ordinary::Used(Box::new(Decompressor::new(true, self.output_len_max)));
        }
        if let Ordinary::Used(decompressor) = &mut self.ordinary
            && let Ok(mut output) = decompressor.decompress_chunk(payload)
            && let Ok(rest) = decompressor.finish_message()
        {
            output.extend_from_slice(&rest);
            remember(&mut self.history, &output);
            return Ok(output);
        }
        // zlib refuses some lawful data, and says less about the rest.
        let walk = self.inflate_message(payload);
        walk.end.map(|()| walk.output)
    }

    /// Decodes a message as [`Inflater::inflate_message`] does, and remembers nothing of it.
    pub fn peek(&self, payload: &[u8]) -> Walk {
        walk_message(payload, &self.history, self.output_len_max)
    }

    /// Decodes a message by RFC 7692 §7.2.2. `payload` is that of all its fragments, without the tail. Time is linear
    /// in payload and output, memory in the output.
    pub fn inflate_message(&mut self, payload: &[u8]) -> Walk {
        self.ordinary = Ordinary::Behind;
        let walk = walk_message(payload, &self.history, self.output_len_max);
        remember(&mut self.history, &walk.output);
        walk
    }
}

/// Keeps the last 32,768 octets of `history` followed by `output`.
fn remember(history: &mut Vec<u8>, output: &[u8]) {
    let output = &output[output.len().saturating_sub(WINDOW_LEN_MAX)..];
    let surplus = (history.len() + output.len()).saturating_sub(WINDOW_LEN_MAX);
    history.drain(..surplus.min(history.len()));
    history.extend_from_slice(output);
}
