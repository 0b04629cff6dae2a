//! How a run of the fuzzer is made, and what comes of it.

use super::benign::Benign;
use crate::fuzz::{Complaint, Finding, Session};
use crate::runner::launch::LaunchError;
use crate::runner::target::TargetError;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use wsgauntlet_suite::transcript::Capabilities;

/// How a run is made.
#[derive(Clone, Debug)]
pub struct FuzzOptions {
    /// The same seed and the same answers of the target give the same sessions.
    pub seed: u64,
    /// Sessions at the most.
    pub runs: Option<u64>,
    /// How long the run takes at most.
    pub time: Option<Duration>,
    /// Connections at once.
    pub jobs: usize,
    /// How long to wait for the target.
    pub deadline: Duration,
    /// What findings call the target.
    pub name: String,
    /// The day, as ISO 8601 writes it.
    pub today: String,
    /// What the run begins with.
    pub seeds: Vec<Session>,
    /// Known differences that are no findings.
    pub benign: Vec<Benign>,
    /// Stops the run in order.
    pub stop: Arc<AtomicBool>,
}

/// Why a run cannot begin, or go on.
#[expect(missing_docs, reason = "each message explains its variant and its fields")]
#[derive(Debug, thiserror::Error)]
pub enum FuzzError {
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    Launch(#[from] LaunchError),
    #[error("cannot listen on {0}: {1}")]
    Listen(String, std::io::Error),
    #[error("the target neither answers pings nor echoes messages: it cannot be fuzzed")]
    Mute,
}

/// How far a run is.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Since the start of the run.
    pub elapsed: Duration,
    /// Sessions that were played.
    pub sessions: u64,
    /// Scripts that were played in them: one session may play several.
    pub scripts: u64,
    /// Sessions that showed something new, and are mutated.
    pub kept: usize,
    /// How many different behaviours the target showed.
    pub behaviours: usize,
    /// Deviations that were confirmed.
    pub findings: usize,
    /// Resident memory of a launched target, in octets.
    pub memory: Option<u64>,
}

/// What happens in a run, as it happens.
#[derive(Debug)]
pub enum FuzzEvent {
    /// The target was probed.
    Started {
        /// What it can do.
        capabilities: Capabilities,
        /// Where it is reached.
        url: String,
    },
    /// How far the run is, now and then.
    Progress(Progress),
    /// A deviation is played again, and shrunk: what was seen.
    Examining(String),
    /// A deviation was confirmed.
    Found(Box<Finding>),
    /// Seen once, and not again when it was played alone.
    Unconfirmed(String),
    /// A launched target was started again, and why.
    Restarted(String),
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct FuzzReport {
    /// How far the run came.
    pub progress: Progress,
    /// Deviations from a MUST that were confirmed, one for each kind.
    pub findings: Vec<Finding>,
    /// Broken SHOULDs, each with an example and how often it was seen.
    pub differences: BTreeMap<String, (Complaint, u64)>,
    /// What was not seen again, and how often it was seen.
    pub unconfirmed: BTreeMap<String, u64>,
    /// What a file of known differences lets pass.
    pub benign: u64,
    /// More findings of kinds that were examined.
    pub alike: u64,
    /// Why the run ended before its time.
    pub lost: Option<String>,
}
