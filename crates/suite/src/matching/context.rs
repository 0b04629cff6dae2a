//! What a decision is made from.

use super::sighting::{Note, Sighting};
use crate::transcript::{Capabilities, EventKind, Observation, Seen, Transcript};
use wsgauntlet_wire::opening::{RequestHead, key};
use wsgauntlet_wire::{Opcode, Role};

/// How far the observations were used up. Indices into the observations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Data messages before this index are accounted for.
    pub data: usize,
    /// Pings before this index are accounted for.
    pub pings: usize,
    /// Pongs before this index are accounted for.
    pub pongs: usize,
}

/// Where something was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// The index of the event in the transcript.
    pub event: usize,
    /// How many octets the target had sent by then.
    pub end: usize,
}

impl At {
    /// The place of an observation.
    pub fn of(observation: &Observation) -> At {
        At { event: observation.event, end: observation.end }
    }
}

/// The state of a play at one step.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The role of the target.
    pub role: Role,
    /// What the target can do, as its probe showed.
    pub capabilities: Capabilities,
    /// What the target did so far.
    pub observations: &'a [Observation],
    /// What our peer sent so far that the target may still answer.
    pub ledger: Ledger,
    /// Index of the step.
    pub step: usize,
    /// Index of the event before which no end of the connection counts: the first of the octets
    /// that are to bring it about.
    pub since: usize,
    /// The payloads of the script's own pings.
    pub pings: &'a [Vec<u8>],
    /// The accept value that our key asks for, where our request has a key.
    pub accept: Option<&'a str>,
}

impl Context<'_> {
    /// Observations that are not used up, of data messages before a Close. What stands behind one is the business of the
    /// monitor that watches for it, whatever the case is about.
    pub fn data(&self) -> impl Iterator<Item = (usize, &Observation)> {
        self.enumerate().take_while(|(_, o)| !matches!(o.seen, Seen::Close(_))).skip(self.ledger.data).filter(
            |(_, o)| matches!(o.seen, Seen::Message { .. } | Seen::Undecodable { .. } | Seen::Stray(_)),
        )
    }

    /// The pongs that no earlier step used, each with its index among the observations.
    pub fn pongs(&self) -> impl Iterator<Item = (usize, &Observation)> {
        let from = self.ledger.pongs;
        self.enumerate().filter(move |(index, o)| *index >= from && matches!(o.seen, Seen::Pong(_)))
    }

    /// The target's own pings that are not used up.
    pub fn own_pings(&self) -> impl Iterator<Item = (usize, &Observation)> {
        let from = self.ledger.pings;
        self.enumerate().filter(move |(index, o)| *index >= from && matches!(o.seen, Seen::Ping(_)))
    }

    /// The first Close frame.
    pub fn close(&self) -> Option<(usize, &Observation)> {
        self.enumerate().find(|(_, o)| matches!(o.seen, Seen::Close(_)))
    }

    /// What makes everything after it undecodable.
    pub fn opaque(&self) -> Option<(usize, &Observation)> {
        self.enumerate().find(|(_, o)| matches!(o.seen, Seen::TooLong(_) | Seen::Flood))
    }

    /// The end of TCP.
    pub fn end(&self) -> Option<(usize, &Observation)> {
        self.enumerate().find(|(_, o)| o.seen.is_end())
    }

    /// The target's opening head, or what stands in its place.
    pub fn head(&self) -> Option<(usize, &Observation)> {
        self.enumerate()
            .find(|(_, o)| matches!(o.seen, Seen::Response(_) | Seen::Request(_) | Seen::NotAHead(_)))
    }

    fn enumerate(&self) -> impl Iterator<Item = (usize, &Observation)> {
        self.observations.iter().enumerate()
    }

    /// Where the last thing was seen.
    pub fn last(&self) -> At {
        self.observations
            .last()
            .map_or(At { event: 0, end: usize::MAX }, |o| At { end: usize::MAX, ..At::of(o) })
    }

    /// Whether the target is known to echo messages of that kind.
    pub fn echoes(&self, opcode: Opcode) -> bool {
        if opcode == Opcode::Text { self.capabilities.echo } else { self.capabilities.echo_binary }
    }

    /// What the silence at a deadline looks like: the last thing seen since the octets were sent,
    /// and that the connection is open.
    pub fn silence(&self) -> Sighting {
        let last = self.observations.iter().rev().find(|o| o.event > self.since);
        match last {
            Some(o) if !o.seen.is_end() => Sighting::from(&o.seen).noting(Note::ThenSilence),
            Some(o) => Sighting::from(&o.seen),
            None => Sighting::SILENCE,
        }
    }
}

/// The accept value for the key that our peer sent, if it sent exactly one.
pub fn expected_accept(transcript: &Transcript) -> Option<String> {
    let mut sent = Vec::new();
    for event in &transcript.events {
        let EventKind::Sent(octets) = &event.kind else { continue };
        sent.extend_from_slice(octets);
        match RequestHead::parse(&sent) {
            Ok(Some((head, _))) => return head.fields.single("Sec-WebSocket-Key").map(key::accept),
            Ok(None) => {}
            Err(_) => return None,
        }
    }
    None
}
