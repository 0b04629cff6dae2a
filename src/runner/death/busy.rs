//! Whether a process computes though nobody asks anything of it. A thread that spins is always running, or ready to run: that
//! holds on a busy machine too, where it gets less than a processor.

use crate::runner::usage::{self, Thread, Usage};
use std::collections::BTreeSet;
use std::time::Duration;
use std::time::Instant;
use tokio::time::{MissedTickBehavior, interval};

/// How long a thread has to run without a pause, while nothing is played, until it counts as spinning. Garbage collectors and
/// compilers rest before that.
const SPIN_FOR: Duration = Duration::from_secs(3);

/// How often the threads are looked at in that time.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// What a thread that spins gets of a processor at the least, on a machine that is busy with other things: one part of this many.
const SHARE_MIN: u32 = 16;

/// How long a thread may run without a pause, while things are played, until the run is paused to look at it.
const SUSPECTED_AFTER: Duration = Duration::from_secs(2);

/// How often threads are looked at while things are played.
const PULSE_EVERY: Duration = Duration::from_millis(200);

/// How long before the first look at a thread that spins its cause may have ended.
const LATE: Duration = Duration::from_secs(1);

/// Whether a thread of the process group runs all the time, while nothing is asked of it. The first look at which all rest ends it.
pub(crate) async fn is_busy(group: i32) -> bool {
    let began = Instant::now();
    let before = Usage::of_group(group).processor;
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    looks.tick().await;
    let mut running = usage::running(group);
    while !running.is_empty() && began.elapsed() < SPIN_FOR {
        looks.tick().await;
        running = common(&running, group);
    }
    !running.is_empty()
        && Usage::of_group(group).processor.saturating_sub(before) * SHARE_MIN >= began.elapsed()
}

/// Waits until the threads of a process that was just started rest. False: they do not.
pub(super) async fn comes_to_rest(group: i32, within: Duration) -> bool {
    let began = Instant::now();
    while is_busy(group).await {
        if began.elapsed() > within {
            return false;
        }
    }
    true
}

fn common(before: &BTreeSet<Thread>, group: i32) -> BTreeSet<Thread> {
    usage::running(group).intersection(before).copied().collect()
}

/// Looks at the threads of a target while it is played with.
#[derive(Debug)]
pub(crate) struct Pulse {
    /// The threads that ran at each look since `quiet_at`.
    running: BTreeSet<Thread>,
    /// When all of them were last seen at rest, one after the other at the least.
    quiet_at: Instant,
    looked_at: Instant,
    /// After a false suspicion it takes longer to the next.
    patience: Duration,
}

impl Default for Pulse {
    fn default() -> Pulse {
        Pulse {
            running: BTreeSet::new(),
            quiet_at: Instant::now(),
            looked_at: Instant::now(),
            patience: SUSPECTED_AFTER,
        }
    }
}

impl Pulse {
    /// Looks once. True: a thread runs for so long that the run is worth a pause.
    pub(crate) fn look(&mut self, group: i32) -> bool {
        if self.looked_at.elapsed() < PULSE_EVERY {
            return false;
        }
        self.looked_at = Instant::now();
        self.running = match self.running.is_empty() {
            true => usage::running(group),
            false => common(&self.running, group),
        };
        if self.running.is_empty() {
            self.quiet_at = Instant::now();
        }
        self.quiet_at.elapsed() > self.patience
    }

    /// What ended since then is suspected.
    pub(crate) fn suspected_since(&self) -> Instant {
        self.quiet_at.checked_sub(LATE).unwrap_or(self.quiet_at)
    }

    /// The process rested as soon as nothing was played.
    pub(crate) fn was_busy_with_plays(&mut self) {
        self.running.clear();
        self.quiet_at = Instant::now();
        self.patience *= 2;
    }

    /// Another process runs now.
    pub(crate) fn restarted(&mut self) {
        self.running.clear();
        self.quiet_at = Instant::now();
    }
}
