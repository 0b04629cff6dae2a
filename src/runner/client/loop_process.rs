//! The process of a launched loop that runs now, and what is known of the ones before it.

use super::looped::Kill;
use std::time::Duration;
use tokio::sync::oneshot;
use wsgauntlet_suite::oracle::Exit;

/// The process of a loop that runs, and what is known of the one before.
#[derive(Debug, Default)]
pub(super) struct Processes {
    /// Ends the one that runs.
    pub end: Option<oneshot::Sender<()>>,
    pub running: bool,
    /// How the last one ended, until its plays have ended, too.
    pub ended: Option<(Exit, String)>,
    /// How long it was silent before we ended it.
    pub silence: Option<Duration>,
    /// What the loop calls itself.
    pub agent: Option<String>,
    /// Each instance that a process did not survive.
    pub kills: Vec<Kill>,
    pub done: bool,
}
