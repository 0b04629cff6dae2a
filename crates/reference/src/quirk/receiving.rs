//! The faults of a receiver in one place: `receive` calls it where a fault can show, and it asks
//! the areas. Without a quirk it changes nothing.

use super::assembly::{Assembly, AssemblyMemory, ControlEffect, Parts};
use super::catalogue::{DeflateReceived, Faults, Leniency, Rare, Segments, TextLeniency};
use super::deflate_received::{InflateMemory, Inflated};
use super::leniency::{Seen, Verdict};
use super::misreading::{HeaderMemory, Misreading};
use super::rare::RareMemory;
use super::text_leniency::{BadText, TextVerdict};
use super::unmasking::UnmaskMemory;
use crate::event::MessageKind;
use crate::receive::Incoming;
use crate::violation::Violation;
use std::collections::VecDeque;
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::{Header, Opcode, Role, mask};

/// What the end of a segment does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutEffect {
    None,
    HeaderLost,
    PayloadEnds,
    PongEnds,
}

#[derive(Debug, Default)]
pub struct ReceiverFaults {
    faults: Faults,
    frames: u64,
    messages: u64,
    last_kind: Option<MessageKind>,
    /// Whether a cut fell into the frame under way.
    split: bool,
    /// Whether a cut fell into any frame of the message under way.
    message_split: bool,
    /// A violation was overlooked since the last header.
    overlooked: bool,
    /// Fails the connection when the frame under way ends, unless it was split.
    suspect: Option<Violation>,
    /// Fails the connection when what was read is answered.
    late: Option<Violation>,
    /// What else arrived with the last thing.
    ready: VecDeque<Incoming>,
    unmask: UnmaskMemory,
    header: HeaderMemory,
    assembly: AssemblyMemory,
    inflate: Option<InflateMemory>,
    rare: RareMemory,
}

impl ReceiverFaults {
    pub fn new(faults: Faults) -> ReceiverFaults {
        ReceiverFaults { faults, ..ReceiverFaults::default() }
    }

    /// What the opening handshake agreed, as this endpoint understands it.
    pub fn agree(
        &mut self,
        role: Role,
        params: Option<DeflateParams>,
        len_max: usize,
    ) -> Option<DeflateParams> {
        let (params, fault) = (params?, self.faults.deflate_received());
        let no_context_takeover = match role.peer() {
            Role::Client => params.client_no_context_takeover,
            Role::Server => params.server_no_context_takeover,
        };
        self.inflate = fault.map(|_| InflateMemory::new(!no_context_takeover, len_max));
        Some(params).filter(|_| fault != Some(DeflateReceived::NotUnderstood))
    }

    /// Whether a compressed message is inflated when it is whole.
    pub fn inflates_whole(&self) -> bool {
        self.inflate.is_some()
    }

    /// Whether a message is compressed that begins with this bit.
    pub fn is_compressed(&mut self, rsv1: bool) -> bool {
        match (self.faults.deflate_received(), &mut self.inflate) {
            (Some(fault), Some(memory)) => fault.is_compressed(rsv1, memory),
            _ => rsv1,
        }
    }

    pub fn inflate(&mut self, payload: &[u8], fragments: &[usize], text: bool) -> Inflated {
        match (self.faults.deflate_received(), &mut self.inflate) {
            (Some(fault), Some(memory)) => fault.inflate(payload, fragments, text, memory),
            _ => Inflated::Fail(Violation::NotDeflate),
        }
    }

    /// A frame begins while a message is under way, of which `payload` arrived.
    pub fn amid_message(&self, header: &Header, compressed: bool, payload: &[u8]) -> Result<(), Violation> {
        for rare in self.faults.each::<Rare>() {
            rare.amid_text(header, payload)?;
        }
        let control = header.opcode.is_control();
        match control && compressed && self.faults.has(DeflateReceived::ControlAmid) {
            true => Err(Violation::NotDeflate),
            false => Ok(()),
        }
    }

    /// No octet is left of a TCP segment.
    pub fn segment_end(&mut self, amid_frame: bool, amid_character: bool) -> Result<CutEffect, Violation> {
        self.split |= amid_frame;
        self.message_split |= amid_frame;
        for fault in self.faults.each::<Segments>() {
            match fault {
                Segments::Utf8Cut if amid_character => return Err(Violation::TextNotUtf8),
                Segments::HeaderLost => return Ok(CutEffect::HeaderLost),
                Segments::PayloadCut => return Ok(CutEffect::PayloadEnds),
                Segments::PongCut => return Ok(CutEffect::PongEnds),
                _ => {}
            }
        }
        Ok(CutEffect::None)
    }

    /// A segment ended within a header, of which these octets were read.
    pub fn cut_header(&self, header: &mut [u8]) {
        for fault in self.faults.each::<Segments>() {
            fault.cut_header(header);
        }
    }

    /// Another thing that arrived, before the one that is delivered next.
    pub fn also(&mut self, incoming: Option<Incoming>) {
        self.ready.extend(incoming);
    }

    /// Whether a message goes on after another one interrupted it.
    pub fn resumes_interrupted(&self) -> bool {
        self.faults.has(Leniency::InterleavedNested)
    }

    /// Something that arrived before, or its failure.
    pub fn ready(&mut self) -> Result<Option<Incoming>, Violation> {
        match (self.ready.pop_front(), self.late.take()) {
            (Some(incoming), late) => {
                self.late = late;
                Ok(Some(incoming))
            }
            (None, Some(violation)) => Err(violation),
            (None, None) => Ok(None),
        }
    }

    /// What is known when a rule is broken; `header` holds the octets of a header so far.
    pub fn seen(&self, header: &[u8], amid: Option<MessageKind>) -> Seen {
        let short_len = header.get(1).map(|octet| octet & 0x7f);
        let extended = |len: usize| {
            let octets = header.get(2..2 + len)?;
            Some(octets.iter().fold(0, |len, octet| (len << 8) | u64::from(*octet)))
        };
        Seen {
            fin: header[0] & 0x80 != 0,
            opcode: Opcode::from_bits(header[0]),
            rsv: (header[0] >> 4) & 7,
            short_len,
            len: match short_len {
                Some(126) => extended(2),
                Some(127) => extended(8),
                Some(len) => Some(u64::from(len)),
                None => None,
            },
            frames: self.frames,
            messages: self.messages,
            amid,
        }
    }

    /// Whether a violation is overlooked, for now at least.
    pub fn overlooks(&mut self, violation: Violation, seen: &Seen) -> bool {
        let mut verdicts = self.faults.each::<Leniency>().map(|leniency| leniency.judge(violation, seen));
        let verdict = verdicts.find(|verdict| *verdict != Verdict::Fail).unwrap_or(Verdict::Fail);
        let suspected = self.faults.each::<Segments>().any(|fault| match fault {
            Segments::RsvOnlyWhole => violation == Violation::ReservedBit,
            Segments::MaskOnlyWhole => matches!(violation, Violation::Unmasked | Violation::Masked),
            _ => false,
        });
        if suspected {
            self.suspect = Some(violation);
        }
        if verdict == Verdict::FailLater {
            self.late = Some(violation);
        }
        let overlooked = suspected || verdict != Verdict::Fail;
        self.overlooked |= overlooked;
        overlooked
    }

    /// A header passed the rules. It may be read as another one.
    pub fn header(&mut self, header: &mut Header, seen: &Seen) -> Result<(), Violation> {
        if std::mem::take(&mut self.overlooked) {
            for leniency in self.faults.each::<Leniency>() {
                leniency.header(header, seen, self.last_kind);
            }
        }
        if let Some(unmasking) = self.faults.unmasking() {
            unmasking.header(header, &mut self.unmask);
        }
        let (form, masked, len) =
            (seen.short_len.unwrap_or_default(), header.key.is_some(), header.payload_len);
        let read = |misreading: Misreading| misreading.len(form, masked, len);
        if let Some(misreading) = self.faults.showing(|misreading| read(misreading) != len) {
            header.payload_len = read(misreading);
        }
        self.header.note(header);
        let refuses =
            |misreading: Misreading| misreading.refuses_header(header, seen.amid.is_some(), &self.header);
        if self.faults.showing(refuses).is_some() {
            return Err(Violation::LengthNotMinimal);
        }
        for rare in self.faults.each::<Rare>() {
            rare.header(header, &mut self.rare)?;
        }
        if self.split && self.faults.has(Segments::HeaderCutRefused) {
            return Err(Violation::LengthNotMinimal);
        }
        Ok(())
    }

    pub fn unmask(&mut self, header: &Header, offset: u64, octets: &mut [u8]) {
        match (self.faults.unmasking(), header.key) {
            (Some(unmasking), _) => unmasking.apply(header, offset, octets, &mut self.unmask),
            (None, Some(key)) => match self.faults.rare() {
                Some(rare) => rare.unmask(key, offset, octets),
                None => mask::apply(key, offset, octets),
            },
            (None, None) => {}
        }
    }

    /// Whether text is judged when its message ends.
    pub fn defers_text(&self) -> bool {
        self.faults.each::<TextLeniency>().next().is_some() || self.faults.has(Segments::Utf8OnlyWhole)
    }

    /// A text message ended that is not UTF-8.
    pub fn bad_text(&mut self, payload: &[u8], fragments: &[usize]) -> TextVerdict {
        let fragments = &within(fragments, payload.len())[..];
        let text = BadText { payload, fragments, messages: self.messages };
        let mut verdicts = self.faults.each::<TextLeniency>().map(|leniency| leniency.judge(&text));
        let verdict = match verdicts.find(|verdict| *verdict != TextVerdict::Fail) {
            Some(verdict) => verdict,
            None if self.message_split && self.faults.has(Segments::Utf8OnlyWhole) => TextVerdict::Accept,
            None => TextVerdict::Fail,
        };
        if verdict == TextVerdict::FailLater {
            self.late = Some(Violation::TextNotUtf8);
        }
        verdict
    }

    /// A piece of a close reason arrived.
    pub fn close_reason_piece(&self, piece: &[u8]) -> Result<(), Violation> {
        let shows = |fault: Segments| fault == Segments::ReasonCut && std::str::from_utf8(piece).is_err();
        match self.faults.showing(shows) {
            Some(_) => Err(Violation::CloseReasonNotUtf8),
            None => Ok(()),
        }
    }

    /// Whether a close reason that is not UTF-8, and was not failed, is taken.
    pub fn takes_bad_reason(&self) -> bool {
        self.faults.each::<Leniency>().any(Leniency::takes_bad_reason)
    }

    /// Whether a data frame is the last of its message.
    pub fn is_last(&self, header: &Header) -> bool {
        header.fin
            != self.faults.showing(|assembly: Assembly| assembly.is_last(header) != header.fin).is_some()
    }

    /// Whether a data frame makes the endpoint forget the message so far.
    pub fn forgets(&self, header: &Header) -> bool {
        self.faults.showing(|assembly: Assembly| assembly.forgets(header)).is_some()
    }

    pub fn control(&self, opcode: Opcode) -> ControlEffect {
        let effect = |assembly: Assembly| assembly.control(opcode);
        self.faults
            .showing(|assembly| effect(assembly) != ControlEffect::None)
            .map_or(ControlEffect::None, effect)
    }

    /// A frame ended.
    pub fn frame_end(&mut self) -> Result<bool, Violation> {
        self.frames += 1;
        let split = std::mem::take(&mut self.split);
        match self.suspect.take() {
            Some(violation) if !split => Err(violation),
            Some(_) | None => Ok(split),
        }
    }

    /// Something arrived whole. `fragments`: where those of a message begin; `split`: a cut fell
    /// into its last frame.
    pub fn deliver(
        &mut self,
        incoming: Incoming,
        fragments: &[usize],
        split: bool,
    ) -> Result<Option<Incoming>, Violation> {
        if self.faults.showing(|misreading: Misreading| misreading.refuses(&incoming, fragments)).is_some() {
            return Err(Violation::TextNotUtf8);
        }
        match incoming {
            Incoming::Message { kind, payload } => {
                self.message_split = false;
                self.messages += 1;
                self.last_kind = Some(kind);
                let parts = Parts { kind, payload: &payload, fragments: &within(fragments, payload.len()) };
                match self.faults.showing(|assembly: Assembly| assembly.differs(&parts)) {
                    Some(assembly) => {
                        let messages = assembly.assemble(&parts, &mut self.assembly).into_iter();
                        self.ready
                            .extend(messages.map(|(kind, payload)| Incoming::Message { kind, payload }));
                    }
                    None => self.ready.push_back(Incoming::Message { kind, payload }),
                }
                Ok(self.ready.pop_front())
            }
            Incoming::Close(close)
                if self.faults.each::<Rare>().any(|rare| rare.loses_close(&close.reason, &self.rare)) =>
            {
                Ok(None)
            }
            Incoming::Ping(_) if split && self.faults.has(Segments::PingCutLost) => Ok(None),
            Incoming::Close(_) if split && self.faults.has(Segments::CloseCutLost) => Ok(None),
            Incoming::Ping(_) | Incoming::Pong(_) | Incoming::Close(_) if self.ready.is_empty() => {
                Ok(Some(incoming))
            }
            Incoming::Ping(_) | Incoming::Pong(_) | Incoming::Close(_) => {
                self.ready.push_back(incoming);
                Ok(self.ready.pop_front())
            }
        }
    }
}

/// Where fragments begin in a payload of `len` octets. Another fault may have lost some of it.
fn within(fragments: &[usize], len: usize) -> Vec<usize> {
    fragments.iter().map(|start| (*start).min(len)).collect()
}
