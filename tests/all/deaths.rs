//! Servers that die of an input, live: the built reference with its quirks, launched by a run and not. The instance that brings
//! the death about fails, nobody else does, and what is not known is not judged.

use crate::support::BIN;
use crate::support::endpoint::read_once;
use crate::support::reference::{faulty, launched_server, play, verdict};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use wsgauntlet::embedded;
use wsgauntlet::runner::reference::{self};
use wsgauntlet_reference::{EchoEndpoint, Event, Transmit};
use wsgauntlet_suite::case::Profile;
use wsgauntlet_wire::Role;

const REQUIREMENT: &str = "rfc6455/10.1/server-distrusts-input";

/// A run of the binary: its exit status and its report.
fn run(args: &[&str]) -> (i32, Value) {
    let output = Command::new(BIN)
        .args(["run", "server", "--no-config", "--format", "json", "--budget", "10m"])
        .args(args)
        .output()
        .expect("the binary runs");
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("no report: {error}\n{}", String::from_utf8_lossy(&output.stderr));
    });
    (output.status.code().expect("it exits"), report)
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

/// What a run has to come to, as plays in memory tell it: the culprits, and the verdicts of all others without the quirk.
fn expected(report: &Value, quirk: &str) -> (BTreeSet<String>, BTreeMap<String, String>) {
    let selected = verdicts(report);
    let (mut culprits, mut others) = (BTreeSet::new(), BTreeMap::new());
    for instance in embedded::library().instances(Role::Server) {
        let id = instance.id.to_string();
        if instance.profile != Profile::Default || !selected.contains_key(&id) {
            continue;
        }
        if play(instance, faulty(Role::Server, &[quirk])).death().is_some() {
            culprits.insert(id);
        } else {
            let verdict = verdict(instance, faulty(Role::Server, &[]));
            others.insert(id, verdict.kind.to_string());
        }
    }
    (culprits, others)
}

/// A launched run at 32 connections at once: the culprits fail, for their death, and the others are what they are without it.
fn check_launched(quirk: &str, selection: &[&str]) -> (BTreeSet<String>, Value) {
    check_with_jobs("32", quirk, selection)
}

/// The same at so many connections at once.
fn check_with_jobs(jobs: &str, quirk: &str, selection: &[&str]) -> (BTreeSet<String>, Value) {
    let command = launched_server(quirk);
    let (status, report) = run(&[&["--launch", &command, "--jobs", jobs], selection].concat());
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
        assert_eq!(observed(&report, id), "the process is alive, but answers no connection");
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
    let command = launched_server("abort-on-short-close");
    let culprit = "closing/body/one-octet[octet=61]";
    let (status, report) = run(&["--launch", &command, "--case", culprit]);
    assert_eq!(status, 1);
    assert_eq!(verdicts(&report).into_values().collect::<Vec<_>>(), ["fail"]);
    assert_ne!(report["summary"]["grade"], "A", "{}", report["summary"]);
}

/// A process that dies a while after the connection that brings it about, which has passed by then: that one is found.
#[test]
fn who_brings_a_late_death_about_fails() {
    // One after another, so that what is played behind the culprits takes longer than the process lives.
    let selection = ["--case", "limits/declared/frame-then-ping", "--case", "opening/**"];
    let (culprits, report) = check_with_jobs("1", "abort-late-on-too-long-frame", &selection);
    for id in &culprits {
        assert_eq!(observed(&report, id), "the process was ended by signal 6 (SIGABRT)");
        let instance = instance(&report, id);
        assert_eq!(instance["application"]["exit"], "ended by signal 6");
    }
}

/// How this test binary is launched as a server of its own.
fn application_server(kind: &str) -> String {
    let binary = std::env::current_exe().expect("this binary");
    format!("PORT={{port}} {KIND}={kind} exec {} --exact deaths::application --nocapture", binary.display())
}

/// A process that dies of two plays, neither of which it dies of alone: the second one fails, and names the first.
#[test]
fn who_brings_a_death_about_together_fails() {
    let command = application_server("dies-of-two");
    let (status, report) =
        run(&["--launch", &command, "--case", "closing/codes/defined", "--case", "control/ping/*"]);
    let [first, second] = TOGETHER.map(|code| format!("closing/codes/defined[code={code}]"));
    let id_of = |begins: &str| {
        let verdicts = verdicts(&report);
        verdicts.into_keys().find(|id| id.starts_with(begins)).expect("it was selected")
    };
    let ids = [id_of(&first), id_of(&second)];
    let verdicts = verdicts(&report);
    let failed: Vec<&String> =
        verdicts.iter().filter(|(_, verdict)| *verdict == "fail").map(|(id, _)| id).collect();
    let [culprit] = failed[..] else { panic!("{failed:?}: {}", report["deaths"]) };
    assert!(ids.contains(culprit), "{culprit}");
    let other = ids.iter().find(|id| *id != culprit).expect("there are two");
    let observed = observed(&report, culprit);
    assert!(observed.contains("signal 6 (SIGABRT)"), "{observed}");
    assert!(observed.contains(&format!("if {other:?} was played before")), "{observed}");
    assert!(verdicts.values().all(|verdict| verdict != "blocked" && verdict != "flaky"), "{verdicts:?}");
    assert_eq!(status, 1);
    assert_eq!(report["deaths"].as_array().map(Vec::len), Some(0), "{}", report["deaths"]);
}

/// A server that is alive is not called dead, though its answer to a plain opening has one odd line by then.
#[test]
fn a_server_with_one_odd_field_is_alive() {
    let command = application_server("answers-oddly");
    let (_, report) = run(&["--launch", &command, "--case", "closing/codes/defined", "--jobs", "1"]);
    assert_eq!(report["deaths"].as_array().map(Vec::len), Some(0), "{}", report["deaths"]);
    assert!(report["crashes"].is_null(), "{}", report["crashes"]);
    let verdicts = verdicts(&report);
    assert!(verdicts.values().all(|verdict| verdict != "blocked"), "{verdicts:?}");
    assert!(verdicts.values().any(|verdict| verdict == "fail"), "{verdicts:?}");
}

/// Lines about exceptions that nobody caught, from a server that stays well, are no failure of anybody.
#[test]
fn a_server_that_logs_exceptions_is_well() {
    let command = application_server("logs-exceptions");
    let (status, report) =
        run(&["--launch", &command, "--case", "closing/codes/*", "--case", "framing/reserved-opcodes/*"]);
    let (_, others) = expected(&report, "abort-on-short-close");
    for (id, verdict) in &verdicts(&report) {
        assert!(verdict == "inapplicable" || others.get(id) == Some(verdict), "{id}: {verdict}");
    }
    assert_eq!(report["deaths"].as_array().map(Vec::len), Some(0), "{}", report["deaths"]);
    assert!(report["crashes"].is_null(), "{}", report["crashes"]);
    assert_eq!(status, 0);
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

/// What the server of this binary does.
const KIND: &str = "WSGAUNTLET_TEST_SERVER";

/// The codes of two Closes of which a process dies together.
const TOGETHER: [u16; 2] = [1001, 1008];

/// Which of the two Closes came.
static CAME: [AtomicBool; 2] = [AtomicBool::new(false), AtomicBool::new(false)];

/// Not a test of its own: the server that the tests above launch.
#[test]
fn application() {
    let Ok(kind) = std::env::var(KIND) else { return };
    let port: u16 = std::env::var("PORT").expect("a port").parse().expect("a number");
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("it is free");
    for tcp in listener.incoming() {
        let (tcp, kind) = (tcp.expect("a connection"), kind.clone());
        std::thread::spawn(move || {
            // A connection that a case breaks is as good as any other.
            let _ = serve(tcp, &kind);
            if kind == "logs-exceptions" {
                eprintln!(
                    "Traceback (most recent call last):\n  File \"server.py\", line 1\nConnectionError: gone"
                );
                eprintln!("Uncaught Error: read ECONNRESET");
            }
        });
    }
}

/// Echoes until the end.
fn serve(mut tcp: TcpStream, kind: &str) -> std::io::Result<()> {
    tcp.set_nodelay(true)?;
    let started = Instant::now();
    let mut endpoint = EchoEndpoint::new(reference::config(Role::Server));
    let mut ended = false;
    loop {
        while let Some(event) = endpoint.poll_event() {
            if let Event::Closing { code: Some(code), .. } = event {
                note(code.0, kind);
            }
        }
        while let Some(transmit) = endpoint.poll_transmit(started.elapsed()) {
            match transmit {
                Transmit::Octets(octets) => tcp.write_all(&with_odd_line(octets, kind))?,
                Transmit::CloseTcp => tcp.shutdown(Shutdown::Write)?,
                Transmit::ResetTcp | Transmit::ClientHello(_) | Transmit::GiveUp | Transmit::Die(_) => {
                    return Ok(());
                }
            }
        }
        if ended || endpoint.is_ended() {
            return Ok(());
        }
        ended = read_once(&mut tcp, &mut endpoint, started)?;
    }
}

/// The code of a Close came.
fn note(code: u16, kind: &str) {
    if let Some(place) = TOGETHER.iter().position(|known| *known == code) {
        CAME[place].store(true, Ordering::SeqCst);
    }
    if kind == "dies-of-two" && CAME.iter().all(|came| came.load(Ordering::SeqCst)) {
        std::process::abort();
    }
}

/// Responses with a line that is no field, once a Close with the first code came.
fn with_odd_line(octets: Vec<u8>, kind: &str) -> Vec<u8> {
    const STATUS_LINE: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\n";
    match octets.strip_prefix(STATUS_LINE) {
        Some(rest) if kind == "answers-oddly" && CAME[0].load(Ordering::SeqCst) => {
            [STATUS_LINE, b"Odd Field : x\r\n", rest].concat()
        }
        Some(_) | None => octets,
    }
}
