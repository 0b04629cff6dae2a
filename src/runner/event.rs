//! What happens in a run, as it happens. Displays and reports that grow consume these.

use wsgauntlet_suite::oracle::{Record, TargetInfo};

/// One thing that happened in a run.
#[derive(Clone, Debug)]
pub enum RunEvent {
    /// The target was probed; the instances are played next.
    Started {
        /// What is tested, and what the probe saw it do.
        target: TargetInfo,
        /// How many instances were selected.
        instances: usize,
        /// Of how many cases they are.
        cases: usize,
        /// How many connections are busy at once.
        jobs: usize,
    },
    /// The verdict on an instance is final. The record holds what reports show: no octets if it passed.
    Finished(Box<Record>),
    /// The verdict on a finished instance has changed: the target died of it, or was dead by then.
    Amended(Box<Record>),
    /// Deviating instances are played again.
    Replaying {
        /// How many they are.
        instances: usize,
    },
    /// A launched target died. It is relaunched until the instance that kills it is isolated among the suspects.
    Isolating {
        /// How it died.
        death: String,
        /// How many instances may have caused it.
        suspects: usize,
    },
    /// The target did not survive this instance.
    Isolated {
        /// The id of the instance.
        culprit: String,
        /// A sentence with the id and the death.
        how: String,
    },
    /// The target does not answer any more.
    TargetDied {
        /// What was played last, or why the run cannot go on.
        after: String,
    },
}
