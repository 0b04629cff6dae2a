//! Runs against servers that leave their clients waiting: what is decided, and what the time of a run does not suffice for.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use wsgauntlet::embedded;
use wsgauntlet::report::StoredRun;
use wsgauntlet::report::baseline::{self, GateStatus};
use wsgauntlet::report::stored::Circumstances;
use wsgauntlet::runner::reference::{self, Link};
use wsgauntlet::runner::serve::ReferenceServer;
use wsgauntlet::runner::target::Trust;
use wsgauntlet::runner::{RunOptions, Target, TargetError, run_server};
use wsgauntlet_reference::Quirk;
use wsgauntlet_suite::case::{Instance, Profile};
use wsgauntlet_suite::oracle::{self, Run, VerdictKind};
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_wire::Role;

/// The default instances of the cases whose names begin like this.
fn instances(begins: &str) -> Vec<Arc<Instance>> {
    let instances = embedded::library().instances(Role::Server);
    instances
        .filter(|instance| instance.profile == Profile::Default && instance.case.starts_with(begins))
        .map(|instance| Arc::new(instance.clone()))
        .collect()
}

/// The reference with a quirk, over TCP.
async fn reference(quirk: &str) -> String {
    let mut config = reference::config(Role::Server);
    quirk.parse::<Quirk>().expect("a quirk of that name").install(&mut config);
    let server = ReferenceServer::bind("127.0.0.1:0", config, None).await.expect("a free port");
    let url = format!("ws://{}/", server.address);
    tokio::spawn(server.serve());
    url
}

async fn run(
    url: &str,
    instances: Vec<Arc<Instance>>,
    deadline: Duration,
    budget: Option<Duration>,
) -> Result<Run, TargetError> {
    let target = Target::parse(url, &Trust::default()).expect("a URL");
    let options = RunOptions {
        deadline,
        budget,
        jobs: None,
        seed: 1,
        name: "silent".to_owned(),
        memory: None,
        process: None,
        stop: Arc::new(AtomicBool::new(false)),
        assumed: wsgauntlet::runner::Assumed::default(),
    };
    run_server(target, instances, options, &mut |_| {}).await
}

fn verdicts(run: &Run) -> BTreeMap<String, VerdictKind> {
    run.records.iter().map(|record| (record.instance.id.to_string(), record.verdict.kind)).collect()
}

/// Waiting is shared and cut short; what is found is what a patient run in memory finds, in each instance.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_on_errors_fails_the_same_instances_as_in_memory() {
    let instances = instances("masking/");
    let quirk: Quirk = "fail-hangs".parse().expect("a quirk of that name");
    let url = reference("fail-hangs").await;
    let run = run(&url, instances.clone(), Duration::from_secs(1), None).await.expect("it opens");
    let in_memory = instances.iter().map(|instance| {
        let mut config = reference::config(Role::Server);
        quirk.install(&mut config);
        let transcript = reference::play(instance, &PlayConfig::new("localhost"), config, Link::Direct);
        let kind = oracle::judge(instance, &transcript, embedded::catalogue()).kind;
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
    let instances = instances("masking/");
    let url = reference("fail-hangs").await;
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
    let url = reference("fail-hangs").await;
    let result = run(&url, instances("masking/"), Duration::from_secs(1), Some(Duration::ZERO)).await;
    let error = result.expect_err("there is no time");
    assert!(error.to_string().contains("--budget gives the run more time"), "{error}");
}
