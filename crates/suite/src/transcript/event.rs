//! The events of a transcript, and what the run knew of the target when it was recorded.

use super::death::Died;
use super::overlooked::OpeningFaults;
use crate::transport::Transport;
use std::time::Duration;
use wsgauntlet_wire::Role;

/// One thing that happened. `at` counts from the start of the connection attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The time since the start of the connection attempt.
    pub at: Duration,
    /// What happened.
    pub kind: EventKind,
}

/// What happened, seen from our peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The transport (TCP, or TLS over it) is established.
    Connected,
    /// A client began TLS, and named this server in its handshake.
    ClientHello(Option<String>),
    /// A client made no request at the address that it was given: it ended, or refused our certificate.
    GaveUp,
    /// One write of our peer.
    Sent(Vec<u8>),
    /// Our peer half-closed: it will write no more.
    SentEof,
    /// Our peer reset the connection.
    SentReset,
    /// One read.
    Received(Vec<u8>),
    /// One write to a connection of HTTP/2. What it carries of the WebSocket connection is in the events before it.
    CarrierSent(Vec<u8>),
    /// One read from a connection of HTTP/2. What it carries of the WebSocket connection is in the events after it.
    CarrierReceived(Vec<u8>),
    /// The target closed its direction in order.
    ReceivedEof,
    /// The target reset the connection.
    ReceivedReset,
    /// The first octets of the `send` step of that index go out next.
    StepSent(usize),
    /// The step of that index was decided.
    StepDecided(usize),
    /// The deadline of the step of that index passed in silence.
    StepExpired(usize),
    /// The process of the target ended, crashed, hung or spun in this play, as is known by then or later.
    TargetDied(Died),
    /// The script is over. What follows is our own cleanup, and is not judged.
    Frozen,
}

/// What the probe saw the target do, as far as judgement depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Text messages are taken: none is refused with Close 1003 (RFC 6455 §7.4.1).
    pub text: bool,
    /// The application sends each message back, and nothing else.
    pub echo: bool,
    /// It does so with binary messages too.
    pub echo_binary: bool,
    /// Pings are answered.
    pub pong: bool,
    /// A Close is answered, and the connection ends after it.
    pub closing: bool,
    /// permessage-deflate is accepted when it is offered.
    pub deflate: bool,
    /// The application obeys commands, see docs/drivers.md.
    pub driver: bool,
    /// The faults of its openings that are overlooked.
    pub overlooked: OpeningFaults,
}

impl Capabilities {
    /// Everything that a conforming echo endpoint with compression does.
    pub const FULL: Capabilities = Capabilities {
        text: true,
        echo: true,
        echo_binary: true,
        pong: true,
        closing: true,
        deflate: true,
        driver: true,
        overlooked: OpeningFaults::NONE,
    };

    /// Nothing that was not seen yet. Text is taken until it is refused.
    pub const NONE: Capabilities = Capabilities {
        text: true,
        echo: false,
        echo_binary: false,
        pong: false,
        closing: false,
        deflate: false,
        driver: false,
        overlooked: OpeningFaults::NONE,
    };
}

/// The address that a client was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// With the port, where it is not the default.
    pub host: String,
    /// Path and query, where they follow from the address without reading it as the client has to.
    pub target: Option<String>,
}

/// The record of one play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// The role of the implementation under test.
    pub role: Role,
    /// What the target can do, as its probe showed.
    pub capabilities: Capabilities,
    /// What a client was asked to open, where that is known.
    pub asked: Option<Asked>,
    /// What carries the WebSocket connection.
    pub transport: Transport,
    /// What happened, in the order of time.
    pub events: Vec<Event>,
}

impl Transcript {
    /// A transcript without events.
    pub fn new(role: Role, capabilities: Capabilities) -> Transcript {
        Transcript { role, capabilities, asked: None, transport: Transport::Http1, events: Vec::new() }
    }

    /// Adds an event at its end.
    pub fn push(&mut self, at: Duration, kind: EventKind) {
        self.events.push(Event { at, kind });
    }

    /// Leaves out what was sent and received after the first `octets_max` octets. For what is judged already.
    pub fn shorten(&mut self, octets_max: usize) {
        let mut octets = 0;
        self.events.retain(|event| match &event.kind {
            EventKind::Sent(piece)
            | EventKind::Received(piece)
            | EventKind::CarrierSent(piece)
            | EventKind::CarrierReceived(piece) => {
                octets += piece.len();
                octets <= octets_max
            }
            _ => true,
        });
    }

    /// Leaves out all octets. For what is judged already, and of which only the times and the steps are still asked for: both
    /// stay as they were.
    pub fn drop_octets(&mut self) {
        let last = self.judged().len().saturating_sub(1);
        let mut index = 0;
        self.events.retain_mut(|event| {
            let is_last = index == last;
            index += 1;
            match &mut event.kind {
                EventKind::Sent(octets)
                | EventKind::Received(octets)
                | EventKind::CarrierSent(octets)
                | EventKind::CarrierReceived(octets) => {
                    *octets = Vec::new();
                    // The play lasted until then.
                    is_last
                }
                _ => true,
            }
        });
        self.events.shrink_to_fit();
    }

    /// Notes that the target died of this play. That may be known after the script was over, and is judged all the same.
    pub fn note_death(&mut self, died: Died) {
        let index = self.judged().len();
        let at = self.duration();
        self.events.insert(index, Event { at, kind: EventKind::TargetDied(died) });
    }

    /// How the target died in this play, and the index of the event.
    pub fn death(&self) -> Option<(usize, &Died)> {
        self.judged().iter().enumerate().find_map(|(index, event)| match &event.kind {
            EventKind::TargetDied(died) => Some((index, died)),
            _ => None,
        })
    }

    /// The events that are judged: those before `Frozen`.
    pub fn judged(&self) -> &[Event] {
        let end = self.events.iter().position(|event| event.kind == EventKind::Frozen);
        &self.events[..end.unwrap_or(self.events.len())]
    }

    /// All octets that the target sent, in order.
    pub fn received(&self) -> Vec<u8> {
        let mut octets = Vec::new();
        for event in self.judged() {
            if let EventKind::Received(piece) = &event.kind {
                octets.extend_from_slice(piece);
            }
        }
        octets
    }

    /// All octets that our peer sent, in order.
    pub fn sent(&self) -> Vec<u8> {
        let mut octets = Vec::new();
        for event in self.judged() {
            if let EventKind::Sent(piece) = &event.kind {
                octets.extend_from_slice(piece);
            }
        }
        octets
    }

    /// From the first event to the last, before our cleanup.
    pub fn duration(&self) -> Duration {
        self.judged().last().map(|event| event.at).unwrap_or_default()
    }
}
