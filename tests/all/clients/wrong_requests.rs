//! Clients with a fault in every request: what is about the fault reports it, and everything else is played with a server that
//! overlooks it.

use super::options;
use super::run::{Running, start};
use crate::support::cases::{instances, one_of_each_case};
use crate::support::reference::faulty;
use crate::support::runs::{broken, failed};
use std::collections::BTreeSet;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use wsgauntlet::runner::Target;
use wsgauntlet::runner::client::ClientSource;
use wsgauntlet::runner::reference_client::{self, LoopOptions};
use wsgauntlet::runner::serve;
use wsgauntlet::runner::stream::Stream;
use wsgauntlet::runner::target::Trust;
use wsgauntlet_reference::EchoEndpoint;
use wsgauntlet_suite::oracle::{Run, VerdictKind};
use wsgauntlet_wire::Role;

/// Each fault, what is said of it, and what is blamed.
const WRONG: &[(&str, &str, &str)] = &[
    ("request-without-upgrade", "expected Upgrade: websocket, got no Upgrade", "rfc6455/4.1/request-upgrade"),
    ("request-with-other-upgrade", "got Upgrade: websockets", "rfc6455/4.1/request-upgrade"),
    ("request-without-connection", "got no Connection", "rfc6455/4.1/request-connection"),
    ("request-with-other-connection", "got Connection: keep-alive", "rfc6455/4.1/request-connection"),
    ("request-key-short", "expected 16 octets in base64", "rfc6455/4.1/key-is-16-octet-nonce"),
    ("request-key-not-base64", "expected 16 octets in base64", "rfc6455/4.1/key-is-16-octet-nonce"),
    ("request-without-version", "got no Sec-WebSocket-Version", "rfc6455/4.1/request-version-13"),
    ("request-with-version-8", "got Sec-WebSocket-Version: 8", "rfc6455/4.1/request-version-13"),
    ("request-without-host", "got no Host", "rfc6455/4.1/request-host"),
    ("request-in-http-1.0", "expected GET, and HTTP/1.1", "rfc6455/4.1/request-is-get"),
    ("request-lines-end-in-lf", "expected a well-formed head", "rfc6455/4.1/request-is-valid-http"),
    ("request-subprotocol-not-token", "got ", "rfc6455/4.1/subprotocols-are-tokens"),
];

/// Connections of the reference with a quirk, eight at once, until nobody accepts them.
async fn connections(running: Running, quirks: &[&str]) -> Run {
    let address = running.address;
    let mut clients = JoinSet::new();
    for client in 0..8u64 {
        let config = faulty(Role::Client, quirks);
        clients.spawn(async move {
            for count in 0u64.. {
                let Ok(tcp) = TcpStream::connect(address).await else { return };
                let mut config = config.clone();
                config.host = address.to_string();
                config.seed = client << 32 | count;
                // A connection that a case breaks is as good as any other.
                let _ = serve::drive(Stream::Plain(tcp), EchoEndpoint::new(config)).await;
            }
        });
    }
    running.run().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_the_request_does_not_hide_the_frames() {
    for (quirk, said, requirement) in WRONG {
        let running =
            start(None, one_of_each_case(instances(Role::Client, "")), options(ClientSource::Connections))
                .await;
        let run = connections(running, &[quirk]).await;
        let remarks = run.target.remarks.join("\n");
        assert!(remarks.contains("the client's requests are wrong"), "{quirk}: {remarks}");
        assert!(remarks.contains(said), "{quirk}: {remarks}");
        assert!(broken(&run).contains(requirement), "{quirk}: {:?}", broken(&run));
        let outside: Vec<String> = failed(&run)
            .into_iter()
            .filter(|record| !record.instance.id.as_str().starts_with("opening/"))
            .map(|record| format!("{}: {:?}", record.instance.id, record.verdict.failure))
            .collect();
        // Where no case is about the fault, the first instance reports it, whatever it is about.
        let opening = failed(&run).len();
        assert!(outside.is_empty() || opening == 1, "{quirk}: {outside:#?}");
        assert!((1..30).contains(&opening), "{quirk}: {opening} instances fail");
        assert!(run.count(VerdictKind::Pass) > 300, "{quirk}: {} pass", run.count(VerdictKind::Pass));
    }
}

/// Where no selected case is about the fault, one reports it.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_other_cases_reports_the_fault_once() {
    let running = start(
        None,
        one_of_each_case(instances(Role::Client, "control/")),
        options(ClientSource::Connections),
    )
    .await;
    let run = connections(running, &["request-without-upgrade"]).await;
    assert_eq!(failed(&run).len(), 1, "{:?}", failed(&run));
    assert_eq!(broken(&run), BTreeSet::from(["rfc6455/4.1/request-upgrade"]));
    assert!(run.count(VerdictKind::Pass) > 5);
}

/// What is wrong with frames is seen behind a wrong request.
#[tokio::test(flavor = "multi_thread")]
async fn faults_of_frames_are_seen_behind_a_wrong_request() {
    let running = start(
        None,
        one_of_each_case(instances(Role::Client, "control/")),
        options(ClientSource::Connections),
    )
    .await;
    let run = connections(running, &["request-without-upgrade", "pong-cut-at-nul"]).await;
    let pong = "rfc6455/5.5.3/pong-echoes-application-data";
    assert!(broken(&run).contains(pong), "{:?}", broken(&run));
}

/// An agent of Autobahn's loop is not probed: its first plays report the fault, and the others overlook it.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_with_a_wrong_request() {
    let running = start(
        None,
        one_of_each_case(instances(Role::Client, "control/")),
        options(ClientSource::Connections),
    )
    .await;
    let target = Target::parse(&running.url, &Trust { insecure: true, ca: None }).expect("a URL");
    let config = faulty(Role::Client, &["request-without-upgrade"]);
    let options = LoopOptions { agent: "wrong".to_owned(), jobs: 1, config };
    reference_client::run(&target, &options).await.expect("the loop runs through");
    let run = running.run().await;
    // What begins before the third is judged reports it, too.
    let reporters = failed(&run).len();
    assert!((3..6).contains(&reporters), "{:?}", failed(&run));
    assert_eq!(broken(&run), BTreeSet::from(["rfc6455/4.1/request-upgrade"]));
    assert_eq!(run.count(VerdictKind::Flaky), 0);
    assert!(run.target.remarks.iter().any(|remark| remark.contains("got no Upgrade")));
}

/// Nothing is said of a client whose requests are right.
#[tokio::test(flavor = "multi_thread")]
async fn a_lawful_request_is_told_nothing_of() {
    let running = start(
        None,
        one_of_each_case(instances(Role::Client, "control/")),
        options(ClientSource::Connections),
    )
    .await;
    let run = connections(running, &["pong-cut-at-nul"]).await;
    assert!(run.target.capabilities.overlooked.is_empty());
    assert!(!run.target.remarks.iter().any(|remark| remark.contains("requests are wrong")));
}
