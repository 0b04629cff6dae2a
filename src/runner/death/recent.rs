//! What was played lately, and until when the target was known to be well.

use super::liveness::{has_answer, has_waited, was_dropped};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::Record;
use wsgauntlet_suite::transcript::EventKind;

/// How many plays are remembered.
const RECENT_MAX: usize = 512;

/// How many of them are suspected of a death that shows at once. It can come late, when its cause has passed.
const SUSPECTS_MAX: usize = 64;

/// And all that ended so long before: a process may die when a lot more was played.
const LATE_MAX: Duration = Duration::from_secs(1);

/// How long after its death octets of a target may be read.
const READ_LATE_MAX: Duration = Duration::from_secs(1);

/// A play that ended, or several of one instance.
#[derive(Clone, Debug)]
pub(crate) struct Played {
    pub record: Record,
    /// When the last octet came from the target.
    pub received_at: Option<Instant>,
    /// When the last thing happened that the verdict may rest on.
    pub decided_at: Instant,
}

impl Played {
    /// The play of `record` began at `started`.
    pub(crate) fn new(started: Instant, record: Record) -> Played {
        let transcript = record.transcript.as_ref();
        let last = transcript.and_then(|transcript| {
            let received = |kind: &EventKind| matches!(kind, EventKind::Received(_));
            transcript.events.iter().rev().find(|event| received(&event.kind))
        });
        let received_at = last.map(|event| started + event.at);
        let decided_at = transcript.map_or_else(Instant::now, |transcript| started + transcript.duration());
        Played { record, received_at, decided_at }
    }

    /// Whether something that was waited for did not come: that makes it worth to ask whether the target lives.
    pub(crate) fn is_suspicious(&self) -> bool {
        let unanswered = |transcript| !has_answer(transcript) || has_waited(transcript);
        self.record.transcript.as_ref().is_none_or(unanswered)
    }
}

/// A play that is remembered.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub instance: Arc<Instance>,
    pub decided_at: Instant,
    /// The target ended the connection, with neither a Close nor a refusal.
    dropped: bool,
    /// What was seen of the instance before this play, where it was played again.
    pub first: Option<Record>,
}

/// The plays that ended last, in that order, and the last sign of life.
#[derive(Debug)]
pub(crate) struct Recent {
    entries: VecDeque<Entry>,
    well_at: Instant,
}

impl Default for Recent {
    fn default() -> Recent {
        Recent { entries: VecDeque::new(), well_at: Instant::now() }
    }
}

impl Recent {
    pub(crate) fn add(&mut self, played: &Played, first: Option<Record>) {
        if let Some(at) = played.received_at {
            self.well_at = self.well_at.max(at);
        }
        if self.entries.len() >= RECENT_MAX {
            self.entries.pop_front();
        }
        let (instance, decided_at) = (played.record.instance.clone(), played.decided_at);
        let dropped = played.record.transcript.as_ref().is_some_and(was_dropped);
        self.entries.push_back(Entry { instance, decided_at, dropped, first });
    }

    /// Whether the target has sent anything since then.
    pub(crate) fn is_well_since(&self, at: Instant) -> bool {
        self.well_at >= at
    }

    /// The target answered just now.
    pub(crate) fn answered(&mut self) {
        self.well_at = Instant::now();
    }

    /// The last ones; all that ended behind `since`, if that is given.
    pub(crate) fn suspects(&self, since: Option<Instant>) -> Vec<Arc<Instance>> {
        let from = match since {
            Some(since) => self.entries.iter().position(|entry| entry.decided_at >= since),
            None => {
                let lately = self.entries.back().and_then(|last| last.decided_at.checked_sub(LATE_MAX));
                let late = lately.and_then(|at| self.entries.iter().position(|entry| entry.decided_at >= at));
                let last = self.entries.len().saturating_sub(SUSPECTS_MAX);
                Some(late.map_or(last, |late| late.min(last)))
            }
        };
        let mut suspects: Vec<Arc<Instance>> = Vec::new();
        for entry in self.entries.iter().skip(from.unwrap_or(self.entries.len())) {
            // One that was played twice is suspected once, where it was played last.
            suspects.retain(|known| known.id != entry.instance.id);
            suspects.push(entry.instance.clone());
        }
        suspects
    }

    /// The plays that were decided when the target may have been dead: behind the last octet that came of it, or by the end
    /// of the connection shortly before. What it had sent is read for a while after its death.
    pub(crate) fn doubtful(&self) -> impl Iterator<Item = &Entry> {
        let lately = self.well_at.checked_sub(READ_LATE_MAX).unwrap_or(self.well_at);
        let cut_off = move |entry: &Entry| entry.dropped && entry.decided_at > lately;
        self.entries.iter().filter(move |entry| entry.decided_at > self.well_at || cut_off(entry))
    }

    /// Another process runs now, which saw none of them.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.answered();
    }
}
