//! What a run leaves: the target, and for each instance its verdict and its transcript. Reports are
//! made from this and from nothing else.

use super::verdict::{Verdict, VerdictKind};
use crate::case::Instance;
use crate::transcript::{Capabilities, Transcript};
use crate::wire::Role;
use std::sync::Arc;
use std::time::Duration;

/// One instance of a run.
#[derive(Clone, Debug)]
pub struct Record {
    pub instance: Arc<Instance>,
    pub verdict: Verdict,
    /// The play that the verdict is of. `None` where nothing was played.
    pub transcript: Option<Transcript>,
    /// How often it was played.
    pub plays: u32,
    /// What the reference implementation does in memory.
    pub reference: Option<Reference>,
}

/// The reference implementation beside the target.
#[derive(Clone, Debug)]
pub struct Reference {
    pub kind: VerdictKind,
    pub transcript: Transcript,
}

/// A whole run.
#[derive(Clone, Debug)]
pub struct Run {
    pub target: TargetInfo,
    pub records: Vec<Record>,
    /// How many cases were selected.
    pub cases: usize,
    /// Connections at once.
    pub jobs: usize,
    pub duration: Duration,
    /// Why the run ended before all instances were played.
    pub interrupted: Option<String>,
    /// The target was seen to die, and where.
    pub deaths: Vec<String>,
}

/// What a run was against.
#[derive(Clone, Debug)]
pub struct TargetInfo {
    pub role: Role,
    /// What reports call it.
    pub name: String,
    pub url: String,
    pub capabilities: Capabilities,
    /// What the probe saw, in words, where it was not as expected.
    pub remarks: Vec<String>,
}

impl Record {
    pub fn duration(&self) -> Duration {
        self.transcript.as_ref().map(Transcript::duration).unwrap_or_default()
    }
}

impl Run {
    pub fn count(&self, kind: VerdictKind) -> usize {
        self.records.iter().filter(|record| record.verdict.kind == kind).count()
    }
}
