//! What the gate said of a stored run.

use serde::{Deserialize, Serialize};

/// What the gate says of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Gate {
    /// A lenient verdict fails it.
    pub strict: bool,
    /// The baseline's file, where there is one.
    pub baseline: Option<String>,
    /// The exit status.
    pub status: u8,
    /// Why the gate fails; empty if it passes.
    pub lines: Vec<GateLine>,
}

impl Gate {
    /// The lines that are not said by the failures themselves: all of them beside a baseline, since
    /// it decides which failures count.
    pub fn told(&self) -> impl Iterator<Item = &GateLine> {
        self.lines.iter().filter(|line| self.baseline.is_some() || line.kind == GateKind::NothingJudged)
    }
}

/// One reason why the gate is not open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateLine {
    /// The kind of the reason.
    pub kind: GateKind,
    /// The instance, or the entry of the baseline, that it is about.
    pub subject: String,
    /// The reason, as a sentence.
    pub text: String,
}

/// What fails a gate, in the order of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GateKind {
    /// The target was down: nothing can be said of the instance.
    Blocked,
    /// The harness failed: nothing can be said of the instance.
    Error,
    /// All was inapplicable: nothing can be said of the target.
    NothingJudged,
    /// A deviation that no entry lists.
    New,
    /// A deviation that is listed, but deviates otherwise.
    Changed,
    /// An entry whose instance does not deviate any more.
    Passes,
    /// An entry that names no instance.
    MatchesNothing,
    /// An entry of the baseline whose day has passed.
    Expired,
    /// A pattern of the baseline that accepts more than it may.
    TooBroad,
}

impl GateKind {
    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            GateKind::Blocked => "blocked",
            GateKind::Error => "error",
            GateKind::NothingJudged => "nothing judged",
            GateKind::New => "new",
            GateKind::Changed => "changed",
            GateKind::Passes => "passes",
            GateKind::MatchesNothing => "matches nothing",
            GateKind::Expired => "expired",
            GateKind::TooBroad => "too broad",
        }
    }
}
