//! A server that removes masks wrongly.

use super::table::quirks;
use wsgauntlet_wire::{Header, LengthForm, Opcode, mask};

quirks! {
    /// How a payload is unmasked.
    pub enum Unmasking {
        /// Starts over with the key's first octet in each TCP segment.
        PhaseLostAtCut "mask-phase-lost-at-cut" Server ["rfc6455/5.3/masking-algorithm", "rfc6455/6.2/server-unmasks"],
        /// Starts over with the key's first octet in each TCP segment of a Close frame.
        ClosePhaseLostAtCut "mask-phase-lost-at-cut-in-close" Server ["rfc6455/5.3/masking-algorithm", "rfc6455/6.2/incoming-parsed-as-frames"],
        /// Starts each TCP segment at a multiple of four octets of the payload, where the key begins.
        PhaseRoundedAtCut "mask-phase-rounded-at-cut" Server ["rfc6455/5.3/masking-algorithm", "rfc6455/6.2/server-unmasks"],
        /// Goes on in the next frame where the last one left the key.
        PhaseKept "mask-phase-kept" Server ["rfc6455/5.3/masking-algorithm", "rfc6455/6.2/server-unmasks"],
        /// Unmasks all frames with the first one's key.
        FirstKey "mask-first-key-reused" Server ["rfc6455/5.3/masking-algorithm", "rfc6455/6.2/server-unmasks"],
        /// Unmasks continuations with the key of the first fragment.
        FirstFragmentKey "mask-first-fragment-key-reused" Server ["rfc6455/5.3/masking-algorithm", "rfc6455/6.2/server-unmasks"],
        /// Leaves the last octets masked where the length is no multiple of four.
        TailMasked "mask-tail-left" Server ["rfc6455/5.3/masking-algorithm", "rfc6455/6.2/server-unmasks"],
        /// Leaves control frames masked.
        ControlMasked "mask-control-left" Server ["rfc6455/5.3/masking-algorithm"],
        /// Leaves continuations masked.
        ContinuationMasked "mask-continuation-left" Server ["rfc6455/5.3/masking-algorithm", "rfc6455/6.2/server-unmasks"],
        /// Reads the key in the other byte order.
        KeyReversed "mask-key-reversed" Server ["rfc6455/5.3/masking-algorithm", "rfc6455/6.2/server-unmasks"],
        /// Uses the key's first octet for all.
        FirstKeyOctet "mask-first-key-octet-only" Server ["rfc6455/5.3/masking-algorithm", "rfc6455/6.2/server-unmasks"],
        /// Is one octet off where the length has the 16-bit form.
        OffByOne16 "mask-off-by-one-16" Server ["rfc6455/5.3/masking-algorithm", "rfc6455/6.2/server-unmasks"],
        /// Is off where the length has the 64-bit form.
        OffByOne64 "mask-off-by-one-64" Server ["rfc6455/5.3/masking-algorithm", "rfc6455/6.2/server-unmasks"],
        /// Takes a key whose first octet is zero for no key.
        ZeroMeansNone "mask-zero-octet-means-none" Server ["rfc6455/5.3/masking-algorithm", "rfc6455/6.2/server-unmasks"],
        /// Leaves payloads of fewer than four octets masked.
        ShortMasked "mask-short-payload-left" Server ["rfc6455/5.3/masking-algorithm", "rfc6455/6.2/server-unmasks"],
        /// Unmasks no more than 1024 octets of a payload.
        First1024 "mask-after-1024-left" Server ["rfc6455/5.3/masking-algorithm", "rfc6455/6.2/server-unmasks"],
    }
}

/// What an endpoint remembers from frame to frame.
#[derive(Debug, Default)]
pub(super) struct UnmaskMemory {
    first_key: Option<[u8; 4]>,
    fragment_key: Option<[u8; 4]>,
    /// Octets of payload before this frame.
    seen: u64,
}

impl UnmaskMemory {
    /// Another header was read.
    pub(super) fn note(&mut self, header: &Header) {
        self.first_key = self.first_key.or(header.key);
        if matches!(header.opcode, Opcode::Text | Opcode::Binary) {
            self.fragment_key = header.key;
        }
    }
}

impl Unmasking {
    /// Unmasks, wrongly, a piece that stands at `offset` in the payload.
    pub(super) fn apply(self, header: &Header, offset: u64, octets: &mut [u8], memory: &mut UnmaskMemory) {
        let Some(key) = header.key else {
            return;
        };
        let continuation = header.opcode == Opcode::Continuation;
        let len = header.payload_len;
        let whole = octets.len();
        // How many octets at the start of the piece are unmasked.
        let up_to = |end: u64| usize::try_from(end.saturating_sub(offset)).map_or(whole, |n| n.min(whole));
        match self {
            Unmasking::PhaseLostAtCut => mask::apply(key, 0, octets),
            Unmasking::ClosePhaseLostAtCut if header.opcode == Opcode::Close => mask::apply(key, 0, octets),
            Unmasking::PhaseRoundedAtCut => mask::apply(key, offset - offset % 4, octets),
            Unmasking::PhaseKept => {
                mask::apply(key, memory.seen, octets);
                memory.seen += whole as u64;
            }
            Unmasking::FirstKey => mask::apply(memory.first_key.unwrap_or(key), offset, octets),
            Unmasking::FirstFragmentKey if continuation => {
                mask::apply(memory.fragment_key.unwrap_or(key), offset, octets);
            }
            Unmasking::TailMasked => {
                mask::apply(key, offset, &mut octets[..up_to(len - len % 4)]);
            }
            Unmasking::ControlMasked if header.opcode.is_control() => {}
            Unmasking::ContinuationMasked if continuation => {}
            Unmasking::KeyReversed => {
                let [a, b, c, d] = key;
                mask::apply([d, c, b, a], offset, octets);
            }
            Unmasking::FirstKeyOctet => mask::apply([key[0]; 4], 0, octets),
            Unmasking::OffByOne16 if header.length_form == LengthForm::Sixteen => {
                mask::apply(key, offset + 1, octets);
            }
            Unmasking::OffByOne64 if header.length_form == LengthForm::SixtyFour => {
                mask::apply(key, offset + 1, octets);
            }
            Unmasking::ZeroMeansNone if key[0] == 0 => {}
            Unmasking::ShortMasked if len < 4 => {}
            Unmasking::First1024 => mask::apply(key, offset, &mut octets[..up_to(1024)]),
            Unmasking::ClosePhaseLostAtCut
            | Unmasking::FirstFragmentKey
            | Unmasking::ControlMasked
            | Unmasking::ContinuationMasked
            | Unmasking::OffByOne16
            | Unmasking::OffByOne64
            | Unmasking::ZeroMeansNone
            | Unmasking::ShortMasked => mask::apply(key, offset, octets),
        }
    }
}
