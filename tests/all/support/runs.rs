//! Options of runs, and what a run found.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use wsgauntlet::runner::{Assumed, RunOptions};
use wsgauntlet_suite::oracle::{Record, Run, VerdictKind};

/// A run of a server with this deadline, as many connections as the runner chooses, and no budget.
pub fn options(deadline: Duration) -> RunOptions {
    RunOptions {
        deadline,
        budget: None,
        jobs: None,
        seed: 1,
        name: "test".to_owned(),
        memory: None,
        process: None,
        stop: Arc::new(AtomicBool::new(false)),
        assumed: Assumed::default(),
    }
}

/// The verdict of each instance.
pub fn verdicts(run: &Run) -> BTreeMap<String, VerdictKind> {
    run.records.iter().map(|record| (record.instance.id.to_string(), record.verdict.kind)).collect()
}

/// The records of the instances that fail.
pub fn failed(run: &Run) -> Vec<&Record> {
    run.records.iter().filter(|record| record.verdict.kind == VerdictKind::Fail).collect()
}

/// The requirements that failing instances break; tolerated failures are left out.
pub fn broken(run: &Run) -> BTreeSet<&str> {
    let failures = failed(run).into_iter().flat_map(|record| record.verdict.failures());
    failures.filter(|failure| !failure.tolerated).map(|failure| failure.requirement.as_str()).collect()
}
