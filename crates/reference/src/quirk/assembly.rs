//! An endpoint that assembles messages wrongly.

use super::table::quirks;
use crate::behavior::receiving::ControlEffect;
use crate::event::MessageKind;
use wsgauntlet_wire::{Header, Opcode};

quirks! {
    /// What becomes of fragments and payloads.
    pub enum Assembly {
        /// Loses the first fragment of a message.
        FirstFragmentLost "lose-first-fragment" Both ["rfc6455/5.4/receive-fragmented-and-unfragmented"],
        /// Loses the fragments between the first and the last.
        MiddleFragmentsLost "lose-middle-fragments" Both ["rfc6455/5.4/receive-fragmented-and-unfragmented"],
        /// Loses the last fragment of a message.
        LastFragmentLost "lose-last-fragment" Both ["rfc6455/5.4/receive-fragmented-and-unfragmented"],
        /// Puts the fragments together in the wrong order.
        Reversed "fragments-reversed" Both ["rfc6455/5.4/fragments-in-order"],
        /// Delivers each fragment as a message.
        FragmentsAsMessages "fragments-as-messages" Both ["rfc6455/5.4/no-reliance-on-frame-boundaries", "rfc6455/5.4/receive-fragmented-and-unfragmented"],
        /// Takes a fragment without payload for the last one.
        EmptyEnds "empty-fragment-ends-message" Both ["rfc6455/5.4/fragments-of-any-size"],
        /// Forgets the fragments so far at one without payload.
        EmptyResets "empty-fragment-resets-message" Both ["rfc6455/5.4/fragments-of-any-size"],
        /// Waits for more when the last fragment has no payload.
        EmptyLastAwaited "empty-last-fragment-awaited" Both ["rfc6455/5.4/fragments-of-any-size", "rfc6455/6.1/last-frame-fin"],
        /// Delivers fragmented text as binary: the continuation's opcode is no text.
        KindOfLast "fragmented-text-as-binary" Both ["rfc6455/6.2/message-type-noted", "rfc6455/5.4/one-type-per-message"],
        /// Never ends a fragmented message.
        FinIgnored "continuation-fin-ignored" Both ["rfc6455/5.4/fragmented-message-form"],
        /// Forgets the message under way at a ping.
        PingResets "ping-resets-message" Both ["rfc6455/5.4/control-frames-mid-message"],
        /// Appends the payload of a pong to the message under way.
        PongJoins "pong-joins-message" Both ["rfc6455/5.4/control-frames-mid-message"],
        /// Ends the message under way at a control frame.
        ControlEnds "control-ends-message" Both ["rfc6455/5.4/control-frames-mid-message", "rfc6455/5.4/fragmented-message-form"],
        /// Keeps the payload of a fragmented message for the next one.
        NotCleared "message-not-cleared" Both ["rfc6455/6.2/next-frame-starts-new-message"],
        /// Keeps the type of the first message for all.
        KindKept "message-kind-kept" Both ["rfc6455/6.2/message-type-noted"],
        /// Delivers nothing for a message without payload.
        EmptyLost "lose-empty-message" Both ["rfc6455/6.2/incoming-parsed-as-frames"],
        /// Loses the last octet of payloads above 125 octets.
        LastOctetLost "lose-last-octet" Both ["rfc6455/6.2/incoming-parsed-as-frames"],
        /// Cuts messages at 65535 octets.
        CutAt65535 "message-cut-at-65535" Both ["rfc6455/6.2/incoming-parsed-as-frames"],
        /// Ends a message at its first NUL.
        CutAtNul "message-cut-at-nul" Both ["rfc6455/6.2/incoming-parsed-as-frames"],
        /// Delivers a message twice when it was fragmented.
        FragmentedTwice "fragmented-message-twice" Both ["rfc6455/6.2/incoming-parsed-as-frames"],
        /// Makes LF of CRLF in text.
        LineBreaks "text-line-breaks-changed" Both ["rfc6455/6.2/incoming-parsed-as-frames"],
        /// Drops U+FEFF at the start of text.
        BomDropped "text-bom-dropped" Both ["rfc6455/6.2/incoming-parsed-as-frames"],
        /// Decodes each fragment of text by itself, so that a character that is cut is replaced.
        FragmentsDecoded "text-fragments-decoded-apart" Both ["rfc6455/6.2/incoming-parsed-as-frames", "rfc6455/5.4/no-reliance-on-frame-boundaries"],
        /// Writes each octet above 127 of text as "?".
        AsciiOnly "text-ascii-only" Both ["rfc6455/5.6/text-is-utf8"],
        /// Writes characters above U+FFFF as surrogates.
        Cesu8 "text-as-cesu8" Both ["rfc6455/5.6/text-is-utf8"],
    }
}

/// A message as it was read, whose last fragment has arrived.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub(super) kind: MessageKind,
    pub(super) payload: &'a [u8],
    /// Where each fragment begins.
    pub(super) fragments: &'a [usize],
}

/// What an endpoint remembers from message to message.
#[derive(Debug, Default)]
pub(super) struct AssemblyMemory {
    kept: Vec<u8>,
    first_kind: Option<MessageKind>,
}

impl Assembly {
    /// Whether a data frame is the last of its message.
    pub(super) fn is_last(self, header: &Header) -> bool {
        let continuation = header.opcode == Opcode::Continuation;
        let empty = header.payload_len == 0;
        match self {
            Assembly::FragmentsAsMessages => true,
            Assembly::EmptyEnds if empty => true,
            Assembly::EmptyLastAwaited if continuation && empty => false,
            Assembly::FinIgnored if continuation => false,
            _ => header.fin,
        }
    }

    /// Whether a data frame makes the endpoint forget what came before.
    pub(super) fn forgets(self, header: &Header) -> bool {
        self == Assembly::EmptyResets && header.opcode == Opcode::Continuation && header.payload_len == 0
    }

    /// What the end of a frame does to the message under way.
    pub(super) fn effect_on_message(self, opcode: Opcode) -> ControlEffect {
        match self {
            Assembly::PingResets if opcode == Opcode::Ping => ControlEffect::Reset,
            Assembly::PongJoins if opcode == Opcode::Pong => ControlEffect::Join,
            Assembly::ControlEnds if opcode != Opcode::Close => ControlEffect::End,
            _ => ControlEffect::NoEffect,
        }
    }

    /// The messages that this endpoint delivers in place of one.
    pub(super) fn assemble(
        self,
        parts: &Parts<'_>,
        memory: &mut AssemblyMemory,
    ) -> Vec<(MessageKind, Vec<u8>)> {
        let fragmented = parts.fragments.len() > 1;
        let first_kind = *memory.first_kind.get_or_insert(parts.kind);
        let kind = match self {
            Assembly::KindOfLast if fragmented => MessageKind::Binary,
            Assembly::KindKept => first_kind,
            _ => parts.kind,
        };
        let payload = self.payload(parts, memory);
        match self {
            Assembly::EmptyLost if payload.is_empty() => Vec::new(),
            Assembly::FragmentedTwice if fragmented => {
                vec![(kind, payload.clone()), (kind, payload)]
            }
            _ => vec![(kind, payload)],
        }
    }

    fn payload(self, parts: &Parts<'_>, memory: &mut AssemblyMemory) -> Vec<u8> {
        let payload = parts.payload;
        let fragments = || {
            let ends = parts.fragments.iter().skip(1).copied().chain([payload.len()]);
            let bounds = parts.fragments.iter().copied().zip(ends);
            // Another fault may have cut the payload short.
            let within = |at: usize| at.min(payload.len());
            bounds.map(|(start, end)| &payload[within(start)..within(end)]).collect::<Vec<_>>()
        };
        let count = parts.fragments.len();
        let text = parts.kind == MessageKind::Text;
        let string = || String::from_utf8_lossy(payload);
        match self {
            Assembly::FirstFragmentLost if count > 1 => fragments()[1..].concat(),
            Assembly::MiddleFragmentsLost if count > 2 => [fragments()[0], fragments()[count - 1]].concat(),
            Assembly::LastFragmentLost if count > 1 => fragments()[..count - 1].concat(),
            Assembly::Reversed => {
                let mut fragments = fragments();
                fragments.reverse();
                fragments.concat()
            }
            Assembly::NotCleared => {
                let whole = [&memory.kept, payload].concat();
                memory.kept = if count > 1 { payload.to_vec() } else { Vec::new() };
                whole
            }
            Assembly::LastOctetLost if payload.len() > 125 => payload[..payload.len() - 1].to_vec(),
            Assembly::CutAt65535 => payload[..payload.len().min(65_535)].to_vec(),
            Assembly::CutAtNul => {
                let end = payload.iter().position(|octet| *octet == 0);
                payload[..end.unwrap_or(payload.len())].to_vec()
            }
            Assembly::LineBreaks if text => string().replace("\r\n", "\n").into_bytes(),
            Assembly::BomDropped if text => string().trim_start_matches('\u{feff}').as_bytes().to_vec(),
            Assembly::FragmentsDecoded if text && count > 1 => {
                let decoded = fragments().into_iter().map(String::from_utf8_lossy);
                decoded.collect::<String>().into_bytes()
            }
            Assembly::AsciiOnly if text => {
                let ascii = payload.iter().map(|octet| if octet.is_ascii() { *octet } else { b'?' });
                ascii.collect()
            }
            Assembly::Cesu8 if text => string().chars().flat_map(cesu8).collect(),
            _ => payload.to_vec(),
        }
    }
}

fn cesu8(c: char) -> Vec<u8> {
    let mut units = [0; 2];
    let unit = |unit: u16| {
        let [high, mid] = [(unit >> 12) as u8, ((unit >> 6) & 0x3f) as u8];
        [0xe0 | high, 0x80 | mid, 0x80 | (unit & 0x3f) as u8]
    };
    match c.encode_utf16(&mut units) {
        [_] => c.to_string().into_bytes(),
        pair => pair.iter().flat_map(|half| unit(*half)).collect(),
    }
}
