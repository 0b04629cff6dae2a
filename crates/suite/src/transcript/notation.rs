//! The one-line notation of transcripts: `> text  81 83 .. | 61 62 63  3 octets, masked`. `>` is
//! what our peer sent, `<` what the target sent. Octets of headers and payloads are shown apart.

use super::event::{EventKind, Transcript};
use crate::carrier::Lines;
use crate::transport::Transport;
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::deflate::Inflater;
use wsgauntlet_wire::frame::HEADER_LEN_MAX;
use wsgauntlet_wire::opening::{DeflateParams, ResponseHead};
use wsgauntlet_wire::{Header, Opcode, Role, hex, mask};

/// How many octets of a payload are shown.
const PAYLOAD_SHOWN: usize = 24;

/// How far a compressed message is inflated for its line, in octets.
const INFLATED_LEN_MAX: usize = 1 << 20;

/// How many lines of a transcript are shown, half from the start, half from the end.
pub const LINES_MAX: usize = 60;

/// The lines of a transcript. Frames are found in each direction's octets after its opening head;
/// each stands where its last octet was sent or received.
pub fn lines(transcript: &Transcript) -> Vec<String> {
    let is_carried = transcript.transport != Transport::Http1;
    let (mut sent, mut received) = (Direction::new('>', is_carried), Direction::new('<', is_carried));
    let is_client = transcript.role == Role::Server;
    let (mut frames_sent, mut frames_received) = (Lines::new('>', is_client), Lines::new('<', !is_client));
    let mut lines = Vec::new();
    for event in transcript.judged() {
        let agreed = sent.agreed || received.agreed;
        (sent.agreed, received.agreed) = (agreed, agreed);
        let at = event.at.as_secs_f64() * 1000.0;
        match &event.kind {
            EventKind::Sent(octets) => lines.extend(sent.octets(octets)),
            EventKind::Received(octets) => lines.extend(received.octets(octets)),
            EventKind::CarrierSent(octets) => lines.extend(frames_sent.octets(octets)),
            EventKind::CarrierReceived(octets) => lines.extend(frames_received.octets(octets)),
            EventKind::ClientHello(Some(name)) => lines.push(format!("< TLS, server name {name:?}")),
            EventKind::ClientHello(None) => lines.push("< TLS, no server name".to_owned()),
            EventKind::GaveUp => lines.push("- no request".to_owned()),
            EventKind::SentEof => lines.push("> half-close".to_owned()),
            EventKind::SentReset => lines.push("> reset".to_owned()),
            EventKind::ReceivedEof => {
                lines.extend(received.rest());
                lines.push("< end of the connection".to_owned());
            }
            EventKind::ReceivedReset => {
                lines.extend(received.rest());
                lines.push("< reset of the connection".to_owned());
            }
            EventKind::TargetDied(died) => lines.push(format!("- {died}")),
            EventKind::StepExpired(_) => lines.push(format!("- silence until the deadline, {at:.0} ms")),
            EventKind::Connected | EventKind::StepSent(_) | EventKind::StepDecided(_) | EventKind::Frozen => {
            }
        }
    }
    lines.extend(sent.rest());
    lines.extend(received.rest());
    shorten(lines)
}

fn shorten(lines: Vec<String>) -> Vec<String> {
    if lines.len() <= LINES_MAX {
        return lines;
    }
    let (head, tail) = (LINES_MAX / 2, LINES_MAX / 2);
    let left_out = lines.len() - head - tail;
    let mut short = lines[..head].to_vec();
    short.push(format!("  .. {left_out} lines left out .."));
    short.extend_from_slice(&lines[lines.len() - tail..]);
    short
}

/// The octets of one direction that are not shown yet.
struct Direction {
    sign: char,
    /// Heads are shown as the transport has them.
    is_carried: bool,
    opened: bool,
    /// The head was an error response: what follows is its body.
    refused: bool,
    pending: Vec<u8>,
    /// A 101, of whichever direction, agreed to permessage-deflate.
    agreed: bool,
    inflater: Inflater,
    /// The payload so far of a compressed message.
    compressed: Option<Vec<u8>>,
}

impl Direction {
    fn new(sign: char, is_carried: bool) -> Direction {
        Direction {
            sign,
            is_carried,
            opened: false,
            refused: false,
            pending: Vec::new(),
            agreed: false,
            inflater: Inflater::new(INFLATED_LEN_MAX),
            compressed: None,
        }
    }

    fn octets(&mut self, octets: &[u8]) -> Vec<String> {
        self.pending.extend_from_slice(octets);
        let mut lines = Vec::new();
        while !self.opened {
            let Some(end) = memchr::memmem::find(&self.pending, b"\r\n\r\n") else { return lines };
            let head: Vec<u8> = self.pending.drain(..end + 4).collect();
            // An interim response does not open.
            self.opened = !head.starts_with(b"HTTP/1.1 100");
            self.refused = self.opened && head.starts_with(b"HTTP/") && head.get(9..12) != Some(b"101");
            if let Ok(Some((response, _))) = ResponseHead::parse(&head) {
                self.agreed |= DeflateParams::agreed_in(&response.fields).is_some();
            }
            if !self.is_carried {
                lines.extend(self.head(&head));
            }
        }
        if self.refused {
            return lines;
        }
        while let Some((header, len)) = Header::decode(&self.pending) {
            let whole = (header.payload_len as u128) + len as u128;
            if whole > self.pending.len() as u128 {
                break;
            }
            let octets: Vec<u8> = self.pending.drain(..whole as usize).collect();
            lines.push(self.frame(&header, &octets[..len], &octets[len..]));
        }
        lines
    }

    /// What is left when nothing more comes: a cut head or frame.
    fn rest(&mut self) -> Vec<String> {
        let pending = std::mem::take(&mut self.pending);
        if pending.is_empty() {
            return Vec::new();
        }
        if self.refused {
            return vec![format!("{} a body of {} octets", self.sign, pending.len())];
        }
        if !self.opened {
            return if self.is_carried { Vec::new() } else { self.head(&pending) };
        }
        match Header::decode(&pending) {
            Some((header, len)) => {
                let line = self.frame(&header, &pending[..len], &pending[len..]);
                vec![format!("{line}, cut after {} octets", pending.len() - len)]
            }
            None => vec![format!("{} {}  a cut header", self.sign, hex::encode(&pending))],
        }
    }

    fn head(&self, octets: &[u8]) -> Vec<String> {
        let text: String = octets.iter().take(2048).map(|octet| printable(*octet)).collect();
        let lines = text.split("\\r\\n").filter(|line| !line.is_empty());
        lines.take(24).map(|line| format!("{} {}", self.sign, clip(line, 160))).collect()
    }

    fn frame(&mut self, header: &Header, head: &[u8], body: &[u8]) -> String {
        let mut payload = body.to_vec();
        if let Some(key) = header.key {
            mask::apply(key, 0, &mut payload);
        }
        let shown = if body.is_empty() {
            String::new()
        } else {
            format!(" | {}", hex::encode_short(body, PAYLOAD_SHOWN))
        };
        debug_assert!(head.len() <= HEADER_LEN_MAX);
        let inflated = self.inflated(header, &payload);
        format!(
            "{} {}  {}{shown}  {}{inflated}",
            self.sign,
            name(header),
            hex::encode(head),
            describe(header, &payload)
        )
    }

    /// What a compressed message inflates to, beside its last frame.
    fn inflated(&mut self, header: &Header, payload: &[u8]) -> String {
        match header.opcode {
            Opcode::Text | Opcode::Binary => {
                self.compressed = (self.agreed && header.rsv & 4 != 0).then(Vec::new);
            }
            Opcode::Continuation => {}
            _ => return String::new(),
        }
        let Some(message) = &mut self.compressed else { return String::new() };
        message.extend_from_slice(payload);
        if !header.fin {
            return String::new();
        }
        let walk = self.inflater.inflate_message(&self.compressed.take().unwrap_or_default());
        match walk.end {
            Ok(()) => {
                let quoted = quote(&walk.output).map(|quoted| format!(", {quoted}")).unwrap_or_default();
                format!(", inflates to {} octets{quoted}", walk.output.len())
            }
            Err(fault) => format!(", does not inflate: {fault}"),
        }
    }
}

fn name(header: &Header) -> String {
    let mut name = header.opcode.to_string();
    if !header.fin {
        name.push_str(" fin=0");
    }
    if header.rsv != 0 {
        name.push_str(&format!(" rsv={:03b}", header.rsv));
    }
    name
}

/// `3 octets, masked, "abc"`.
fn describe(header: &Header, payload: &[u8]) -> String {
    let mut text = match header.payload_len {
        1 => "1 octet".to_owned(),
        len => format!("{len} octets"),
    };
    if header.key.is_some() {
        text.push_str(", masked");
    }
    if !header.is_minimal() {
        text.push_str(", length not minimal");
    }
    match header.opcode {
        Opcode::Close => text.push_str(&format!(", {}", close_text(payload))),
        _ if payload.is_empty() => {}
        _ => {
            if let Some(quoted) = quote(payload) {
                text.push_str(&format!(", {quoted}"));
            }
        }
    }
    text
}

/// `1002 "reason"`, or what is wrong with the payload.
pub fn close_text(payload: &[u8]) -> String {
    match ClosePayload::decode(payload) {
        Ok(ClosePayload { code: None, .. }) => "no code".to_owned(),
        Ok(ClosePayload { code: Some(code), reason }) if reason.is_empty() => code.to_string(),
        Ok(ClosePayload { code: Some(code), reason }) => format!("{code} {:?}", clip(&reason, 60)),
        Err(error) => error.to_string(),
    }
}

/// The payload as a quoted text, if it is one, cut to what a line can hold.
pub fn quote(payload: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(payload).ok()?;
    let text = clip(text, 24);
    text.chars().all(|c| !c.is_control()).then(|| format!("{text:?}"))
}

fn clip(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text.to_owned(),
    }
}

fn printable(octet: u8) -> String {
    match octet {
        b'\r' => "\\r".to_owned(),
        b'\n' => "\\n".to_owned(),
        0x20..=0x7e => char::from(octet).to_string(),
        _ => format!("\\x{octet:02x}"),
    }
}
