//! A browser, which a page of ours drives.

use super::handshake::Handshake;
use super::watch::Watched;
use std::collections::BTreeMap;
use tokio::sync::oneshot;

/// What is known of the browser and its page.
#[derive(Debug, Default)]
pub(super) struct Pages {
    /// Pages drive this run.
    pub drive: bool,
    /// The browser, if we launched it.
    pub watched: Option<Watched>,
    /// Plays that wait for the report of their page, by the number of the play.
    pub reports: BTreeMap<u64, oneshot::Sender<Handshake>>,
    /// The page knows that everything was played.
    pub know_the_end: bool,
}
