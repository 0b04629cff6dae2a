//! Verdicts, DESIGN's table of them, and what a failure says.

use super::expected::Expected;
use super::fingerprint::fingerprint;
use super::legacy_fingerprint;
use super::observed::Observed;
use super::place::{Place, StepKind};
use crate::requirement::RequirementId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What came of an instance. The order is that of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VerdictKind {
    /// The ideal or an allowed outcome, and every monitor content.
    Pass,
    /// A tolerated outcome, or a SHOULD not followed.
    Lenient,
    /// A MUST broken.
    Fail,
    /// Nothing binds; what was observed is recorded.
    Info,
    /// A need of the case is not met.
    Inapplicable,
    /// The target was down, or could not be reached.
    Blocked,
    /// Differs between plays.
    Flaky,
    /// The harness failed.
    Error,
}

impl VerdictKind {
    /// All of them, in the order of reports.
    pub const ALL: [VerdictKind; 8] = [
        VerdictKind::Pass,
        VerdictKind::Lenient,
        VerdictKind::Fail,
        VerdictKind::Info,
        VerdictKind::Inapplicable,
        VerdictKind::Blocked,
        VerdictKind::Flaky,
        VerdictKind::Error,
    ];

    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            VerdictKind::Pass => "pass",
            VerdictKind::Lenient => "lenient",
            VerdictKind::Fail => "fail",
            VerdictKind::Info => "info",
            VerdictKind::Inapplicable => "inapplicable",
            VerdictKind::Blocked => "blocked",
            VerdictKind::Flaky => "flaky",
            VerdictKind::Error => "error",
        }
    }

    /// Whether it is as good as can be asked for, under `strict` or not.
    pub fn is_acceptable(self, strict: bool) -> bool {
        match self {
            VerdictKind::Pass | VerdictKind::Info | VerdictKind::Inapplicable => true,
            VerdictKind::Lenient => !strict,
            VerdictKind::Fail | VerdictKind::Blocked | VerdictKind::Flaky | VerdictKind::Error => false,
        }
    }

    /// The kind of that name.
    pub fn parse(text: &str) -> Option<VerdictKind> {
        VerdictKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl fmt::Display for VerdictKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A verdict and its grounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The verdict itself.
    pub kind: VerdictKind,
    /// Why it is lenient or a failure, and for `info` what was observed.
    pub failure: Option<Failure>,
    /// Further deviations of the same play.
    pub others: Vec<Failure>,
    /// The requirements that the play showed to be met.
    pub met: Vec<RequirementId>,
    /// Why an instance is inapplicable, blocked or in error.
    pub reason: Option<String>,
}

/// One deviation.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// Index of the step in the script, or the name of the monitor that complains.
    pub source: Source,
    /// What noticed the deviation.
    pub place: Place,
    /// The requirement that is violated.
    pub requirement: RequirementId,
    /// What was expected.
    pub expected: Expected,
    /// What was observed.
    pub observed: Observed,
    /// Index of the event that decided it.
    pub event: usize,
    /// Whether it breaks a SHOULD only.
    pub tolerated: bool,
}

/// What noticed a deviation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The step of that index.
    Step(usize),
    /// The monitor of that name.
    Monitor(&'static str),
}

impl Failure {
    /// A deviation at the step of that index and kind. It breaks a MUST, and is decided by the first event.
    pub fn at_step(
        (index, kind): (usize, StepKind),
        requirement: RequirementId,
        expected: impl Into<Expected>,
        observed: impl Into<Observed>,
    ) -> Failure {
        let (source, place) = (Source::Step(index), Place::Step(kind));
        let (expected, observed) = (expected.into(), observed.into());
        Failure { source, place, requirement, expected, observed, event: 0, tolerated: false }
    }

    /// A deviation that the monitor of that name found. It breaks a MUST, and is decided by the first event.
    pub fn by_monitor(
        name: &'static str,
        requirement: RequirementId,
        expected: impl Into<Expected>,
        observed: impl Into<Observed>,
    ) -> Failure {
        let (source, place) = (Source::Monitor(name), Place::Monitor(name));
        let (expected, observed) = (expected.into(), observed.into());
        Failure { source, place, requirement, expected, observed, event: 0, tolerated: false }
    }

    /// Decided by the event of that index.
    #[must_use]
    pub fn at_event(mut self, event: usize) -> Failure {
        self.event = event;
        self
    }

    /// Whether it breaks a SHOULD only.
    #[must_use]
    pub fn tolerated(mut self, tolerated: bool) -> Failure {
        self.tolerated = tolerated;
        self
    }

    /// The same for failures of the same kind and cause, see [`super::fingerprint`].
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.requirement, self.place, &self.observed.structure())
    }

    /// The fingerprint of version 1, as older baselines hold it.
    pub fn legacy_fingerprint(&self) -> String {
        legacy_fingerprint::of_value(&self.requirement, self.place, &self.observed)
    }
}

impl Verdict {
    /// The verdict of an instance that was not played, and why it was not.
    pub fn without_play(kind: VerdictKind, reason: impl Into<String>) -> Verdict {
        Verdict { kind, failure: None, others: Vec::new(), met: Vec::new(), reason: Some(reason.into()) }
    }

    /// Whether it is as good as can be asked for, under `strict` or not.
    pub fn is_acceptable(&self, strict: bool) -> bool {
        self.kind.is_acceptable(strict)
    }

    /// All deviations, the deciding one first.
    pub fn failures(&self) -> impl Iterator<Item = &Failure> {
        self.failure.iter().chain(&self.others)
    }
}
