//! What a target may do, held against what it does. Grows with the connection, so that the driver knows what is still
//! awaited; `judge` asks again of the stored transcript.

mod frames;
mod judge;

pub use judge::{all_complaints, judge};

use super::complaint::{self, Complaint};
use super::opening::{OwnHead, Wanted};
use super::predict::{Ending, Predictor};
use wsgauntlet_suite::case::expectation::{Expectation, HeadMatch, Outcome, StatusMatch};
use wsgauntlet_suite::matching::{self, Context, Ledger};
use wsgauntlet_suite::transcript::{Capabilities, EventKind, Observation, Observer, Seen, Transcript};
use wsgauntlet_wire::opening::{DeflateParams, RequestHead, key};
use wsgauntlet_wire::{Opcode, Role};

/// Up to this number of octets a target has no reason to refuse a message for its size, §10.4.
const LEN_TAKEN: u64 = 16 * 1024;

/// What the target owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// The head of its opening.
    Head,
    /// The echo of a message.
    Message,
    /// The answer to a ping.
    Pong,
    /// The Close that answers ours.
    Close,
    /// The end of TCP after the Close.
    End,
    /// The end of a failed connection.
    Failure,
}

/// Follows one connection.
#[derive(Debug)]
pub struct Oracle {
    role: Role,
    capabilities: Capabilities,
    observer: Observer,
    /// How many observations were judged.
    judged: usize,
    own_head: OwnHead,
    own_head_done: bool,
    /// What our peer sent behind its head before the connection opened.
    early: Vec<u8>,
    predictor: Option<Predictor>,
    /// The accept value that our key asks for.
    accept: Option<String>,
    sent: Vec<u8>,
    /// Our client did not wait for the response.
    hasty: bool,
    /// A client sent its request.
    requested: bool,
    /// The target answered with something else than an opening.
    refused: bool,
    /// Of the predicted messages and pings, those that are accounted for.
    messages: usize,
    pongs: usize,
    /// Nothing can be compared any more.
    lost: bool,
    close_seen: bool,
    ended: bool,
    /// Our peer ended its direction, or reset the connection.
    own_end: bool,
    last_event: usize,
    /// What the target did that it may not do, in the order of its events.
    pub complaints: Vec<Complaint>,
}

impl Oracle {
    /// Follows the connection whose transcript so far is `transcript`. `payload_len`: how many octets of payload our peer will
    /// send.
    pub fn new(transcript: &Transcript, payload_len: usize) -> Oracle {
        let role = transcript.role;
        Oracle {
            role,
            capabilities: transcript.capabilities,
            observer: Observer::new(role, payload_len),
            judged: 0,
            own_head: OwnHead::new(role, transcript.asked.clone()),
            own_head_done: false,
            early: Vec::new(),
            predictor: None,
            accept: None,
            sent: Vec::new(),
            hasty: false,
            requested: false,
            refused: false,
            messages: 0,
            pongs: 0,
            lost: false,
            close_seen: false,
            ended: false,
            own_end: false,
            last_event: 0,
            complaints: Vec::new(),
        }
    }

    /// Takes the event of that index.
    pub fn take(&mut self, index: usize, kind: &EventKind) {
        self.last_event = index;
        match kind {
            EventKind::Sent(octets) => {
                self.observer.take(index, kind);
                self.sent(octets);
            }
            EventKind::Received(_) | EventKind::ReceivedEof | EventKind::ReceivedReset => {
                self.observer.take(index, kind);
                while let Some(observation) = self.observer.observations().get(self.judged) {
                    self.judged += 1;
                    if self.is_awaited_echo(&observation.seen) {
                        self.messages += 1;
                    } else {
                        let observation = observation.clone();
                        self.observe(&observation);
                    }
                }
            }
            EventKind::SentEof | EventKind::SentReset => self.own_end = true,
            EventKind::StepExpired(_) => self.expire(),
            EventKind::Connected
            | EventKind::CarrierSent(_)
            | EventKind::CarrierReceived(_)
            | EventKind::ClientHello(_)
            | EventKind::GaveUp
            | EventKind::StepSent(_)
            | EventKind::StepDecided(_)
            | EventKind::TargetDied(_)
            | EventKind::Frozen => {}
        }
    }

    /// What the target was seen to do.
    pub fn observations(&self) -> &[Observation] {
        self.observer.observations()
    }

    /// Whether our peer did what leaves open what the target does.
    pub fn is_hasty(&self) -> bool {
        self.hasty
    }

    /// How the target has to take our peer's head.
    pub fn wanted(&self) -> Wanted {
        self.own_head.wanted
    }

    /// Whether frames can be exchanged.
    pub fn is_open(&self) -> bool {
        self.predictor.is_some()
    }

    /// Whether nothing can come of the connection any more.
    pub fn is_over(&self) -> bool {
        self.ended || self.refused
    }

    /// Whether the target ended TCP.
    pub fn is_ended(&self) -> bool {
        self.ended
    }

    /// What was agreed about compression, once a server's response is complete.
    pub fn agreed(&self) -> Option<DeflateParams> {
        self.observer.agreed().copied()
    }

    /// What the octets sent so far require of the target; `None` before the connection is open.
    pub fn predictor(&self) -> Option<&Predictor> {
        self.predictor.as_ref()
    }

    /// What the target has to do with the connection; `Open` before the opening is through.
    pub fn ending(&self) -> &Ending {
        self.predictor.as_ref().map_or(&Ending::Open, |predictor| &predictor.ending)
    }

    /// What the target owes now.
    pub fn awaited(&self) -> Option<Awaited> {
        if self.ended || self.refused {
            return None;
        }
        let Some(predictor) = &self.predictor else {
            let owed = match self.role {
                Role::Server => !matches!(self.own_head.wanted, Wanted::Incomplete | Wanted::Either),
                Role::Client => !self.requested || matches!(self.own_head.wanted, Wanted::Refused(_)),
            };
            return owed.then_some(Awaited::Head);
        };
        match &predictor.ending {
            Ending::Open if self.lost => None,
            Ending::Open if self.close_seen => (self.role == Role::Server).then_some(Awaited::End),
            Ending::Open if self.messages < self.echoes(predictor) => Some(Awaited::Message),
            Ending::Open if self.capabilities.pong && self.pongs < predictor.pings.len() => {
                Some(Awaited::Pong)
            }
            Ending::Open => None,
            Ending::Closed if !self.close_seen => Some(Awaited::Close),
            Ending::Closed => (self.role == Role::Server).then_some(Awaited::End),
            Ending::Failed { due: true, .. } => Some(Awaited::Failure),
            Ending::Failed { due: false, .. } | Ending::Free(_) => None,
        }
    }

    /// How many of the predicted messages are echoed.
    fn echoes(&self, predictor: &Predictor) -> usize {
        match (self.capabilities.echo, self.capabilities.echo_binary) {
            (false, _) => 0,
            (true, true) => predictor.messages.len(),
            (true, false) => predictor.messages.iter().filter(|(opcode, _)| *opcode == Opcode::Text).count(),
        }
    }

    fn echo<'p>(&self, predictor: &'p Predictor, index: usize) -> Option<&'p (Opcode, Vec<u8>)> {
        let text_only = !self.capabilities.echo_binary;
        let mut echoed =
            predictor.messages.iter().filter(|(opcode, _)| !text_only || *opcode == Opcode::Text);
        echoed.nth(index)
    }

    /// Whether it is the message that has to come next.
    fn is_awaited_echo(&self, seen: &Seen) -> bool {
        match (seen, &self.predictor) {
            (Seen::Message { opcode, payload, .. }, Some(predictor))
                if self.capabilities.echo && !self.lost =>
            {
                self.echo(predictor, self.messages)
                    .is_some_and(|(wanted, echoed)| wanted == opcode && echoed == payload)
            }
            _ => false,
        }
    }

    fn sent(&mut self, octets: &[u8]) {
        let mut rest = octets;
        if !self.own_head_done {
            self.own_head.push(&mut rest);
            if self.own_head.wanted == Wanted::Incomplete {
                return;
            }
            self.own_head_done = true;
            if self.own_head.wanted == Wanted::Open
                && (self.refused || self.ended)
                && self.role == Role::Server
            {
                let observed = "a refusal before the head was complete";
                let event = self.last_event;
                self.complain(
                    complaint::OPENING,
                    "opening",
                    "the opening handshake is completed",
                    observed,
                    event,
                );
            }
            if self.role == Role::Server {
                let taken = &octets[..octets.len() - rest.len()];
                self.sent.extend_from_slice(taken);
                self.accept = accept_of(&self.sent);
            } else if self.own_head.wanted == Wanted::Open {
                self.open();
            }
        }
        match &mut self.predictor {
            Some(predictor) => predictor.push(rest),
            // §4.1: "the client MUST wait for a response from the server before sending any further data". No RFC says what
            // a server does with data that did not wait.
            None if self.role == Role::Server && !rest.is_empty() => {
                self.own_head.wanted = Wanted::Either;
                self.hasty = true;
            }
            None => self.early.extend_from_slice(rest),
        }
    }

    fn open(&mut self) {
        if self.hasty {
            self.refused = true;
            return;
        }
        let mut predictor = Predictor::new(self.role, self.observer.agreed().copied());
        predictor.push(&std::mem::take(&mut self.early));
        self.predictor = Some(predictor);
    }

    fn observe(&mut self, observation: &Observation) {
        let event = observation.event;
        match &observation.seen {
            Seen::Request(head) => {
                self.requested = true;
                self.own_head.requested(head);
            }
            Seen::Response(_) | Seen::NotAHead(_) => self.head(observation),
            Seen::Message { opcode, payload, .. } => self.message(*opcode, payload, event),
            Seen::Undecodable { .. } | Seen::Stray(_) => self.lost = true,
            Seen::Ping(_) => {}
            Seen::Pong(payload) => self.pong(payload, event),
            Seen::Close(payload) => self.close(payload, event),
            Seen::TooLong(_) | Seen::Flood => {
                let observed = matching::describe(&observation.seen);
                self.complain(complaint::ECHO, "undecodable", "what was asked for", observed, event);
                self.lost = true;
            }
            Seen::GaveUp | Seen::Eof | Seen::Reset => self.end(observation),
        }
    }

    fn complain(
        &mut self,
        requirement: &'static str,
        noticed: &'static str,
        expected: impl Into<String>,
        observed: impl Into<String>,
        event: usize,
    ) {
        self.complaints.push(Complaint::new(requirement, noticed, expected, observed, event));
    }

    /// A server's response, or what stands in its place.
    fn head(&mut self, observation: &Observation) {
        if self.role == Role::Client {
            let observed = matching::describe(&observation.seen);
            self.refused = true;
            return self.complain(complaint::REQUEST, "opening", "a request", observed, observation.event);
        }
        let opened = matches!(&observation.seen, Seen::Response(head) if head.status == 101);
        self.refused = !opened;
        let (outcome, requirement) = match self.own_head.wanted {
            Wanted::Incomplete | Wanted::Either if opened && !self.hasty => {
                (Outcome::Open(HeadMatch::default()), complaint::OPENING)
            }
            Wanted::Incomplete | Wanted::Either => return,
            Wanted::Open => (Outcome::Open(HeadMatch::default()), complaint::OPENING),
            Wanted::Refused(requirement) => {
                (Outcome::Refused(StatusMatch::default(), HeadMatch::default()), requirement)
            }
        };
        let expectation =
            Expectation { outcomes: vec![outcome], tolerate: Vec::new(), requirement: None, within: None };
        let context = Context {
            role: self.role,
            capabilities: self.capabilities,
            observations: self.observer.observations(),
            ledger: Ledger::default(),
            step: 0,
            since: 0,
            pings: &[],
            accept: self.accept.as_deref(),
        };
        if let Some(decision) = matching::decide(&expectation, &context, false)
            && !matches!(decision.grade, Some(matching::Grade::Ideal | matching::Grade::Allowed))
        {
            let requirement = decision.blame.requirement().unwrap_or(requirement);
            let mut complaint = Complaint::new(
                requirement,
                "opening",
                expectation.to_string(),
                decision.observed.to_string(),
                decision.event,
            );
            complaint.tolerated |= decision.grade.is_some();
            self.complaints.push(complaint);
        }
        if opened {
            self.open();
        }
    }
}

/// The accept value for the key in the head of our request.
fn accept_of(head: &[u8]) -> Option<String> {
    let (head, _) = RequestHead::parse(head).ok().flatten()?;
    head.fields.single("Sec-WebSocket-Key").map(key::accept)
}
