//! The rules for what arrives after the opening handshake, RFC 6455 §5, as an automaton over
//! single octets of headers and pieces of payloads: the first octet that breaks a rule ends it.

use super::deflate::Inflater;
use super::event::MessageKind;
use super::violation::Violation;
use crate::opening::DeflateParams;
use crate::wire::close::{CloseCode, ClosePayload};
use crate::wire::frame::{CONTROL_PAYLOAD_LEN_MAX, RSV1};
use crate::wire::utf8::Utf8Validator;
use crate::wire::{Header, Opcode, Role, mask};

/// What a frame completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    Message { kind: MessageKind, payload: Vec<u8> },
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(ClosePayload),
}

/// What this end takes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// In octets, inflated.
    pub message_len_max: usize,
    /// In octets of payload.
    pub frame_len_max: u64,
}

/// Reads frames and assembles messages.
#[derive(Debug)]
pub struct Receiver {
    role: Role,
    limits: Limits,
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

/// A message that has begun and not ended.
#[derive(Debug)]
struct Message {
    kind: MessageKind,
    compressed: bool,
    payload: Vec<u8>,
    utf8: Utf8Validator,
}

impl Receiver {
    pub fn new(role: Role, limits: Limits) -> Receiver {
        Receiver { role, limits, header_octets: Vec::new(), frame: None, message: None, inflater: None }
    }

    /// What the opening handshake agreed.
    pub fn agree(&mut self, params: Option<DeflateParams>) {
        let len_max = self.limits.message_len_max;
        self.inflater = params.map(|params| Inflater::new(self.role, params, len_max));
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
                    let take = usize::try_from(missing).map_or(octets.len(), |m| m.min(octets.len()));
                    if take == 0 && missing > 0 {
                        return Ok(None);
                    }
                    let (piece, rest) = octets.split_at(take);
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

    fn header_octet(&mut self, octet: u8) -> Result<(), Violation> {
        self.header_octets.push(octet);
        self.judge_header()?;
        if let Some((header, _)) = Header::decode(&self.header_octets) {
            self.header_octets.clear();
            self.frame_start(header);
        }
        Ok(())
    }

    /// Judges a header, or its start, octet by octet.
    fn judge_header(&self) -> Result<(), Violation> {
        let octets = &self.header_octets[..];
        match octets.len() {
            0 => Ok(()),
            1 => self.judge_first_octet(octets[0]),
            2 => self.judge_second_octet(Opcode::from_bits(octets[0]), octets[1]),
            _ => self.judge_extended_length(octets),
        }
    }

    fn judge_first_octet(&self, octet: u8) -> Result<(), Violation> {
        let (fin, rsv, opcode) = (octet & 0x80 != 0, (octet >> 4) & 7, Opcode::from_bits(octet));
        // §5.2: "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values."
        check(rsv & !self.rsv_defined(opcode) == 0, Violation::ReservedBit)?;
        check(!opcode.is_reserved(), Violation::ReservedOpcode)?;
        // §5.5: control frames "MUST NOT be fragmented."
        check(fin || !opcode.is_control(), Violation::ControlFragmented)?;
        match opcode {
            Opcode::Continuation => check(self.message.is_some(), Violation::ContinuationOfNothing),
            Opcode::Text | Opcode::Binary => check(self.message.is_none(), Violation::Interleaved),
            Opcode::Close
            | Opcode::Ping
            | Opcode::Pong
            | Opcode::ReservedData(_)
            | Opcode::ReservedControl(_) => Ok(()),
        }
    }

    fn judge_second_octet(&self, opcode: Opcode, octet: u8) -> Result<(), Violation> {
        let (masked, len) = (octet & 0x80 != 0, usize::from(octet & 0x7f));
        match (self.role, masked) {
            (Role::Server, false) => return Err(Violation::Unmasked),
            (Role::Client, true) => return Err(Violation::Masked),
            (Role::Server, true) | (Role::Client, false) => {}
        }
        let too_long = opcode.is_control() && len > CONTROL_PAYLOAD_LEN_MAX;
        check(!too_long, Violation::ControlTooLong)?;
        check(opcode != Opcode::Close || len != 1, Violation::CloseOneOctet)?;
        check(len > 125 || self.fits(len as u64), self.too_long(len as u64))
    }

    fn judge_extended_length(&self, octets: &[u8]) -> Result<(), Violation> {
        let (form, extended) = (octets[1] & 0x7f, &octets[2..]);
        if form == 127 {
            check(extended[0] & 0x80 == 0, Violation::LengthTopBit)?;
        }
        let (len_octets, len_min) = match form {
            126 => (2, 126),
            127 => (8, 65_536),
            _ => return Ok(()),
        };
        if extended.len() != len_octets {
            return Ok(());
        }
        let len = extended.iter().fold(0, |len, octet| (len << 8) | u64::from(*octet));
        check(len >= len_min, Violation::LengthNotMinimal)?;
        check(self.fits(len), self.too_long(len))
    }

    /// The reserved bits that the negotiated extensions define for a frame. RFC 7692 §6.1: RSV1 is
    /// for the first frame of a data message.
    fn rsv_defined(&self, opcode: Opcode) -> u8 {
        match opcode {
            Opcode::Text | Opcode::Binary if self.inflater.is_some() => RSV1,
            Opcode::Text
            | Opcode::Binary
            | Opcode::Continuation
            | Opcode::Close
            | Opcode::Ping
            | Opcode::Pong
            | Opcode::ReservedData(_)
            | Opcode::ReservedControl(_) => 0,
        }
    }

    /// Whether a frame of this length can be taken. How long a compressed message is shows when it
    /// is inflated.
    fn fits(&self, len: u64) -> bool {
        let starts_compressed = self.header_octets[0] & (RSV1 << 4) != 0;
        let (so_far, compressed) = match &self.message {
            Some(message) => (message.payload.len() as u64, message.compressed),
            None => (0, starts_compressed),
        };
        len <= self.limits.frame_len_max
            && (compressed || len.saturating_add(so_far) <= self.limits.message_len_max as u64)
    }

    fn too_long(&self, len: u64) -> Violation {
        if len > self.limits.frame_len_max { Violation::FrameTooLong } else { Violation::MessageTooLong }
    }

    fn frame_start(&mut self, header: Header) {
        let kind = match header.opcode {
            Opcode::Text => Some(MessageKind::Text),
            Opcode::Binary => Some(MessageKind::Binary),
            Opcode::Continuation
            | Opcode::Close
            | Opcode::Ping
            | Opcode::Pong
            | Opcode::ReservedData(_)
            | Opcode::ReservedControl(_) => None,
        };
        if let Some(kind) = kind {
            self.message = Some(Message {
                kind,
                compressed: header.rsv1(),
                payload: Vec::new(),
                utf8: Utf8Validator::new(),
            });
        }
        self.frame = Some(Frame { header, payload_seen: 0, control: Vec::new() });
    }

    /// Takes a piece of the current frame's payload as it arrives.
    fn payload(&mut self, piece: &[u8]) -> Result<(), Violation> {
        let frame = self.frame.as_mut().expect("a payload follows a header");
        let mut piece = piece.to_vec();
        if let Some(key) = frame.header.key {
            // §6.2: "A server MUST remove masking for data frames received from a client".
            mask::apply(key, frame.payload_seen, &mut piece);
        }
        frame.payload_seen += piece.len() as u64;
        if !frame.header.opcode.is_control() {
            return self.data(&piece);
        }
        frame.control.extend_from_slice(&piece);
        if frame.header.opcode == Opcode::Close {
            judge_close_payload(&frame.control)?;
        }
        Ok(())
    }

    /// Takes a piece of a data frame's payload, unmasked.
    fn data(&mut self, piece: &[u8]) -> Result<(), Violation> {
        let message = self.message.as_mut().expect("a data frame belongs to a message");
        match &mut self.inflater {
            Some(inflater) if message.compressed => {
                let (kind, len) = (message.kind, message.payload.len());
                inflater.push(kind, len, piece, |octets| message.push(octets))
            }
            Some(_) | None => message.push(piece),
        }
    }

    fn frame_end(&mut self, frame: Frame) -> Result<Option<Incoming>, Violation> {
        match frame.header.opcode {
            Opcode::Ping => Ok(Some(Incoming::Ping(frame.control))),
            Opcode::Pong => Ok(Some(Incoming::Pong(frame.control))),
            Opcode::Close => close_payload(&frame.control).map(|close| Some(Incoming::Close(close))),
            Opcode::Continuation
            | Opcode::Text
            | Opcode::Binary
            | Opcode::ReservedData(_)
            | Opcode::ReservedControl(_) => self.message_end(frame.header.fin),
        }
    }

    fn message_end(&mut self, fin: bool) -> Result<Option<Incoming>, Violation> {
        let Some(mut message) = self.message.take_if(|_| fin) else {
            return Ok(None);
        };
        if message.compressed
            && let Some(inflater) = &mut self.inflater
        {
            inflater.finish(|octets| message.push(octets))?;
        }
        // §5.6: "the whole message MUST contain valid UTF-8": no character is cut at its end.
        let complete = message.kind == MessageKind::Binary || message.utf8.is_complete();
        check(complete, Violation::TextNotUtf8)?;
        Ok(Some(Incoming::Message { kind: message.kind, payload: message.payload }))
    }
}

impl Frame {
    fn is_complete(&self) -> bool {
        self.payload_seen == self.header.payload_len
    }
}

impl Message {
    fn push(&mut self, piece: &[u8]) -> Result<(), Violation> {
        if self.kind == MessageKind::Text {
            self.utf8.push(piece).map_err(|_| Violation::TextNotUtf8)?;
        }
        self.payload.extend_from_slice(piece);
        Ok(())
    }
}

/// Judges the start of a Close frame's payload, §5.5.1 and §7.4.
fn judge_close_payload(payload: &[u8]) -> Result<(), Violation> {
    let [high, low, reason @ ..] = payload else {
        return Ok(());
    };
    let code = CloseCode(u16::from_be_bytes([*high, *low]));
    check(code.may_be_sent(), Violation::CloseCode(code))?;
    let mut utf8 = Utf8Validator::new();
    utf8.push(reason).map_err(|_| Violation::CloseReasonNotUtf8)
}

fn close_payload(payload: &[u8]) -> Result<ClosePayload, Violation> {
    use crate::wire::close::ClosePayloadError;
    ClosePayload::decode(payload).map_err(|error| match error {
        ClosePayloadError::OneOctet => Violation::CloseOneOctet,
        ClosePayloadError::ReasonNotUtf8 => Violation::CloseReasonNotUtf8,
    })
}

fn check(holds: bool, violation: Violation) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(violation) }
}
