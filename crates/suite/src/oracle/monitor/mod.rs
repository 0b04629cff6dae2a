//! Monitors: what must hold in every transcript, whatever the case. One file a concern, one line in
//! `ALL`, and a quirk for each requirement that they watch.

mod closing;
mod control;
mod deflate;
mod deflate_offer;
mod fragmentation;
mod framing;
mod masking_keys;
mod request;
mod response;
mod text;
mod tls;

use super::decoded::{DecodedTranscript, Moment};
use super::expected::Expected;
use super::observed::Observed;
use super::verdict::Failure;
use crate::requirement::{Level, Requirement};

/// A named judge of whole transcripts.
pub struct Monitor {
    /// Its name, in kebab-case.
    pub name: &'static str,
    /// What it watches, in one sentence.
    pub doc: &'static str,
    /// The requirements that it may find met or broken.
    pub requirements: &'static [&'static str],
    /// Adds a complaint for each deviation that it finds.
    pub check: fn(&DecodedTranscript<'_>, &mut Notes),
}

/// All monitors, in the order of the RFC.
pub const ALL: &[Monitor] = &[
    tls::SERVER_NAME,
    request::REQUEST_HEAD,
    request::OFFERS,
    request::BEFORE_RESPONSE,
    response::RESPONSE_HEAD,
    response::NEGOTIATION,
    deflate_offer::OFFER,
    deflate_offer::RESPONSE,
    framing::MASKING,
    masking_keys::MASKING_KEYS,
    framing::LENGTHS,
    framing::RESERVED,
    fragmentation::FRAGMENTATION,
    control::CONTROL_FRAMES,
    text::UTF8,
    deflate::COMPRESSED,
    deflate::UNCOMPRESSED,
    closing::CLOSE_FRAMES,
    closing::AFTER_CLOSE,
    closing::TCP_END,
];

/// The monitors of what is in a frame. What they find can be why a step missed what it waited for.
pub const OF_FRAMES: &[&str] = &[
    framing::MASKING.name,
    framing::LENGTHS.name,
    framing::RESERVED.name,
    fragmentation::FRAGMENTATION.name,
    control::CONTROL_FRAMES.name,
    text::UTF8.name,
    deflate::COMPRESSED.name,
    deflate::UNCOMPRESSED.name,
    closing::CLOSE_FRAMES.name,
];

/// The monitors of what only an opening in HTTP/1.1 has.
pub const OF_HTTP_1: &[&str] =
    &[request::REQUEST_HEAD.name, request::BEFORE_RESPONSE.name, response::RESPONSE_HEAD.name];

/// What the monitors found.
#[derive(Debug, Default)]
pub struct Notes {
    monitor: &'static str,
    /// What deviates, in the order in which the monitors found it.
    pub complaints: Vec<Complaint>,
    /// Requirements with at least one subject in the transcript, none of which broke them.
    pub met: Vec<&'static str>,
}

/// One deviation.
#[derive(Debug)]
pub struct Complaint {
    /// The name of the monitor.
    pub monitor: &'static str,
    /// The id of the requirement that is violated.
    pub requirement: &'static str,
    /// What was expected.
    pub expected: Expected,
    /// What was observed.
    pub observed: Observed,
    /// When it was observed.
    pub at: Moment,
}

impl Complaint {
    /// The failure of a play with this deviation.
    pub fn failure(&self, requirement: &Requirement) -> Failure {
        let (expected, observed) = (self.expected.clone(), self.observed.clone());
        Failure::by_monitor(self.monitor, requirement.id.clone(), expected, observed)
            .at_event(self.at.event)
            .tolerated(requirement.level != Level::Must)
    }
}

impl Notes {
    /// Sets the name that later complaints get.
    pub fn begin(&mut self, monitor: &'static str) {
        self.monitor = monitor;
    }

    /// One subject of a requirement: met, or broken with what was observed. Only the first
    /// breach of a requirement is kept.
    pub fn subject<O: Into<Observed>>(
        &mut self,
        requirement: &'static str,
        holds: bool,
        at: impl Into<Moment>,
        expected: impl Into<Expected>,
        observed: impl FnOnce() -> O,
    ) {
        if holds {
            self.meets(requirement);
        } else if !self.is_broken(requirement) {
            self.met.retain(|met| *met != requirement);
            self.complaints.push(Complaint {
                monitor: self.monitor,
                requirement,
                expected: expected.into(),
                observed: observed().into(),
                at: at.into(),
            });
        }
    }

    /// One subject of a requirement that meets it.
    pub fn meets(&mut self, requirement: &'static str) {
        if !self.is_broken(requirement) && !self.met.contains(&requirement) {
            self.met.push(requirement);
        }
    }

    fn is_broken(&self, requirement: &str) -> bool {
        self.complaints.iter().any(|complaint| complaint.requirement == requirement)
    }
}
