//! When something last happened in a play that is under way, so that the dispatcher can tell plays that only wait from those
//! that keep the target busy.

use crate::runner::death::opens;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use wsgauntlet_suite::peer::{Action, Player, Side};

/// Nothing has happened yet: the connection is being made.
const NEVER: u64 = u64::MAX;

/// Shared by a play and the dispatcher.
#[derive(Clone, Debug)]
pub struct Activity(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    began: Instant,
    /// In microseconds since `began`.
    last: AtomicU64,
    opened: AtomicBool,
}

impl Activity {
    pub fn begin() -> Activity {
        let shared =
            Shared { began: Instant::now(), last: AtomicU64::new(NEVER), opened: AtomicBool::new(false) };
        Activity(Arc::new(shared))
    }

    fn happens(&self) {
        self.0.last.store(self.0.began.elapsed().as_micros() as u64, Ordering::Relaxed);
    }

    /// When the play counts as waiting, if nothing more happens. `None`: the connection is not made yet.
    pub fn quiet_at(&self, quiet_after: Duration) -> Option<Instant> {
        let last = self.0.last.load(Ordering::Relaxed);
        (last != NEVER).then(|| self.0.began + Duration::from_micros(last) + quiet_after)
    }

    /// Whether the target has accepted the opening of the play.
    pub fn is_opened(&self) -> bool {
        self.0.opened.load(Ordering::Relaxed)
    }
}

/// A player whose activity is noted.
#[derive(Debug)]
pub struct Noted {
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
        if transmit.is_some() {
            self.activity.happens();
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
