//! Servers that die of an input, live: the built reference with its quirks, launched by a run and not. The instance that brings
//! the death about fails, nobody else does, and what is not known is not judged.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use wsgauntlet::embedded;
use wsgauntlet::runner::reference::{self, Link};
use wsgauntlet_reference::{Config, Quirk};
use wsgauntlet_suite::case::{Instance, Profile};
use wsgauntlet_suite::oracle::judge;
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_suite::transcript::Transcript;
use wsgauntlet_wire::Role;

const BIN: &str = env!("CARGO_BIN_EXE_wsgauntlet");

const REQUIREMENT: &str = "rfc6455/10.1/server-distrusts-input";

/// A run of the binary: its exit status and its report.
fn run(args: &[&str]) -> (i32, Value) {
    let output = Command::new(BIN)
        .args(["run", "server", "--no-config", "--format", "json"])
        .args(args)
        .output()
        .expect("the binary runs");
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("no report: {error}\n{}", String::from_utf8_lossy(&output.stderr));
    });
    (output.status.code().expect("it exits"), report)
}

fn launched(quirk: &str) -> String {
    format!("{BIN} reference server --listen 127.0.0.1:{{port}} --quirk {quirk}")
}

/// The verdicts of a report, by instance.
fn verdicts(report: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let instances = report["instances"].as_array().expect("instances");
    instances.iter().map(|instance| (text(&instance["id"]), text(&instance["verdict"]))).collect()
}

fn instance<'r>(report: &'r Value, id: &str) -> &'r Value {
    let instances = report["instances"].as_array().expect("instances");
    instances.iter().find(|instance| instance["id"] == id).expect("it was selected")
}

fn in_memory(instance: &Instance, quirk: Option<Quirk>) -> Transcript {
    let mut config: Config = reference::config(Role::Server);
    if let Some(quirk) = quirk {
        quirk.install(&mut config);
    }
    reference::play(instance, &PlayConfig::new("localhost"), config, Link::Direct)
}

/// What a run has to come to, as plays in memory tell it: the culprits, and the verdicts of all others without the quirk.
fn expected(report: &Value, quirk: &str) -> (BTreeSet<String>, BTreeMap<String, String>) {
    let quirk: Quirk = quirk.parse().expect("a quirk");
    let selected = verdicts(report);
    let (mut culprits, mut others) = (BTreeSet::new(), BTreeMap::new());
    for instance in embedded::library().instances(Role::Server) {
        let id = instance.id.to_string();
        if instance.profile != Profile::Default || !selected.contains_key(&id) {
            continue;
        }
        if in_memory(instance, Some(quirk)).death().is_some() {
            culprits.insert(id);
        } else {
            let verdict = judge(instance, &in_memory(instance, None), embedded::catalogue());
            others.insert(id, verdict.kind.to_string());
        }
    }
    (culprits, others)
}

/// A launched run at 32 connections at once: the culprits fail, for their death, and the others are what they are without it.
fn check_launched(quirk: &str, selection: &[&str]) -> (BTreeSet<String>, Value) {
    let command = launched(quirk);
    let (status, report) = run(&[&["--launch", &command, "--jobs", "32"], selection].concat());
    let (culprits, others) = expected(&report, quirk);
    assert!(!culprits.is_empty() && !others.is_empty(), "{culprits:?}");
    for (id, verdict) in &verdicts(&report) {
        if culprits.contains(id) {
            let instance = instance(&report, id);
            assert_eq!(
                (verdict.as_str(), &instance["failure"]["requirement"]),
                ("fail", &REQUIREMENT.into()),
                "{id}"
            );
        } else if let Some(other) = others.get(id)
            // What needs TLS, or other parameters, is not played here.
            && verdict != "inapplicable"
        {
            assert_eq!(verdict, other, "{id}");
        }
    }
    assert_eq!(status, 1, "all is decided: a run with failures");
    assert_eq!(report["deaths"].as_array().map(Vec::len), Some(0), "{}", report["deaths"]);
    assert_eq!(report["crashes"].as_array().map(Vec::len), Some(culprits.len()), "{}", report["crashes"]);
    (culprits, report)
}

fn observed<'r>(report: &'r Value, id: &str) -> &'r str {
    instance(report, id)["failure"]["observed"].as_str().expect("what was observed")
}

/// A process that aborts: the signal is named.
#[test]
fn who_aborts_the_process_fails() {
    let (culprits, report) = check_launched("abort-on-short-close", &["--area", "closing"]);
    for id in &culprits {
        assert_eq!(observed(&report, id), "the process was ended by signal 6 (SIGABRT)");
        assert_eq!(instance(&report, id)["application"]["exit"], "ended by signal 6");
    }
}

/// A task that panics in a process that goes on: stderr is what tells of it, and is kept.
#[test]
fn who_makes_a_task_panic_fails() {
    let (culprits, report) = check_launched(
        "panic-on-bad-subprotocols",
        &["--case", "opening/subprotocol/*", "--case", "opening/key/*"],
    );
    for id in &culprits {
        assert!(observed(&report, id).contains("panicked at"), "{}", observed(&report, id));
        let stderr = instance(&report, id)["application"]["stderr"].as_str().expect("stderr");
        assert!(stderr.contains("panicked at"), "{stderr}");
    }
}

/// A process that hangs still accepts by its backlog; a plain opening that meets silence tells.
#[test]
fn who_hangs_the_process_fails() {
    let selection = ["--case", "control/pong/ignored", "--case", "control/ping/*", "--timeout-ms", "500"];
    let (culprits, report) = check_launched("hang-on-empty-pong", &selection);
    for id in &culprits {
        assert_eq!(observed(&report, id), "the process lives, and answers nobody any more");
    }
}

/// A thread that spins, beside a server that goes on serving.
#[test]
fn who_makes_a_thread_spin_fails() {
    let culprit = "fragmentation/fragmented-control-frames/empty[frame=ping]";
    let selection = ["--case", culprit, "--case", "fragmentation/control-frames/*"];
    let (culprits, report) = check_launched("spin-on-fragmented-control", &selection);
    for id in &culprits {
        assert!(observed(&report, id).contains("keeps a processor busy"), "{}", observed(&report, id));
    }
}

/// One deadly instance alone is a failure as well, and no grade A.
#[test]
fn a_run_of_the_culprit_alone_fails() {
    let command = launched("abort-on-short-close");
    let culprit = "closing/body/one-octet[octet=61]";
    let (status, report) = run(&["--launch", &command, "--case", culprit]);
    assert_eq!(status, 1);
    assert_eq!(verdicts(&report).into_values().collect::<Vec<_>>(), ["fail"]);
    assert_ne!(report["summary"]["grade"], "A", "{}", report["summary"]);
}

/// A target that was not launched stays dead: what was seen before stands, and nothing of the time behind is a verdict.
#[test]
fn a_target_that_was_not_launched_dies() {
    let mut server = Server::start("abort-on-short-close");
    let url = format!("ws://{}/", server.address);
    let (status, report) = run(&[&url, "--area", "closing", "--area", "control", "--jobs", "8"]);
    let (culprits, others) = expected(&report, "abort-on-short-close");
    let verdicts = verdicts(&report);
    for (id, verdict) in &verdicts {
        if verdict != "blocked" && verdict != "inapplicable" {
            assert!(!culprits.contains(id), "{id}: {verdict}");
            assert_eq!(others.get(id), Some(verdict), "{id}");
        }
    }
    assert!(verdicts.values().any(|verdict| verdict == "pass"));
    assert!(culprits.iter().all(|id| verdicts[id] == "blocked"));
    assert_eq!(status, 6);
    assert_eq!(report["deaths"].as_array().map(Vec::len), Some(1), "{}", report["deaths"]);
    assert!(!server.process.wait().expect("it ends").success());
}

/// The reference as somebody else starts it.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(quirk: &str) -> Server {
        let mut process = Command::new(BIN)
            .args(["reference", "server", "--listen", "127.0.0.1:0", "--quirk", quirk])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("it says where it listens");
        let address = line.trim().rsplit("//").next().unwrap_or_default().to_owned();
        Server { process, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
