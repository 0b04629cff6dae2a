//! Clients that are launched and do not survive an instance, and others that only end in their own way. The faults are the
//! reference's quirks; the applications are this test binary itself, run again for the test `application`.

use super::options;
use crate::support::endpoint::read_once;
use crate::support::reference::{faulty, verdict};
use crate::support::{BIN, cases};
use std::collections::BTreeSet;
use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Instant;
use wsgauntlet::runner::client::{ClientOptions, ClientSource, Listener, run_client};
use wsgauntlet::runner::reference::{self};
use wsgauntlet_reference::{Config, EchoEndpoint, Event, Transmit};
use wsgauntlet_suite::case::{Instance, Need};
use wsgauntlet_suite::oracle::{Exit, Run, VerdictKind};
use wsgauntlet_wire::Role;

const VALIDATED: &str = "rfc6455/10.7/incoming-data-validated";

/// How the application of this binary is told what to open, and how it reports that a connection failed.
const URL: &str = "WSGAUNTLET_TEST_URL";
const REPORTS_BY: &str = "WSGAUNTLET_TEST_REPORTS_BY";

/// The instances below these places that need neither an address of their own nor a subprotocol.
fn instances(places: &[&str]) -> Vec<Arc<Instance>> {
    let mut chosen: Vec<Arc<Instance>> =
        places.iter().flat_map(|place| cases::instances(Role::Client, place)).collect();
    chosen.retain(|instance| {
        instance.script.opening.address.is_none() && !instance.needs.contains(&Need::Subprotocol)
    });
    chosen
}

/// Which of the instances the reference with that quirk does not survive, in memory.
fn culprits(quirk: &str, instances: &[Arc<Instance>]) -> BTreeSet<String> {
    let dies = |instance: &&Arc<Instance>| {
        let verdict = verdict(instance, faulty(Role::Client, &[quirk]));
        verdict.failure.is_some_and(|failure| failure.requirement.to_string() == VALIDATED)
    };
    instances.iter().filter(dies).map(|instance| instance.id.to_string()).collect()
}

async fn run(words: Vec<String>, instances: Vec<Arc<Instance>>) -> Run {
    let options = ClientOptions { jobs: Some(4), ..options(ClientSource::Command(words)) };
    let listener = Listener::bind("127.0.0.1:0", None).await.expect("a free port");
    run_client(listener, instances, options, &mut |_event| {}).await.expect("a run").remove(0)
}

fn failed(run: &Run) -> BTreeSet<String> {
    let failed = run.records.iter().filter(|record| record.verdict.kind == VerdictKind::Fail);
    failed.map(|record| record.instance.id.to_string()).collect()
}

async fn a_quirk_is_found(name: &str, places: &[&str], exit: Exit, observed: &str) {
    let instances = instances(places);
    let expected = culprits(name, &instances);
    assert!(!expected.is_empty() && expected.len() < instances.len(), "{name}: {expected:?}");
    let words = [BIN, "reference", "client", "--once", "--quirk", name, "{url}"];
    let run = run(words.map(str::to_owned).to_vec(), instances).await;
    assert_eq!(failed(&run), expected, "{name}");
    for record in run.records.iter().filter(|record| record.verdict.kind == VerdictKind::Fail) {
        let failure = record.verdict.failure.as_ref().expect("a failure");
        assert!(failure.observed.to_string().contains(observed), "{}", failure.observed);
        assert_eq!(record.application.as_ref().and_then(|application| application.exit), Some(exit));
        assert_eq!(record.plays, 2, "a crash is confirmed by another play");
    }
}

/// The panic of a client fails the instances that bring it about, and no other: its status, and its stderr.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_panics() {
    let places = ["opening/response-negotiation/", "opening/accept/"];
    a_quirk_is_found("panic-on-unoffered-subprotocol", &places, Exit::Status(101), "panicked at").await;
}

/// The same where nothing else is played: more is played then to tell what the client uses to do.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_panics_at_all_that_is_played() {
    let name = "panic-on-unoffered-subprotocol";
    let mut instances = instances(&["opening/response-negotiation/"]);
    let expected = culprits(name, &instances);
    instances.retain(|instance| expected.contains(instance.id.as_str()));
    let words = [BIN, "reference", "client", "--once", "--quirk", name, "{url}"];
    let run = run(words.map(str::to_owned).to_vec(), instances).await;
    assert_eq!(failed(&run), expected);
}

/// A signal is a failure whatever else the client does.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_aborts() {
    let places = ["closing/body/"];
    a_quirk_is_found("abort-on-short-close", &places, Exit::Signal(6), "signal 6 (SIGABRT)").await;
}

/// A client whose process computes for ever after its connection has ended.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_spins() {
    let name = "spin-on-fragmented-control";
    let all = instances(&["control/", "framing/"]);
    let expected = culprits(name, &all);
    // One that it spins at, and one that it does not.
    let one = all.iter().find(|instance| expected.contains(instance.id.as_str())).expect("a culprit");
    let other = all.iter().find(|instance| !expected.contains(instance.id.as_str())).expect("another");
    let words = [BIN, "reference", "client", "--once", "--quirk", name, "{url}"];
    let run = run(words.map(str::to_owned).to_vec(), vec![one.clone(), other.clone()]).await;
    assert_eq!(failed(&run), BTreeSet::from([one.id.to_string()]));
    let record = run.records.iter().find(|record| record.instance.id == one.id).expect("the culprit");
    assert_eq!(record.application.as_ref().and_then(|application| application.exit), Some(Exit::Spinning));
}

/// Applications that report a failed connection in their own way: by a status, by an exception that nobody catches, by a
/// panic of their own. None of that is a failure, in a run of everything about openings and framing and in one of a single case.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reports_failed_connections() {
    let binary = std::env::current_exe().expect("this binary");
    for reports_by in ["status", "exception", "panic"] {
        let script = format!(
            "RUST_BACKTRACE=0 {URL}=$0 {REPORTS_BY}={reports_by} exec {} --exact clients::death::application --nocapture",
            binary.display()
        );
        let words = ["sh", "-c", &script, "{url}"].map(str::to_owned).to_vec();
        for places in [
            &["opening/accept/", "closing/codes/defined", "closing/body/"][..],
            &["masking/direction/wrong-masking"],
        ] {
            let run = run(words.clone(), instances(places)).await;
            let bad = run.records.iter().filter(|record| {
                !matches!(
                    record.verdict.kind,
                    VerdictKind::Pass | VerdictKind::Info | VerdictKind::Inapplicable
                )
            });
            let bad: Vec<String> =
                bad.map(|record| format!("{}: {:?}", record.instance.id, record.verdict.failure)).collect();
            assert_eq!(bad, [""; 0], "{reports_by}");
            let odd = run.records.iter().any(|record| {
                let exit = record.application.as_ref().and_then(|application| application.exit);
                matches!(exit, Some(Exit::Status(1 | 101)))
            });
            assert!(odd, "{reports_by}: some connection failed");
        }
    }
}

/// Not a test of its own: the application that the test above launches.
#[test]
fn application() {
    let Ok(url) = std::env::var(URL) else { return };
    let failed = connection(url.trim_start_matches("ws://")).unwrap_or(true);
    if !failed {
        std::process::exit(0);
    }
    match std::env::var(REPORTS_BY).as_deref() {
        Ok("panic") => panic!("called `Result::unwrap()` on an `Err` value: the connection failed"),
        Ok("exception") => {
            eprintln!(
                "Traceback (most recent call last):\n  File \"client.py\", line 1\nConnectionError: failed"
            );
        }
        _ => eprintln!("the connection failed"),
    }
    std::process::exit(1);
}

/// Echoes until the end. True: the connection failed.
fn connection(address: &str) -> std::io::Result<bool> {
    let (authority, path) = address.split_once('/').unwrap_or((address, ""));
    let mut tcp = TcpStream::connect(authority)?;
    tcp.set_nodelay(true)?;
    let started = Instant::now();
    let mut config: Config = reference::config(Role::Client);
    config.host = authority.to_owned();
    config.target = format!("/{path}");
    let mut endpoint = EchoEndpoint::new(config);
    let (mut failed, mut ended) = (false, false);
    loop {
        while let Some(event) = endpoint.poll_event() {
            failed |= matches!(event, Event::Failed(_) | Event::OpeningFailed(_));
        }
        while let Some(transmit) = endpoint.poll_transmit(started.elapsed()) {
            match transmit {
                Transmit::Octets(octets) => tcp.write_all(&octets)?,
                Transmit::CloseTcp => tcp.shutdown(Shutdown::Write)?,
                Transmit::ResetTcp | Transmit::ClientHello(_) | Transmit::GiveUp | Transmit::Die(_) => {
                    return Ok(failed);
                }
            }
        }
        if ended || endpoint.is_ended() {
            return Ok(failed);
        }
        ended = read_once(&mut tcp, &mut endpoint, started)?;
    }
}
