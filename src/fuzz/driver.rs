//! Our peer in one connection of the fuzzer, sans-io, as `peer::Player` is in one of a case: octets and the time in,
//! octets and a transcript out. It waits for what the oracle says that the target owes, and for nothing else.

mod side;

use super::oracle::Oracle;
use super::predict::Ending;
use super::session::Session;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use wsgauntlet_suite::case::script::{FrameSpec, Piece, Step, Write};
use wsgauntlet_suite::case::{Cut, Payload};
use wsgauntlet_suite::peer::compression::Compression;
use wsgauntlet_suite::peer::{PlayConfig, Transmit, greet};
use wsgauntlet_suite::transcript::{Asked, EventKind, Seen, Transcript};
use wsgauntlet_wire::SplitMix64;
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::opening::{DeflateParams, ResponseHead};
use wsgauntlet_wire::{CloseCode, Opcode, Role};

/// How long an end is waited for that nobody owes.
const LINGER: Duration = Duration::from_millis(30);

/// A target that drips octets is borne for so many deadlines.
const DRIP_DEADLINES_MAX: u32 = 4;

/// The longest pause of a script.
const PAUSE_MAX: Duration = Duration::from_millis(20);

/// The most pongs that answer a target's pings in one connection.
const PONGS_MAX: usize = 1000;

/// Where the driver is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Opening,
    Sending,
    Pausing,
    /// What the script asked for is awaited.
    Settling,
    /// An answered ping shows that the connection lives.
    Proving,
    Closing,
    Done,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    /// Something is owed.
    Owed,
    /// The target may end the connection, or go on.
    Linger,
}

/// Drives one connection.
#[derive(Debug)]
pub struct Driver {
    session: Arc<Session>,
    role: Role,
    config: PlayConfig,
    transcript: Transcript,
    oracle: Oracle,
    reacted: usize,
    outbox: VecDeque<Transmit>,
    random: SplitMix64,
    phase: Phase,
    script: usize,
    step: usize,
    waits: Option<(Wait, Duration, Duration)>,
    held_head: Option<Vec<u8>>,
    own_agreement: Option<DeflateParams>,
    compression: Option<Compression>,
    barriers: u32,
    pongs_sent: usize,
    sent_close: bool,
    half_closed: bool,
    /// The scripts that were begun.
    pub scripts_played: usize,
}

impl Driver {
    /// `role`: that of the target.
    pub fn new(session: Arc<Session>, role: Role, config: PlayConfig) -> Driver {
        let payload_len = session.payload_len();
        let mut transcript = Transcript::new(role, config.capabilities);
        if !config.host.is_empty() {
            transcript.asked = Some(Asked { host: config.host.clone(), target: Some(config.target.clone()) });
        }
        Driver {
            oracle: Oracle::new(&transcript, payload_len),
            transcript,
            session,
            role,
            reacted: 0,
            outbox: VecDeque::new(),
            random: SplitMix64::new(config.seed),
            phase: Phase::Opening,
            script: 0,
            step: 0,
            waits: None,
            held_head: None,
            own_agreement: None,
            compression: None,
            barriers: 0,
            pongs_sent: 0,
            sent_close: false,
            half_closed: false,
            scripts_played: 0,
            config,
        }
    }

    pub fn oracle(&self) -> &Oracle {
        &self.oracle
    }

    /// What was recorded, and the oracle that followed it.
    pub fn part(self) -> (Transcript, Oracle) {
        (self.transcript, self.oracle)
    }

    fn peer_role(&self) -> Role {
        self.role.peer()
    }

    fn record(&mut self, now: Duration, kind: EventKind) {
        self.oracle.take(self.transcript.events.len(), &kind);
        self.transcript.push(now, kind);
    }

    fn take(&mut self, now: Duration, kind: EventKind) {
        if self.phase == Phase::Done {
            return;
        }
        self.postpone(now);
        self.record(now, kind);
        self.react();
        self.advance(now);
    }

    /// Activity moves the deadline, within bounds.
    fn postpone(&mut self, now: Duration) {
        if let Some((Wait::Owed, entered, deadline)) = &mut self.waits {
            let patience = self.config.deadline;
            *deadline = (now + patience).min(*entered + patience * DRIP_DEADLINES_MAX).max(*deadline);
        }
    }

    /// Does what any endpoint does: answers the request, pings, and a Close.
    fn react(&mut self) {
        while let Some(observation) = self.oracle.observations().get(self.reacted) {
            self.reacted += 1;
            match &observation.seen {
                Seen::Request(head) => {
                    let head = greet::response(&self.session.opening, head);
                    self.own_agreement = agreement(&head);
                    self.greet(head);
                }
                Seen::Ping(payload) if !self.sent_close && self.pongs_sent < PONGS_MAX => {
                    self.pongs_sent += 1;
                    let payload = payload.clone();
                    self.control(Opcode::Pong, payload);
                }
                Seen::Close(payload) => {
                    if !self.sent_close && self.can_send_frame() {
                        let code = ClosePayload::decode(payload).ok().and_then(|payload| payload.code);
                        let code = code.filter(|code| code.may_be_sent());
                        let payload = code.map(|code| ClosePayload::encode(code, b"")).unwrap_or_default();
                        self.sent_close = true;
                        self.control(Opcode::Close, payload);
                    }
                    // §5.5.1: "the server MUST close the underlying TCP connection immediately".
                    if self.peer_role() == Role::Server {
                        self.half_close();
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether a frame of our own would not stand within another.
    fn can_send_frame(&self) -> bool {
        self.outbox.is_empty() && self.oracle.predictor().is_some_and(|predictor| predictor.at_boundary())
    }

    fn greet(&mut self, head: Vec<u8>) {
        let opening = &self.session.opening;
        let head = match opening.stop_after {
            Some(len) => head[..len.min(head.len())].to_vec(),
            None => head,
        };
        if opening.coalesced
            && matches!(self.session.scripts.first().and_then(|s| s.first()), Some(Step::Send(_)))
        {
            self.held_head = Some(head);
            let session = Arc::clone(&self.session);
            if let Step::Send(write) = &session.scripts[0][0] {
                self.scripts_played = 1;
                self.step = 1;
                self.write(write);
            }
        } else {
            for octets in opening.cut.split(&head) {
                self.outbox.push_back(Transmit::Octets(octets));
            }
        }
    }

    fn draw_key(&mut self) -> [u8; 4] {
        (self.random.next_u64() as u32).to_be_bytes()
    }

    fn control(&mut self, opcode: Opcode, payload: Vec<u8>) {
        if !self.half_closed {
            let key = self.draw_key();
            let frame = FrameSpec::new(opcode, Payload::Literal(payload));
            let octets = frame.encode(self.peer_role(), key);
            self.outbox.push_back(Transmit::Octets(octets));
        }
    }

    fn half_close(&mut self) {
        if !self.half_closed {
            self.half_closed = true;
            self.outbox.push_back(Transmit::HalfClose);
        }
    }

    /// Goes on until something has to be waited for.
    fn advance(&mut self, now: Duration) {
        while self.phase != Phase::Done && self.outbox.is_empty() {
            if self.oracle.is_over() || (self.oracle.is_ended() && self.phase != Phase::Opening) {
                return self.finish(now);
            }
            let goes_on = match self.phase {
                Phase::Opening => self.opening(now),
                Phase::Sending => self.send_step(now),
                Phase::Pausing => false,
                Phase::Settling => self.settle(now),
                Phase::Proving => self.prove(now),
                Phase::Closing => self.close(now),
                Phase::Done => false,
            };
            if !goes_on {
                return;
            }
        }
    }

    fn wait(&mut self, now: Duration, wait: Wait) {
        if self.waits.is_none_or(|(current, _, _)| current != wait) {
            let patience = match wait {
                Wait::Owed => self.config.deadline,
                Wait::Linger => LINGER.min(self.config.deadline),
            };
            self.waits = Some((wait, now, now + patience));
        }
    }

    fn enter(&mut self, phase: Phase) -> bool {
        self.phase = phase;
        self.waits = None;
        true
    }

    fn opening(&mut self, now: Duration) -> bool {
        if self.oracle.is_open() {
            return self.enter(Phase::Sending);
        }
        let owed = self.oracle.awaited().is_some();
        self.wait(now, if owed { Wait::Owed } else { Wait::Linger });
        false
    }

    /// Does the next step of the script.
    fn send_step(&mut self, now: Duration) -> bool {
        let session = Arc::clone(&self.session);
        let Some(step) = session.scripts.get(self.script).and_then(|script| script.get(self.step)) else {
            return self.enter(Phase::Settling);
        };
        if self.step == 0 {
            self.scripts_played += 1;
        }
        match step {
            // Behind the end of the connection nothing is waited for.
            Step::Alive { .. } if *self.oracle.ending() == Ending::Open => {
                if self.oracle.awaited().is_some() {
                    self.wait(now, Wait::Owed);
                    return false;
                }
                self.waits = None;
            }
            Step::Send(write) => self.write(write),
            Step::HalfClose => self.half_close(),
            Step::Reset => self.outbox.push_back(Transmit::Reset),
            Step::Wait(pause) => {
                self.phase = Phase::Pausing;
                self.waits = Some((Wait::Linger, now, now + (*pause).min(PAUSE_MAX)));
                self.step += 1;
                return false;
            }
            Step::Alive { .. }
            | Step::Open
            | Step::IfDeflate(_)
            | Step::IfOffered(_)
            | Step::Expect(_)
            | Step::Close => {}
        }
        self.step += 1;
        true
    }

    /// Waits for what the script asked for, then decides what follows.
    fn settle(&mut self, now: Duration) -> bool {
        if self.oracle.awaited().is_some() {
            self.wait(now, Wait::Owed);
            return false;
        }
        let Some(predictor) = self.oracle.predictor() else {
            self.finish(now);
            return false;
        };
        let (at_boundary, asks_last) = (predictor.at_boundary(), predictor.asks_last);
        if self.half_closed {
            self.wait(now, Wait::Linger);
            return false;
        }
        match self.oracle.ending() {
            Ending::Open if !at_boundary => {
                self.finish(now);
                false
            }
            Ending::Open if asks_last => self.next_script(),
            Ending::Open => self.barrier(),
            Ending::Free(_) if at_boundary => self.barrier(),
            Ending::Free(_) | Ending::Failed { .. } => {
                self.wait(now, Wait::Linger);
                false
            }
            Ending::Closed => {
                self.finish(now);
                false
            }
        }
    }

    /// Sends what only a connection that lives answers.
    fn barrier(&mut self) -> bool {
        self.barriers += 1;
        let payload = format!("wsgauntlet-{}", self.barriers).into_bytes();
        self.control(Opcode::Ping, payload);
        self.enter(Phase::Proving)
    }

    fn prove(&mut self, now: Duration) -> bool {
        let answered =
            |seen: &Seen| matches!(seen, Seen::Pong(payload) if payload.starts_with(b"wsgauntlet-"));
        if *self.oracle.ending() != Ending::Open {
            // Whether the target went on shows in an answer; that it did not, only in the end.
            let last = self.oracle.observations().last();
            if last.is_some_and(|observation| answered(&observation.seen)) {
                self.finish(now);
                return false;
            }
            self.wait(now, Wait::Linger);
            return false;
        }
        if self.oracle.awaited().is_some() {
            self.wait(now, Wait::Owed);
            return false;
        }
        self.next_script()
    }

    fn next_script(&mut self) -> bool {
        if self.script + 1 < self.session.scripts.len() {
            self.script += 1;
            self.step = 0;
            return self.enter(Phase::Sending);
        }
        if !self.sent_close {
            self.sent_close = true;
            self.control(Opcode::Close, ClosePayload::encode(CloseCode::NORMAL, b""));
        }
        self.enter(Phase::Closing)
    }

    fn close(&mut self, now: Duration) -> bool {
        if self.oracle.awaited().is_some() {
            self.wait(now, Wait::Owed);
        } else {
            self.finish(now);
        }
        false
    }

    fn write(&mut self, write: &Write) {
        if self.half_closed {
            return;
        }
        let mut whole = self.held_head.take().unwrap_or_default();
        let coalesced = write.coalesced || !whole.is_empty();
        for piece in &write.pieces {
            for octets in self.octets(piece) {
                if coalesced {
                    whole.extend_from_slice(&octets);
                } else {
                    self.push(&write.cut, octets);
                }
            }
        }
        if !whole.is_empty() {
            self.push(&write.cut, whole);
        }
    }

    fn push(&mut self, cut: &Cut, octets: Vec<u8>) {
        if *cut == Cut::Whole {
            self.outbox.push_back(Transmit::Octets(octets));
        } else {
            self.outbox.extend(cut.split(&octets).into_iter().map(Transmit::Octets));
        }
    }

    /// The octets of a piece, one item for each frame.
    fn octets(&mut self, piece: &Piece) -> Vec<Vec<u8>> {
        let role = self.peer_role();
        match piece {
            Piece::Raw(octets) => vec![octets.clone()],
            Piece::Frame(frame) => {
                self.sent_close |= frame.opcode == Opcode::Close;
                let key = self.draw_key();
                vec![frame.encode(role, key)]
            }
            Piece::Compressed(message) => {
                if self.compression.is_none() {
                    let ordinary = self.session.compresses_ordinarily();
                    let agreed = self.own_agreement.or(self.agreed());
                    self.compression = Some(Compression::new(agreed.as_ref(), role, ordinary));
                }
                let frames = self.compression.as_mut().map(|compression| compression.frames(message));
                let frames = frames.unwrap_or_default();
                frames
                    .into_iter()
                    .map(|frame| {
                        self.sent_close |= frame.opcode == Opcode::Close;
                        let key = self.draw_key();
                        frame.encode(role, key)
                    })
                    .collect()
            }
        }
    }

    /// What a server agreed to.
    fn agreed(&self) -> Option<DeflateParams> {
        self.oracle.agreed()
    }

    fn finish(&mut self, now: Duration) {
        if self.phase != Phase::Done {
            self.phase = Phase::Done;
            self.waits = None;
            self.record(now, EventKind::Frozen);
        }
    }
}

/// What the octets of our response agree to.
fn agreement(octets: &[u8]) -> Option<DeflateParams> {
    let (head, _) = ResponseHead::parse(octets).ok().flatten()?;
    (head.status == 101).then(|| DeflateParams::agreed_in(&head.fields)).flatten()
}
