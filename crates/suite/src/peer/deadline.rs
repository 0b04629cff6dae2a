//! How long our peer waits for the target in one step.

use std::time::Duration;

/// A target that sends its answer octet by octet is waited for at most this number of patiences.
const DRIP_PATIENCES_MAX: u32 = 8;

/// The deadline of one wait. All times count from the start of the connection attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    began: Duration,
    patience: Duration,
    /// Whether octets in either direction postpone it.
    moves: bool,
    /// `None` once it was taken notice of.
    at: Option<Duration>,
}

impl Deadline {
    /// Passes when the connection was silent for `patience`, or after eight patiences at the latest.
    pub fn of_silence(now: Duration, patience: Duration) -> Deadline {
        Deadline { began: now, patience, moves: true, at: Some(now + patience) }
    }

    /// Passes after `pause`, whatever happens.
    pub fn of_pause(now: Duration, pause: Duration) -> Deadline {
        Deadline { began: now, patience: pause, moves: false, at: Some(now + pause) }
    }

    /// When it passes, unless it has passed.
    pub fn at(&self) -> Option<Duration> {
        self.at
    }

    /// Octets were sent or received. Never makes the deadline earlier.
    pub fn postpone(&mut self, now: Duration) {
        if self.moves
            && let Some(at) = self.at
        {
            let last = self.began + self.patience * DRIP_PATIENCES_MAX;
            self.at = Some((now + self.patience).min(last).max(at));
        }
    }

    /// Makes it pass at `now`, unless it passes before.
    pub fn bring_forward(&mut self, now: Duration) {
        self.at = self.at.map(|at| at.min(now));
    }

    /// Whether it passes now. True once.
    pub fn expires(&mut self, now: Duration) -> bool {
        let due = self.at.is_some_and(|at| now >= at);
        if due {
            self.at = None;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Octets postpone silence, but not without end: without the limit, a target that drips would hold a play for ever.
    #[test]
    fn a_target_that_drips_is_not_waited_for_without_end() {
        let mut deadline = Deadline::of_silence(SECOND, SECOND);
        deadline.postpone(SECOND * 3 / 2);
        assert_eq!(deadline.at(), Some(SECOND * 5 / 2));
        let mut now = SECOND;
        while !deadline.expires(now) {
            deadline.postpone(now);
            now += SECOND / 2;
        }
        assert_eq!(now, SECOND + SECOND * DRIP_PATIENCES_MAX);
    }

    /// A pause of the script ends when it says, whatever arrives meanwhile, and is noticed once.
    #[test]
    fn a_pause_does_not_move() {
        let mut deadline = Deadline::of_pause(Duration::ZERO, SECOND);
        deadline.postpone(SECOND / 2);
        assert_eq!(deadline.at(), Some(SECOND));
        assert!(!deadline.expires(SECOND / 2));
        assert!(deadline.expires(SECOND));
        assert!(!deadline.expires(SECOND));
        assert_eq!(deadline.at(), None);
    }
}
