//! What arrives after the opening handshake, RFC 6455 §5 and §6.2, as an automaton over single octets of headers and pieces
//! of payloads: the first octet that breaks a rule ends it.

use super::behavior::{BadText, ControlEffect, Receiving, SegmentEnd, Strict};
use super::config::Config;
use super::deflate::inflater::Inflater;
use super::event::MessageKind;
use super::message::Message;
use super::rules::{self, Context, Limits};
use super::variant::Variant;
use super::violation::Violation;
use wsgauntlet_wire::close::{CloseCode, ClosePayload, ClosePayloadError};
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::utf8::Utf8Validator;
use wsgauntlet_wire::{Header, Opcode, Role};

pub use super::incoming::Incoming;

/// Reads frames and assembles messages, as the strict endpoint does: call `receive` with what arrived until it is empty. After
/// a violation the receiver is of no more use.
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
    inflater: Option<Inflater>,
}

/// A frame whose header is complete.
#[derive(Debug)]
struct Frame {
    header: Header,
    payload_seen: u64,
    /// The payload so far of a control frame. That of a data frame goes to the message.
    control: Vec<u8>,
}

/// What a step of the receiver gives: what a frame completed, if it completed something.
type Received = Result<Option<Incoming>, Violation>;

impl Receiver {
    /// A receiver for the limits, the role and the variant of `config`.
    pub fn new(config: &Config) -> Receiver {
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
            inflater: None,
        }
    }

    /// What the opening handshake agreed about permessage-deflate.
    pub fn agree(&mut self, params: Option<DeflateParams>) {
        self.agree_as(params, &mut Strict);
    }

    /// Reads from the front of `octets`, which is advanced past what was used, until a frame completes something.
    ///
    /// # Errors
    /// The first rule that the octets break: the connection has to be failed (RFC 6455 §7.1.7).
    pub fn receive(&mut self, octets: &mut &[u8]) -> Result<Option<Incoming>, Violation> {
        self.receive_as(octets, &mut Strict)
    }

    pub(crate) fn agree_as(&mut self, params: Option<DeflateParams>, behavior: &mut impl Receiving) {
        let len_max = self.limits.message_len_max;
        let params = behavior.receiving_params(self.role, params, len_max);
        self.inflater = params.map(|params| Inflater::new(self.role, params, len_max));
    }

    pub(crate) fn receive_as(&mut self, octets: &mut &[u8], behavior: &mut impl Receiving) -> Received {
        loop {
            match &self.frame {
                None => {
                    let Some((&octet, rest)) = octets.split_first() else {
                        return Ok(None);
                    };
                    *octets = rest;
                    self.header_octet(octet, behavior)?;
                }
                Some(frame) => {
                    let missing = frame.header.payload_len - frame.payload_seen;
                    let missing = usize::try_from(missing).unwrap_or(usize::MAX);
                    if octets.is_empty() && missing > 0 {
                        return Ok(None);
                    }
                    let (piece, rest) = octets.split_at(missing.min(octets.len()));
                    *octets = rest;
                    self.payload(piece, behavior)?;
                }
            }
            if let Some(frame) = self.frame.take_if(|frame| frame.is_complete())
                && let Some(incoming) = self.frame_end(frame, behavior)?
            {
                return Ok(Some(incoming));
            }
        }
    }

    /// Whether a message has begun and not ended.
    pub(crate) fn is_mid_message(&self) -> bool {
        self.message.is_some()
    }

    /// Judges a header at each of its octets: reserved bits do not wait for the length.
    fn header_octet(&mut self, octet: u8, behavior: &mut impl Receiving) -> Result<(), Violation> {
        self.header_octets.push(octet);
        if !self.header_fails_fast && Header::decode(&self.header_octets).is_none() {
            return Ok(());
        }
        for violation in rules::broken(&self.header_octets, &self.context()) {
            self.fail_by_header(violation, behavior)?;
        }
        match Header::decode(&self.header_octets) {
            Some((header, _)) if self.held.is_some() => {
                self.frame = Some(Frame { header, payload_seen: 0, control: Vec::new() });
                Ok(())
            }
            Some((header, _)) => self.frame_start(header, behavior),
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

    /// A header broke a rule: the frame is failed at once, or when its payload is there.
    fn fail_by_header(
        &mut self,
        violation: Violation,
        behavior: &mut impl Receiving,
    ) -> Result<(), Violation> {
        match self.fail_unless_overlooked(violation, behavior) {
            Err(violation) if !self.frame_fails_fast => {
                self.held.get_or_insert(violation);
                Ok(())
            }
            judged => judged,
        }
    }

    fn fail_unless_overlooked(
        &mut self,
        violation: Violation,
        behavior: &mut impl Receiving,
    ) -> Result<(), Violation> {
        match behavior.overlooks(violation, &self.header_octets, self.message.as_ref()) {
            true => Ok(()),
            false => Err(violation),
        }
    }

    fn frame_start(&mut self, mut header: Header, behavior: &mut impl Receiving) -> Result<(), Violation> {
        behavior.frame_starts(&mut header, &self.header_octets, self.message.as_mut())?;
        // §5.4: the opcode of the first frame is that of the message.
        match header.opcode {
            Opcode::Text => self.message_start(MessageKind::Text, &header, behavior),
            Opcode::Binary => self.message_start(MessageKind::Binary, &header, behavior),
            Opcode::Continuation
            | Opcode::Close
            | Opcode::Ping
            | Opcode::Pong
            | Opcode::ReservedData(_)
            | Opcode::ReservedControl(_) => {}
        }
        if let Some(message) = &mut self.message
            && !header.opcode.is_control()
        {
            message.fragments.push(message.payload.len());
        }
        self.frame = Some(Frame { header, payload_seen: 0, control: Vec::new() });
        Ok(())
    }

    fn message_start(&mut self, kind: MessageKind, header: &Header, behavior: &mut impl Receiving) {
        // RFC 7692 §6.2: a message is compressed if RSV1 of its first frame is set.
        let compressed = self.inflater.is_some() && behavior.is_compressed(header.rsv1());
        let interrupted = self.message.replace(Message::new(kind, compressed));
        behavior.interrupted(interrupted);
    }

    /// Takes a piece of the current frame's payload as it arrives.
    fn payload(&mut self, piece: &[u8], behavior: &mut impl Receiving) -> Result<(), Violation> {
        let frame = self.frame.as_mut().expect("a payload follows a header");
        if self.held.is_some() {
            frame.payload_seen += piece.len() as u64;
            return Ok(());
        }
        let mut piece = piece.to_vec();
        // §6.2: "A server MUST remove masking for data frames received from a client".
        behavior.unmask(&frame.header, frame.payload_seen, &mut piece);
        frame.payload_seen += piece.len() as u64;
        match frame.header.opcode {
            Opcode::Continuation | Opcode::Text | Opcode::Binary => self.data(&piece, behavior),
            Opcode::Close => {
                frame.control.extend_from_slice(&piece);
                let (payload, before) = (frame.control.clone(), frame.control.len() - piece.len());
                self.judge_close_payload(&payload, behavior)?;
                let reason = payload.get(before.max(2)..).unwrap_or_default();
                behavior.close_reason_piece(reason)
            }
            Opcode::Ping | Opcode::Pong => {
                frame.control.extend_from_slice(&piece);
                Ok(())
            }
            Opcode::ReservedData(_) | Opcode::ReservedControl(_) => Ok(()),
        }
    }

    /// Takes a piece of a data frame's payload, unmasked.
    fn data(&mut self, piece: &[u8], behavior: &mut impl Receiving) -> Result<(), Violation> {
        let fails_fast = self.text_fails_fast;
        // Only quirks that act together leave a data frame without a message.
        let Some(message) = self.message.as_mut() else { return Ok(()) };
        match &mut self.inflater {
            Some(inflater) if message.compressed => behavior.inflate(inflater, message, piece, fails_fast),
            Some(_) | None => message.push(piece, || fails_fast && behavior.judges_text_early()),
        }
    }

    /// Judges the payload of a Close frame so far, §5.5.1 and §7.4.
    fn judge_close_payload(
        &mut self,
        payload: &[u8],
        behavior: &mut impl Receiving,
    ) -> Result<(), Violation> {
        let [high, low, reason @ ..] = payload else {
            return Ok(());
        };
        // §5.5.1: "the first two bytes of the body MUST be a 2-byte unsigned integer (in network byte order)".
        let code = CloseCode(u16::from_be_bytes([*high, *low]));
        if !code.may_be_sent() {
            self.fail_unless_overlooked(Violation::CloseCode(code), behavior)?;
        }
        if Utf8Validator::new().push(reason).is_err() {
            self.fail_unless_overlooked(Violation::CloseReasonNotUtf8, behavior)?;
        }
        Ok(())
    }

    fn frame_end(&mut self, frame: Frame, behavior: &mut impl Receiving) -> Received {
        if let Some(violation) = self.held.take() {
            return Err(violation);
        }
        behavior.frame_ends()?;
        self.affect_message(frame.header.opcode, &frame.control, behavior)?;
        let incoming = match frame.header.opcode {
            Opcode::Ping => Some(Incoming::Ping(frame.control)),
            Opcode::Pong => Some(Incoming::Pong(frame.control)),
            Opcode::Close => Some(Incoming::Close(close(&frame.control, behavior)?)),
            // §6.2: "When the last fragment is received as indicated by the FIN bit (frame-fin), it is said that _A WebSocket
            // Message Has Been Received_".
            Opcode::Continuation | Opcode::Text | Opcode::Binary => {
                self.header_octets.clear();
                return match behavior.is_last(&frame.header) {
                    true => self.message_end(behavior),
                    false => Ok(None),
                };
            }
            Opcode::ReservedData(_) | Opcode::ReservedControl(_) => None,
        };
        self.header_octets.clear();
        match incoming {
            Some(incoming) => behavior.deliver(incoming, &[]),
            None => Ok(None),
        }
    }

    fn message_end(&mut self, behavior: &mut impl Receiving) -> Received {
        let resumed = behavior.resumed();
        let Some(mut message) = std::mem::replace(&mut self.message, resumed) else {
            return Ok(None);
        };
        // RFC 7692 §7.2.2: the tail is appended, and the message inflated.
        if let Some(inflater) = &mut self.inflater
            && message.compressed
            && !behavior.inflate_end(inflater, &mut message, self.text_fails_fast)?
        {
            return Ok(None);
        }
        if !message.is_text_whole() {
            match behavior.bad_text(&message) {
                // §8.1: "it MUST _Fail the WebSocket Connection_".
                BadText::Fail => return Err(Violation::TextNotUtf8),
                BadText::Accept | BadText::FailLater => {}
                BadText::Drop => return Ok(None),
                BadText::Replace => {
                    let text = String::from_utf8_lossy(&message.payload);
                    message.payload = text.into_owned().into_bytes();
                }
            }
        }
        let incoming = Incoming::Message { kind: message.kind, payload: message.payload };
        behavior.deliver(incoming, &message.fragments)
    }
}

/// What only quirks make use of.
impl Receiver {
    /// A segment of TCP ended, and all its octets are read.
    pub(crate) fn segment_end(&mut self, behavior: &mut impl Receiving) -> Received {
        let mid_frame = !self.header_octets.is_empty();
        let mid_character = self.message.as_ref().is_some_and(|message| !message.is_text_whole());
        if mid_frame && self.frame.is_none() {
            behavior.header_cut(&mut self.header_octets);
        }
        let frame = match behavior.segment_end(mid_frame, mid_character)? {
            SegmentEnd::NoEffect => None,
            SegmentEnd::HeaderLost => {
                if self.frame.is_none() {
                    self.header_octets.clear();
                }
                None
            }
            SegmentEnd::PayloadEnds => self.frame.take(),
            SegmentEnd::PongEnds => self.frame.take_if(|frame| frame.header.opcode == Opcode::Pong),
        };
        match frame {
            Some(frame) => self.frame_end(frame, behavior),
            None => Ok(None),
        }
    }

    /// Skips what is left of a frame that broke a rule, and forgets the message under way: for endpoints that read on.
    pub(crate) fn skip(&mut self, octets: &mut &[u8]) {
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

    /// A frame ended while a message is under way. §5.4: control frames leave it alone.
    fn affect_message(
        &mut self,
        opcode: Opcode,
        payload: &[u8],
        behavior: &mut impl Receiving,
    ) -> Result<(), Violation> {
        let Some(message) = &mut self.message else {
            return Ok(());
        };
        match behavior.effect_on_message(opcode) {
            ControlEffect::NoEffect => Ok(()),
            ControlEffect::Reset => {
                message.clear();
                Ok(())
            }
            ControlEffect::Join => {
                message.push(payload, || self.text_fails_fast && behavior.judges_text_early())
            }
            ControlEffect::End => {
                let ended = self.message_end(behavior)?;
                behavior.also_arrived(ended);
                Ok(())
            }
        }
    }
}

/// The Close frame with this payload, §5.5.1.
fn close(payload: &[u8], behavior: &mut impl Receiving) -> Result<ClosePayload, Violation> {
    match ClosePayload::decode(payload) {
        Ok(close) => Ok(close),
        // Its header failed the connection, unless that was overlooked.
        Err(ClosePayloadError::OneOctet) => Ok(ClosePayload { code: None, reason: String::new() }),
        Err(ClosePayloadError::ReasonNotUtf8) if behavior.takes_bad_reason() => Ok(ClosePayload {
            code: Some(CloseCode(u16::from_be_bytes([payload[0], payload[1]]))),
            reason: String::from_utf8_lossy(&payload[2..]).into_owned(),
        }),
        // Its last character is cut: what is wrong in the middle failed the connection already.
        Err(ClosePayloadError::ReasonNotUtf8) => Err(Violation::CloseReasonNotUtf8),
    }
}

impl Frame {
    fn is_complete(&self) -> bool {
        self.payload_seen == self.header.payload_len
    }
}
