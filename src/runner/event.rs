//! What happens in a run, as it happens. Displays and reports that grow consume these.

use wsgauntlet_suite::oracle::{Record, TargetInfo};

/// One thing that happened in a run.
#[derive(Clone, Debug)]
pub enum RunEvent {
    /// The target was probed; this many instances are played next.
    Started { target: TargetInfo, instances: usize, cases: usize, jobs: usize },
    /// The verdict on an instance is final.
    Finished(Box<Record>),
    /// The verdict on an instance that was finished is another one by now: the target died of it, or was dead by then.
    Amended(Box<Record>),
    /// Deviating instances are played again.
    Replaying { instances: usize },
    /// A launched target died. It is relaunched until the instance that kills it is isolated among the suspects.
    Isolating { death: String, suspects: usize },
    /// The target did not survive this instance.
    Isolated { culprit: String, how: String },
    /// The target does not answer any more.
    TargetDied { after: String },
}
