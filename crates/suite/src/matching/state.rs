//! Whether an outcome is pending, matched or impossible; how good it is, and what its absence breaks.

use super::context::{At, Ledger};
use super::sighting::Sighting;
use crate::transcript::Observation;

/// How good an outcome is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// What the RFC recommends, or leaves no choice about.
    Ideal,
    /// Something that the RFC permits.
    Allowed,
    /// A SHOULD was not followed.
    Tolerated,
}

/// Which requirement a deviation breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The case says it.
    Case,
    /// This one, if the step of the case names none.
    Rather(&'static str),
    /// This one: what the case is about was done.
    Only(&'static str),
    /// The case says it, also where the step stands for a requirement of its own: the target sent what nobody asked for,
    /// which the step only happens to notice.
    Unasked,
}

impl Blame {
    /// The id of the requirement that is violated.
    pub fn requirement(self) -> Option<&'static str> {
        match self {
            Blame::Case | Blame::Unasked => None,
            Blame::Rather(id) | Blame::Only(id) => Some(id),
        }
    }
}

/// Whether an outcome is pending, matched or impossible.
pub(super) enum MatchState {
    /// It may still happen.
    Pending,
    Matched {
        grade: Grade,
        observed: Sighting,
        requirement: Option<&'static str>,
        at: At,
        ledger: Ledger,
    },
    /// It cannot happen any more.
    Impossible {
        observed: Sighting,
        blame: Blame,
        at: At,
    },
}

impl MatchState {
    pub(super) fn impossible(o: &Observation) -> MatchState {
        MatchState::Impossible { observed: Sighting::from(&o.seen), blame: Blame::Case, at: At::of(o) }
    }

    pub(super) fn blame(o: &Observation, observed: Sighting, requirement: &'static str) -> MatchState {
        MatchState::Impossible { observed, blame: Blame::Rather(requirement), at: At::of(o) }
    }

    pub(super) fn matched(grade: Grade, o: &Observation, ledger: Ledger) -> MatchState {
        MatchState::Matched {
            grade,
            observed: Sighting::from(&o.seen),
            requirement: None,
            at: At::of(o),
            ledger,
        }
    }
}
