//! How many connections may be open at once.
//!
//! A play that only waits for the target puts no load on it, so it does not count among the plays under way: others are begun
//! beside it. How many connections a target serves beside each other is not known beforehand: one has a thread for each of
//! 64, one refuses the 101st. So their number grows only as far as the target proves that it still answers, to at most twice
//! what it proved, and what was seen beside more is no evidence against it.

use rustix::process::{Resource, getrlimit};

/// The most connections at once: far fewer than the 1024 descriptors that a process usually may have.
const CONNECTIONS_MAX: usize = 512;

/// Descriptors that are left for everything else.
const DESCRIPTORS_KEPT: usize = 128;

/// The number of connections that a target takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crowd {
    /// The plays under way, as the probe, or the user, has it.
    jobs: usize,
    /// Beside how many open connections the target has opened another one.
    proven: usize,
    /// The most connections that are tried.
    most: usize,
}

impl Crowd {
    /// `grows`: more connections than `jobs` are tried, where they only wait.
    pub(super) fn new(jobs: usize, grows: bool) -> Crowd {
        let descriptors = getrlimit(Resource::Nofile).current.map_or(usize::MAX, |limit| limit as usize);
        let most = CONNECTIONS_MAX.min(descriptors.saturating_sub(DESCRIPTORS_KEPT));
        Crowd { jobs, proven: 0, most: if grows { most.max(jobs) } else { jobs } }
    }

    /// How many connections may be open.
    pub(super) fn room(&self) -> usize {
        (self.proven * 2).clamp(self.jobs + 1, self.most.max(self.jobs + 1)).min(self.most)
    }

    /// The target opened a connection beside `others` that were open. A refusal would prove nothing.
    pub(super) fn opened(&mut self, others: usize) {
        self.proven = self.proven.max(others.min(self.most));
    }

    /// How many connections may be open where each of them is to count.
    pub(super) fn proven(&self) -> usize {
        self.proven
    }

    /// Beside `others` open connections the target did what it does not do beside few.
    pub(super) fn overtaxed(&mut self, others: usize) {
        self.most = self.most.min(others / 2).max(self.jobs);
        self.proven = self.proven.min(self.most);
    }

    /// Whether a play beside `others` open connections may show what is only due to their number.
    pub(super) fn is_crowded(&self, others: usize) -> bool {
        others >= self.jobs
    }

    /// Whether the silence of the target beside `others` open connections is its own: it has answered beside as many.
    pub(super) fn is_proven(&self, others: usize) -> bool {
        others < self.jobs || others <= self.proven
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crowd_grows_as_the_target_answers_beside_it() {
        let mut crowd = Crowd::new(32, true);
        assert_eq!(crowd.room(), 33);
        crowd.opened(32);
        assert_eq!(crowd.room(), 64);
        assert!(crowd.is_proven(32) && !crowd.is_proven(33));
        (0..10).for_each(|_| crowd.opened(crowd.room() - 1));
        assert_eq!(crowd.room(), CONNECTIONS_MAX);
    }

    /// The probe found that the target serves few at once: it is not tried again.
    #[test]
    fn a_crowd_that_may_not_grow_stays() {
        let mut crowd = Crowd::new(2, false);
        crowd.opened(100);
        assert_eq!(crowd.room(), 2);
        assert!(crowd.is_crowded(2) && !crowd.is_crowded(1));
    }

    /// A target with a thread for each of 100 connections answers the next one when others have ended.
    #[test]
    fn a_target_that_answers_nobody_any_more_gets_half_as_many() {
        let mut crowd = Crowd::new(32, true);
        crowd.opened(99);
        assert_eq!(crowd.room(), 198);
        crowd.overtaxed(150);
        assert_eq!(crowd.room(), 75);
        crowd.opened(200);
        assert_eq!(crowd.room(), 75);
        crowd.overtaxed(10);
        assert_eq!(crowd.room(), 32);
    }
}
