//! When something happened last, and how much time is left.

use crate::runner::Budget;
use std::time::{Duration, Instant};

/// The clock of a run.
#[derive(Debug)]
pub(super) struct Clock {
    /// When something happened last.
    last: Instant,
    /// What the whole run may take, once it has begun.
    limit: Option<Duration>,
    budget: Budget,
    begun: bool,
}

impl Clock {
    /// `limit`: what the whole run may take. `None`: as long as it needs.
    pub(super) fn new(limit: Option<Duration>) -> Clock {
        Clock { last: Instant::now(), limit, budget: Budget::unlimited(), begun: false }
    }

    /// Something happened.
    pub(super) fn heard(&mut self) {
        self.last = Instant::now();
    }

    /// How long nothing happened.
    pub(super) fn silent_for(&self) -> Duration {
        self.last.elapsed()
    }

    /// Something is played. The time before, in which a run waits for its client, is no part of its budget.
    pub(super) fn begin(&mut self) {
        if !std::mem::replace(&mut self.begun, true) {
            self.budget = Budget::start(self.limit);
        }
    }

    /// What is left of the time.
    pub(super) fn budget(&self) -> Budget {
        self.budget
    }
}
