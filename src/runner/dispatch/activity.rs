//! What a play under way does, so that the dispatcher can tell plays that only wait, or send octets one by one, from those that
//! keep the target busy.

use crate::runner::death::opens;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use wsgauntlet_suite::peer::{Action, Player, Side};

/// Nothing has happened yet: the connection is being made.
const NEVER: u64 = u64::MAX;

/// Shared by a play and the dispatcher.
#[derive(Clone, Debug)]
pub(crate) struct Activity(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    began: Instant,
    /// In microseconds since `began`.
    last: AtomicU64,
    opened: AtomicBool,
    pauses: AtomicBool,
}

impl Activity {
    pub(crate) fn begin() -> Activity {
        Activity(Arc::new(Shared {
            began: Instant::now(),
            last: AtomicU64::new(NEVER),
            opened: AtomicBool::new(false),
            pauses: AtomicBool::new(false),
        }))
    }

    fn happens(&self) {
        self.0.last.store(self.0.began.elapsed().as_micros() as u64, Ordering::Relaxed);
    }

    /// Until when the play keeps the target busy, if nothing more happens in it. `None`: it does not at `now`, because it pauses
    /// between two pieces, or because nothing has happened for `quiet_after`.
    pub(crate) fn busy_until(&self, now: Instant, quiet_after: Duration) -> Option<Instant> {
        if self.0.pauses.load(Ordering::Relaxed) {
            return None;
        }
        match self.0.last.load(Ordering::Relaxed) {
            // The connection is not made yet.
            NEVER => Some(now + quiet_after),
            last => Some(self.0.began + Duration::from_micros(last) + quiet_after).filter(|at| *at > now),
        }
    }

    /// Whether the target has accepted the opening of the play.
    pub(crate) fn is_opened(&self) -> bool {
        self.0.opened.load(Ordering::Relaxed)
    }
}

/// A player whose activity is noted.
#[derive(Debug)]
pub(super) struct Noted {
    pub player: Player,
    pub activity: Activity,
}

impl Side for Noted {
    fn connected(&mut self, now: Duration) {
        self.activity.happens();
        self.player.connected(now);
    }

    fn receive(&mut self, now: Duration, octets: &[u8]) {
        // The first octets tell; of a head that arrives in octets nothing is noted.
        if opens(octets) {
            self.activity.0.opened.store(true, Ordering::Relaxed);
        }
        self.activity.happens();
        self.player.receive(now, octets);
    }

    fn receive_eof(&mut self, now: Duration) {
        self.activity.happens();
        self.player.receive_eof(now);
    }

    fn receive_reset(&mut self, now: Duration) {
        self.activity.happens();
        self.player.receive_reset(now);
    }

    fn poll_transmit(&mut self, now: Duration) -> Option<Action> {
        let transmit = self.player.poll_transmit(now);
        if let Some(action) = &transmit {
            self.activity.happens();
            self.activity.0.pauses.store(*action == Action::Pause, Ordering::Relaxed);
        }
        transmit
    }

    fn poll_timeout(&self) -> Option<Duration> {
        self.player.poll_timeout()
    }

    fn handle_timeout(&mut self, now: Duration) {
        self.player.handle_timeout(now);
    }

    fn is_finished(&self) -> bool {
        self.player.is_finished()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A play that sends octets one by one leaves room for others while it pauses, as one that waits does.
    #[test]
    fn a_play_that_pauses_or_waits_does_not_keep_the_target_busy() {
        const HOUR: Duration = Duration::from_secs(3600);
        let activity = Activity::begin();
        let is_busy = |after| activity.busy_until(activity.0.began + after, HOUR).is_some();
        assert!(is_busy(Duration::ZERO), "it connects");
        activity.happens();
        assert!(is_busy(Duration::ZERO) && !is_busy(3 * HOUR));
        activity.0.pauses.store(true, Ordering::Relaxed);
        assert!(!is_busy(Duration::ZERO));
    }
}
