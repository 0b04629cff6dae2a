//! An endpoint that refuses lawful frames and messages, or reads their lengths wrongly.

use super::table::quirks;
use crate::event::MessageKind;
use crate::incoming::Incoming;
use wsgauntlet_wire::{CloseCode, Header, Opcode};

quirks! {
    /// What an endpoint takes for a violation, or for something else.
    pub enum Misreading {
        /// Reads 16-bit lengths in the other byte order.
        Length16Reversed "length-16-reversed" Both ["rfc6455/5.2/length-network-byte-order"],
        /// Reads 64-bit lengths in the other byte order.
        Length64Reversed "length-64-reversed" Both ["rfc6455/5.2/length-network-byte-order"],
        /// Reads only the low 16 bits of 64-bit lengths.
        Length64Low16 "length-64-low-16-only" Both ["rfc6455/6.2/incoming-parsed-as-frames"],
        /// Counts the masking key in the length.
        LengthHoldsKey "length-read-with-key" Server ["rfc6455/5.3/length-excludes-masking-key"],
        /// Fails on 16-bit lengths above 32767: it reads them as negative.
        Length16Signed "refuse-length-above-32767" Both ["rfc6455/6.2/incoming-parsed-as-frames", "rfc6455/5.4/receive-fragmented-and-unfragmented"],
        /// Fails on 126 octets: the bound of the 16-bit form is off by one.
        Length126 "refuse-length-126" Both ["rfc6455/6.2/incoming-parsed-as-frames", "rfc6455/5.4/receive-fragmented-and-unfragmented"],
        /// Fails on 65536 octets: the bound of the 64-bit form is off by one.
        Length65536 "refuse-length-65536" Both ["rfc6455/6.2/incoming-parsed-as-frames", "rfc6455/5.4/receive-fragmented-and-unfragmented"],
        /// Fails on control frames of 125 octets: the bound is off by one.
        Control125 "refuse-control-125" Both ["rfc6455/6.2/control-frames-handled", "rfc6455/5.5.2/pong-in-response"],
        /// Fails on messages without payload.
        EmptyMessage "refuse-empty-message" Both ["rfc6455/6.2/incoming-parsed-as-frames"],
        /// Fails on fragments without payload.
        EmptyFragment "refuse-empty-fragment" Both ["rfc6455/5.4/fragments-of-any-size", "rfc6455/5.4/receive-fragmented-and-unfragmented"],
        /// Fails on control frames without payload.
        EmptyControl "refuse-empty-control" Both ["rfc6455/6.2/control-frames-handled"],
        /// Fails on a masking key of zeros.
        ZeroKey "refuse-zero-masking-key" Server ["rfc6455/5.3/fresh-key-per-frame", "rfc6455/5.3/masking-algorithm"],
        /// Fails on a masking key that repeats the last one.
        RepeatedKey "refuse-repeated-masking-key" Server ["rfc6455/5.3/masking-algorithm", "rfc6455/6.2/incoming-parsed-as-frames"],
        /// Fails on fragments.
        Fragments "refuse-fragments" Both ["rfc6455/5.4/receive-fragmented-and-unfragmented"],
        /// Fails on messages of more than 16 fragments.
        ManyFragments "refuse-many-fragments" Both ["rfc6455/5.4/receive-fragmented-and-unfragmented"],
        /// Fails on pings between the fragments of a message.
        PingAmidMessage "refuse-ping-amid-message" Both ["rfc6455/5.4/control-frames-mid-message"],
        /// Fails on pongs between the fragments of a message.
        PongAmidMessage "refuse-pong-amid-message" Both ["rfc6455/5.4/control-frames-mid-message"],
        /// Takes a Close frame between the fragments of a message for a violation.
        CloseAmidMessage "refuse-close-amid-message" Both ["rfc6455/5.5.1/close-echoes-status-code", "rfc6455/5.4/control-frames-mid-message"],
        /// Fails on pongs that it did not ask for.
        UnsolicitedPong "refuse-unsolicited-pong" Both ["rfc6455/5.5.3/unsolicited-pong"],
        /// Fails on pings whose payload is not UTF-8.
        PingNotUtf8 "refuse-ping-not-utf8" Both ["rfc6455/5.5.2/ping-may-have-data", "rfc6455/5.5.3/pong-echoes-application-data"],
        /// Validates binary messages as UTF-8.
        BinaryNotUtf8 "refuse-binary-not-utf8" Both ["rfc6455/6.2/message-type-noted"],
        /// Fails on text with U+0000.
        TextWithNul "refuse-text-with-nul" Both ["rfc6455/5.6/text-is-utf8"],
        /// Fails on text with noncharacters.
        TextWithNoncharacter "refuse-text-with-noncharacter" Both ["rfc6455/5.6/text-is-utf8"],
        /// Fails on characters of four octets.
        TextAboveFfff "refuse-text-above-ffff" Both ["rfc6455/5.6/text-is-utf8"],
        /// Fails on text that begins with U+FEFF.
        TextWithBom "refuse-text-with-bom" Both ["rfc6455/5.6/text-is-utf8"],
        /// Fails on text with U+10FFFF: the bound is off by one.
        TextMaximum "refuse-text-10ffff" Both ["rfc6455/5.6/text-is-utf8"],
        /// Fails on text that is cut within a character by a fragment.
        Utf8SplitByFragment "refuse-utf8-split-by-fragment" Both ["rfc6455/5.6/text-is-utf8", "rfc6455/5.4/fragments-of-any-size"],
        /// Fails on close codes 1012 to 1014.
        CloseRegisteredLater "refuse-close-code-1012-1014" Both ["rfc6455/5.5.1/close-echoes-status-code", "rfc6455/7.4.2/1000-2999-reserved"],
        /// Fails on close code 1014.
        Close1014 "refuse-close-code-1014" Both ["rfc6455/5.5.1/close-echoes-status-code", "rfc6455/7.4.2/1000-2999-reserved"],
        /// Fails on close codes 3000 to 3999.
        Close3000 "refuse-close-code-3000-3999" Both ["rfc6455/5.5.1/close-echoes-status-code", "rfc6455/7.4.2/3000-3999-registered"],
        /// Fails on close codes 4000 to 4999.
        Close4000 "refuse-close-code-4000-4999" Both ["rfc6455/5.5.1/close-echoes-status-code", "rfc6455/7.4.2/4000-4999-private"],
        /// Fails on close code 4999: the bound is off by one.
        Close4999 "refuse-close-code-4999" Both ["rfc6455/5.5.1/close-echoes-status-code", "rfc6455/11.7/status-code-range"],
        /// Fails on close codes other than 1000.
        CloseNotNormal "refuse-close-code-not-1000" Both ["rfc6455/5.5.1/close-echoes-status-code", "rfc6455/7.4.1/predefined-status-codes"],
        /// Fails on Close frames without a code.
        CloseEmpty "refuse-close-empty" Both ["rfc6455/5.5.1/close-may-have-body", "rfc6455/7.1.5/no-code-means-1005"],
        /// Fails on close reasons.
        CloseReason "refuse-close-reason" Both ["rfc6455/5.5.1/reason-is-utf8"],
        /// Fails on close reasons of 123 octets: the bound is off by one.
        CloseReason123 "refuse-close-reason-123" Both ["rfc6455/5.5.1/reason-is-utf8", "rfc6455/5.5.1/close-may-have-body"],
    }
}

/// What an endpoint remembers of headers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HeaderMemory {
    last_key: Option<[u8; 4]>,
    is_key_repeated: bool,
    fragments: u64,
}

impl HeaderMemory {
    /// Another header was read.
    pub(super) fn note(&mut self, header: &Header) {
        let data = !header.opcode.is_control();
        if data && header.opcode != Opcode::Continuation {
            self.fragments = 0;
        }
        self.fragments += u64::from(data);
        self.is_key_repeated = header.key.is_some() && self.last_key == header.key;
        self.last_key = header.key;
    }
}

impl Misreading {
    /// The length as this endpoint reads it.
    pub(super) fn len(self, form: u8, masked: bool, len: u64) -> u64 {
        match self {
            Misreading::Length16Reversed if form == 126 => u64::from((len as u16).swap_bytes()),
            Misreading::Length64Reversed if form == 127 => len.swap_bytes(),
            Misreading::Length64Low16 if form == 127 => len & 0xffff,
            Misreading::LengthHoldsKey if masked => len.saturating_sub(4),
            _ => len,
        }
    }

    /// Whether a lawful header is refused. `mid_message`: a message is under way; `memory` has noted the header.
    pub(super) fn refuses_header(self, header: &Header, mid_message: bool, memory: &HeaderMemory) -> bool {
        let data = !header.opcode.is_control();
        let fragment = data && (!header.fin || header.opcode == Opcode::Continuation);
        let len = header.payload_len;
        match self {
            Misreading::Length16Signed => (32_768..65_536).contains(&len),
            Misreading::Length126 => len == 126,
            Misreading::Length65536 => len == 65_536,
            Misreading::Control125 => !data && len == 125,
            Misreading::EmptyMessage => data && !fragment && len == 0,
            Misreading::EmptyFragment => fragment && len == 0,
            Misreading::EmptyControl => !data && header.opcode != Opcode::Close && len == 0,
            Misreading::ZeroKey => header.key == Some([0; 4]),
            Misreading::RepeatedKey => memory.is_key_repeated,
            Misreading::Fragments => fragment,
            Misreading::ManyFragments => memory.fragments > 16,
            Misreading::PingAmidMessage => mid_message && header.opcode == Opcode::Ping,
            Misreading::PongAmidMessage => mid_message && header.opcode == Opcode::Pong,
            Misreading::CloseAmidMessage => mid_message && header.opcode == Opcode::Close,
            Misreading::UnsolicitedPong => header.opcode == Opcode::Pong,
            Misreading::CloseEmpty => header.opcode == Opcode::Close && len == 0,
            Misreading::CloseReason => header.opcode == Opcode::Close && len > 2,
            Misreading::CloseReason123 => header.opcode == Opcode::Close && len == 125,
            _ => false,
        }
    }

    /// Whether a lawful message or control frame is refused. `fragments`: where those of a
    /// message begin.
    pub(super) fn refuses(self, incoming: &Incoming, fragments: &[usize]) -> bool {
        match incoming {
            Incoming::Message { kind: MessageKind::Text, payload } => self.refuses_text(payload, fragments),
            Incoming::Message { kind: MessageKind::Binary, payload } => {
                self == Misreading::BinaryNotUtf8 && std::str::from_utf8(payload).is_err()
            }
            Incoming::Ping(payload) => {
                self == Misreading::PingNotUtf8 && std::str::from_utf8(payload).is_err()
            }
            Incoming::Pong(_) => false,
            Incoming::Close(close) => close.code.is_some_and(|code| self.refuses_code(code)),
        }
    }

    fn refuses_text(self, payload: &[u8], fragments: &[usize]) -> bool {
        let text = String::from_utf8_lossy(payload);
        let any = |test: fn(char) -> bool| text.chars().any(test);
        match self {
            Misreading::TextWithNul => any(|c| c == '\0'),
            Misreading::TextWithNoncharacter => {
                any(|c| u32::from(c) & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&c))
            }
            Misreading::TextAboveFfff => any(|c| c > '\u{ffff}'),
            Misreading::TextWithBom => text.starts_with('\u{feff}'),
            Misreading::TextMaximum => any(|c| c == '\u{10ffff}'),
            Misreading::Utf8SplitByFragment => fragments.iter().any(|start| !text.is_char_boundary(*start)),
            _ => false,
        }
    }

    fn refuses_code(self, code: CloseCode) -> bool {
        match self {
            Misreading::CloseRegisteredLater => (1012..=1014).contains(&code.0),
            Misreading::Close1014 => code.0 == 1014,
            Misreading::Close3000 => (3000..=3999).contains(&code.0),
            Misreading::Close4000 => (4000..=4999).contains(&code.0),
            Misreading::Close4999 => code.0 == 4999,
            Misreading::CloseNotNormal => code.0 != 1000,
            _ => false,
        }
    }
}
