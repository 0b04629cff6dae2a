//! Faults of a client, live: the verdict over real sockets is that of the play in memory.

use super::options;
use std::sync::Arc;
use std::time::Duration;
use wsgauntlet::embedded;
use wsgauntlet::runner::Target;
use wsgauntlet::runner::client::{ClientOptions, ClientSource, Listener, run_client};
use wsgauntlet::runner::reference::{self, Link};
use wsgauntlet::runner::reference_client::{self, LoopOptions};
use wsgauntlet::runner::target::Trust;
use wsgauntlet_reference::{Config, Quirk};
use wsgauntlet_suite::case::{Instance, Need, Profile};
use wsgauntlet_suite::oracle::{self, Run, VerdictKind};
use wsgauntlet_suite::peer::PlayConfig;
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

/// How long silence is borne: some faults are silent.
const DEADLINE: Duration = Duration::from_millis(300);

fn faulty(quirk: Quirk) -> Config {
    let mut config = reference::config(Role::Client);
    quirk.install(&mut config);
    config
}

/// The first instance below `place` that the fault fails in memory.
fn failing(quirk: Quirk, place: &str) -> Arc<Instance> {
    let fails = |instance: &&Instance| {
        let transcript =
            reference::play(instance, &PlayConfig::new("localhost"), faulty(quirk), Link::Direct);
        oracle::judge(instance, &transcript, embedded::catalogue()).kind == VerdictKind::Fail
    };
    let all = embedded::library().instances(Role::Client);
    // The client of this test offers no subprotocol.
    let playable = |instance: &&Instance| {
        instance.profile == Profile::Default && !instance.needs.contains(&Need::Subprotocol)
    };
    let mut near = all.filter(playable).filter(|instance| instance.id.as_str().starts_with(place));
    let found = near.find(fails);
    Arc::new(found.unwrap_or_else(|| panic!("{}: no case below {place} fails", quirk.info().name)).clone())
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
        let quirk: Quirk = name.parse().expect("a quirk");
        let run = play_live(vec![failing(quirk, place)], faulty(quirk)).await;
        let record = &run.records[0];
        let verdict = &record.verdict;
        assert_eq!(verdict.kind, VerdictKind::Fail, "{name}: {} {:?}", record.instance.id, verdict.reason);
    }
}
