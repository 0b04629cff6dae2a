//! A play that is due, and how many others may go on beside it.

use crate::runner::cause::Cause;
use crate::runner::retry;
use std::sync::Arc;
use std::time::Duration;
use wsgauntlet_suite::case::script::Step;
use wsgauntlet_suite::case::{Instance, Profile};
use wsgauntlet_suite::oracle::Record;

/// Why instances are blocked once the target is dead.
pub(super) const DEAD: &str = "the target does not answer any more";

/// One thing to play.
#[derive(Clone, Debug)]
pub(super) enum Job {
    First(First),
    /// It deviated, and is played again.
    Again(Box<Retry>),
}

/// An instance that has no play yet that counts.
#[derive(Clone, Debug)]
pub(super) struct First {
    pub instance: Arc<Instance>,
    /// Why the play before does not count.
    pub discarded: Option<Discarded>,
}

/// Why a play does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Discarded {
    /// It deviated beside this many others, more than the target was asked to serve by itself.
    Crowded(usize),
    /// It passed since nothing came within a deadline that is a guess.
    Guessed,
}

/// A play that deviated, and is to be confirmed.
#[derive(Clone, Debug)]
pub(super) struct Deviation {
    pub record: Record,
    /// The deadline of the play.
    pub guess: Duration,
}

/// An instance that deviated.
#[derive(Clone, Debug)]
pub(crate) struct Retry {
    /// The plays so far, one or two.
    pub plays: Vec<Record>,
    /// The deadline of the first one.
    pub guess: Duration,
    pub how: How,
}

/// How an instance is played again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// Until its record is final, by itself. What comes of it is not known to hold for others.
    Single,
    /// The same; it tells whether its cause is confirmed.
    Sample(Cause),
    /// Once, with the others of the same cause.
    Together(Cause),
}

impl How {
    pub(crate) fn cause(&self) -> Option<&Cause> {
        match self {
            How::Single => None,
            How::Sample(cause) | How::Together(cause) => Some(cause),
        }
    }
}

impl Job {
    pub(super) fn first(instance: Arc<Instance>) -> Job {
        Job::First(First { instance, discarded: None })
    }

    pub(super) fn instance(&self) -> &Arc<Instance> {
        match self {
            Job::First(first) => &first.instance,
            Job::Again(retry) => &retry.plays[0].instance,
        }
    }

    /// What was seen of it before.
    pub(super) fn seen_before(&self) -> Option<Record> {
        match self {
            Job::First(_) => None,
            Job::Again(retry) => retry.plays.first().cloned(),
        }
    }
}

/// Whether what an instance shows can depend on how busy the target is: where the case measures time, floods the target, sends
/// large messages, or may hurt it. It is played again alone.
pub(super) fn depends_on_load(instance: &Instance) -> bool {
    instance.profile != Profile::Default
        || instance.script.steps.iter().any(|step| match step {
            Step::Wait(_) => true,
            Step::Expect(expectation) => expectation.within.is_some(),
            Step::Send(write) => write.flood > 0,
            Step::Open
            | Step::IfDeflate(_)
            | Step::IfOffered(_)
            | Step::Alive { .. }
            | Step::Close
            | Step::HalfClose
            | Step::Answer
            | Step::Reset => false,
        })
}

/// How many plays that wait for a silent target are repeated side by side at least, each by itself.
const SINGLE_SILENT: usize = 16;

/// How many plays that do not wait are repeated side by side.
const TOGETHER: usize = 8;

/// How many plays go on side by side.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lanes {
    /// This many that keep the target busy, and as many that wait as the crowd has room for.
    Wide(usize),
    /// This many, whether they wait or not.
    Narrow(usize),
    /// Instances of confirmed causes, side by side.
    Together(usize),
    /// Silent ones by themselves.
    Silent(usize),
    Alone,
}

/// What a play may stand beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    /// The most plays that keep the target busy; plays that wait are not counted.
    Busy(usize),
    /// The most connections.
    Open(usize),
    /// As many connections as the target has proven to open beside each other, and at least this many.
    Proven(usize),
}

impl Lanes {
    pub(super) fn width(self, job: &Job) -> Width {
        match (self, job.instance().profile) {
            // What may hurt a target is put down to one instance.
            (Lanes::Alone, _) | (_, Profile::Intrusive) => Width::Open(1),
            (_, Profile::Volume) => Width::Open(retry::VOLUME_JOBS),
            (Lanes::Wide(jobs), Profile::Default) => Width::Busy(jobs),
            (Lanes::Narrow(jobs), Profile::Default) => Width::Open(jobs),
            (Lanes::Together(jobs), Profile::Default) => Width::Open(jobs.min(TOGETHER)),
            (Lanes::Silent(jobs), Profile::Default) => Width::Proven(jobs.min(SINGLE_SILENT)),
        }
    }
}
