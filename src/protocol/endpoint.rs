//! An endpoint of RFC 6455 without an application: octets and the time go in, events and octets
//! come out. It does no I/O and reads no clock.
//!
//! Octets that were received wait until `poll_event` asks for what they hold, so that an
//! application answers each message before the next frame is looked at, however TCP cut them.

use super::closing::Closing;
use super::config::Config;
use super::event::{Event, MessageKind, Transmit};
use super::opening_client::{self, ClientOpening, ResponseError};
use super::opening_server::{self, ServerOpening};
use super::receive::{Incoming, Limits, Receiver};
use super::rng::SplitMix64;
use super::send::Sender;
use super::violation::Violation;
use crate::opening::DeflateParams;
use crate::wire::close::ClosePayload;
use crate::wire::frame::CONTROL_PAYLOAD_LEN_MAX;
use crate::wire::{CloseCode, Opcode, Role};
use std::collections::VecDeque;
use std::time::Duration;

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
    now: Duration,
    phase: Phase,
    /// What was received and not read yet, one element for each call.
    input: VecDeque<Segment>,
    input_end: bool,
    receiver: Receiver,
    sender: Sender,
    events: VecDeque<Event>,
    output: VecDeque<Transmit>,
}

#[derive(Debug)]
struct Segment {
    octets: Vec<u8>,
    /// How many of them are read.
    read: usize,
}

#[derive(Debug)]
enum Phase {
    ServerOpening(ServerOpening),
    ClientOpening(ClientOpening),
    Frames(Closing),
}

impl Endpoint {
    pub fn new(config: Config) -> Endpoint {
        let mut rng = SplitMix64::new(config.seed);
        let mut output = VecDeque::new();
        let phase = match config.role {
            Role::Server => Phase::ServerOpening(ServerOpening::default()),
            Role::Client => {
                let (request, opening) = ClientOpening::new(&config, rng.nonce());
                output.push_back(Transmit::Octets(request));
                Phase::ClientOpening(opening)
            }
        };
        let limits = Limits { message_len_max: config.message_len_max, frame_len_max: config.frame_len_max };
        Endpoint {
            now: Duration::ZERO,
            phase,
            input: VecDeque::new(),
            input_end: false,
            receiver: Receiver::new(config.role, limits),
            sender: Sender::new(config.role, rng),
            events: VecDeque::new(),
            output,
            config,
        }
    }

    /// Takes octets from the peer. They are read by `poll_event`.
    pub fn receive(&mut self, now: Duration, octets: &[u8]) {
        self.now = now;
        if self.reads() && !octets.is_empty() {
            self.input.push_back(Segment { octets: octets.to_vec(), read: 0 });
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
        self.output.clear();
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
        let mut first = self.output.pop_front()?;
        if let Transmit::Octets(octets) = &mut first {
            while let Some(Transmit::Octets(more)) = self.output.front() {
                octets.extend_from_slice(more);
                self.output.pop_front();
            }
        }
        Some(first)
    }

    /// When `handle_timeout` shall be called, on the clock of `now`.
    pub fn poll_timeout(&self) -> Option<Duration> {
        match &self.phase {
            Phase::Frames(closing) => closing.deadline(),
            Phase::ServerOpening(_) | Phase::ClientOpening(_) => None,
        }
    }

    pub fn handle_timeout(&mut self, now: Duration) {
        self.now = now;
        if self.poll_timeout().is_some_and(|deadline| deadline <= now) {
            self.end();
        }
    }

    /// Whether all is read and transmitted.
    pub fn is_ended(&self) -> bool {
        !self.reads_or_waits() && self.output.is_empty()
    }

    pub fn send_message(&mut self, kind: MessageKind, payload: &[u8]) -> Result<(), Misuse> {
        self.check_open()?;
        let mut octets = Vec::new();
        self.sender.message(kind, payload, &mut octets);
        self.output.push_back(Transmit::Octets(octets));
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
            Phase::Frames(_) | Phase::ServerOpening(_) | Phase::ClientOpening(_) => Err(Misuse::NotOpen),
        }
    }

    fn reads(&self) -> bool {
        match &self.phase {
            Phase::Frames(closing) => closing.reads(),
            Phase::ServerOpening(_) | Phase::ClientOpening(_) => true,
        }
    }

    fn reads_or_waits(&self) -> bool {
        !matches!(self.phase, Phase::Frames(Closing::Ended))
    }

    /// Reads on in what was received. False: there is nothing to read.
    fn read(&mut self) -> bool {
        let Some(mut segment) = self.input.pop_front() else {
            return self.read_end();
        };
        let mut unread = &segment.octets[segment.read..];
        self.read_octets(&mut unread);
        segment.read = segment.octets.len() - unread.len();
        if segment.read < segment.octets.len() && self.reads() {
            self.input.push_front(segment);
        }
        true
    }

    /// Reads until something is to be told, or no octet is left.
    fn read_octets(&mut self, octets: &mut &[u8]) {
        match &mut self.phase {
            Phase::ServerOpening(opening) => {
                let outcome = opening.receive(&self.config, octets);
                self.server_opening(outcome);
            }
            Phase::ClientOpening(opening) => match opening.receive(&self.config, octets) {
                opening_client::Outcome::Incomplete => {}
                opening_client::Outcome::Opened(opened) => {
                    let target = self.config.target.clone();
                    self.open(target, opened.subprotocol, opened.deflate);
                }
                opening_client::Outcome::Failed(error) => self.opening_failed(error),
            },
            Phase::Frames(closing) if !closing.reads() => *octets = &[],
            Phase::Frames(_) => match self.receiver.receive(octets) {
                Ok(None) => {}
                Ok(Some(incoming)) => self.incoming(incoming),
                Err(violation) => self.fail(violation),
            },
        }
    }

    fn server_opening(&mut self, outcome: opening_server::Outcome) {
        match outcome {
            opening_server::Outcome::Incomplete => {}
            opening_server::Outcome::Accepted(accepted) => {
                self.output.push_back(Transmit::Octets(accepted.response));
                self.open(accepted.target, accepted.subprotocol, accepted.deflate);
            }
            opening_server::Outcome::Refused { refusal, response } => {
                self.output.push_back(Transmit::Octets(response));
                self.events.push_back(Event::Refused(refusal));
                self.end();
            }
        }
    }

    fn open(&mut self, target: String, subprotocol: Option<String>, deflate: Option<DeflateParams>) {
        self.sender.agree(deflate);
        self.receiver.agree(deflate);
        self.phase = Phase::Frames(Closing::Open);
        self.events.push_back(Event::Open { target, subprotocol, deflate });
    }

    fn opening_failed(&mut self, error: ResponseError) {
        self.events.push_back(Event::OpeningFailed(error));
        self.end();
    }

    fn incoming(&mut self, incoming: Incoming) {
        match incoming {
            Incoming::Message { kind, payload } => {
                self.events.push_back(Event::Message { kind, payload });
            }
            Incoming::Ping(payload) => {
                // §5.5.2: "MUST send a Pong frame in response, unless it already received a Close frame."
                self.control(Opcode::Pong, &payload);
                self.events.push_back(Event::Ping(payload));
            }
            Incoming::Pong(payload) => self.events.push_back(Event::Pong(payload)),
            Incoming::Close(close) => self.peer_closes(close),
        }
    }

    fn peer_closes(&mut self, close: ClosePayload) {
        let deadline = self.now + self.config.close_timeout;
        let Phase::Frames(closing) = &mut self.phase else {
            unreachable!("Close frames are read after the opening handshake");
        };
        let answer = closing.received(self.config.role, deadline);
        if answer.close_frame {
            // §5.5.1: "the endpoint typically echos the status code it received".
            let payload = close.code.map(|code| ClosePayload::encode(code, b""));
            self.control(Opcode::Close, &payload.unwrap_or_default());
        }
        self.events.push_back(Event::Closing { code: close.code, reason: close.reason });
        if answer.close_tcp {
            self.end();
        }
    }

    /// _Fail the WebSocket Connection_, §7.1.7.
    fn fail(&mut self, violation: Violation) {
        let Phase::Frames(closing) = &self.phase else {
            unreachable!("frames are judged after the opening handshake");
        };
        if closing.may_send_data() {
            let payload = ClosePayload::encode(violation.close_code(), b"");
            self.control(Opcode::Close, &payload);
        }
        self.events.push_back(Event::Failed(violation));
        self.end();
    }

    fn control(&mut self, opcode: Opcode, payload: &[u8]) {
        let mut octets = Vec::new();
        self.sender.control(opcode, payload, &mut octets);
        self.output.push_back(Transmit::Octets(octets));
    }

    /// The peer's direction has ended, and all of it is read.
    fn read_end(&mut self) -> bool {
        if !self.input_end || !self.reads_or_waits() {
            return false;
        }
        match &mut self.phase {
            Phase::ServerOpening(opening) => {
                let outcome = opening.receive_eof();
                self.server_opening(outcome);
            }
            Phase::ClientOpening(_) => self.opening_failed(ResponseError::CutShort),
            Phase::Frames(_) => {}
        }
        if self.reads_or_waits() {
            self.end();
        }
        true
    }

    /// Ends our direction of TCP after what is to be transmitted.
    fn end(&mut self) {
        self.output.push_back(Transmit::CloseTcp);
        self.stop();
    }

    fn stop(&mut self) {
        if self.reads_or_waits() {
            self.phase = Phase::Frames(Closing::Ended);
            self.input.clear();
            self.events.push_back(Event::Ended);
        }
    }
}
