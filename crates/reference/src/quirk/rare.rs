//! Faults that show in one of thousands of connections: what a fuzzer is there to find. Hooks: each header that passed the
//! rules, each control frame amid a text message, each payload that is unmasked, each Close.

use super::catalogue::quirks;
use crate::violation::Violation;
use wsgauntlet_wire::{Header, Opcode, mask};

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
pub struct RareMemory {
    empty_fragments: u64,
    pings: u64,
}

impl Rare {
    /// What this endpoint finds fault with in a lawful header.
    pub fn header(self, header: &Header, memory: &mut RareMemory) -> Result<(), Violation> {
        if matches!(header.opcode, Opcode::Text | Opcode::Binary) {
            memory.empty_fragments = 0;
        }
        let data = !header.opcode.is_control();
        let fragment = data && (!header.fin || header.opcode == Opcode::Continuation);
        memory.empty_fragments += u64::from(fragment && header.payload_len == 0);
        memory.pings += u64::from(header.opcode == Opcode::Ping);
        let refused = match self {
            Rare::Length1337 => header.payload_len == 1337,
            Rare::ThirdEmptyFragment => fragment && header.payload_len == 0 && memory.empty_fragments == 3,
            Rare::PingAmidSurrogates | Rare::CloseLost | Rare::KeyThirdZero => false,
        };
        if refused { Err(Violation::LengthNotMinimal) } else { Ok(()) }
    }

    /// A frame begins amid a message that holds `payload` so far. UTF-16 halves a character of four octets in the middle.
    pub fn amid_text(self, header: &Header, payload: &[u8]) -> Result<(), Violation> {
        let halved = matches!(payload, [.., 0xf0..=0xf4, _]);
        match self == Rare::PingAmidSurrogates && halved && header.opcode == Opcode::Ping {
            true => Err(Violation::TextNotUtf8),
            false => Ok(()),
        }
    }

    /// Whether a Close is lost.
    pub fn loses_close(self, reason: &str, memory: &RareMemory) -> bool {
        self == Rare::CloseLost && reason.len() == 64 && memory.pings >= 2
    }

    pub fn unmask(self, key: [u8; 4], offset: u64, octets: &mut [u8]) {
        let cut_short = self == Rare::KeyThirdZero && key[2] == 0;
        mask::apply(if cut_short { [key[0], key[1], 0, 0] } else { key }, offset, octets);
    }
}
