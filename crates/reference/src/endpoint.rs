//! An endpoint of RFC 6455 without an application: octets and the time go in, events and octets
//! come out. It does no I/O and reads no clock.
//!
//! Octets that were received wait until `poll_event` asks for what they hold, so that an
//! application answers each message before the next frame is looked at, however TCP cut them.
//! `opening` holds what the opening handshake does to an endpoint, `frames` what frames do.

mod frames;
mod opening;

use super::closing::Closing;
use super::config::Config;
use super::event::{Demise, Event, MessageKind, Transmit};
use super::opening_client::ClientOpening;
use super::opening_server::ServerOpening;
use super::outbox::Outbox;
use super::quirk::Faults;
use super::quirk::catalogue::Segments;
use super::quirk::pongs::PongMemory;
use super::quirk::whole::{Reaction, WholeMemory};
use super::receive::Receiver;
use super::send::Sender;
use super::variant::Variant;
use std::collections::VecDeque;
use std::time::Duration;
use wsgauntlet_wire::SplitMix64;
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::frame::CONTROL_PAYLOAD_LEN_MAX;
use wsgauntlet_wire::{CloseCode, Frame, Opcode, Role};

/// The longest close reason, in octets: a code goes before it.
const REASON_LEN_MAX: usize = CONTROL_PAYLOAD_LEN_MAX - 2;

/// What an application asked for and may not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misuse {
    #[error("send before the opening handshake is done, or after a Close frame was sent")]
    NotOpen,
    #[error("send more than 125 octets in a control frame")]
    ControlTooLong,
    #[error("send a close code that is not for the wire")]
    CloseCode,
    #[error("send a close reason without a code")]
    ReasonWithoutCode,
}

/// One end of one connection.
#[derive(Debug)]
pub struct Endpoint {
    config: Config,
    faults: Faults,
    now: Duration,
    phase: Phase,
    /// What was received and not read yet, one element for each call.
    input: VecDeque<Segment>,
    input_end: bool,
    receiver: Receiver,
    sender: Sender,
    events: VecDeque<Event>,
    outbox: Outbox,
    /// Whole messages that arrived.
    messages: u64,
    /// A pong that waits for a newer ping: a variant.
    newest_pong: Option<Frame>,
    pong_memory: PongMemory,
    whole_memory: WholeMemory,
    /// Octets of a segment that are read with the next one: a quirk.
    held: Vec<u8>,
}

#[derive(Debug)]
struct Segment {
    octets: Vec<u8>,
    /// How many of them are read.
    read: usize,
    /// How many things they held so far.
    things: u64,
}

#[derive(Debug)]
enum Phase {
    ServerOpening(ServerOpening),
    ClientOpening(ClientOpening),
    Frames(Closing),
    /// Nothing is read, and TCP is not ended, but at the peer's end if this is set. Only quirks
    /// come here.
    Stuck {
        until_eof: bool,
    },
}

impl Endpoint {
    pub fn new(mut config: Config) -> Endpoint {
        let mut rng = SplitMix64::new(config.seed);
        let mut outbox = Outbox::default();
        let sets_out = opening::set_out(&mut config, &mut outbox);
        let phase = match config.role {
            Role::Server => Phase::ServerOpening(ServerOpening::default()),
            Role::Client if !sets_out => Phase::Stuck { until_eof: false },
            Role::Client => {
                let (request, opening) = ClientOpening::new(&config, rng.nonce());
                outbox.push(Transmit::Octets(request));
                Phase::ClientOpening(opening)
            }
        };
        let mut endpoint = Endpoint {
            now: Duration::ZERO,
            faults: config.faults(),
            phase,
            input: VecDeque::new(),
            input_end: false,
            receiver: Receiver::new(&config),
            sender: Sender::new(&config, rng),
            events: VecDeque::new(),
            outbox,
            messages: 0,
            newest_pong: None,
            pong_memory: PongMemory::default(),
            whole_memory: WholeMemory::default(),
            held: Vec::new(),
            config,
        };
        endpoint.requested();
        endpoint
    }

    /// Takes octets from the peer. They are read by `poll_event`. No octets: a part of a TLS record came.
    pub fn receive(&mut self, now: Duration, octets: &[u8]) {
        self.now = now;
        if octets.is_empty() && self.faults.has(Segments::PartialRecordEnds) {
            return self.end();
        }
        if !self.reads() || octets.is_empty() {
            return;
        }
        if let Some(octets) = self.distort_input(octets) {
            self.input.push_back(Segment { octets, read: 0, things: 0 });
        }
    }

    /// The peer ended its direction.
    pub fn receive_eof(&mut self, now: Duration) {
        self.now = now;
        self.input_end = true;
    }

    /// The connection was aborted: nothing can be sent any more.
    pub fn receive_reset(&mut self, now: Duration) {
        self.now = now;
        self.outbox.clear();
        self.stop();
    }

    /// The next event. Call it until there is none after each `receive`.
    pub fn poll_event(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            if !self.read() {
                return None;
            }
        }
    }

    /// What the transport shall do next.
    pub fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        self.now = now;
        self.flush_pong();
        self.flush_waiting_pongs();
        self.outbox.release(now);
        if self.faults.whole().is_some() && self.is_opened() {
            return self.distort_output();
        }
        match self.config.variant {
            Some(Variant::WritesSingly) => self.outbox.pop(),
            Some(Variant::WritesInPieces) => self.outbox.pop_piece(),
            Some(_) | None => self.outbox.pop_joined(),
        }
    }

    /// When `handle_timeout` shall be called, on the clock of `now`.
    pub fn poll_timeout(&self) -> Option<Duration> {
        let deadline = self.deadline();
        let due = self.outbox.next_due();
        [deadline, due].into_iter().flatten().min()
    }

    pub fn handle_timeout(&mut self, now: Duration) {
        self.now = now;
        self.outbox.release(now);
        if self.deadline().is_some_and(|deadline| deadline <= now) {
            self.end();
        }
    }

    /// Whether all is read and transmitted.
    pub fn is_ended(&self) -> bool {
        matches!(self.phase, Phase::Frames(Closing::Ended)) && self.outbox.is_empty()
    }

    pub fn send_message(&mut self, kind: MessageKind, payload: &[u8]) -> Result<(), Misuse> {
        self.check_open()?;
        if self.config.varies(Variant::PingBeforeMessage) {
            self.control(Opcode::Ping, b"before");
        }
        if self.config.varies(Variant::PongEmptyUnsolicited) {
            self.control(Opcode::Pong, b"");
        }
        let delay = self.faults.message_sent().map(|fault| fault.delay());
        for octets in self.sender.message(kind, payload) {
            self.transmit(octets, delay.unwrap_or_default());
        }
        if self.config.varies(Variant::PongUnsolicited) {
            self.control(Opcode::Pong, b"after");
        }
        Ok(())
    }

    /// §5.5.2: "any time after the connection is established and before the connection is closed".
    pub fn ping(&mut self, payload: &[u8]) -> Result<(), Misuse> {
        self.check_open()?;
        if payload.len() > CONTROL_PAYLOAD_LEN_MAX {
            return Err(Misuse::ControlTooLong);
        }
        self.control(Opcode::Ping, payload);
        Ok(())
    }

    /// Starts the closing handshake, §7.1.2. A reason that is too long is cut between characters.
    pub fn close(&mut self, code: Option<CloseCode>, reason: &str) -> Result<(), Misuse> {
        self.check_open()?;
        let payload = match code {
            Some(code) if !code.may_be_sent() => return Err(Misuse::CloseCode),
            Some(code) => {
                let fits = |end: &usize| *end <= REASON_LEN_MAX && reason.is_char_boundary(*end);
                let end = (0..=reason.len()).rev().find(fits).unwrap_or(0);
                ClosePayload::encode(code, &reason.as_bytes()[..end])
            }
            None if !reason.is_empty() => return Err(Misuse::ReasonWithoutCode),
            None => Vec::new(),
        };
        self.control(Opcode::Close, &payload);
        let deadline = self.now + self.config.close_timeout;
        self.phase = Phase::Frames(Closing::Sent { deadline });
        Ok(())
    }

    fn check_open(&self) -> Result<(), Misuse> {
        match &self.phase {
            Phase::Frames(closing) if closing.may_send_data() => Ok(()),
            Phase::Frames(_) | Phase::ServerOpening(_) | Phase::ClientOpening(_) | Phase::Stuck { .. } => {
                Err(Misuse::NotOpen)
            }
        }
    }

    fn deadline(&self) -> Option<Duration> {
        match &self.phase {
            Phase::Frames(closing) => closing.deadline(),
            Phase::ServerOpening(_) | Phase::ClientOpening(_) | Phase::Stuck { .. } => None,
        }
    }

    fn is_opened(&self) -> bool {
        match &self.phase {
            Phase::Frames(_) | Phase::Stuck { .. } => true,
            Phase::ServerOpening(_) | Phase::ClientOpening(_) => false,
        }
    }

    fn reads(&self) -> bool {
        match &self.phase {
            Phase::Frames(closing) => closing.reads(),
            Phase::ServerOpening(_) | Phase::ClientOpening(_) => true,
            Phase::Stuck { .. } => false,
        }
    }

    /// Reads on in what was received. False: there is nothing to read.
    fn read(&mut self) -> bool {
        let Some(mut segment) = self.input.pop_front() else {
            return self.read_ready() || self.read_end();
        };
        let mut unread = &segment.octets[segment.read..];
        match &mut self.phase {
            Phase::ServerOpening(_) | Phase::ClientOpening(_) => self.read_head(&mut unread),
            Phase::Frames(closing) if closing.reads() => {
                let things_max = self.faults.each::<Segments>().map(Segments::things_max).min();
                if things_max.is_some_and(|max| segment.things >= max) {
                    unread = &[];
                }
                segment.things += u64::from(self.read_frames(&mut unread));
            }
            Phase::Frames(_) | Phase::Stuck { .. } => unread = &[],
        }
        segment.read = segment.octets.len() - unread.len();
        if segment.read < segment.octets.len() {
            self.input.push_front(segment);
        }
        true
    }

    /// The peer's direction has ended, and all of it is read.
    fn read_end(&mut self) -> bool {
        if !self.input_end || matches!(self.phase, Phase::Frames(Closing::Ended)) {
            return false;
        }
        match &self.phase {
            Phase::Stuck { until_eof: false } => return false,
            Phase::ServerOpening(_) | Phase::ClientOpening(_) => self.head_end(),
            Phase::Frames(_) => self.frames_end(),
            Phase::Stuck { until_eof: true } => {}
        }
        if !matches!(self.phase, Phase::Frames(Closing::Ended) | Phase::Stuck { until_eof: false }) {
            self.end();
        }
        true
    }

    fn control(&mut self, opcode: Opcode, payload: &[u8]) {
        self.send(Frame::new(opcode, payload), Duration::ZERO);
    }

    fn send(&mut self, frame: Frame, delay: Duration) {
        let octets = self.sender.control(frame);
        self.transmit(octets, delay);
    }

    fn transmit(&mut self, octets: Vec<u8>, delay: Duration) {
        const LATE: Duration = Duration::from_millis(20);
        self.flush_pong();
        let late = self.config.varies(Variant::WritesLate);
        let delay = if late { LATE } else { delay };
        if delay.is_zero() {
            self.outbox.push(Transmit::Octets(octets));
        } else {
            self.outbox.push_at(self.now + delay, Transmit::Octets(octets));
        }
    }

    /// Pongs that waited for the end of a message and of what answers it: a quirk.
    fn flush_waiting_pongs(&mut self) {
        if !self.receiver.is_amid_message() {
            for pong in std::mem::take(&mut self.pong_memory.waiting) {
                self.send(pong, Duration::ZERO);
            }
        }
    }

    /// A newer ping can come no more: something else is sent.
    fn flush_pong(&mut self) {
        if let Some(pong) = self.newest_pong.take() {
            self.send(pong, Duration::ZERO);
        }
    }

    /// Ends our direction of TCP after what is to be transmitted.
    fn end(&mut self) {
        self.end_with(Transmit::CloseTcp);
    }

    fn end_with(&mut self, transmit: Transmit) {
        self.flush_pong();
        self.outbox.push_last(transmit);
        self.stop();
    }

    fn stop(&mut self) {
        if !matches!(self.phase, Phase::Frames(Closing::Ended)) {
            self.phase = Phase::Frames(Closing::Ended);
            self.input.clear();
            self.events.push_back(Event::Ended);
        }
    }

    /// A quirk's end of the process. The connection may go on.
    fn die(&mut self, demise: Demise) {
        self.outbox.push_last(Transmit::Die(demise));
        match demise {
            Demise::Abort | Demise::Panic => self.end(),
            Demise::Hang => self.stick(),
            Demise::AbortLate | Demise::Spin => {}
        }
    }

    fn stick(&mut self) {
        self.phase = Phase::Stuck { until_eof: false };
        self.input.clear();
    }

    /// What of a segment is read: all of it, without a quirk.
    fn distort_input(&mut self, octets: &[u8]) -> Option<Vec<u8>> {
        if !self.is_opened() {
            return Some(octets.to_vec());
        }
        let mut octets = octets.to_vec();
        for fault in self.faults.each::<Segments>() {
            octets = fault.cut(&octets, &mut self.held);
        }
        let Some(fault) = self.faults.whole() else {
            return Some(octets);
        };
        match fault.incoming(&octets, self.config.role, &mut self.whole_memory) {
            Reaction::Read => Some(octets),
            Reaction::Ignore => None,
            Reaction::Send(transmits) => {
                self.send_all(transmits);
                None
            }
        }
    }

    fn send_all(&mut self, transmits: Vec<Transmit>) {
        for transmit in transmits {
            match transmit {
                Transmit::Octets(_) | Transmit::ClientHello(_) | Transmit::GiveUp | Transmit::Die(_) => {
                    self.outbox.push(transmit)
                }
                Transmit::CloseTcp | Transmit::ResetTcp => self.end_with(transmit),
            }
        }
    }

    /// What a quirk makes of the next thing to transmit.
    fn distort_output(&mut self) -> Option<Transmit> {
        let fault = self.faults.whole()?;
        while let Some(transmit) = self.outbox.pop() {
            let mut transmits = fault.outgoing(transmit, &mut self.whole_memory).into_iter();
            if let Some(first) = transmits.next() {
                return Some(first);
            }
        }
        None
    }
}
