//! The process of a launched loop that runs now, and what is known of the ones before it.

use super::looped::{Kill, Looped};
use super::numbers::Numbers;
use std::time::Duration;
use tokio::sync::oneshot;
use wsgauntlet_suite::oracle::Exit;

/// A loop of Autobahn's, and the process of it that runs.
#[derive(Debug)]
pub(super) struct Looping {
    /// What each process plays. `None`: we launched no loop.
    pub looped: Option<Looped>,
    /// What the numbers of cases stand for.
    pub numbers: Numbers,
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

impl Looping {
    /// `dealt`: the instances that the loop plays.
    pub(super) fn new(dealt: Vec<usize>) -> Looping {
        Looping {
            looped: None,
            numbers: Numbers::all(dealt),
            end: None,
            running: false,
            ended: None,
            silence: None,
            agent: None,
            kills: Vec::new(),
            done: false,
        }
    }
}
