//! One play of `replay`.

use std::time::Duration;
use wsgauntlet_suite::oracle::Record;
use wsgauntlet_suite::peer::PlayConfig;

/// One play, and what is known beside its record.
pub(super) struct Play {
    pub record: Record,
    /// How our peer played.
    pub config: PlayConfig,
    /// The URL of the server; empty for a client, and for the reference in memory.
    pub url: String,
    /// When it began.
    pub began: Duration,
    /// How the launched server ended, if it did.
    pub process: Option<String>,
}
