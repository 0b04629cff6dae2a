//! Plays one instance.

use super::compression::Compression;
use super::config::PlayConfig;
use super::greet;
use super::outgoing::{Flood, Outgoing};
use crate::case::expectation::Outcome;
use crate::case::script::{FrameSpec, Piece, Step, Write};
use crate::case::{Instance, LazyScript, Payload};
use crate::matching::{self, Context, Ledger};
use crate::transcript::{Asked, EventKind, Observer, Seen, Transcript};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use wsgauntlet_wire::SplitMix64;
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::{CloseCode, Opcode, Role};

/// What the player wants done with the transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transmit {
    /// One write.
    Octets(Vec<u8>),
    /// The write that follows is to arrive apart from the one before: both are pieces of what was cut.
    Apart,
    /// The TLS record of the write that follows is to leave in so many TCP segments.
    Segments(usize),
    /// No more will be written.
    HalfClose,
    Reset,
}

/// A target that drips octets is borne for so many deadlines.
const DRIP_DEADLINES_MAX: u32 = 8;

/// What a client hears whose request was looked at, and nothing more: some would wait for a response for ever.
const UNANSWERED: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// The most pongs that answer a target's pings in one connection.
const PONGS_MAX: usize = 1000;

/// Our peer in one connection.
#[derive(Debug)]
pub struct Player {
    /// The role of the target.
    target: Role,
    script: Arc<LazyScript>,
    config: PlayConfig,
    transcript: Transcript,
    observer: Observer,
    /// How many observations were reacted to.
    reacted: usize,
    ledger: Ledger,
    step: usize,
    /// The time at which the step was entered, and the deadline of its silence.
    entered: Option<Duration>,
    deadline: Option<Duration>,
    outbox: VecDeque<Outgoing>,
    /// The opening head, while it waits for the first `send` to go out with it.
    held_head: Option<Vec<u8>>,
    greeted: bool,
    /// Whether a `send` step began.
    wrote: bool,
    /// What our own response agreed to.
    own_agreement: Option<DeflateParams>,
    /// Made when the first message is compressed, by what is agreed then.
    compression: Option<Compression>,
    random: SplitMix64,
    pings: Vec<Vec<u8>>,
    accept: Option<String>,
    since: usize,
    pongs_sent: usize,
    sent_close: bool,
    half_closed: bool,
    finished: bool,
}

impl Player {
    pub fn new(instance: &Instance, mut config: PlayConfig) -> Player {
        let about = instance.verifies.iter().map(|id| id.as_str());
        config.capabilities.overlooked = config.capabilities.overlooked.beside(about);
        let mut transcript = Transcript::new(instance.role, config.capabilities);
        if instance.role == Role::Client && !config.host.is_empty() {
            let target = Some(config.target.clone()).filter(|target| !target.is_empty());
            transcript.asked = Some(Asked { host: config.host.clone(), target });
        }
        Player {
            transcript,
            observer: Observer::new(instance.role, instance.script.payload_len())
                .overlooking(config.capabilities.overlooked),
            reacted: 0,
            ledger: Ledger::default(),
            step: 0,
            entered: None,
            deadline: None,
            outbox: VecDeque::new(),
            held_head: None,
            greeted: false,
            wrote: false,
            own_agreement: None,
            compression: None,
            random: SplitMix64::new(config.seed),
            pings: instance.script.ping_payloads(),
            accept: None,
            since: 0,
            pongs_sent: 0,
            sent_close: false,
            half_closed: false,
            finished: false,
            target: instance.role,
            script: instance.script.clone(),
            config,
        }
    }

    /// The transport is established.
    pub fn connected(&mut self, now: Duration) {
        self.record(now, EventKind::Connected);
        if self.role() == Role::Client {
            let mut nonce = [0; 16];
            nonce[..8].copy_from_slice(&self.random.next_u64().to_be_bytes());
            nonce[8..].copy_from_slice(&self.random.next_u64().to_be_bytes());
            let head = greet::request(&self.script.opening, &self.config, nonce);
            self.greet(head);
        }
        self.advance(now);
    }

    /// A client begins TLS, and names a server.
    pub fn client_hello(&mut self, now: Duration, server_name: Option<String>) {
        self.record(now, EventKind::ClientHello(server_name));
    }

    /// A client makes no request.
    pub fn give_up(&mut self, now: Duration) {
        self.take(now, EventKind::GaveUp);
    }

    /// Takes octets of the target.
    pub fn receive(&mut self, now: Duration, octets: &[u8]) {
        self.take(now, EventKind::Received(octets.to_vec()));
    }

    /// The target closed its direction in order.
    pub fn receive_eof(&mut self, now: Duration) {
        self.take(now, EventKind::ReceivedEof);
    }

    /// The connection was reset.
    pub fn receive_reset(&mut self, now: Duration) {
        self.take(now, EventKind::ReceivedReset);
    }

    /// The next thing to do with the transport. It counts as done at `now`.
    pub fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        while let Some(outgoing) = self.outbox.pop_front() {
            match outgoing {
                Outgoing::Begin(step) => self.record(now, EventKind::StepSent(step)),
                Outgoing::Octets(octets) | Outgoing::CloseAnswer(octets) => {
                    self.postpone(now);
                    self.record(now, EventKind::Sent(octets.clone()));
                    return Some(Transmit::Octets(octets));
                }
                Outgoing::Apart => return Some(Transmit::Apart),
                Outgoing::Segments(count) => return Some(Transmit::Segments(count)),
                Outgoing::Flood(flood) => {
                    let role = self.role();
                    let (octets, left) = flood.next(role, || self.draw_key());
                    left.into_iter().for_each(|left| self.outbox.push_front(Outgoing::Flood(left)));
                    self.outbox.push_front(Outgoing::Octets(octets));
                }
                Outgoing::HalfClose => {
                    self.record(now, EventKind::SentEof);
                    return Some(Transmit::HalfClose);
                }
                Outgoing::Reset => {
                    self.record(now, EventKind::SentReset);
                    return Some(Transmit::Reset);
                }
            }
        }
        None
    }

    /// When `handle_timeout` is to be called, if nothing happens before.
    pub fn poll_timeout(&self) -> Option<Duration> {
        if self.finished { None } else { self.deadline }
    }

    pub fn handle_timeout(&mut self, now: Duration) {
        if self.finished || self.deadline.is_none_or(|deadline| now < deadline) {
            return;
        }
        self.deadline = None;
        if matches!(self.script.steps.get(self.step), Some(Step::Wait(_))) {
            self.next_step();
        } else {
            self.record(now, EventKind::StepExpired(self.step));
            self.decide(now, true);
        }
        self.advance(now);
    }

    /// The step that waits for the target now, if one does.
    pub fn waiting_step(&self) -> Option<usize> {
        let waits = |step: &&Step| matching::waits(step);
        self.script.steps.get(self.step).filter(waits).filter(|_| !self.finished).map(|_| self.step)
    }

    /// Ends the wait of the current step now, before its deadline.
    pub fn expire(&mut self, now: Duration) {
        self.deadline = self.deadline.map(|deadline| deadline.min(now));
        self.handle_timeout(now);
    }

    /// Whether everything is decided. What is still in the outbox need not be sent.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    pub fn into_transcript(self) -> Transcript {
        self.transcript
    }

    /// The transcript, and what is still owed: the answer to the target's Close where the verdict came before it, or any
    /// response at all.
    pub fn part(self) -> (Transcript, Vec<u8>) {
        let sent = self.transcript.events.iter().any(|event| matches!(event.kind, EventKind::Sent(_)));
        if self.target == Role::Client && !sent {
            return (self.transcript, UNANSWERED.to_vec());
        }
        let farewell = self.outbox.into_iter().find_map(|outgoing| match outgoing {
            Outgoing::CloseAnswer(octets) => Some(octets),
            Outgoing::Begin(_)
            | Outgoing::Octets(_)
            | Outgoing::Apart
            | Outgoing::Segments(_)
            | Outgoing::Flood(_)
            | Outgoing::HalfClose
            | Outgoing::Reset => None,
        });
        (self.transcript, farewell.unwrap_or_default())
    }

    /// The role of our peer.
    fn role(&self) -> Role {
        self.target.peer()
    }

    fn record(&mut self, now: Duration, kind: EventKind) {
        if let EventKind::Sent(_) = kind {
            self.observer.take(self.transcript.events.len(), &kind);
        }
        self.transcript.push(now, kind);
    }

    fn take(&mut self, now: Duration, kind: EventKind) {
        if self.finished {
            return;
        }
        self.postpone(now);
        self.observer.take(self.transcript.events.len(), &kind);
        self.record(now, kind);
        self.react();
        self.advance(now);
    }

    /// Activity moves the deadline of silence, within bounds.
    fn postpone(&mut self, now: Duration) {
        let (Some(entered), Some(deadline)) = (self.entered, self.deadline) else { return };
        if matches!(self.script.steps.get(self.step), Some(Step::Wait(_))) {
            return;
        }
        let patience = self.patience();
        let last = entered + patience * DRIP_DEADLINES_MAX;
        self.deadline = Some((now + patience).min(last).max(deadline));
    }

    /// How long the current step bears silence.
    fn patience(&self) -> Duration {
        match self.script.steps.get(self.step) {
            Some(Step::Expect(expectation)) => expectation.within.unwrap_or(self.config.deadline),
            Some(Step::Wait(wait)) => *wait,
            _ => self.config.deadline,
        }
    }

    /// Does what any endpoint does: answers the request, pings, and a Close.
    fn react(&mut self) {
        while let Some(observation) = self.observer.observations().get(self.reacted) {
            self.reacted += 1;
            match observation.seen.clone() {
                Seen::Request(head) => {
                    let head = greet::response(&self.script.opening, &head);
                    self.own_agreement = greet::agreement(&head);
                    self.greet(head);
                }
                Seen::Ping(payload) if !self.sent_close && self.pongs_sent < PONGS_MAX => {
                    self.pongs_sent += 1;
                    self.frame(Opcode::Pong, payload);
                }
                Seen::Close(payload) => {
                    if !self.sent_close {
                        let code = ClosePayload::decode(&payload).ok().and_then(|payload| payload.code);
                        let code = code.filter(|code| code.may_be_sent());
                        let payload = code.map(|code| ClosePayload::encode(code, b"")).unwrap_or_default();
                        self.answer_close(payload);
                    }
                    // §5.5.1: "the server MUST close the underlying TCP connection immediately", unless the script looks
                    // whether the client waits for that.
                    if self.role() == Role::Server && !self.looks_who_lingers() {
                        self.half_close();
                    }
                }
                _ => {}
            }
        }
    }

    fn looks_who_lingers(&self) -> bool {
        match self.script.steps.get(self.step) {
            Some(Step::Expect(expectation)) => expectation.outcomes.contains(&Outcome::Lingers),
            _ => false,
        }
    }

    /// Sends the opening head, or holds it for the first `send`.
    fn greet(&mut self, head: Vec<u8>) {
        let script = self.script.clone();
        let opening = &script.opening;
        let head = match opening.stop_after {
            Some(len) => head[..len.min(head.len())].to_vec(),
            None => head,
        };
        self.greeted = true;
        // What was waited for until now was the request, not a step.
        self.entered = None;
        self.deadline = None;
        if opening.coalesced {
            self.held_head = Some(head);
        } else {
            self.put_pieces(opening.cut.split(&head), opening.segments);
        }
    }

    fn draw_key(&mut self) -> [u8; 4] {
        (self.random.next_u64() as u32).to_be_bytes()
    }

    fn encode(&mut self, opcode: Opcode, payload: Vec<u8>) -> Vec<u8> {
        let key = self.draw_key();
        FrameSpec::new(opcode, Payload::Literal(payload)).encode(self.role(), key)
    }

    fn frame(&mut self, opcode: Opcode, payload: Vec<u8>) {
        if !self.half_closed {
            let octets = self.encode(opcode, payload);
            self.outbox.push_back(Outgoing::Octets(octets));
        }
    }

    fn close_frame(&mut self, payload: Vec<u8>) {
        self.sent_close = true;
        self.frame(Opcode::Close, payload);
    }

    fn answer_close(&mut self, payload: Vec<u8>) {
        self.sent_close = true;
        if !self.half_closed {
            let octets = self.encode(Opcode::Close, payload);
            self.outbox.push_back(Outgoing::CloseAnswer(octets));
        }
    }

    fn half_close(&mut self) {
        if !self.half_closed {
            self.half_closed = true;
            self.outbox.push_back(Outgoing::HalfClose);
        }
    }

    /// Goes on until a step has to wait, or the script is over.
    fn advance(&mut self, now: Duration) {
        let script = self.script.clone();
        while !self.finished {
            if !self.greeted && self.role() == Role::Server {
                // The client speaks first; its silence is that of the first step.
                self.enter(now);
                if self.ended() {
                    self.decide(now, true);
                    // Without a request, no later step has a subject.
                    self.finish(now);
                }
                return;
            }
            let Some(step) = script.steps.get(self.step) else {
                self.finish(now);
                return;
            };
            if self.entered.is_none() {
                self.enter(now);
                self.begin(step);
            }
            match step {
                Step::Send(_) | Step::HalfClose | Step::Reset => self.next_step(),
                Step::IfDeflate(wanted) if self.opened() && wanted.holds(self.agreed()) => self.next_step(),
                Step::IfOffered(wanted) if wanted.holds(self.offered().as_ref()) => self.next_step(),
                Step::IfDeflate(_) | Step::IfOffered(_) => self.skip(now),
                Step::Wait(_) => {
                    if !self.ended() {
                        return;
                    }
                    self.next_step();
                }
                Step::Open | Step::Alive { .. } | Step::Expect(_) | Step::Close => {
                    if !self.decide(now, false) {
                        return;
                    }
                }
            }
        }
    }

    fn enter(&mut self, now: Duration) {
        if self.entered.is_none() {
            self.entered = Some(now);
            self.deadline = Some(now + self.patience());
        }
    }

    fn next_step(&mut self) {
        self.step += 1;
        self.entered = None;
        self.deadline = None;
    }

    fn ended(&self) -> bool {
        self.observer.observations().iter().any(|observation| observation.seen.is_end())
    }

    /// What our peer does on entering a step.
    fn begin(&mut self, step: &Step) {
        match step {
            Step::Send(write) => self.write(write),
            Step::Alive { evidence } => {
                let opcode = matching::barrier_opcode(*evidence, &self.context());
                self.frame(opcode, matching::barrier_payload(self.step));
            }
            Step::Close => {
                if !self.sent_close {
                    self.outbox.push_back(Outgoing::Begin(self.step));
                    self.close_frame(ClosePayload::encode(CloseCode::NORMAL, b""));
                }
            }
            Step::HalfClose => self.half_close(),
            Step::Reset => self.outbox.push_back(Outgoing::Reset),
            Step::Open | Step::IfDeflate(_) | Step::IfOffered(_) | Step::Expect(_) | Step::Wait(_) => {}
        }
    }

    fn write(&mut self, write: &Write) {
        if self.half_closed {
            return;
        }
        // A client that gets a frame with our response may do otherwise than one that gets it later.
        let first = !std::mem::replace(&mut self.wrote, true);
        if first && self.held_head.is_none() && self.target == Role::Client {
            self.outbox.push_back(Outgoing::Apart);
        }
        self.outbox.push_back(Outgoing::Begin(self.step));
        if let Some(flood) = Flood::of(write) {
            self.outbox.extend(self.held_head.take().map(Outgoing::Octets));
            self.outbox.push_back(Outgoing::Flood(flood));
            return;
        }
        let mut whole = self.held_head.take().unwrap_or_default();
        let head_len = whole.len();
        for piece in &write.pieces {
            for octets in self.octets(piece) {
                if write.coalesced || head_len > 0 {
                    whole.extend_from_slice(&octets);
                } else {
                    self.put_pieces(write.cut.split(&octets), write.segments);
                }
            }
        }
        if !whole.is_empty() {
            self.put_pieces(write.cut.split(&whole), write.segments);
        }
    }

    /// Puts the pieces of what was cut into the outbox.
    fn put_pieces(&mut self, pieces: Vec<Vec<u8>>, segments: usize) {
        for (index, octets) in pieces.into_iter().enumerate() {
            if index > 0 {
                self.outbox.push_back(Outgoing::Apart);
            }
            if segments > 0 {
                self.outbox.push_back(Outgoing::Segments(segments));
            }
            self.outbox.push_back(Outgoing::Octets(octets));
        }
    }

    /// The octets of a piece, one item for each frame.
    fn octets(&mut self, piece: &Piece) -> Vec<Vec<u8>> {
        let frames = match piece {
            Piece::Raw(octets) => return vec![octets.clone()],
            Piece::Frame(frame) => vec![frame.clone()],
            Piece::Compressed(message) => {
                if self.compression.is_none() {
                    let ordinary = self.script.compresses_ordinarily();
                    self.compression = Some(Compression::new(self.agreed(), self.role(), ordinary));
                }
                self.compression.as_mut().map(|compression| compression.frames(message)).unwrap_or_default()
            }
        };
        let role = self.role();
        let encode = |frame: FrameSpec| {
            self.sent_close |= frame.opcode == Opcode::Close;
            let key = self.draw_key();
            frame.encode(role, key)
        };
        frames.into_iter().map(encode).collect()
    }

    /// What was agreed about permessage-deflate, as far as is known.
    fn agreed(&self) -> Option<&DeflateParams> {
        match self.role() {
            Role::Client => self.observer.agreed(),
            Role::Server => self.own_agreement.as_ref(),
        }
    }

    fn opened(&self) -> bool {
        !matching::is_refused(self.observer.observations(), self.config.capabilities)
    }

    /// What the client under test offered, all its offers together.
    fn offered(&self) -> Option<DeflateParams> {
        self.observer.observations().iter().find_map(|observation| match &observation.seen {
            Seen::Request(head) => DeflateParams::offered_in(&head.fields),
            _ => None,
        })
    }

    /// Leaves out what cannot be decided, up to the closing handshake.
    fn skip(&mut self, now: Duration) {
        self.record(now, EventKind::StepDecided(self.step));
        self.entered = None;
        self.deadline = None;
        let observations = self.observer.observations();
        self.step =
            matching::after_skipping(&self.script.steps, self.step, observations, self.config.capabilities);
    }

    fn context(&self) -> Context<'_> {
        Context {
            role: self.target,
            capabilities: self.config.capabilities,
            observations: self.observer.observations(),
            ledger: self.ledger,
            step: self.step,
            since: self.since,
            pings: &self.pings,
            accept: self.accept.as_deref(),
        }
    }

    /// Whether the current step is over, and what follows from it.
    fn decide(&mut self, now: Duration, expired: bool) -> bool {
        if self.accept.is_none() {
            self.accept = matching::expected_accept(&self.transcript);
        }
        self.since = matching::since(&self.script.steps, self.step, &self.transcript);
        let Some(step) = self.script.steps.get(self.step) else { return false };
        let context = self.context();
        let Some(expectation) = matching::expectation(step, &context) else { return false };
        let Some(decision) = matching::decide(&expectation, &context, expired) else { return false };
        self.ledger = decision.ledger;
        self.record(now, EventKind::StepDecided(self.step));
        if decision.ends {
            self.finish(now);
        } else {
            self.next_step();
        }
        true
    }

    fn finish(&mut self, now: Duration) {
        if !self.finished {
            self.finished = true;
            self.deadline = None;
            self.record(now, EventKind::Frozen);
        }
    }
}
