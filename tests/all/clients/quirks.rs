//! Faults of a client, live: the verdict over real sockets is that of the play in memory.

use super::options;
use crate::support::cases::instances;
use crate::support::reference::{faulty, verdict};
use std::sync::Arc;
use std::time::Duration;
use wsgauntlet::runner::Target;
use wsgauntlet::runner::client::{ClientOptions, ClientSource, Listener, run_client};
use wsgauntlet::runner::reference_client::{self, LoopOptions};
use wsgauntlet::runner::target::Trust;
use wsgauntlet_reference::Config;
use wsgauntlet_suite::case::{Instance, Need};
use wsgauntlet_suite::oracle::{Run, VerdictKind};
use wsgauntlet_wire::Role;

/// A fault of each part of a client, and a case that is about it.
const FAULTS: &[(&str, &str)] = &[
    ("request-without-key", "opening/"),
    ("request-with-version-8", "opening/"),
    ("request-with-post", "opening/"),
    ("accept-response-200", "opening/response-status/"),
    ("accept-response-other-accept", "opening/accept/"),
    ("accept-response-unoffered-subprotocol", "opening/response-negotiation/"),
    ("deflate-offer-window-bits-7", "masking/"),
    ("accept-masked", "masking/"),
    ("masking-key-not-applied", "masking/"),
    ("masking-key-zero", "masking/"),
    ("accept-rsv2", "framing/reserved-bits/"),
    ("interleaved-message-nested", "fragmentation/"),
    ("no-pong", "control/ping/payload"),
    ("accept-long-ping", "control/"),
    ("accept-text-not-utf8", "text/"),
    ("inflate-distance-32768-refused", "deflate/"),
    ("close-not-answered", "closing/"),
    ("fail-hangs", "closing/"),
];

/// How long to wait for an answer: some faults are silent.
const DEADLINE: Duration = Duration::from_millis(300);

/// The first instance below `place` that the fault fails in memory.
fn failing(quirk: &str, place: &str) -> Arc<Instance> {
    // The client of this test offers no subprotocol.
    let fails = |instance: &Arc<Instance>| {
        !instance.needs.contains(&Need::Subprotocol)
            && verdict(instance, faulty(Role::Client, &[quirk])).kind == VerdictKind::Fail
    };
    let found = instances(Role::Client, place).into_iter().find(fails);
    found.unwrap_or_else(|| panic!("{quirk}: no case below {place} fails"))
}

async fn play_live(instances: Vec<Arc<Instance>>, config: Config) -> Run {
    let wait = Duration::from_secs(2);
    let options = ClientOptions { deadline: DEADLINE, wait, ..options(ClientSource::Connections) };
    let listener = Listener::bind("127.0.0.1:0", None).await.expect("a free port");
    let target = Target::parse(&listener.url(), &Trust { insecure: false, ca: None }).expect("a URL");
    let run = tokio::spawn(async move { run_client(listener, instances, options, &mut |_event| {}).await });
    let options = LoopOptions { agent: "faulty".to_owned(), jobs: 4, config };
    // A client that hangs does not come back, and the run ends without it.
    let client = tokio::spawn(async move { reference_client::run(&target, &options).await });
    let played = run.await.expect("no panic").expect("a run").remove(0);
    client.abort();
    played
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_fail_live() {
    for (name, place) in FAULTS {
        let run = play_live(vec![failing(name, place)], faulty(Role::Client, &[name])).await;
        let record = &run.records[0];
        let verdict = &record.verdict;
        assert_eq!(verdict.kind, VerdictKind::Fail, "{name}: {} {:?}", record.instance.id, verdict.reason);
    }
}
