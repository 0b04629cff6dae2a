//! Faults that show in one of thousands of connections, for the fuzzer to find.

use super::table::quirks;
use wsgauntlet_wire::{Header, Opcode};

quirks! {
    /// What an endpoint does wrong now and then.
    pub enum Rare {
        /// Fails on a payload of exactly 1337 octets.
        Length1337 "refuse-length-1337" Both ["rfc6455/6.2/incoming-parsed-as-frames", "rfc6455/5.4/receive-fragmented-and-unfragmented"],
        /// Fails on the third empty fragment of a message.
        ThirdEmptyFragment "refuse-third-empty-fragment" Both ["rfc6455/5.4/fragments-of-any-size", "rfc6455/5.4/receive-fragmented-and-unfragmented"],
        /// Fails on a ping between the octets that a surrogate pair is made of.
        PingAmidSurrogates "refuse-ping-amid-surrogates" Both ["rfc6455/5.4/control-frames-mid-message"],
        /// Loses a Close with a reason of 64 octets after two pings.
        CloseLost "lose-close-of-64-after-two-pings" Both ["rfc6455/5.5.1/close-is-answered"],
        /// Takes a zero as the third octet of a masking key for the end of the key.
        KeyThirdZero "mask-third-octet-zero-ends-key" Server ["rfc6455/5.3/masking-algorithm", "rfc6455/6.2/server-unmasks"],
    }
}

/// What an endpoint counts.
#[derive(Debug, Default)]
pub(super) struct RareMemory {
    empty_fragments: u64,
    pings: u64,
}

impl RareMemory {
    /// Another header was read.
    pub(super) fn note(&mut self, header: &Header) {
        if matches!(header.opcode, Opcode::Text | Opcode::Binary) {
            self.empty_fragments = 0;
        }
        self.empty_fragments += u64::from(is_empty_fragment(header));
        self.pings += u64::from(header.opcode == Opcode::Ping);
    }
}

impl Rare {
    /// Whether a lawful header is refused. `memory` has noted it.
    pub(super) fn refuses_header(self, header: &Header, memory: &RareMemory) -> bool {
        match self {
            Rare::Length1337 => header.payload_len == 1337,
            Rare::ThirdEmptyFragment => is_empty_fragment(header) && memory.empty_fragments == 3,
            Rare::PingAmidSurrogates | Rare::CloseLost | Rare::KeyThirdZero => false,
        }
    }

    /// Whether a header is refused while a message is under way that holds `payload` so far. UTF-16 halves a character of four
    /// octets in the middle.
    pub(super) fn refuses_in_text(self, header: &Header, payload: &[u8]) -> bool {
        let halved = matches!(payload, [.., 0xf0..=0xf4, _]);
        self == Rare::PingAmidSurrogates && halved && header.opcode == Opcode::Ping
    }

    /// Whether a Close has no effect.
    pub(super) fn loses_close(self, reason: &str, memory: &RareMemory) -> bool {
        self == Rare::CloseLost && reason.len() == 64 && memory.pings >= 2
    }

    /// The key that is applied in place of another one.
    pub(super) fn key(self, key: [u8; 4]) -> [u8; 4] {
        let cut_short = self == Rare::KeyThirdZero && key[2] == 0;
        if cut_short { [key[0], key[1], 0, 0] } else { key }
    }
}

fn is_empty_fragment(header: &Header) -> bool {
    let data = !header.opcode.is_control();
    data && (!header.fin || header.opcode == Opcode::Continuation) && header.payload_len == 0
}
