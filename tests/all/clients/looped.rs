//! Loops of Autobahn's test clients: launched ones whose process dies in the middle, and one that hangs once and comes back.

use super::options;
use super::run::{ask, play_loop, start};
use crate::support::BIN;
use crate::support::cases::instances;
use crate::support::reference::{faulty, play};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wsgauntlet::embedded;
use wsgauntlet::report::stored::{Circumstances, StoredRun};
use wsgauntlet::runner::client::{ClientOptions, ClientSource};
use wsgauntlet::runner::reference::{self};
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{self, Exit, Record, Run, VerdictKind};
use wsgauntlet_wire::Role;

const VALIDATED: &str = "rfc6455/10.7/incoming-data-validated";

/// The reference's loop, launched.
async fn launched(arguments: &[&str], instances: Vec<Arc<Instance>>) -> Run {
    let words = [&[BIN, "reference", "client"], arguments, &["{url}"]].concat();
    let source = ClientSource::Command(words.into_iter().map(str::to_owned).collect());
    let options = ClientOptions { jobs: Some(4), ..options(source) };
    start(None, instances, options).await.run().await
}

/// What each instance has to come to, as plays in memory tell it. Culprits fail for their death.
fn expected(instance: &Instance, quirks: &[&str]) -> (VerdictKind, bool) {
    let transcript = play(instance, faulty(Role::Client, quirks));
    let dies = transcript.death().is_some();
    (oracle::judge(instance, &transcript, embedded::catalogue()).kind, dies)
}

/// A command may be a loop: it is launched once, and asked for nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn a_launched_loop_is_served() {
    let all = instances(Role::Client, "masking/");
    let run = launched(&["--agent", "the loop"], all.clone()).await;
    assert_eq!(run.target.name, "the loop");
    assert_eq!(run.records.len(), all.len());
    for record in &run.records {
        assert!(record.transcript.is_some() || record.verdict.kind == VerdictKind::Inapplicable);
        assert_eq!(record.verdict.kind, VerdictKind::Pass, "{}", record.instance.id);
    }
    assert_eq!(run.interrupted, None);
}

/// A loop whose process aborts is launched again, and goes on. The instances that it does not survive fail, whether it plays one
/// after another or several at once, and no other does.
#[tokio::test(flavor = "multi_thread")]
async fn a_launched_loop_dies() {
    let all = instances(Role::Client, "closing/");
    let run = launched(&["--quirk", "abort-on-short-close", "--jobs", "1"], all.clone()).await;
    let mut culprits = BTreeSet::new();
    for record in &run.records {
        let id = record.instance.id.to_string();
        if expected(&record.instance, &["abort-on-short-close"]).1 {
            let failure = record.verdict.failure.as_ref().expect("a failure");
            assert_eq!(
                (record.verdict.kind, failure.requirement.to_string().as_str()),
                (VerdictKind::Fail, VALIDATED),
                "{id}"
            );
            assert_eq!(failure.observed.to_string(), "the process was ended by signal 6 (SIGABRT)");
            let exit = record.application.as_ref().and_then(|application| application.exit);
            assert_eq!(exit, Some(Exit::Signal(6)));
            culprits.insert(id);
        } else if record.verdict.kind != VerdictKind::Inapplicable {
            assert_eq!(record.verdict.kind, expected(&record.instance, &[]).0, "{id}: {:?}", record.verdict);
        }
    }
    assert!(!culprits.is_empty() && culprits.len() < run.records.len());
    assert_eq!((run.interrupted.as_deref(), run.deaths.len()), (None, 0), "{:?}", run.deaths);
    let said = format!("was launched again, for {} instances", culprits.len());
    assert!(run.target.remarks.iter().any(|remark| remark.contains(&said)), "{:?}", run.target.remarks);
}

/// With three connections at once, the death is found, and the run goes on. Which of the plays that were under way at the same
/// time is blamed can be wrong: known, see CHANGELOG.
#[tokio::test(flavor = "multi_thread")]
async fn a_launched_loop_with_several_connections_dies() {
    let run =
        launched(&["--quirk", "abort-on-short-close", "--jobs", "3"], instances(Role::Client, "closing/"))
            .await;
    let aborted = |record: &&Record| {
        let failure = record.verdict.failure.as_ref();
        failure.is_some_and(|failure| {
            failure.observed.to_string() == "the process was ended by signal 6 (SIGABRT)"
        })
    };
    let culprits = run.records.iter().filter(aborted).count();
    assert!(culprits > 0 && culprits < run.records.len(), "{culprits} instances end the process");
    assert_eq!((run.interrupted.as_deref(), run.deaths.len()), (None, 0), "{:?}", run.deaths);
    assert_eq!(run.count(VerdictKind::Blocked), 0);
}

/// A client that hangs for longer than `--wait-ms` in the middle of its loop, and then goes on, plays everything. It hangs
/// until we give up on a request that has no end.
#[tokio::test(flavor = "multi_thread")]
async fn a_loop_hangs_once() {
    let wait = Duration::from_secs(1);
    let options = ClientOptions { wait, deadline: wait * 2, ..options(ClientSource::Connections) };
    let running = start(None, instances(Role::Client, "masking/direction/"), options).await;
    let request = "GET /runCase?case=1&agent=A HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    let mut one = TcpStream::connect(running.address).await.expect("a connection");
    one.write_all(request.as_bytes()).await.expect("a write");
    drop(one);
    let mut endless = TcpStream::connect(running.address).await.expect("a connection");
    endless.write_all(b"GET / HTTP/1.1\r\nUpgr").await.expect("a write");
    endless.read_to_end(&mut Vec::new()).await.expect("it is given up");
    play_loop(&running.url, "A", 4).await;
    let run = running.run().await;
    assert_eq!(run.interrupted, None);
    assert_eq!(run.count(VerdictKind::Blocked), 0);
}

/// One that does not come back has played a part, and a part has no grade.
#[tokio::test(flavor = "multi_thread")]
async fn a_loop_hangs_for_good() {
    let options = ClientOptions { wait: Duration::from_millis(100), ..options(ClientSource::Connections) };
    let running = start(None, instances(Role::Client, "masking/direction/"), options).await;
    ask(running.address, "/getCaseCount").await;
    let trust = wsgauntlet::runner::target::Trust { insecure: true, ca: None };
    let url = format!("{}/runCase?case=1&agent=A", running.url);
    wsgauntlet::runner::reference_client::once(&url, &trust, &reference::config(Role::Client))
        .await
        .expect("a connection");
    let run = running.run().await;
    assert!(run.interrupted.as_deref().is_some_and(|why| why.contains("did not come back")));
    assert_eq!(run.count(VerdictKind::Pass), 1);
    assert!(run.count(VerdictKind::Blocked) > 0);
    let stored = StoredRun::of(&run, embedded::catalogue(), &Circumstances::default());
    assert!(!stored.score().whole);
    assert_eq!(stored.summary.grade, "–");
    assert!(stored.summary.grade_reason.contains("not played"), "{}", stored.summary.grade_reason);
}
