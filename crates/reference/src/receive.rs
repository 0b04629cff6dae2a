//! What arrives after the opening handshake, RFC 6455 §5 and §6.2, as an automaton over single
//! octets of headers and pieces of payloads: the first octet that breaks a rule ends it.

use super::config::Config;
use super::deflate::Inflater;
use super::event::MessageKind;
use super::quirk::assembly::ControlEffect;
use super::quirk::deflate_received::Inflated;
use super::quirk::receiving::{CutEffect, ReceiverFaults};
use super::quirk::text_leniency::TextVerdict;
use super::rules::{self, Context, Limits};
use super::variant::Variant;
use super::violation::Violation;
use wsgauntlet_wire::close::{CloseCode, ClosePayload, ClosePayloadError};
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::utf8::Utf8Validator;
use wsgauntlet_wire::{Header, Opcode, Role};

/// What a frame completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    Message { kind: MessageKind, payload: Vec<u8> },
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(ClosePayload),
}

/// Reads frames and assembles messages.
#[derive(Debug)]
pub struct Receiver {
    role: Role,
    limits: Limits,
    /// Whether a header is judged at each octet, or when it is whole.
    header_fails_fast: bool,
    /// Whether text is judged at each octet, or at the end of its message.
    text_fails_fast: bool,
    /// Whether a frame is judged by its header, or when its payload is there.
    frame_fails_fast: bool,
    /// What the header of the frame under way broke, until its payload is there.
    held: Option<Violation>,
    header_octets: Vec<u8>,
    frame: Option<Frame>,
    message: Option<Message>,
    /// A message that another one interrupted: no lawful endpoint has any.
    interrupted: Option<Message>,
    inflater: Option<Inflater>,
    faults: ReceiverFaults,
}

/// A frame whose header is complete.
#[derive(Debug)]
struct Frame {
    header: Header,
    payload_seen: u64,
    /// The payload so far of a control frame. That of a data frame goes to the message.
    control: Vec<u8>,
}

/// A message that has begun and not ended.
#[derive(Debug)]
struct Message {
    kind: MessageKind,
    compressed: bool,
    payload: Vec<u8>,
    /// Where each fragment begins. Kept only where a quirk looks at it.
    fragments: Vec<usize>,
    utf8: Utf8Validator,
}

impl Receiver {
    pub fn new(config: &Config) -> Receiver {
        let faults = ReceiverFaults::new(config.faults());
        Receiver {
            role: config.role,
            limits: Limits { message_len_max: config.message_len_max, frame_len_max: config.frame_len_max },
            header_fails_fast: !config.varies(Variant::HeaderJudgedWhole),
            text_fails_fast: !config.varies(Variant::TextJudgedWhole),
            frame_fails_fast: !config.varies(Variant::FrameJudgedWhole),
            held: None,
            header_octets: Vec::new(),
            frame: None,
            message: None,
            interrupted: None,
            inflater: None,
            faults,
        }
    }

    /// What the opening handshake agreed.
    pub fn agree(&mut self, params: Option<DeflateParams>) {
        let len_max = self.limits.message_len_max;
        let params = self.faults.agree(self.role, params, len_max);
        self.inflater = params.map(|params| Inflater::new(self.role, params, len_max));
    }

    /// Whether a message has begun and not ended.
    pub fn is_amid_message(&self) -> bool {
        self.message.is_some()
    }

    /// No octet is left of a TCP segment. That means nothing, without a quirk.
    pub fn segment_end(&mut self) -> Result<Option<Incoming>, Violation> {
        let amid_frame = !self.header_octets.is_empty();
        let amid_character = self.message.as_ref().is_some_and(Message::is_amid_character);
        if amid_frame && self.frame.is_none() {
            self.faults.cut_header(&mut self.header_octets);
        }
        match self.faults.segment_end(amid_frame, amid_character)? {
            CutEffect::None => Ok(None),
            CutEffect::HeaderLost if self.frame.is_some() => Ok(None),
            CutEffect::HeaderLost => {
                self.header_octets.clear();
                Ok(None)
            }
            CutEffect::PayloadEnds => match self.frame.take() {
                Some(frame) => self.frame_end(frame),
                None => Ok(None),
            },
            CutEffect::PongEnds => match self.frame.take_if(|frame| frame.header.opcode == Opcode::Pong) {
                Some(frame) => self.frame_end(frame),
                None => Ok(None),
            },
        }
    }

    /// What is left of what was read already: nothing, without a quirk.
    pub fn ready(&mut self) -> Result<Option<Incoming>, Violation> {
        self.faults.ready()
    }

    /// Reads on from the front of `octets`, which is advanced past what was used, until a frame
    /// completes something.
    pub fn receive(&mut self, octets: &mut &[u8]) -> Result<Option<Incoming>, Violation> {
        loop {
            match &self.frame {
                None => {
                    let Some((&octet, rest)) = octets.split_first() else {
                        return Ok(None);
                    };
                    *octets = rest;
                    self.header_octet(octet)?;
                }
                Some(frame) => {
                    let missing = frame.header.payload_len - frame.payload_seen;
                    let missing = usize::try_from(missing).unwrap_or(usize::MAX);
                    if octets.is_empty() && missing > 0 {
                        return Ok(None);
                    }
                    let (piece, rest) = octets.split_at(missing.min(octets.len()));
                    *octets = rest;
                    self.payload(piece)?;
                }
            }
            if let Some(frame) = self.frame.take_if(|frame| frame.is_complete())
                && let Some(incoming) = self.frame_end(frame)?
            {
                return Ok(Some(incoming));
            }
        }
    }

    /// Skips what is left of a frame that broke a rule, and forgets the message under way.
    pub fn skip(&mut self, octets: &mut &[u8]) {
        let seen = self.frame.take().map_or(0, |frame| frame.payload_seen);
        while Header::decode(&self.header_octets).is_none()
            && let Some((&octet, rest)) = octets.split_first()
        {
            self.header_octets.push(octet);
            *octets = rest;
        }
        if let Some((header, _)) = Header::decode(&self.header_octets) {
            let left = usize::try_from(header.payload_len.saturating_sub(seen));
            let left = left.map_or(octets.len(), |left| left.min(octets.len()));
            *octets = &octets[left..];
        }
        self.header_octets.clear();
        self.message = None;
    }

    /// Judges a header at each of its octets: reserved bits do not wait for the length.
    fn header_octet(&mut self, octet: u8) -> Result<(), Violation> {
        self.header_octets.push(octet);
        if !self.header_fails_fast && Header::decode(&self.header_octets).is_none() {
            return Ok(());
        }
        for violation in rules::broken(&self.header_octets, &self.context()) {
            self.fail_by_header(violation)?;
        }
        match Header::decode(&self.header_octets) {
            Some((header, _)) if self.held.is_some() => {
                self.frame = Some(Frame { header, payload_seen: 0, control: Vec::new() });
                Ok(())
            }
            Some((header, _)) => self.frame_start(header),
            None => Ok(()),
        }
    }

    fn context(&self) -> Context {
        let message = self.message.as_ref();
        Context {
            role: self.role,
            deflate: self.inflater.is_some(),
            limits: self.limits,
            message: message.map(|message| (message.payload.len(), message.compressed)),
        }
    }

    /// What the header of a frame broke: it is failed at once, or when its payload is there.
    fn fail_by_header(&mut self, violation: Violation) -> Result<(), Violation> {
        match self.fail_unless_overlooked(violation) {
            Err(violation) if !self.frame_fails_fast => {
                self.held.get_or_insert(violation);
                Ok(())
            }
            judged => judged,
        }
    }

    fn fail_unless_overlooked(&mut self, violation: Violation) -> Result<(), Violation> {
        let amid = self.message.as_ref().map(|message| message.kind);
        let seen = self.faults.seen(&self.header_octets, amid);
        if self.faults.overlooks(violation, &seen) { Ok(()) } else { Err(violation) }
    }

    fn frame_start(&mut self, mut header: Header) -> Result<(), Violation> {
        let amid = self.message.as_ref().map(|message| message.kind);
        let seen = self.faults.seen(&self.header_octets, amid);
        self.faults.header(&mut header, &seen)?;
        match header.opcode {
            Opcode::Text => self.message_start(MessageKind::Text, &header),
            Opcode::Binary => self.message_start(MessageKind::Binary, &header),
            Opcode::Continuation
            | Opcode::Close
            | Opcode::Ping
            | Opcode::Pong
            | Opcode::ReservedData(_)
            | Opcode::ReservedControl(_) => {}
        }
        if let Some(message) = &mut self.message {
            self.faults.amid_message(&header, message.compressed, &message.payload)?;
            if self.faults.forgets(&header) {
                message.clear();
            }
            if !header.opcode.is_control() {
                message.fragments.push(message.payload.len());
            }
        }
        self.frame = Some(Frame { header, payload_seen: 0, control: Vec::new() });
        Ok(())
    }

    fn message_start(&mut self, kind: MessageKind, header: &Header) {
        let message = Message {
            kind,
            compressed: self.inflater.is_some() && self.faults.is_compressed(header.rsv1()),
            payload: Vec::new(),
            fragments: Vec::new(),
            utf8: Utf8Validator::new(),
        };
        let interrupted = self.message.replace(message);
        self.interrupted = interrupted.filter(|_| self.faults.resumes_interrupted());
    }

    /// Takes a piece of the current frame's payload as it arrives.
    fn payload(&mut self, piece: &[u8]) -> Result<(), Violation> {
        let frame = self.frame.as_mut().expect("a payload follows a header");
        if self.held.is_some() {
            frame.payload_seen += piece.len() as u64;
            return Ok(());
        }
        let mut piece = piece.to_vec();
        // §6.2: "A server MUST remove masking for data frames received from a client".
        self.faults.unmask(&frame.header, frame.payload_seen, &mut piece);
        frame.payload_seen += piece.len() as u64;
        match frame.header.opcode {
            Opcode::Continuation | Opcode::Text | Opcode::Binary => self.data(&piece),
            Opcode::Close => {
                frame.control.extend_from_slice(&piece);
                let (payload, before) = (frame.control.clone(), frame.control.len() - piece.len());
                self.judge_close_payload(&payload)?;
                let reason = payload.get(before.max(2)..).unwrap_or_default();
                self.faults.close_reason_piece(reason)
            }
            Opcode::Ping | Opcode::Pong => {
                frame.control.extend_from_slice(&piece);
                Ok(())
            }
            Opcode::ReservedData(_) | Opcode::ReservedControl(_) => Ok(()),
        }
    }

    /// Takes a piece of a data frame's payload, unmasked.
    fn data(&mut self, piece: &[u8]) -> Result<(), Violation> {
        let message = self.message.as_mut().expect("a data frame belongs to a message");
        let fails_fast = || self.text_fails_fast && !self.faults.defers_text();
        match &mut self.inflater {
            Some(_) if message.compressed && self.faults.inflates_whole() => {
                message.payload.extend_from_slice(piece);
                Ok(())
            }
            Some(inflater) if message.compressed => {
                let (kind, len) = (message.kind, message.payload.len());
                inflater.push(kind, len, piece, |octets| message.push(octets, fails_fast))
            }
            Some(_) | None => message.push(piece, fails_fast),
        }
    }

    /// Judges the start of a Close frame's payload, §5.5.1 and §7.4.
    fn judge_close_payload(&mut self, payload: &[u8]) -> Result<(), Violation> {
        let [high, low, reason @ ..] = payload else {
            return Ok(());
        };
        let code = CloseCode(u16::from_be_bytes([*high, *low]));
        if !code.may_be_sent() {
            self.fail_unless_overlooked(Violation::CloseCode(code))?;
        }
        if Utf8Validator::new().push(reason).is_err() {
            self.fail_unless_overlooked(Violation::CloseReasonNotUtf8)?;
        }
        Ok(())
    }

    fn frame_end(&mut self, frame: Frame) -> Result<Option<Incoming>, Violation> {
        if let Some(violation) = self.held.take() {
            return Err(violation);
        }
        let split = self.faults.frame_end()?;
        self.disturb(frame.header.opcode, &frame.control)?;
        let incoming = match frame.header.opcode {
            Opcode::Ping => Some(Incoming::Ping(frame.control)),
            Opcode::Pong => Some(Incoming::Pong(frame.control)),
            Opcode::Close => Some(Incoming::Close(self.close(&frame.control)?)),
            Opcode::Continuation | Opcode::Text | Opcode::Binary => {
                self.header_octets.clear();
                return match self.faults.is_last(&frame.header) {
                    true => self.message_end(split),
                    false => Ok(None),
                };
            }
            Opcode::ReservedData(_) | Opcode::ReservedControl(_) => None,
        };
        self.header_octets.clear();
        match incoming {
            Some(incoming) => self.faults.deliver(incoming, &[], split),
            None => Ok(None),
        }
    }

    /// A control frame leaves the message under way alone, §5.4, without a quirk.
    fn disturb(&mut self, opcode: Opcode, payload: &[u8]) -> Result<(), Violation> {
        let Some(message) = &mut self.message else {
            return Ok(());
        };
        match self.faults.control(opcode) {
            ControlEffect::None => Ok(()),
            ControlEffect::Reset => {
                message.clear();
                Ok(())
            }
            ControlEffect::Join => {
                message.push(payload, || self.text_fails_fast && !self.faults.defers_text())
            }
            ControlEffect::End => {
                let ended = self.message_end(false)?;
                self.faults.also(ended);
                Ok(())
            }
        }
    }

    fn close(&mut self, payload: &[u8]) -> Result<ClosePayload, Violation> {
        match ClosePayload::decode(payload) {
            Ok(close) => Ok(close),
            // Its header failed the connection, unless that was overlooked.
            Err(ClosePayloadError::OneOctet) => Ok(ClosePayload { code: None, reason: String::new() }),
            Err(ClosePayloadError::ReasonNotUtf8) if self.faults.takes_bad_reason() => Ok(ClosePayload {
                code: Some(CloseCode(u16::from_be_bytes([payload[0], payload[1]]))),
                reason: String::from_utf8_lossy(&payload[2..]).into_owned(),
            }),
            // The last character is cut.
            Err(ClosePayloadError::ReasonNotUtf8) => Err(Violation::CloseReasonNotUtf8),
        }
    }

    fn message_end(&mut self, split: bool) -> Result<Option<Incoming>, Violation> {
        let interrupted = self.interrupted.take();
        let Some(mut message) = std::mem::replace(&mut self.message, interrupted) else {
            return Ok(None);
        };
        match &mut self.inflater {
            Some(_) if message.compressed && self.faults.inflates_whole() => {
                if !self.inflate_whole(&mut message)? {
                    return Ok(None);
                }
            }
            Some(inflater) if message.compressed => {
                let fails_fast = || self.text_fails_fast && !self.faults.defers_text();
                inflater.finish(|octets| message.push(octets, fails_fast))?;
            }
            Some(_) | None => {}
        }
        // §5.6: "the whole message MUST contain valid UTF-8": no character is cut at its end.
        if message.kind == MessageKind::Text && !message.utf8.is_complete() {
            match self.faults.bad_text(&message.payload, &message.fragments) {
                TextVerdict::Fail => return Err(Violation::TextNotUtf8),
                TextVerdict::Accept | TextVerdict::FailLater => {}
                TextVerdict::Drop => return Ok(None),
                TextVerdict::Replace => {
                    let text = String::from_utf8_lossy(&message.payload);
                    message.payload = text.into_owned().into_bytes();
                }
            }
        }
        let incoming = Incoming::Message { kind: message.kind, payload: message.payload };
        self.faults.deliver(incoming, &message.fragments, split)
    }

    /// Inflates, as the quirk has it, a message whose payload is compressed. False: it is dropped.
    fn inflate_whole(&mut self, message: &mut Message) -> Result<bool, Violation> {
        let payload = std::mem::take(&mut message.payload);
        let text = message.kind == MessageKind::Text;
        match self.faults.inflate(&payload, &message.fragments, text) {
            Inflated::Fail(violation) => Err(violation),
            Inflated::Drop => Ok(false),
            Inflated::Unjudged(output) => {
                message.payload = output;
                Ok(true)
            }
            Inflated::Message(output) => {
                message.push(&output, || self.text_fails_fast && !self.faults.defers_text())?;
                Ok(true)
            }
        }
    }
}

impl Frame {
    fn is_complete(&self) -> bool {
        self.payload_seen == self.header.payload_len
    }
}

impl Message {
    fn push(&mut self, piece: &[u8], fails_fast: impl Fn() -> bool) -> Result<(), Violation> {
        if self.kind == MessageKind::Text && self.utf8.push(piece).is_err() && fails_fast() {
            return Err(Violation::TextNotUtf8);
        }
        self.payload.extend_from_slice(piece);
        Ok(())
    }

    fn is_amid_character(&self) -> bool {
        self.kind == MessageKind::Text && !self.utf8.is_complete()
    }

    fn clear(&mut self) {
        self.payload.clear();
        self.fragments.clear();
        self.utf8 = Utf8Validator::new();
    }
}
