//! What quirks do with what arrives.

use crate::behavior::{BadText, ControlEffect, FrameSoFar, Input, Receiving, SegmentEnd, Strict};
use crate::deflate::inflater::Inflater;
use crate::event::MessageKind;
use crate::incoming::Incoming;
use crate::message::Message;
use crate::quirk::assembly::{Assembly, Parts};
use crate::quirk::catalogue::{
    DeflateReceived, Leniency, Misreading, Rare, Segments, TextLeniency, Unmasking, Whole,
};
use crate::quirk::deflate_received::{self, InflateMemory, Inflated};
use crate::quirk::faulty::Faulty;
use crate::quirk::leniency::Reaction;
use crate::violation::Violation;
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::{Header, Opcode, Role};

impl Receiving for Faulty {
    fn survives_partial_record(&mut self) -> bool {
        !self.has(Segments::PartialRecordEnds)
    }

    fn input(&mut self, octets: &[u8], role: Role) -> Input {
        let faults = self.all::<Segments>();
        let held = &mut self.received.segments.held;
        let read = faults.fold(octets.to_vec(), |read, fault| fault.cut(&read, held));
        let faults = self.all::<Whole>();
        self.whole.segments += 1;
        let instead = faults.map(|fault| fault.incoming(&read, role, &self.whole)).find(Option::is_some);
        instead.flatten().unwrap_or(Input::Read(read))
    }

    fn things_max(&mut self) -> u64 {
        self.all().map(Segments::things_max).min().unwrap_or_else(|| Strict.things_max())
    }

    fn receiving_params(
        &mut self,
        role: Role,
        agreed: Option<DeflateParams>,
        len_max: usize,
    ) -> Option<DeflateParams> {
        let params = agreed?;
        self.received.deflate = true;
        let context_takeover = params.settings(role.peer()).context_takeover;
        let mut faults = self.all::<DeflateReceived>();
        self.received.inflate = faults.next().map(|_| InflateMemory::new(context_takeover, len_max));
        (!self.has(DeflateReceived::NotUnderstood)).then_some(params)
    }

    fn header_cut(&mut self, header: &mut [u8]) {
        self.all().for_each(|fault: Segments| fault.cut_header(header));
    }

    fn segment_end(&mut self, mid_frame: bool, mid_character: bool) -> Result<SegmentEnd, Violation> {
        self.received.segments.split |= mid_frame;
        self.received.segments.message_split |= mid_frame;
        if mid_character && self.has(Segments::Utf8Cut) {
            return Err(Violation::TextNotUtf8);
        }
        let mut ends = self.all().map(Segments::end);
        Ok(ends.find(|end| *end != SegmentEnd::NoEffect).unwrap_or(SegmentEnd::NoEffect))
    }

    fn held(&mut self) -> Result<Option<Incoming>, Violation> {
        match self.received.ready.pop_front() {
            Some(incoming) => Ok(Some(incoming)),
            None => self.received.late.take().map_or(Ok(None), Err),
        }
    }

    fn overlooks(&mut self, violation: Violation, header: &[u8], message: Option<&Message>) -> bool {
        let seen = self.seen(header, message);
        self.received.judged = Some(seen.opcode);
        let mut verdicts = self.all().map(|fault: Leniency| fault.judge(violation, &seen));
        let verdict = verdicts.find(|verdict| *verdict != Reaction::Fail).unwrap_or(Reaction::Fail);
        let suspected = self.all().any(|fault: Segments| fault.suspects(violation));
        if suspected {
            self.received.suspect = Some(violation);
        }
        if verdict == Reaction::FailLater {
            self.received.late = Some(violation);
        }
        let overlooked = suspected || verdict != Reaction::Fail;
        self.received.overlooked |= overlooked;
        overlooked
    }

    fn frame_starts(
        &mut self,
        header: &mut Header,
        octets: &[u8],
        message: Option<&mut Message>,
    ) -> Result<(), Violation> {
        let seen = self.seen(octets, message.as_deref());
        self.misread_header(header, &seen);
        self.judge_header(header, &seen)?;
        let Some(message) = message else { return Ok(()) };
        if self.all().any(|fault: Rare| fault.refuses_in_text(header, &message.payload)) {
            return Err(Violation::TextNotUtf8);
        }
        let control = header.opcode.is_control();
        if control && message.compressed && self.has(DeflateReceived::ControlAmid) {
            return Err(Violation::NotDeflate);
        }
        if self.all().any(|fault: Assembly| fault.forgets(header)) {
            message.clear();
        }
        Ok(())
    }

    fn is_compressed(&mut self, rsv1: bool) -> bool {
        let mut faults = self.all::<DeflateReceived>();
        match (faults.next(), &mut self.received.inflate) {
            (Some(fault), Some(memory)) => fault.is_compressed(rsv1, memory),
            (_, _) => rsv1,
        }
    }

    fn interrupted(&mut self, message: Option<Message>) {
        self.received.interrupted = message.filter(|_| self.has(Leniency::InterleavedNested));
    }

    fn resumed(&mut self) -> Option<Message> {
        self.received.interrupted.take()
    }

    fn unmask(&mut self, header: &Header, offset: u64, octets: &mut [u8]) {
        let Some(key) = header.key else { return };
        if let Some(fault) = self.all::<Unmasking>().next() {
            return fault.apply(header, offset, octets, &mut self.received.unmask);
        }
        let key = self.all().fold(key, |key, fault: Rare| fault.key(key));
        Strict.unmask(&Header { key: Some(key), ..*header }, offset, octets);
    }

    fn judges_text_early(&mut self) -> bool {
        self.all::<TextLeniency>().next().is_none() && !self.has(Segments::Utf8OnlyWhole)
    }

    fn inflate(
        &mut self,
        inflater: &mut Inflater,
        message: &mut Message,
        piece: &[u8],
        fails_fast: bool,
    ) -> Result<(), Violation> {
        // With a quirk a message is inflated when it is whole.
        if self.received.inflate.is_some() {
            message.payload.extend_from_slice(piece);
            return Ok(());
        }
        message.inflate(inflater, piece, || fails_fast && self.judges_text_early())
    }

    fn inflate_end(
        &mut self,
        inflater: &mut Inflater,
        message: &mut Message,
        fails_fast: bool,
    ) -> Result<bool, Violation> {
        let faults = self.all::<DeflateReceived>();
        let Some(memory) = &mut self.received.inflate else {
            message.inflate_end(inflater, || fails_fast && self.judges_text_early())?;
            return Ok(true);
        };
        let payload = std::mem::take(&mut message.payload);
        let text = message.kind == MessageKind::Text;
        match deflate_received::inflate(faults, &payload, &message.fragments, text, memory) {
            Inflated::Fail(violation) => Err(violation),
            Inflated::Drop => Ok(false),
            Inflated::Unjudged(output) => {
                message.payload = output;
                Ok(true)
            }
            Inflated::Message(output) => {
                message.push(&output, || fails_fast && self.judges_text_early())?;
                Ok(true)
            }
        }
    }

    fn close_reason_piece(&mut self, piece: &[u8]) -> Result<(), Violation> {
        match std::str::from_utf8(piece).is_err() && self.has(Segments::ReasonCut) {
            true => Err(Violation::CloseReasonNotUtf8),
            false => Ok(()),
        }
    }

    fn takes_bad_reason(&mut self) -> bool {
        self.all().any(Leniency::takes_bad_reason)
    }

    fn frame_ends(&mut self) -> Result<(), Violation> {
        self.received.frames += 1;
        let segments = &mut self.received.segments;
        segments.last_split = std::mem::take(&mut segments.split);
        match self.received.suspect.take() {
            Some(violation) if !segments.last_split => Err(violation),
            Some(_) | None => Ok(()),
        }
    }

    fn effect_on_message(&mut self, opcode: Opcode) -> ControlEffect {
        let mut effects = self.all().map(|fault: Assembly| fault.effect_on_message(opcode));
        effects.find(|effect| *effect != ControlEffect::NoEffect).unwrap_or(ControlEffect::NoEffect)
    }

    fn is_last(&mut self, header: &Header) -> bool {
        let mut answers = self.all().map(|fault: Assembly| fault.is_last(header));
        answers.find(|last| *last != header.fin).unwrap_or(header.fin)
    }

    fn bad_text(&mut self, message: &Message) -> BadText {
        let messages = self.received.messages;
        let mut verdicts =
            self.all().map(|fault: TextLeniency| fault.judge(&message.payload, &message.fragments, messages));
        let verdict = verdicts.find(|verdict| *verdict != BadText::Fail).unwrap_or(BadText::Fail);
        match verdict {
            BadText::Fail if self.received.segments.message_split && self.has(Segments::Utf8OnlyWhole) => {
                BadText::Accept
            }
            BadText::FailLater => {
                self.received.late = Some(Violation::TextNotUtf8);
                verdict
            }
            BadText::Fail | BadText::Accept | BadText::Drop | BadText::Replace => verdict,
        }
    }

    fn deliver(&mut self, incoming: Incoming, fragments: &[usize]) -> Result<Option<Incoming>, Violation> {
        if self.all().any(|fault: Misreading| fault.refuses(&incoming, fragments)) {
            return Err(Violation::TextNotUtf8);
        }
        let split = self.received.segments.last_split;
        match incoming {
            Incoming::Message { kind, payload } => self.assemble(kind, payload, fragments),
            Incoming::Close(close) if self.loses_close(&close.reason, split) => return Ok(None),
            Incoming::Ping(_) if split && self.has(Segments::PingCutLost) => return Ok(None),
            Incoming::Ping(_) | Incoming::Pong(_) | Incoming::Close(_) => {
                self.received.ready.push_back(incoming);
            }
        }
        Ok(self.received.ready.pop_front())
    }

    fn also_arrived(&mut self, incoming: Option<Incoming>) {
        self.received.ready.extend(incoming);
    }
}

impl Faulty {
    /// What is known of a frame by these octets of its header.
    fn seen(&self, header: &[u8], message: Option<&Message>) -> FrameSoFar {
        let short_len = header.get(1).map(|octet| octet & 0x7f);
        let extended = |len: usize| {
            let octets = header.get(2..2 + len)?;
            Some(octets.iter().fold(0, |len, octet| (len << 8) | u64::from(*octet)))
        };
        FrameSoFar {
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
            frames: self.received.frames,
            messages: self.received.messages,
            mid_message: message.map(|message| message.kind),
            message_len: message.map_or(0, |message| message.payload.len()),
            deflate: self.received.deflate,
        }
    }

    /// Makes of a header the one that the endpoint reads in its place.
    fn misread_header(&mut self, header: &mut Header, seen: &FrameSoFar) {
        if std::mem::take(&mut self.received.overlooked) {
            for fault in self.all::<Leniency>() {
                fault.header(header, seen, self.received.last_kind);
            }
        }
        self.received.unmask.note(header);
        let (form, masked) = (seen.short_len.unwrap_or_default(), header.key.is_some());
        let read = |len, fault: Misreading| fault.len(form, masked, len);
        header.payload_len = self.all().fold(header.payload_len, read);
        self.received.header.note(header);
        self.received.rare.note(header);
    }

    /// What the endpoint sees in a header that broke no rule.
    fn judge_header(&mut self, header: &Header, seen: &FrameSoFar) -> Result<(), Violation> {
        let mid_message = seen.mid_message.is_some();
        let misreads = self
            .all()
            .any(|fault: Misreading| fault.refuses_header(header, mid_message, &self.received.header));
        let refuses = self.all().any(|fault: Rare| fault.refuses_header(header, &self.received.rare));
        if misreads || refuses || self.received.segments.split && self.has(Segments::HeaderCutRefused) {
            return Err(Violation::LengthNotMinimal);
        }
        Ok(())
    }

    /// Whether a Close frame has no effect. `split`: a segment ended within it.
    fn loses_close(&mut self, reason: &str, split: bool) -> bool {
        self.all().any(|fault: Rare| fault.loses_close(reason, &self.received.rare))
            || split && self.has(Segments::CloseCutLost)
    }

    /// A message arrived: makes ready what the endpoint delivers in its place.
    fn assemble(&mut self, kind: MessageKind, payload: Vec<u8>, fragments: &[usize]) {
        self.received.segments.message_split = false;
        self.received.messages += 1;
        self.received.last_kind = Some(kind);
        let mut messages = vec![(kind, payload.clone())];
        for fault in self.all::<Assembly>() {
            let assemble = |(kind, so_far): (MessageKind, Vec<u8>)| {
                // Behind another quirk the message is no longer made of these fragments.
                let fragments =
                    if so_far == payload { fragments } else { &fragments[..fragments.len().min(1)] };
                let parts = Parts { kind, payload: &so_far, fragments };
                fault.assemble(&parts, &mut self.received.assembly)
            };
            messages = messages.into_iter().flat_map(assemble).collect();
        }
        let messages = messages.into_iter().map(|(kind, payload)| Incoming::Message { kind, payload });
        self.received.ready.extend(messages);
    }
}
