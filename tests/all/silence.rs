//! Runs against servers that leave their clients waiting: what is decided, and what the time of a run does not suffice for.

use crate::support::cases::instances;
use crate::support::reference::{faulty, serve, verdict};
use crate::support::runs::{options, verdicts};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use wsgauntlet::embedded;
use wsgauntlet::report::StoredRun;
use wsgauntlet::report::baseline::{self, GateStatus};
use wsgauntlet::report::stored::Circumstances;
use wsgauntlet::runner::target::Trust;
use wsgauntlet::runner::{RunOptions, Target, TargetError, run_server};
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{Run, VerdictKind};
use wsgauntlet_wire::Role;

async fn run(
    url: &str,
    instances: Vec<Arc<Instance>>,
    deadline: Duration,
    budget: Option<Duration>,
) -> Result<Run, TargetError> {
    let target = Target::parse(url, &Trust::default()).expect("a URL");
    let options = RunOptions { budget, ..options(deadline) };
    run_server(target, instances, options, &mut |_| {}).await
}

/// Waiting is shared and cut short; what is found is what a patient run in memory finds, in each instance.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_on_errors_fails_the_same_instances_as_in_memory() {
    let instances = instances(Role::Server, "masking/");
    let url = serve(faulty(Role::Server, &["fail-hangs"])).await;
    let run = run(&url, instances.clone(), Duration::from_secs(1), None).await.expect("it opens");
    let in_memory = instances.iter().map(|instance| {
        let kind = verdict(instance, faulty(Role::Server, &["fail-hangs"])).kind;
        (instance.id.to_string(), kind)
    });
    let in_memory: BTreeMap<String, VerdictKind> = in_memory.collect();
    assert_eq!(verdicts(&run), in_memory);
    let failed = run.records.iter().filter(|record| record.verdict.kind == VerdictKind::Fail);
    assert!(failed.clone().count() > 20);
    // Each deviation was seen twice before it was reported.
    assert!(failed.clone().all(|record| record.plays >= 2));
}

/// The run ends when its time is spent. What it could not decide is blocked by name, the run says that it is incomplete, and
/// the gate is not green.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_budget_does_not_suffice_for_is_no_pass() {
    let instances = instances(Role::Server, "masking/");
    let url = serve(faulty(Role::Server, &["fail-hangs"])).await;
    // To confirm a silence takes ten times as long as the run has.
    let (deadline, budget) = (Duration::from_secs(30), Duration::from_secs(3));
    let run = run(&url, instances.clone(), deadline, Some(budget)).await.expect("it opens");
    assert_eq!(run.records.len(), instances.len());
    let undecided: Vec<_> =
        run.records.iter().filter(|record| record.verdict.kind == VerdictKind::Blocked).collect();
    assert!(undecided.len() > 20, "{}", undecided.len());
    let reason = "not decided within the run's time budget of 3 s";
    assert!(undecided.iter().all(|record| record.verdict.reason.as_deref() == Some(reason)));
    assert_eq!(run.count(VerdictKind::Fail), 0, "nothing was confirmed");
    let why = run.interrupted.clone().expect("it is incomplete");
    assert_eq!(
        why,
        format!(
            "the time budget of 3 s ran out with {} of {} instances undecided; --budget gives the run more time",
            undecided.len(),
            instances.len()
        )
    );
    let mut stored = StoredRun::of(&run, embedded::catalogue(), &Circumstances::default());
    let day = wsgauntlet::audit::today();
    assert_eq!(baseline::judge(&mut stored, None, false, day, &|_| true), GateStatus::Target);
}

/// Without any time not even the probe is made.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_time_is_an_error() {
    let url = serve(faulty(Role::Server, &["fail-hangs"])).await;
    let result =
        run(&url, instances(Role::Server, "masking/"), Duration::from_secs(1), Some(Duration::ZERO)).await;
    let error = result.expect_err("there is no time");
    assert!(error.to_string().contains("--budget gives the run more time"), "{error}");
}
