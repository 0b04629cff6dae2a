//! What audits of servers and of clients have in common.

use super::{AuditProfile, Selection};
use std::path::PathBuf;
use std::time::Duration;

/// The settings of an audit, whatever is audited.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub selection: Selection,
    pub baseline: Option<PathBuf>,
    pub strict: bool,
    pub deadline: Option<Duration>,
    pub budget: Option<Duration>,
    pub jobs: Option<usize>,
    pub seed: u64,
    pub name: Option<String>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            selection: Selection::default(),
            baseline: None,
            strict: false,
            deadline: None,
            budget: None,
            jobs: None,
            seed: 1,
            name: None,
        }
    }
}

impl Settings {
    /// How long to wait for the target in a step, at first.
    pub(super) fn deadline(&self) -> Duration {
        self.deadline.unwrap_or(Duration::from_millis(self.selection.profile.timeout_ms()))
    }

    /// How long the whole audit may take.
    pub(super) fn budget(&self) -> Duration {
        self.budget.unwrap_or_else(|| self.selection.profile.budget(self.deadline()))
    }

    /// The same for a client: twice as long, since each connection waits for the client to open it.
    pub(super) fn client_budget(&self) -> Duration {
        self.budget.unwrap_or_else(|| 2 * self.selection.profile.budget(self.deadline()))
    }

    pub(super) fn is_strict(&self) -> bool {
        self.strict || self.selection.profile == AuditProfile::Strict
    }
}

/// The methods of a builder that has `settings: Settings`.
macro_rules! settings_methods {
    () => {
        /// Accepts the deviations of this baseline file (see [`crate::report::baseline`]), and nothing else.
        pub fn baseline(mut self, path: impl Into<std::path::PathBuf>) -> Self {
            self.settings.baseline = Some(path.into());
            self
        }

        /// Which cases are played. Without it: the default profile.
        pub fn selection(mut self, selection: $crate::audit::Selection) -> Self {
            self.settings.selection = selection;
            self
        }

        /// Only the cases that this pattern names: an id, `framing/**`, or an id of Autobahn|Testsuite. Repeated calls add up.
        pub fn case(mut self, pattern: impl Into<String>) -> Self {
            self.settings.selection = self.settings.selection.case(pattern);
            self
        }

        /// What breaks a SHOULD fails, too.
        pub fn strict(mut self) -> Self {
            self.settings.strict = true;
            self
        }

        /// How long the whole audit may take, whatever the target does; without it a minute, or ten for the patient and the
        /// heavy profiles. What is not decided by then is [blocked](wsgauntlet_suite::oracle::VerdictKind::Blocked), the report
        /// says that the run is incomplete, and the audit does not conform. `Duration::MAX`: as long as it needs.
        pub fn budget(mut self, budget: std::time::Duration) -> Self {
            self.settings.budget = Some(budget);
            self
        }

        /// How long to wait for the target in a step, at most. What timed out is played again with as much, or three times as
        /// much, before it is reported.
        pub fn timeout(mut self, timeout: std::time::Duration) -> Self {
            self.settings.deadline = Some(timeout);
            self
        }

        /// How many instances are played at once. Connections that only wait for the target do not count, unless it is 1.
        pub fn jobs(mut self, jobs: usize) -> Self {
            self.settings.jobs = Some(jobs.max(1));
            self
        }

        /// What masking keys and nonces are drawn from: the same seed draws the same.
        pub fn seed(mut self, seed: u64) -> Self {
            self.settings.seed = seed;
            self
        }

        /// What reports call the target.
        pub fn name(mut self, name: impl Into<String>) -> Self {
            self.settings.name = Some(name.into());
            self
        }
    };
}

pub(super) use settings_methods;
