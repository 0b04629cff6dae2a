//! What happens in a run, as it happens. Displays and reports that grow consume these.

use wsgauntlet_suite::oracle::{Record, TargetInfo};

/// One thing that happened in a run.
#[derive(Clone, Debug)]
pub enum RunEvent {
    /// The target was probed; so many instances follow.
    Started { target: TargetInfo, instances: usize, cases: usize, jobs: usize },
    /// The verdict on an instance is final.
    Finished(Box<Record>),
    /// So many deviating instances are played again, alone.
    Replaying { instances: usize },
    /// The target does not answer any more.
    TargetDied { after: String },
}
