//! A message that has begun and not ended, RFC 6455 §5.4.

use super::deflate::inflater::Inflater;
use super::event::MessageKind;
use super::violation::Violation;
use wsgauntlet_wire::utf8::Utf8Validator;

/// The fragments so far.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) kind: MessageKind,
    /// RFC 7692 §6.2: by the bit of the first frame.
    pub(crate) compressed: bool,
    /// Unmasked and inflated.
    pub(crate) payload: Vec<u8>,
    /// Where each fragment begins in `payload`. Only quirks look at it.
    pub(crate) fragments: Vec<usize>,
    utf8: Utf8Validator,
}

impl Message {
    pub(crate) fn new(kind: MessageKind, compressed: bool) -> Message {
        Message { kind, compressed, payload: Vec::new(), fragments: Vec::new(), utf8: Utf8Validator::new() }
    }

    /// Adds a piece of payload. `fails_fast`: text is judged as it arrives; asked only where it is not UTF-8.
    ///
    /// # Errors
    /// §8.1: text that is not UTF-8.
    pub(crate) fn push(&mut self, piece: &[u8], fails_fast: impl FnOnce() -> bool) -> Result<(), Violation> {
        if self.kind == MessageKind::Text && self.utf8.push(piece).is_err() && fails_fast() {
            return Err(Violation::TextNotUtf8);
        }
        self.payload.extend_from_slice(piece);
        Ok(())
    }

    /// Adds a piece of compressed payload.
    ///
    /// # Errors
    /// RFC 7692 §7.2.2: what does not inflate; and as those of `push`.
    pub(crate) fn inflate(
        &mut self,
        inflater: &mut Inflater,
        piece: &[u8],
        mut fails_fast: impl FnMut() -> bool,
    ) -> Result<(), Violation> {
        let (kind, len) = (self.kind, self.payload.len());
        inflater.push(kind, len, piece, |octets| self.push(octets, &mut fails_fast))
    }

    /// Ends the compressed payload.
    ///
    /// # Errors
    /// As those of `inflate`.
    pub(crate) fn inflate_end(
        &mut self,
        inflater: &mut Inflater,
        mut fails_fast: impl FnMut() -> bool,
    ) -> Result<(), Violation> {
        inflater.finish(|octets| self.push(octets, &mut fails_fast))
    }

    /// §5.6: "the whole message MUST contain valid UTF-8": no octet is wrong, and no character is cut at its end.
    pub(crate) fn is_text_whole(&self) -> bool {
        self.kind != MessageKind::Text || self.utf8.is_complete()
    }

    /// Begins anew.
    pub(crate) fn clear(&mut self) {
        self.payload.clear();
        self.fragments.clear();
        self.utf8 = Utf8Validator::new();
    }
}
