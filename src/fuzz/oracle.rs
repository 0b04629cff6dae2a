//! What a target may do, held against what it does. Grows with the connection, so that the driver knows what is still
//! awaited; `judge` asks again of the stored transcript.

use super::complaint::{self, Complaint};
use super::opening::{OwnHead, Wanted};
use super::predict::{Ending, Predictor};
use crate::case::expectation::{Expectation, HeadMatch, Outcome, StatusMatch};
use crate::matching::{self, Context, Ledger};
use crate::opening::{DeflateParams, RequestHead, key};
use crate::oracle::monitor::{self, Notes};
use crate::oracle::scene::Scene;
use crate::protocol::Violation;
use crate::transcript::{Capabilities, Event, EventKind, Observation, Observer, Seen, Transcript};
use crate::wire::close::ClosePayload;
use crate::wire::{Opcode, Role};

/// Up to so many octets a target has no reason to refuse a message for its size, §10.4.
const LEN_TAKEN: u64 = 16 * 1024;

/// What the target owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    Head,
    Message,
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
    pub complaints: Vec<Complaint>,
}

impl Oracle {
    /// `payload_len`: the octets of payload that our peer is going to send.
    pub fn new(role: Role, capabilities: Capabilities, payload_len: usize) -> Oracle {
        Oracle {
            role,
            capabilities,
            observer: Observer::new(role, payload_len),
            judged: 0,
            own_head: OwnHead::new(role),
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
                while let Some(observation) = self.observer.observations().get(self.judged).cloned() {
                    self.judged += 1;
                    self.observe(&observation);
                }
            }
            EventKind::SentEof | EventKind::SentReset => self.own_end = true,
            EventKind::StepExpired(_) => self.expire(),
            EventKind::Connected | EventKind::StepSent(_) | EventKind::StepDecided(_) | EventKind::Frozen => {
            }
        }
    }

    pub fn observations(&self) -> &[Observation] {
        self.observer.observations()
    }

    /// Whether our peer did what leaves open what the target does.
    pub fn is_hasty(&self) -> bool {
        self.hasty
    }

    /// Whether frames can be exchanged.
    pub fn is_open(&self) -> bool {
        self.predictor.is_some()
    }

    /// Whether nothing can come of the connection any more.
    pub fn is_over(&self) -> bool {
        self.ended || self.refused
    }

    pub fn is_ended(&self) -> bool {
        self.ended
    }

    /// What was agreed about compression, once a server's response is complete.
    pub fn agreed(&self) -> Option<DeflateParams> {
        self.observer.agreed().copied()
    }

    pub fn predictor(&self) -> Option<&Predictor> {
        self.predictor.as_ref()
    }

    /// What the connection has come to; open before it is.
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

    fn echo(&self, predictor: &Predictor, index: usize) -> Option<(Opcode, Vec<u8>)> {
        let text_only = !self.capabilities.echo_binary;
        let mut echoed =
            predictor.messages.iter().filter(|(opcode, _)| !text_only || *opcode == Opcode::Text);
        echoed.nth(index).cloned()
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
            // §4.1: "the client MUST wait for a response from the server before sending any further data". What becomes
            // of what does not wait is not told.
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
            Seen::Eof | Seen::Reset => self.end(observation),
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
            let requirement = decision.requirement.unwrap_or(requirement);
            let mut complaint =
                Complaint::new(requirement, "opening", decision.expected, decision.observed, decision.event);
            complaint.tolerated |= decision.grade.is_some();
            self.complaints.push(complaint);
        }
        if opened {
            self.open();
        }
    }

    fn message(&mut self, opcode: Opcode, payload: &[u8], event: usize) {
        let Some(predictor) = &self.predictor else { return self.frame_unopened(event) };
        if self.lost || !self.capabilities.echo {
            return;
        }
        if let Ending::Free(violation) = predictor.ending
            && self.messages >= self.echoes(predictor)
        {
            return self.went_on(violation, format!("{opcode} message"), event);
        }
        let describe = |opcode: Opcode, len: usize| format!("{opcode} message of {len} octets");
        let observed = describe(opcode, payload.len());
        match self.echo(predictor, self.messages) {
            Some((wanted, echoed)) if wanted == opcode && echoed == payload => {
                self.messages += 1;
                return;
            }
            Some((wanted, echoed)) => {
                let expected = format!("the echo: {}", describe(wanted, echoed.len()));
                let what = match (wanted == opcode, echoed.len().cmp(&payload.len())) {
                    (false, _) => "of another type",
                    (true, std::cmp::Ordering::Equal) => "with other octets",
                    (true, std::cmp::Ordering::Greater) => "that is shorter",
                    (true, std::cmp::Ordering::Less) => "that is longer",
                };
                self.complain(complaint::ECHO, "echo", expected, format!("{observed} {what}"), event);
            }
            None => {
                let (requirement, expected) = match &predictor.ending {
                    Ending::Failed { violation, .. } => (
                        complaint::by_violation(*violation),
                        format!("the connection is failed: {violation}"),
                    ),
                    Ending::Open | Ending::Closed | Ending::Free(_) => {
                        (complaint::ECHO, "no message that nobody asked for".to_owned())
                    }
                };
                self.complain(requirement, "message", expected, observed, event);
            }
        }
        self.lost = true;
    }

    /// The target took what the RFC lets it refuse.
    fn went_on(&mut self, violation: Violation, observed: String, event: usize) {
        if violation == Violation::LengthNotMinimal {
            let expected = format!("the connection is failed: {violation}");
            let complaint = Complaint::new(complaint::INVALID_DATA, "leniency", expected, observed, event);
            self.complaints.push(complaint.tolerated());
        }
    }

    /// A frame of a client that was not to open.
    fn frame_unopened(&mut self, event: usize) {
        if let (Role::Client, Wanted::Refused(requirement)) = (self.role, self.own_head.wanted) {
            let observed = "a frame on a connection that is not open";
            self.complain(requirement, "opening", "the client ends the connection", observed, event);
        }
    }

    fn pong(&mut self, payload: &[u8], event: usize) {
        let Some(predictor) = &self.predictor else { return self.frame_unopened(event) };
        // The last of equal pings: "MAY elect to send a Pong frame for only the most recently processed Ping", §5.5.3.
        let found = predictor.pings.iter().rposition(|ping| ping == payload);
        if let (Ending::Free(violation), None) = (&predictor.ending, found) {
            return self.went_on(*violation, "a pong".to_owned(), event);
        }
        match found {
            Some(index) => self.pongs = self.pongs.max(index + 1),
            None => {
                let judged_late = matches!(
                    predictor.ending,
                    Ending::Failed { violation: Violation::TextNotUtf8 | Violation::NotDeflate, .. }
                );
                // A pong that answers nothing is lawful, §5.5.3.
                if !judged_late
                    && predictor.pings_behind.iter().any(|ping| ping == payload && ping.len() >= 4)
                {
                    let expected = "nothing is processed after the connection was failed";
                    self.complain(
                        complaint::STOP,
                        "pong",
                        expected,
                        "a pong to a ping behind the violation",
                        event,
                    );
                }
            }
        }
    }

    fn close(&mut self, payload: &[u8], event: usize) {
        if std::mem::replace(&mut self.close_seen, true) {
            return;
        }
        let Some(predictor) = &self.predictor else { return };
        let code = ClosePayload::decode(payload).ok().and_then(|payload| payload.code).map(|code| code.0);
        let shown = match code {
            Some(code) => format!("Close ({code})"),
            None => "Close without a code".to_owned(),
        };
        let (len_max, close_code) = (predictor.len_max(), predictor.close_code);
        match predictor.ending.clone() {
            Ending::Open => {
                let too_long = code == Some(1009) && len_max > LEN_TAKEN;
                let no_binary = code == Some(1003) && !self.capabilities.echo_binary;
                if !self.lost && !too_long && !no_binary && !self.own_end {
                    let expected = "the connection stays open: no rule was broken";
                    self.complain(complaint::ECHO, "close", expected, shown, event);
                }
                self.lost = true;
            }
            Ending::Closed => {
                let fine = [close_code, None, Some(1000), Some(1001)];
                if !fine.contains(&code) {
                    let expected = "a Close that sends the code back";
                    self.complain(complaint::CLOSE_ECHOES, "close reply", expected, shown, event);
                }
            }
            Ending::Failed { violation, .. } => {
                let wanted = violation.close_code().0;
                let reason = matches!(violation, Violation::CloseReasonNotUtf8) && code == Some(1002);
                let any = matches!(violation, Violation::NotDeflate | Violation::CloseCode(_));
                if code != Some(wanted) && !reason && !any {
                    let expected = format!("a Close with {wanted}: {violation}");
                    let complaint =
                        Complaint::new(complaint::CLOSE_BEFORE_FAILING, "failing", expected, shown, event);
                    self.complaints.push(complaint.tolerated());
                }
            }
            Ending::Free(_) => {}
        }
    }

    fn end(&mut self, observation: &Observation) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let event = observation.event;
        let reset = observation.seen == Seen::Reset;
        let observed = format!("{} without a Close", matching::describe(&observation.seen));
        if self.own_end && !matches!(self.ending(), Ending::Closed) {
            return;
        }
        let Some(predictor) = &self.predictor else {
            return self.end_of_opening(observation);
        };
        if self.close_seen {
            let clean = self.role == Role::Client || !matches!(predictor.ending, Ending::Closed);
            if reset && !clean && !predictor.more_behind && !self.own_end {
                let observed = matching::describe(&observation.seen);
                let complaint =
                    Complaint::new(complaint::TCP_CLEAN, "end", "TCP is ended in order", observed, event);
                self.complaints.push(complaint.tolerated());
            }
            return;
        }
        match &predictor.ending {
            Ending::Open if self.lost => {}
            Ending::Open => {
                let expected = "the connection stays open: no rule was broken";
                self.complain(complaint::ECHO, "end", expected, observed, event);
            }
            // Octets that nobody read make a reset of the end, and a reset can overtake the Close.
            Ending::Closed if reset && (predictor.more_behind || self.own_end) => {}
            Ending::Closed if self.own_end => {}
            Ending::Closed => {
                self.complain(complaint::CLOSE_ANSWERED, "close", "a Close", observed, event);
            }
            Ending::Failed { violation, .. } => {
                let any = matches!(violation, Violation::NotDeflate);
                let overtaken = reset && predictor.more_behind;
                if !any && !overtaken {
                    let expected = format!("a Close before the end: {violation}");
                    let complaint =
                        Complaint::new(complaint::CLOSE_BEFORE_FAILING, "failing", expected, observed, event);
                    self.complaints.push(complaint.tolerated());
                }
            }
            Ending::Free(_) => {}
        }
    }

    fn end_of_opening(&mut self, observation: &Observation) {
        let observed = matching::describe(&observation.seen);
        if let (Role::Server, Wanted::Refused(_), false) = (self.role, self.own_head.wanted, self.refused) {
            let expected = "a response that refuses";
            let complaint =
                Complaint::new(complaint::HTTP_STATUS, "opening", expected, observed, observation.event);
            self.complaints.push(complaint.tolerated());
            return;
        }
        if self.refused || self.own_head.wanted != Wanted::Open {
            return;
        }
        let requirement = match self.role {
            Role::Server => complaint::OPENING,
            Role::Client => complaint::REQUEST,
        };
        self.complain(
            requirement,
            "opening",
            "the opening handshake is completed",
            observed,
            observation.event,
        );
    }

    /// A deadline passed: what is awaited did not come.
    fn expire(&mut self) {
        let Some(awaited) = self.awaited() else { return };
        let event = self.last_event;
        let silence = "silence, the connection open";
        match awaited {
            Awaited::Head => {
                let requirement = match (self.role, self.own_head.wanted) {
                    (Role::Server, Wanted::Refused(requirement)) => requirement,
                    (Role::Server, _) => complaint::OPENING,
                    (Role::Client, Wanted::Refused(requirement)) => requirement,
                    (Role::Client, _) => complaint::REQUEST,
                };
                self.complain(requirement, "opening", "an answer to the opening", silence, event);
            }
            Awaited::Message => {
                self.complain(complaint::ECHO, "echo", "the echo of a message", silence, event)
            }
            Awaited::Pong => {
                self.complain(complaint::PONG, "pong", "a pong to the last ping", silence, event)
            }
            Awaited::Close => {
                self.complain(
                    complaint::CLOSE_ANSWERED,
                    "close",
                    "a Close that answers ours",
                    silence,
                    event,
                );
            }
            Awaited::End => {
                let observed = "a Close, then the connection stayed open";
                self.complain(complaint::TCP_CLOSED, "end", "the end of TCP", observed, event);
            }
            Awaited::Failure => {
                let Ending::Failed { violation, .. } = *self.ending() else { return };
                let expected = format!("the connection is failed: {violation}");
                if self.close_seen {
                    let observed = "a Close, then the connection stayed open";
                    self.complain(complaint::failed_ends(self.role), "end", expected, observed, event);
                } else {
                    self.complain(complaint::by_violation(violation), "fail", expected, silence, event);
                }
            }
        }
    }
}

/// The accept value for the key in the head of our request.
fn accept_of(head: &[u8]) -> Option<String> {
    let (head, _) = RequestHead::parse(head).ok().flatten()?;
    head.fields.single("Sec-WebSocket-Key").map(key::accept)
}

/// Judges a connection of the fuzzer. Pure: a stored transcript judged again gives the same complaints.
pub fn judge(transcript: &Transcript, payload_len: usize) -> Vec<Complaint> {
    let mut oracle = Oracle::new(transcript.role, transcript.capabilities, payload_len);
    for (index, Event { kind, .. }) in transcript.judged().iter().enumerate() {
        oracle.take(index, kind);
    }
    said(&mut oracle, transcript)
}

/// All that is said to a connection that is over.
pub fn said(oracle: &mut Oracle, transcript: &Transcript) -> Vec<Complaint> {
    let mut complaints = std::mem::take(&mut oracle.complaints);
    if oracle.hasty {
        complaints.clear();
    } else {
        complaints.extend(monitored(transcript));
    }
    complaints
}

/// What the monitors say to a transcript.
fn monitored(transcript: &Transcript) -> Vec<Complaint> {
    let scene = Scene::new(transcript);
    if transcript.role == Role::Server && scene.request.is_none() {
        // Our own head is none: what it offered cannot be told.
        return Vec::new();
    }
    let mut notes = Notes::default();
    for monitor in monitor::ALL {
        notes.begin(monitor.name);
        (monitor.check)(&scene, &mut notes);
    }
    let complaints = notes.complaints.into_iter();
    complaints
        .map(|noted| {
            Complaint::new(noted.requirement, noted.monitor, noted.expected, noted.observed, noted.event)
        })
        .collect()
}
