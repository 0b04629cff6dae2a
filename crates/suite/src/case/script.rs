//! Scripts: what our peer does, step by step, from its own point of view.

use super::address::Address;
use super::compress::Compress;
use super::expectation::{DeflateMatch, Expectation, Outcome};
use super::head_edit::HeadEdit;
use super::payload::Payload;
use std::time::Duration;
use wsgauntlet_wire::frame::HEADER_LEN_MAX;
use wsgauntlet_wire::opening::DeflateOffer;
use wsgauntlet_wire::{Header, LengthForm, Opcode, Role, mask};

/// The opening, and the steps after it. The peer opens, plays the steps in order and stops at the
/// first that is not as expected.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Script {
    /// How the connection is opened.
    pub opening: Opening,
    /// What happens after the opening, in this order.
    pub steps: Vec<Step>,
    /// The closing handshake at the end is not the case's own: every script has it, unless its connection has ended.
    pub closing_added: bool,
    /// Our peer answers no ping and no Close by itself: the steps say when it does.
    pub holds_answers: bool,
}

/// How our peer opens.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Opening {
    /// Edits of the request, when our peer is the client.
    pub request: HeadEdit,
    /// Edits of the response, when our peer is the server.
    pub response: HeadEdit,
    /// What is offered, as a client, or agreed to, as a server.
    pub deflate: Option<DeflateOffer>,
    /// As a server, no answer to a client's hint that it takes no context over (RFC 7692 §7.1.1.2), which is lawful.
    pub ignore_hint: bool,
    /// Where the head is cut into writes.
    pub cut: Cut,
    /// The first `send` step goes into the same write as the head.
    pub coalesced: bool,
    /// In how many TCP segments the TLS record of each write of the head leaves; 0: in as many as TCP makes.
    pub segments: usize,
    /// Only this number of octets of the head is sent.
    pub stop_after: Option<usize>,
    /// What a client under test has to open, where that is not the address of the run.
    pub address: Option<Address>,
}

/// One thing that our peer does or waits for.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Step {
    /// Waits until the opening is through: a valid 101, or a valid request.
    Open,
    /// Goes on where permessage-deflate was agreed like this. Otherwise, which is lawful, nothing can be decided, and
    /// only the closing handshake follows.
    IfDeflate(DeflateMatch),
    /// Goes on where the client under test offered permessage-deflate like this, all its offers together.
    IfOffered(DeflateMatch),
    /// A ping, and the pong that proves that the connection lives. `evidence`: it is there so that
    /// what follows cannot be satisfied by a connection that was dead before. Otherwise a barrier:
    /// what was sent before it had no effect but this pong.
    Alive {
        /// Whether the pong must prove that the connection lived until here.
        evidence: bool,
    },
    /// Octets that our peer sends.
    Send(Write),
    /// What our peer waits for.
    Expect(Expectation),
    /// The closing handshake begun by our peer, and the end of the connection.
    Close,
    /// Our peer sends no more.
    HalfClose,
    /// Our peer answers the target's Close now. A script that has no such step, and holds its answers, never does.
    Answer,
    /// Our peer resets TCP.
    Reset,
    /// Time passes; what arrives is recorded. Ends early when the connection ends.
    Wait(Duration),
}

impl Step {
    /// Whether our peer waits for the target in it.
    pub fn waits(&self) -> bool {
        match self {
            Step::Open | Step::Alive { .. } | Step::Expect(_) | Step::Close => true,
            Step::IfDeflate(_)
            | Step::IfOffered(_)
            | Step::Send(_)
            | Step::HalfClose
            | Step::Answer
            | Step::Reset
            | Step::Wait(_) => false,
        }
    }

    /// Whether the connection can be open after it, and was not before.
    pub fn opens(&self) -> bool {
        match self {
            Step::Open => true,
            Step::Expect(expectation) => {
                expectation.outcomes.iter().any(|outcome| matches!(outcome, Outcome::Open(_)))
            }
            Step::IfDeflate(_)
            | Step::IfOffered(_)
            | Step::Alive { .. }
            | Step::Send(_)
            | Step::Close
            | Step::HalfClose
            | Step::Answer
            | Step::Reset
            | Step::Wait(_) => false,
        }
    }
}

/// Octets that are sent in one step.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Write {
    /// What is sent, in this order.
    pub pieces: Vec<Piece>,
    /// Whether all pieces go into one write, or each into its own.
    pub coalesced: bool,
    /// Where the octets are split into writes.
    pub cut: Cut,
    /// In how many TCP segments the TLS record of each write leaves; 0: in as many as TCP makes.
    pub segments: usize,
    /// How many times the only frame is sent, in large writes; 0: once, as an ordinary write. Its octets are made while it
    /// is sent.
    pub flood: usize,
}

/// Where writes are split.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Cut {
    /// All octets in one write.
    #[default]
    Whole,
    /// After every run of this number of octets; not 0.
    Every(usize),
    /// After these numbers of octets from the start of the write, ascending.
    At(Vec<usize>),
}

/// One frame, octets as they stand, or the frames of a compressed message.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Piece {
    /// A frame.
    Frame(FrameSpec),
    /// Octets as they stand.
    Raw(Vec<u8>),
    /// A message that our peer compresses.
    Compressed(CompressedSpec),
}

impl Piece {
    /// Whether a text message begins with it.
    pub fn is_text(&self) -> bool {
        match self {
            Piece::Frame(frame) => frame.opcode == Opcode::Text,
            Piece::Compressed(message) => message.frame.opcode == Opcode::Text,
            Piece::Raw(_) => false,
        }
    }
}

/// A message that our peer compresses by what was agreed in the connection.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct CompressedSpec {
    /// The first frame, but for its payload, which is the message before compression.
    pub frame: FrameSpec,
    /// The blocks, and what is wrong with them.
    pub how: Compress,
    /// Where the compressed payload is cut into fragments.
    pub fragments: Cut,
    /// Frames after each fragment but the last.
    pub between: Vec<FrameSpec>,
}

/// A frame as a case asks for it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct FrameSpec {
    /// The FIN bit.
    pub fin: bool,
    /// RSV1, RSV2, RSV3 as the bits 4, 2, 1.
    pub rsv: u8,
    /// The opcode, 0 to 15.
    pub opcode: Opcode,
    /// The payload, unmasked.
    pub payload: Payload,
    /// Whether the frame is masked.
    pub masking: Masking,
    /// The masking key, where one is used and not drawn.
    pub key: Option<[u8; 4]>,
    /// The form of the length, where it is not the minimal one.
    pub length_form: Option<LengthForm>,
    /// The length that the header declares, where it is not that of the payload.
    pub declared_len: Option<u64>,
}

/// The MASK bit, relative to the sender's role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Masking {
    /// As RFC 6455 §5.1 demands of the sender: a client masks, a server does not.
    #[default]
    Right,
    /// The other way round.
    Wrong,
}

impl FrameSpec {
    /// A final frame without RSV bits, masked as its sender must.
    pub fn new(opcode: Opcode, payload: Payload) -> FrameSpec {
        FrameSpec {
            fin: true,
            rsv: 0,
            opcode,
            payload,
            masking: Masking::Right,
            key: None,
            length_form: None,
            declared_len: None,
        }
    }

    /// The frames of the message of this first frame whose payload is `octets`. Equal positions of the cut make empty
    /// fragments. `between`: frames after each fragment but the last.
    pub fn fragments(&self, octets: &[u8], cut: &Cut, between: &[FrameSpec]) -> Vec<FrameSpec> {
        let parts = match cut {
            Cut::Whole => vec![octets.to_vec()],
            Cut::Every(_) => cut.split(octets),
            Cut::At(positions) => {
                let mut parts = Vec::new();
                let mut start = 0;
                for position in positions.iter().map(|at| (*at).min(octets.len())) {
                    parts.push(octets[start..position].to_vec());
                    start = position;
                }
                parts.push(octets[start..].to_vec());
                parts
            }
        };
        let last = parts.len().saturating_sub(1);
        let mut frames = Vec::new();
        for (index, part) in parts.into_iter().enumerate() {
            let mut fragment = self.clone();
            fragment.payload = Payload::Literal(part);
            fragment.fin = index == last && self.fin;
            if index > 0 {
                fragment.opcode = Opcode::Continuation;
                fragment.rsv = 0;
            }
            frames.push(fragment);
            if index < last {
                frames.extend_from_slice(between);
            }
        }
        frames
    }

    /// The octets that a sender in `role` writes. `drawn_key` is used when the frame is masked and
    /// names no key of its own.
    pub fn encode(&self, role: Role, drawn_key: [u8; 4]) -> Vec<u8> {
        let payload = self.payload.octets();
        let masked = role.masks() == (self.masking == Masking::Right);
        let payload_len = self.declared_len.unwrap_or(payload.len() as u64);
        let header = Header {
            fin: self.fin,
            rsv: self.rsv,
            opcode: self.opcode,
            key: masked.then(|| self.key.unwrap_or(drawn_key)),
            payload_len,
            length_form: self.length_form.unwrap_or(LengthForm::minimal(payload_len)),
        };
        let mut out = Vec::with_capacity(HEADER_LEN_MAX + payload.len());
        header.encode(&mut out);
        let at = out.len();
        out.extend_from_slice(&payload);
        if let Some(key) = header.key {
            mask::apply(key, 0, &mut out[at..]);
        }
        out
    }
}

impl Cut {
    /// The pieces of `octets`.
    pub fn split(&self, octets: &[u8]) -> Vec<Vec<u8>> {
        match self {
            Cut::Whole => vec![octets.to_vec()],
            Cut::Every(len) => octets.chunks((*len).max(1)).map(<[u8]>::to_vec).collect(),
            Cut::At(positions) => {
                let mut pieces = Vec::new();
                let mut start = 0;
                for position in positions.iter().copied().filter(|at| *at < octets.len()) {
                    if position > start {
                        pieces.push(octets[start..position].to_vec());
                        start = position;
                    }
                }
                pieces.push(octets[start..].to_vec());
                pieces
            }
        }
    }
}

impl Script {
    /// The octets of payload that our peer sends, all steps together.
    pub fn payload_len(&self) -> usize {
        let len = |piece: &Piece| match piece {
            Piece::Frame(frame) => frame.payload.len(),
            Piece::Raw(octets) => octets.len(),
            Piece::Compressed(message) => message.frame.payload.len(),
        };
        let writes = self.steps.iter().filter_map(|step| match step {
            Step::Send(write) => Some(write),
            _ => None,
        });
        writes.map(|write| write.pieces.iter().map(len).sum::<usize>() * write.flood.max(1)).sum()
    }

    /// Whether the script says in how many TCP segments a TLS record leaves.
    pub fn segments_records(&self) -> bool {
        let in_step = |step: &Step| matches!(step, Step::Send(write) if write.segments > 0);
        self.opening.segments > 0 || self.steps.iter().any(in_step)
    }

    /// Whether every message that is compressed leaves it to the compressor how.
    pub fn compresses_ordinarily(&self) -> bool {
        let pieces = self.steps.iter().filter_map(|step| match step {
            Step::Send(write) => Some(&write.pieces),
            _ => None,
        });
        pieces.flatten().all(|piece| match piece {
            Piece::Compressed(message) => message.how.is_ordinary(),
            Piece::Frame(_) | Piece::Raw(_) => true,
        })
    }

    /// The pings that our peer sends on the script's own account.
    pub fn ping_payloads(&self) -> Vec<Vec<u8>> {
        let mut payloads = Vec::new();
        for step in &self.steps {
            let Step::Send(write) = step else { continue };
            for piece in &write.pieces {
                let frames = match piece {
                    Piece::Frame(frame) => std::slice::from_ref(frame),
                    Piece::Compressed(message) => message.between.as_slice(),
                    Piece::Raw(_) => &[],
                };
                let pings = frames.iter().filter(|frame| frame.opcode == Opcode::Ping);
                payloads.extend(pings.map(|ping| ping.payload.octets()));
            }
        }
        payloads
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_keep_every_octet() {
        let octets = b"abcdefg";
        for cut in [Cut::Whole, Cut::Every(1), Cut::Every(3), Cut::At(vec![0, 2, 2, 5, 99])] {
            assert_eq!(cut.split(octets).concat(), octets);
        }
        assert_eq!(Cut::At(vec![2, 5]).split(octets), [&b"ab"[..], b"cde", b"fg"]);
    }
}
