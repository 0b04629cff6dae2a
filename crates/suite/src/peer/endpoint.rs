//! What an endpoint of ours does by itself, whoever decides what it says: it opens, answers pings and Closes, draws masking
//! keys, compresses, cuts writes and keeps their pieces apart. The player of cases and the driver of the fuzzer both speak
//! through it. Sans-io: calls put entries into an outbox, `poll` takes them out.

use super::action::Action;
use super::compression::Compression;
use super::config::PlayConfig;
use super::greet;
use super::outgoing::{Flood, Outgoing, Output};
use crate::case::script::{FrameSpec, Opening, Piece, Write};
use crate::case::{Cut, Payload};
use crate::transcript::Seen;
use std::collections::VecDeque;
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::opening::{DeflateParams, RequestHead};
use wsgauntlet_wire::{CloseCode, Opcode, Role, SplitMix64};

#[cfg(test)]
mod tests;

/// The most pongs that answer a target's pings in one connection.
const PONGS_MAX: usize = 1000;

/// What an endpoint knows of the script that is played through it.
#[derive(Clone, Copy, Debug)]
pub struct EndpointConfig {
    /// The role of our peer, not of the target.
    pub role: Role,
    /// What masking keys and the nonce of the opening request are drawn from.
    pub seed: u64,
    /// The opening head waits for the first `write`, and goes out with it.
    pub holds_head: bool,
    /// No message of the script asks for a compression of its own.
    pub compresses_ordinarily: bool,
    /// Pings and Closes are not answered, but for `answer_held`.
    pub holds_answers: bool,
}

/// What our server does with TCP when both Closes were exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterClose {
    /// RFC 6455 §5.5.1: "the server MUST close the underlying TCP connection immediately".
    EndTcp,
    /// Nothing: the script looks whether the client waits for the server.
    Linger,
}

/// Our end of one connection. First `connect` (as a client) or `see` the request (as a server); then, in any order, `see`
/// whatever the target did, and `write`, `send`, `close`, `half_close`, `reset`. After each call, `poll` until it gives `None`.
#[derive(Debug)]
pub struct Endpoint {
    config: EndpointConfig,
    random: SplitMix64,
    outbox: VecDeque<Outgoing>,
    /// The opening head, while it waits for the first write.
    held_head: Option<Vec<u8>>,
    opened: bool,
    wrote: bool,
    /// What our own response agreed to.
    own_agreement: Option<DeflateParams>,
    /// Made when the first message is compressed, by what is agreed then.
    compression: Option<Compression>,
    pongs_sent: usize,
    sent_close: bool,
    half_closed: bool,
    /// The payload of a Close that is not answered yet.
    held_close: Option<Vec<u8>>,
}

impl Endpoint {
    /// An endpoint before its opening.
    pub fn new(config: EndpointConfig) -> Endpoint {
        Endpoint {
            config,
            random: SplitMix64::new(config.seed),
            outbox: VecDeque::new(),
            held_head: None,
            opened: false,
            wrote: false,
            own_agreement: None,
            compression: None,
            pongs_sent: 0,
            sent_close: false,
            half_closed: false,
            held_close: None,
        }
    }

    /// The role of our peer.
    pub fn role(&self) -> Role {
        self.config.role
    }

    /// Whether our opening head was written, or waits for the first write.
    pub fn has_opened(&self) -> bool {
        self.opened
    }

    /// Whether the opening head waits for the first write.
    pub fn holds_head(&self) -> bool {
        self.held_head.is_some()
    }

    /// Whether a Close frame was written, or is about to be.
    pub fn sent_close(&self) -> bool {
        self.sent_close
    }

    /// Whether our direction is closed, or is about to be.
    pub fn half_closed(&self) -> bool {
        self.half_closed
    }

    /// Whether everything was polled.
    pub fn is_idle(&self) -> bool {
        self.outbox.is_empty()
    }

    /// What was agreed about permessage-deflate: by our own response, or by the `observed` one.
    pub fn agreed(&self, observed: Option<&DeflateParams>) -> Option<DeflateParams> {
        self.own_agreement.or(observed.copied())
    }

    /// Sends the opening request of our client.
    pub fn connect(&mut self, opening: &Opening, config: &PlayConfig) {
        let mut nonce = [0; 16];
        nonce[..8].copy_from_slice(&self.random.next_u64().to_be_bytes());
        nonce[8..].copy_from_slice(&self.random.next_u64().to_be_bytes());
        self.open(opening, greet::request(opening, config, nonce));
    }

    /// Does what any endpoint does about something that was seen: as a server it answers the request, and it answers pings
    /// and a Close, but nothing after its own Close.
    pub fn see(&mut self, seen: &Seen, opening: &Opening, after_close: AfterClose) {
        match seen {
            Seen::Request(request) => self.accept(opening, request),
            Seen::Close(payload) if self.config.holds_answers && !self.sent_close => {
                self.held_close = Some(payload.clone());
            }
            Seen::Ping(_) if self.config.holds_answers => {}
            Seen::Ping(payload) if !self.sent_close && self.pongs_sent < PONGS_MAX => {
                self.pongs_sent += 1;
                self.send(Opcode::Pong, payload.clone());
            }
            Seen::Close(payload) => {
                if !self.sent_close {
                    self.answer_close(payload);
                }
                if self.role() == Role::Server && after_close == AfterClose::EndTcp {
                    self.half_close();
                }
            }
            Seen::Ping(_)
            | Seen::Response(_)
            | Seen::NotAHead(_)
            | Seen::Message { .. }
            | Seen::Undecodable { .. }
            | Seen::Pong(_)
            | Seen::Stray(_)
            | Seen::TooLong(_)
            | Seen::GaveUp
            | Seen::Eof
            | Seen::Reset
            | Seen::Flood => {}
        }
    }

    fn accept(&mut self, opening: &Opening, request: &RequestHead) {
        let head = greet::response(opening, request);
        self.own_agreement = greet::agreement(&head);
        self.open(opening, head);
    }

    /// Sends the opening head, or holds it for the first write.
    fn open(&mut self, opening: &Opening, mut head: Vec<u8>) {
        head.truncate(opening.stop_after.unwrap_or(head.len()));
        self.opened = true;
        if self.config.holds_head {
            self.held_head = Some(head);
        } else {
            self.put_pieces(head, &opening.cut, opening.segments);
        }
    }

    /// RFC 6455 §5.5.1: "it SHOULD echo the status code it received", where an endpoint may send it.
    fn answer_close(&mut self, payload: &[u8]) {
        self.sent_close = true;
        if self.half_closed {
            return;
        }
        let code = ClosePayload::decode(payload).ok().and_then(|payload| payload.code);
        let code = code.filter(|code| code.may_be_sent());
        let answer = code.map(|code| ClosePayload::encode(code, b"")).unwrap_or_default();
        let octets = self.encode(Opcode::Close, answer);
        self.outbox.push_back(Outgoing::CloseAnswer(octets));
    }

    /// Sends one whole frame, unless our direction is closed.
    pub fn send(&mut self, opcode: Opcode, payload: Vec<u8>) {
        if !self.half_closed {
            let octets = self.encode(opcode, payload);
            self.put(Action::Write(octets));
        }
    }

    /// Begins the closing handshake, unless a Close was sent. `step`: the index of the step that asks for it.
    pub fn close(&mut self, step: Option<usize>) {
        if !self.sent_close {
            self.sent_close = true;
            self.outbox.extend(step.map(Outgoing::StepBegins));
            self.send(Opcode::Close, ClosePayload::encode(CloseCode::NORMAL, b""));
        }
    }

    /// Answers the Close that was seen and not answered, and ends our direction as a server.
    pub fn answer_held(&mut self) {
        if let Some(payload) = self.held_close.take() {
            self.answer_close(&payload);
            if self.role() == Role::Server {
                self.half_close();
            }
        }
    }

    /// Ends the direction to the target behind what is still to be written.
    pub fn half_close(&mut self) {
        if !self.half_closed {
            self.half_closed = true;
            self.put(Action::HalfClose);
        }
    }

    /// Resets TCP.
    pub fn reset(&mut self) {
        self.put(Action::Reset);
    }

    /// Sends what a `send` step asks for, unless our direction is closed. `step`: the index of the step, where the transcript
    /// says when it began. `agreed`: what the messages of the step are compressed by.
    pub fn write(&mut self, write: &Write, step: Option<usize>, agreed: Option<DeflateParams>) {
        if self.half_closed {
            return;
        }
        // A client that gets a frame with our response may do otherwise than one that gets it later.
        let first = !std::mem::replace(&mut self.wrote, true);
        if first && self.held_head.is_none() && self.role() == Role::Server {
            self.put(Action::Pause);
        }
        self.outbox.extend(step.map(Outgoing::StepBegins));
        let head = self.held_head.take().unwrap_or_default();
        if let Some(flood) = Flood::of(write) {
            if !head.is_empty() {
                self.put(Action::Write(head));
            }
            self.outbox.push_back(Outgoing::Flood(flood));
            return;
        }
        let coalesced = write.coalesced || !head.is_empty();
        let mut whole = head;
        for piece in &write.pieces {
            for octets in self.octets(piece, agreed.as_ref()) {
                if coalesced {
                    whole.extend_from_slice(&octets);
                } else {
                    self.put_pieces(octets, &write.cut, write.segments);
                }
            }
        }
        if !whole.is_empty() {
            self.put_pieces(whole, &write.cut, write.segments);
        }
    }

    /// The next thing to do with the transport.
    pub fn poll(&mut self) -> Option<Output> {
        let output = match self.outbox.pop_front()? {
            Outgoing::StepBegins(step) => Output::StepBegins(step),
            Outgoing::Act(action) => Output::Act(action),
            Outgoing::CloseAnswer(octets) => Output::Act(Action::Write(octets)),
            Outgoing::Flood(flood) => {
                let role = self.role();
                let (octets, left) = flood.next(role, || self.draw_key());
                left.into_iter().for_each(|left| self.outbox.push_front(Outgoing::Flood(left)));
                Output::Act(Action::Write(octets))
            }
        };
        Some(output)
    }

    /// The answer to the target's Close, where it was not polled.
    pub fn into_close_answer(self) -> Option<Vec<u8>> {
        self.outbox.into_iter().find_map(|outgoing| match outgoing {
            Outgoing::CloseAnswer(octets) => Some(octets),
            Outgoing::StepBegins(_) | Outgoing::Act(_) | Outgoing::Flood(_) => None,
        })
    }

    fn put(&mut self, action: Action) {
        self.outbox.push_back(Outgoing::Act(action));
    }

    /// Puts octets into the outbox, a write for each piece of the cut.
    fn put_pieces(&mut self, octets: Vec<u8>, cut: &Cut, segments: usize) {
        let pieces = if *cut == Cut::Whole { vec![octets] } else { cut.split(&octets) };
        for (index, octets) in pieces.into_iter().enumerate() {
            if index > 0 {
                self.put(Action::Pause);
            }
            if segments > 0 {
                self.put(Action::Segments(segments));
            }
            self.put(Action::Write(octets));
        }
    }

    fn draw_key(&mut self) -> [u8; 4] {
        (self.random.next_u64() as u32).to_be_bytes()
    }

    fn encode(&mut self, opcode: Opcode, payload: Vec<u8>) -> Vec<u8> {
        let key = self.draw_key();
        FrameSpec::new(opcode, Payload::Literal(payload)).encode(self.role(), key)
    }

    /// The octets of a piece, one item for each frame.
    fn octets(&mut self, piece: &Piece, agreed: Option<&DeflateParams>) -> Vec<Vec<u8>> {
        match piece {
            Piece::Raw(octets) => vec![octets.clone()],
            Piece::Frame(frame) => vec![self.scripted(frame)],
            Piece::Compressed(message) => {
                let (role, ordinary) = (self.role(), self.config.compresses_ordinarily);
                let compression =
                    self.compression.get_or_insert_with(|| Compression::new(agreed, role, ordinary));
                let frames = compression.frames(message);
                frames.iter().map(|frame| self.scripted(frame)).collect()
            }
        }
    }

    /// The octets of a frame of the script.
    fn scripted(&mut self, frame: &FrameSpec) -> Vec<u8> {
        self.sent_close |= frame.opcode == Opcode::Close;
        let key = self.draw_key();
        frame.encode(self.role(), key)
    }
}
