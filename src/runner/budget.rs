//! The time that a whole run may take, whatever the target does. Runs against servers and runs against clients share it.
//! When it is spent, the runner stops playing and reports by name what it could not decide; that is never a pass.

use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// A time limit on one run. It starts when it is made, and reads tokio's clock, which tests can pause.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    limit: Option<Duration>,
    ends_at: Option<Instant>,
}

impl Budget {
    /// Starts now. `None`: the run may take as long as it needs.
    pub fn start(limit: Option<Duration>) -> Budget {
        // A limit that the clock cannot hold counts as no limit.
        let ends_at = limit.and_then(|limit| Instant::now().checked_add(limit));
        Budget { limit: limit.filter(|_| ends_at.is_some()), ends_at }
    }

    /// The run may take as long as it needs.
    pub fn unlimited() -> Budget {
        Budget { limit: None, ends_at: None }
    }

    /// The whole time, spent or not. `None`: there is no limit.
    pub fn limit(&self) -> Option<Duration> {
        self.limit
    }

    /// What is left of it: `Duration::MAX` without a limit, zero when it is spent.
    pub fn remaining(&self) -> Duration {
        self.ends_at.map_or(Duration::MAX, |at| at.saturating_duration_since(Instant::now()))
    }

    /// Whether nothing is left of it.
    pub fn is_spent(&self) -> bool {
        self.remaining().is_zero()
    }

    /// Ends when the budget is spent; without a limit, never.
    pub async fn spent(&self) {
        match self.ends_at {
            Some(at) => drop(timeout_at(at, std::future::pending::<()>()).await),
            None => std::future::pending().await,
        }
    }

    /// Why an instance has no verdict that the run had no time for.
    pub fn undecided(&self) -> String {
        format!("not decided within the run's time budget of {}", self.shown())
    }

    /// Why a run is incomplete in which `undecided` of `instances` instances have no verdict.
    pub fn incomplete(&self, undecided: usize, instances: usize) -> String {
        format!(
            "the time budget of {} ran out with {undecided} of {instances} instances undecided; --budget gives the run more time",
            self.shown()
        )
    }

    /// Why nothing was played: the target was not even probed.
    pub fn unprobed(&self) -> String {
        format!(
            "the time budget of {} ran out before it was known what the target can do; --budget gives the run more time",
            self.shown()
        )
    }

    /// `60 s`.
    fn shown(&self) -> String {
        self.limit.map_or_else(|| "no limit".to_owned(), |limit| format!("{} s", limit.as_secs_f64()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_budget_is_spent_when_its_time_has_passed() {
        let budget = Budget::start(Some(Duration::from_secs(60)));
        assert_eq!((budget.remaining(), budget.is_spent()), (Duration::from_secs(60), false));
        let before = Instant::now();
        budget.spent().await;
        assert_eq!((before.elapsed().as_secs(), budget.is_spent()), (60, true));
        assert_eq!(budget.remaining(), Duration::ZERO);
    }

    #[test]
    fn without_a_limit_a_budget_is_never_spent() {
        for limit in [None, Some(Duration::MAX)] {
            let budget = Budget::start(limit);
            assert_eq!((budget.remaining(), budget.is_spent()), (Duration::MAX, false));
        }
    }

    #[test]
    fn an_incomplete_run_names_its_budget_and_how_to_raise_it() {
        let budget = Budget::start(Some(Duration::from_millis(1500)));
        assert_eq!(
            budget.incomplete(3, 40),
            "the time budget of 1.5 s ran out with 3 of 40 instances undecided; --budget gives the run more time"
        );
    }
}
