//! The decoded view of what a target sent. The player watches it while it grows, the judge derives
//! it again from the stored octets: the same code, so that both see the same.

use super::event::EventKind;
use super::overlooked::OpeningFaults;
use wsgauntlet_wire::deflate::{FaultKind, Inflater};
use wsgauntlet_wire::frame::{CONTROL_PAYLOAD_LEN_MAX, FrameReader, Read};
use wsgauntlet_wire::opening::{DeflateParams, HeadError, RequestHead, ResponseHead, head};
use wsgauntlet_wire::{Header, Opcode, Role};

/// The payload, in octets, that a target may always send in one connection, beside twice what our
/// peer sends it. Beyond that it is said to flood.
pub const PAYLOAD_LEN_FREE: usize = 1 << 20;

/// The most frames that are looked at in one connection.
pub const FRAMES_MAX: usize = 1 << 18;

/// The most observations of one connection: more than the 20,000 pongs that the longest flood of ours may bring.
pub const OBSERVATIONS_MAX: usize = 20 << 10;

/// After this many observations a pong is noted once, if the same pong came right before it: a long flood of pings brings more
/// pongs than are kept.
const PONGS_APART_MAX: usize = OBSERVATIONS_MAX / 2;

/// RSV1 among the bits of `rsv`.
const RSV1: u8 = 4;

/// Something that the target did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Index of the event that completed it.
    pub event: usize,
    /// How many octets the target had sent when it was complete. Unlike the event, this is the same however TCP cuts them.
    pub end: usize,
    /// What it was.
    pub seen: Seen,
}

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The head of the target's opening handshake, as a server.
    Response(ResponseHead),
    /// The head of the target's opening handshake, as a client.
    Request(RequestHead),
    /// Octets where a head should be.
    NotAHead(HeadError),
    /// A message is complete. `opcode` is that of its first frame. Where permessage-deflate was agreed and RSV1 says
    /// that the message is `compressed`, `payload` is what it inflates to.
    Message {
        /// Text or binary, from the first frame.
        opcode: Opcode,
        /// The RSV bits of the first frame, RSV1 as the highest of three.
        rsv: u8,
        /// Whether RSV1 says that permessage-deflate compressed it.
        compressed: bool,
        /// The payload of all frames, inflated.
        payload: Vec<u8>,
        /// The number of frames.
        frames: usize,
    },
    /// A compressed message is complete that does not inflate, and why.
    Undecodable {
        /// Text or binary, from the first frame.
        opcode: Opcode,
        /// Why it does not inflate.
        reason: String,
    },
    /// A ping with this payload.
    Ping(Vec<u8>),
    /// A pong with this payload.
    Pong(Vec<u8>),
    /// A Close frame with its payload, whether legal or not.
    Close(Vec<u8>),
    /// A frame that has no meaning: a reserved opcode, a continuation of nothing.
    Stray(Header),
    /// A frame declares more than can be received.
    TooLong(Header),
    /// A client made no request.
    GaveUp,
    /// The target closed its direction in order.
    Eof,
    /// The connection was reset.
    Reset,
    /// More than an observer keeps.
    Flood,
}

impl Seen {
    /// Whether the target ended or reset TCP.
    pub fn is_end(&self) -> bool {
        matches!(self, Seen::GaveUp | Seen::Eof | Seen::Reset)
    }
}

/// Turns events into observations.
#[derive(Debug)]
pub struct Observer {
    role: Role,
    payload_len_max: usize,
    overlooked: OpeningFaults,
    phase: Phase,
    head: Vec<u8>,
    /// The octets of our own response, until it is complete.
    own_head: Option<Vec<u8>>,
    agreed: Option<DeflateParams>,
    inflater: Inflater,
    reader: FrameReader,
    control: Vec<u8>,
    current: Option<Header>,
    message: Option<Partial>,
    kept: usize,
    frames: usize,
    event: usize,
    /// How many octets of the target were decoded.
    taken: usize,
    /// Where in the target's octets its opening head ends.
    head_len: Option<usize>,
    observations: Vec<Observation>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Head,
    Frames,
    /// Nothing more can be decoded: no upgrade, or no head, or a flood.
    Opaque,
}

#[derive(Debug)]
struct Partial {
    opcode: Opcode,
    rsv: u8,
    payload: Vec<u8>,
    frames: usize,
}

impl Observer {
    /// An observer of a target in `role`, to which our peer sends `sent_len` octets of payload.
    pub fn new(role: Role, sent_len: usize) -> Observer {
        let payload_len_max = PAYLOAD_LEN_FREE + 2 * sent_len;
        Observer {
            role,
            payload_len_max,
            overlooked: OpeningFaults::NONE,
            phase: Phase::Head,
            head: Vec::new(),
            own_head: (role == Role::Client).then(Vec::new),
            agreed: None,
            inflater: Inflater::new(payload_len_max),
            reader: FrameReader::new(),
            control: Vec::new(),
            current: None,
            message: None,
            kept: 0,
            frames: 0,
            event: 0,
            taken: 0,
            head_len: None,
            observations: Vec::new(),
        }
    }

    /// An observer of a server whose openings have these faults, and mean to open all the same.
    #[must_use]
    pub fn overlooking(mut self, overlooked: OpeningFaults) -> Observer {
        self.overlooked = overlooked;
        self
    }

    /// Takes the event of that index.
    pub fn take(&mut self, index: usize, kind: &EventKind) {
        self.event = index;
        match kind {
            EventKind::Received(octets) => self.octets(octets),
            EventKind::GaveUp => self.note(Seen::GaveUp),
            EventKind::ReceivedEof => self.note(Seen::Eof),
            EventKind::ReceivedReset => self.note(Seen::Reset),
            EventKind::Sent(octets) => self.own_octets(octets),
            EventKind::Connected
            | EventKind::CarrierSent(_)
            | EventKind::CarrierReceived(_)
            | EventKind::ClientHello(_)
            | EventKind::SentEof
            | EventKind::SentReset
            | EventKind::StepSent(_)
            | EventKind::StepDecided(_)
            | EventKind::StepExpired(_)
            | EventKind::TargetDied(_)
            | EventKind::Frozen => {}
        }
    }

    /// What was seen so far.
    pub fn observations(&self) -> &[Observation] {
        &self.observations
    }

    /// What the two ends agreed to about permessage-deflate, once the response is complete.
    pub fn agreed(&self) -> Option<&DeflateParams> {
        self.agreed.as_ref()
    }

    /// The length of the target's opening head, once it is complete.
    pub fn head_len(&self) -> Option<usize> {
        self.head_len
    }

    fn note(&mut self, seen: Seen) {
        // Everything came before the end.
        let end = if seen.is_end() { usize::MAX } else { self.taken };
        let full = self.observations.len() >= OBSERVATIONS_MAX;
        if !full || seen.is_end() {
            self.observations.push(Observation { event: self.event, end, seen });
        } else if self.phase != Phase::Opaque {
            self.flood();
        }
    }

    /// Nothing more is decoded.
    fn flood(&mut self) {
        self.phase = Phase::Opaque;
        self.observations.push(Observation { event: self.event, end: self.taken, seen: Seen::Flood });
    }

    /// The agreement stands in the response, which is ours when the target is a client.
    fn own_octets(&mut self, octets: &[u8]) {
        let Some(mut own) = self.own_head.take() else { return };
        own.extend_from_slice(octets);
        match final_response(&own) {
            Ok(Some((head, _))) => self.agree(&head),
            Ok(None) => self.own_head = Some(own),
            Err(_) => {}
        }
    }

    fn agree(&mut self, head: &ResponseHead) {
        if self.overlooked.switches(head) {
            self.agreed = DeflateParams::agreed_in(&head.fields);
        }
    }

    fn octets(&mut self, octets: &[u8]) {
        match self.phase {
            Phase::Head => {
                self.head.extend_from_slice(octets);
                let Some(after) = self.read_head() else { return };
                let frames = self.head.split_off(after);
                self.frames(&frames);
            }
            Phase::Frames => self.frames(octets),
            Phase::Opaque => {}
        }
    }

    /// Where the frames begin, once the head is complete and switches protocols.
    fn read_head(&mut self) -> Option<usize> {
        let parsed = match self.role {
            Role::Server => final_response(&self.head).map(|parsed| {
                let (head, len) = parsed?;
                self.agree(&head);
                let switches = self.overlooked.switches(&head);
                Some((Seen::Response(head), len, switches))
            }),
            Role::Client => RequestHead::parse(&self.head)
                .map(|parsed| parsed.map(|(head, len)| (Seen::Request(head), len, true))),
        };
        match parsed {
            Ok(None) => None,
            Ok(Some((seen, len, switches))) => {
                self.head_len = Some(len);
                self.taken = len;
                self.note(seen);
                self.phase = if switches { Phase::Frames } else { Phase::Opaque };
                switches.then_some(len)
            }
            Err(error) => {
                self.taken = self.head.len();
                self.note(Seen::NotAHead(error));
                self.phase = Phase::Opaque;
                None
            }
        }
    }

    fn frames(&mut self, octets: &[u8]) {
        let mut rest = octets;
        let before = self.taken;
        while self.phase == Phase::Frames {
            let read = self.reader.read(&mut rest);
            self.taken = before + octets.len() - rest.len();
            match read {
                None => return,
                Some(Read::Header(header)) => self.begin(header),
                Some(Read::Payload(piece)) => self.payload(&piece),
                Some(Read::FrameEnd) => self.end(),
            }
        }
    }

    fn begin(&mut self, header: Header) {
        self.frames += 1;
        self.current = Some(header);
        self.control.clear();
        let too_long = header.payload_len > self.payload_len_max as u64
            || (header.opcode.is_control() && header.payload_len > CONTROL_PAYLOAD_LEN_MAX as u64 * 1024);
        if too_long {
            self.note(Seen::TooLong(header));
            self.phase = Phase::Opaque;
            return;
        }
        if self.frames > FRAMES_MAX {
            self.flood();
            return;
        }
        match header.opcode {
            Opcode::Text | Opcode::Binary => {
                self.message =
                    Some(Partial { opcode: header.opcode, rsv: header.rsv, payload: Vec::new(), frames: 1 });
            }
            Opcode::Continuation => match &mut self.message {
                Some(message) => message.frames += 1,
                None => self.note(Seen::Stray(header)),
            },
            Opcode::ReservedData(_) | Opcode::ReservedControl(_) => self.note(Seen::Stray(header)),
            Opcode::Close | Opcode::Ping | Opcode::Pong => {}
        }
    }

    fn payload(&mut self, piece: &[u8]) {
        self.kept += piece.len();
        if self.kept > self.payload_len_max {
            self.flood();
            return;
        }
        let Some(header) = self.current else { return };
        if header.opcode.is_control() {
            self.control.extend_from_slice(piece);
        } else if let Some(message) = &mut self.message {
            message.payload.extend_from_slice(piece);
        }
    }

    fn end(&mut self) {
        let Some(header) = self.current.take() else { return };
        let control = std::mem::take(&mut self.control);
        match header.opcode {
            Opcode::Close => self.note(Seen::Close(control)),
            Opcode::Ping => self.note(Seen::Ping(control)),
            Opcode::Pong if self.is_pong_again(&control) => {}
            Opcode::Pong => self.note(Seen::Pong(control)),
            Opcode::Text | Opcode::Binary | Opcode::Continuation => {
                if header.fin
                    && let Some(message) = self.message.take()
                {
                    self.complete(message);
                }
            }
            Opcode::ReservedData(_) | Opcode::ReservedControl(_) => {}
        }
    }

    fn is_pong_again(&self, payload: &[u8]) -> bool {
        let last = self.observations.last().map(|observation| &observation.seen);
        self.observations.len() >= PONGS_APART_MAX
            && matches!(last, Some(Seen::Pong(last)) if last == payload)
    }

    fn complete(&mut self, message: Partial) {
        let Partial { opcode, rsv, payload, frames } = message;
        let compressed = self.agreed.is_some() && rsv & RSV1 != 0;
        if !compressed {
            self.note(Seen::Message { opcode, rsv, compressed, payload, frames });
            return;
        }
        let inflated = self.inflater.inflate(&payload);
        self.kept += inflated.as_ref().map_or(0, Vec::len);
        match inflated {
            Ok(payload) if self.kept <= self.payload_len_max => {
                self.note(Seen::Message { opcode, rsv, compressed, payload, frames });
            }
            Err(fault) if !matches!(fault.kind, FaultKind::OutputTooLong { .. }) => {
                self.note(Seen::Undecodable { opcode, reason: fault.to_string() });
            }
            Ok(_) | Err(_) => self.flood(),
        }
    }
}

/// The first response that is no interim one, and where it ends.
fn final_response(octets: &[u8]) -> Result<Option<(ResponseHead, usize)>, HeadError> {
    let mut skipped = 0;
    loop {
        let Some((head, len)) = ResponseHead::parse(&octets[skipped..])? else { return Ok(None) };
        skipped += len;
        // RFC 9110 §15.2: a client must be able to parse 1xx responses before the final one.
        if head.status == 100 || (102..200).contains(&head.status) {
            continue;
        }
        if skipped > head::HEAD_LEN_MAX * 2 {
            return Err(HeadError::TooLong);
        }
        return Ok(Some((head, skipped)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wsgauntlet_wire::Frame;

    fn response() -> Vec<u8> {
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n".to_vec()
    }

    /// Any cut of the target's octets gives the same observations.
    #[test]
    fn any_cut_is_seen_the_same() {
        let mut octets = response();
        Frame::new(Opcode::Text, "ab").fin(false).encode(&mut octets);
        Frame::new(Opcode::Ping, "p").encode(&mut octets);
        Frame::new(Opcode::Continuation, "cd").encode(&mut octets);
        Frame::new(Opcode::Close, vec![3, 232]).encode(&mut octets);
        let see = |pieces: &[&[u8]]| {
            let mut observer = Observer::new(Role::Server, 0);
            for piece in pieces {
                observer.take(0, &EventKind::Received(piece.to_vec()));
            }
            observer.take(0, &EventKind::ReceivedEof);
            observer.observations().iter().map(|o| o.seen.clone()).collect::<Vec<_>>()
        };
        let whole = see(&[&octets]);
        assert_eq!(whole.len(), 5);
        assert_eq!(whole[1], Seen::Ping(b"p".to_vec()));
        let message = Seen::Message {
            opcode: Opcode::Text,
            rsv: 0,
            compressed: false,
            payload: b"abcd".to_vec(),
            frames: 2,
        };
        assert_eq!(whole[2], message);
        for cut in 0..octets.len() {
            assert_eq!(see(&[&octets[..cut], &octets[cut..]]), whole);
        }
    }

    /// A declared length beyond what is kept ends the decoding, at the header.
    #[test]
    fn a_huge_length_is_not_awaited() {
        let mut octets = response();
        octets.extend_from_slice(&[0x82, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3]);
        let mut observer = Observer::new(Role::Server, 0);
        observer.take(0, &EventKind::Received(octets));
        assert!(matches!(observer.observations()[1].seen, Seen::TooLong(_)));
    }
}
