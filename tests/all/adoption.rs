//! The gate as a user meets it: a project with a failing echo server adopts it in three commands,
//! goes red on one new defect, green when that is listed with a reason, and red when the entry is
//! stale. The server is this file's: the reference, whose frames are spoiled on their way, so that it
//! fails from the first day on. The new defect is one of the reference's quirks, switched on.

use crate::support::BIN;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use wsgauntlet_reference::{Config, EchoEndpoint, Quirk, Transmit};
use wsgauntlet_wire::Role;

/// The switch of the server's second defect.
type Switch = Arc<Mutex<Option<Quirk>>>;

fn turn(switch: &Switch, quirk: Option<&str>) {
    let quirk = quirk.map(|name| name.parse().expect("a quirk of this name"));
    *switch.lock().expect("nobody panics while holding it") = quirk;
}

fn serve(switch: Switch) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for tcp in listener.incoming().flatten() {
            let quirk = *switch.lock().expect("nobody panics while holding it");
            // What breaks a connection concerns its peer alone.
            std::thread::spawn(move || drop(connection(tcp, quirk)));
        }
    });
    port
}

fn connection(mut tcp: TcpStream, quirk: Option<Quirk>) -> std::io::Result<()> {
    tcp.set_nodelay(true)?;
    // A peer that says nothing more is done.
    tcp.set_read_timeout(Some(Duration::from_secs(20)))?;
    let started = Instant::now();
    let mut config = Config::new(Role::Server);
    if let Some(quirk) = quirk {
        quirk.install(&mut config);
    }
    let mut endpoint = EchoEndpoint::new(config);
    let mut spoiler = Spoiler::default();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let len = tcp.read(&mut buffer)?;
        endpoint.receive(started.elapsed(), &buffer[..len]);
        if len == 0 {
            endpoint.receive_eof(started.elapsed());
        }
        while endpoint.poll_event().is_some() {}
        while let Some(transmit) = endpoint.poll_transmit(started.elapsed()) {
            match transmit {
                Transmit::Octets(octets) => tcp.write_all(&spoiler.spoil(&octets))?,
                Transmit::CloseTcp => tcp.shutdown(Shutdown::Write)?,
                Transmit::ResetTcp | Transmit::ClientHello(_) | Transmit::GiveUp | Transmit::Die(_) => {
                    return Ok(());
                }
            }
        }
        if len == 0 {
            return Ok(());
        }
    }
}

/// The first defect, which is there from the beginning: lengths from 126 to 65535 are written in
/// eight octets, where RFC 6455 §5.2 has two.
#[derive(Default)]
struct Spoiler {
    opened: bool,
    pending: Vec<u8>,
}

impl Spoiler {
    fn spoil(&mut self, octets: &[u8]) -> Vec<u8> {
        self.pending.extend_from_slice(octets);
        let mut out = Vec::new();
        if !self.opened {
            let Some(end) = self.pending.windows(4).position(|window| window == b"\r\n\r\n") else {
                return out;
            };
            out.extend(self.pending.drain(..end + 4));
            self.opened = true;
        }
        loop {
            let (header_len, payload_len) = match self.pending.as_slice() {
                [_, 126, high, low, ..] => (4, usize::from(u16::from_be_bytes([*high, *low]))),
                [_, 127, ..] if self.pending.len() >= 10 => {
                    let len = self.pending[2..10].try_into().expect("eight octets");
                    (10, u64::from_be_bytes(len) as usize)
                }
                [_, len, ..] if *len < 126 => (2, usize::from(*len)),
                _ => return out,
            };
            if self.pending.len() < header_len + payload_len {
                return out;
            }
            let frame: Vec<u8> = self.pending.drain(..header_len + payload_len).collect();
            out.push(frame[0]);
            if header_len == 4 {
                out.push(127);
                out.extend((payload_len as u64).to_be_bytes());
            } else {
                out.extend(&frame[1..header_len]);
            }
            out.extend(&frame[header_len..]);
        }
    }
}

/// A project's folder.
struct Project {
    dir: PathBuf,
}

impl Project {
    fn in_folder(name: &str) -> Project {
        let dir = std::env::temp_dir().join(format!("wsgauntlet-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a folder");
        Project { dir }
    }

    fn run(&self, inside: &str, words: &[&str]) -> Output {
        Command::new(BIN).args(words).current_dir(self.dir.join(inside)).output().expect("the binary runs")
    }

    /// Runs a command, checks its exit status, and gives its stdout.
    #[track_caller]
    fn check(&self, words: &[&str], status: i32) -> String {
        let output = self.run("", words);
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(status), "{words:?}\n{stdout}\n{stderr}");
        stdout.into_owned()
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.dir.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        // The system's own clean-up finds what is left.
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// Whether a process is gone, or dead and not yet collected by init.
fn is_ended(pid: &str) -> bool {
    match std::fs::read_to_string(Path::new("/proc").join(pid).join("stat")) {
        Ok(stat) => stat.rsplit_once(") ").is_some_and(|(_, state)| state.starts_with(['Z', 'X'])),
        Err(_) => true,
    }
}

const GATE: &[&str] = &["run", "server", "--timeout-ms", "300", "--baseline", "known.toml"];

#[test]
fn a_failing_project_adopts_the_gate() {
    let switch = Switch::default();
    let url = format!("ws://127.0.0.1:{}/", serve(switch.clone()));
    let project = Project::in_folder("adoption");
    std::fs::create_dir_all(project.dir.join("deep/inside")).expect("a folder");

    // The server fails: without a baseline the gate is shut.
    project.check(&["run", "server", &url, "--timeout-ms", "300", "--format", "ndjson"], 1);

    // Three commands: a configuration, a baseline, and the gate that CI runs from now on.
    project.check(&["init", &url], 0);
    let update: Vec<&str> =
        GATE.iter().copied().chain(["--update-baseline", "--reason", "old, ticket 12"]).collect();
    project.check(&update, 0);
    let text = project.check(GATE, 0);
    assert!(text.contains("gate   open"), "{text}");
    let adopted = project.read("known.toml");
    assert!(adopted.contains("reason = \"old, ticket 12\""), "{adopted}");
    for file in ["report.json", "events.ndjson", "junit.xml", "index.html", "summary.md"] {
        assert!(project.dir.join("wsgauntlet-report").join(file).is_file(), "{file}");
    }
    // A green gate has no red test.
    assert!(!project.read("wsgauntlet-report/junit.xml").contains("<failure"));
    project.check(&["report", "wsgauntlet-report", "--format", "json,junit", "--out", "before"], 0);

    // One new defect: red.
    turn(&switch, Some("accept-version-other"));
    let text = project.check(GATE, 1);
    assert!(text.contains("\nnew  ") && text.contains("gate   shut, worse"), "{text}");
    assert!(project.read("wsgauntlet-report/junit.xml").contains("<failure"));
    project.check(&["diff", "before", "wsgauntlet-report", "--fail-on", "new"], 1);
    let failed = project.check(&["list", "--rerun", "failed", "wsgauntlet-report"], 0);
    assert!(failed.contains("version"), "{failed}");

    // Listed with a reason: green. The file says what reports say, so that it is written by hand.
    let report: serde_json::Value =
        serde_json::from_str(&project.read("wsgauntlet-report/report.json")).expect("JSON");
    let mut listed = adopted.clone();
    for instance in report["instances"].as_array().expect("instances") {
        if instance["verdict"] == "fail" && instance["accepted"].is_null() {
            listed.push_str(&format!(
                "\n# until the new parser\n[[deviation]]\ninstance = {}\nverdict = \"fail\"\nfingerprint = {}\nreason = \"clients of 2012\"\n",
                instance["id"], instance["failure"]["fingerprint"]
            ));
        }
    }
    std::fs::write(project.dir.join("known.toml"), &listed).expect("a file");
    project.check(GATE, 0);

    // The defect is gone: the entry is stale, and an update takes it out, nothing else.
    turn(&switch, None);
    let text = project.check(GATE, 5);
    assert!(text.contains("\npasses  ") && text.contains("gate   shut, the baseline is stale"), "{text}");
    project.check(&update, 0);
    assert_eq!(project.read("known.toml").trim_end(), adopted.trim_end());

    // A part of the suite cannot rewrite it, and an entry outside the part is not stale.
    let filtered: Vec<&str> = update.iter().copied().chain(["--area", "opening"]).collect();
    project.check(&filtered, 2);
    let part: Vec<&str> = GATE.iter().copied().chain(["--area", "opening"]).collect();
    project.check(&part, 0);

    // The shards of a run make the run.
    for part in ["hash:1/2", "hash:2/2"] {
        let out = format!("shard-{}", &part[5..6]);
        project.check(
            &[
                "run",
                "server",
                "--timeout-ms",
                "300",
                "--partition",
                part,
                "--out",
                &out,
                "--format",
                "ndjson",
            ],
            1,
        );
    }
    let merged = project
        .check(&["report", "merge", "shard-1", "shard-2", "--out", "whole", "--baseline", "known.toml"], 0);
    assert!(merged.contains("gate   open"), "{merged}");

    // The configuration is found from below, and its reports are written where it says.
    let below = project.run("deep/inside", &["run", "server", "--profile", "smoke"]);
    assert!(matches!(below.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&below.stderr));
    assert!(!project.dir.join("deep/inside/wsgauntlet-report/report.json").exists());
}

/// A configuration says it all: its own profile is the whole suite here, its baseline is updated
/// without being named, and a profile that is asked for is a part.
#[test]
fn a_configuration_is_enough() {
    let project = Project::in_folder("configured");
    let configure = |quirk: &str| {
        let bin = BIN;
        let text = format!(
            "profile = \"masks\"\n[targets.echo]\nbaseline = \"known.toml\"\n\
             launch = \"{bin} reference server --listen 127.0.0.1:{{port}} --quirk {quirk}\"\n\
             [profiles.masks]\narea = [\"masking\"]\n[profiles.opening]\narea = [\"opening\"]\n"
        );
        std::fs::write(project.dir.join("wsgauntlet.toml"), text).expect("a file");
    };
    configure("accept-unmasked-control");
    project.check(&["run", "server"], 2);
    project.check(&["run", "server", "--update-baseline"], 0);
    let adopted = project.read("known.toml");
    assert!(adopted.contains("[[deviation]]"), "{adopted}");
    project.check(&["run", "server"], 0);
    for part in [["--profile", "opening"], ["--profile", "masks"], ["--area", "masking"]] {
        project.check(&[&["run", "server", "--update-baseline"][..], &part].concat(), 2);
    }
    configure("accept-unmasked");
    project.check(&["run", "server"], 1);
    assert_eq!(project.read("known.toml"), adopted);
}

/// Autobahn's fuzzingserver.json, taken as it is, plays with a client that runs Autobahn's loop.
#[test]
fn an_autobahn_file_audits_clients() {
    let project = Project::in_folder("fuzzingserver");
    let fuzzing = r#"{"url": "ws://127.0.0.1:0", "outdir": "./clients", "cases": ["1.1.*"], "exclude-cases": ["1.1.2"], "exclude-agent-cases": {}}"#;
    std::fs::write(project.dir.join("fuzzingserver.json"), fuzzing).expect("a file");
    let mut fuzzer = Command::new(BIN)
        .args(["run", "--autobahn", "fuzzingserver.json"])
        .current_dir(&project.dir)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut said = BufReader::new(fuzzer.stderr.take().expect("it is piped"));
    let mut line = String::new();
    said.read_line(&mut line).expect("a line");
    let url = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line}")).to_owned();
    project.check(&["reference", "client", &url, "--agent", "mine"], 0);
    let mut rest = String::new();
    said.read_to_string(&mut rest).expect("text");
    assert_eq!(fuzzer.wait().expect("an end").code(), Some(0), "{rest}");
    let index: serde_json::Value = serde_json::from_str(&project.read("clients/index.json")).expect("JSON");
    assert_eq!(index["mine"]["1.1.1"]["behavior"], "OK", "{index}");
    assert!(index["mine"]["1.1.2"].is_null(), "{index}");
}

/// Autobahn's fuzzingclient.json plays the cases of Autobahn that it selects, without those that it excludes for the agent, counts
/// them in Autobahn's words and offers the rest. Fails when `*` plays the whole library, or when a lenient case gives a status.
#[test]
fn an_autobahn_file_plays_what_it_says() {
    let project = Project::in_folder("fuzzingclient");
    let mut server = Command::new(BIN)
        .args(["reference", "server", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut line = String::new();
    BufReader::new(server.stdout.take().expect("it is piped")).read_line(&mut line).expect("a line");
    let url =
        line.split_whitespace().find(|word| word.starts_with("ws://")).unwrap_or_else(|| panic!("{line}"));
    let fuzzing = format!(
        r#"{{"outdir": "servers", "servers": [{{"agent": "mine 1", "url": "{url}"}}], "cases": ["*"],
            "exclude-cases": ["9.*", "12.*", "13.*"], "exclude-agent-cases": {{"mine*": ["1.1.2"], "other": ["1.1.1"]}}}}"#
    );
    std::fs::write(project.dir.join("fuzzingclient.json"), fuzzing).expect("a file");
    let stdout = project.check(&["run", "--autobahn", "fuzzingclient.json"], 0);
    server.kill().and_then(|()| server.wait()).expect("it ends");
    let index: serde_json::Value = serde_json::from_str(&project.read("servers/index.json")).expect("JSON");
    let cases = index["mine 1"].as_object().expect("an agent");
    let is_counted = |outcome: &str| {
        let count = cases.values().filter(|case| case["behavior"] == outcome).count();
        count == 0 || stdout.contains(&format!("{count} {outcome}"))
    };
    assert!(is_counted("OK") && is_counted("NON-STRICT") && is_counted("INFORMATIONAL"), "{stdout}");
    assert!(
        stdout.contains("\nAutobahn: ") && stdout.contains("--autobahn fuzzingclient.json --more"),
        "{stdout}"
    );
    assert!(cases.contains_key("1.1.1") && !cases.contains_key("1.1.2") && !cases.contains_key("9.1.1"));
    let report: serde_json::Value =
        serde_json::from_str(&project.read("servers/mine-1/report.json")).expect("JSON");
    let instances = report["instances"].as_array().expect("instances");
    assert!(
        instances.iter().all(|instance| instance["aliases"].as_array().is_some_and(|ids| !ids.is_empty()))
    );
}

/// What is wrong is told with its place, before anything is played.
#[test]
fn mistakes_are_told() {
    let project = Project::in_folder("mistakes");
    std::fs::write(
        project.dir.join("known.toml"),
        "[[deviation]]\npattern = \"a\"\nverdict = \"error\"\nreason = \"x\"\n",
    )
    .expect("a file");
    std::fs::write(
        project.dir.join("wsgauntlet.toml"),
        "[targets.x]\nurl = \"ws://127.0.0.1:1\"\nprofil = \"smoke\"\n",
    )
    .expect("a file");
    for (words, status, said) in [
        (&["run", "server", "x"][..], 2, "wsgauntlet.toml:3:10: unknown field `profil`, expected one of"),
        (
            &["run", "server", "--no-config", "--baseline", "known.toml"],
            2,
            "known.toml:3:11: `error` says nothing",
        ),
        (
            &["run", "server", "--no-config", "--baseline", "none.toml"],
            2,
            "cannot read the baseline none.toml: No such file or directory (os error 2); --update-baseline writes it",
        ),
        (&["run", "server", "--no-config", "x"], 2, "\"x\" is not a URL"),
        (&["run", "server", "--no-config", "--update-baseline"], 2, "--baseline"),
        (&["run", "server", "--no-config", "--profile", "fast"], 2, "there is no profile \"fast\""),
        (&["run", "server", "--no-config", "--partition", "slice:5/4"], 2, "a shard is slice:PART/COUNT"),
        (&["run", "server", "--no-config", "--launch", "exit 3"], 6, "ended before it listened"),
        (&["report", "none"], 2, "cannot read the run none"),
        (&["migrate", "known.toml"], 2, "cannot read known.toml"),
    ] {
        let output = project.run("", words);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{words:?}: {stderr}");
        assert!(stderr.contains(said), "{words:?}: {stderr}");
    }
}

/// A launched target whose memory a bomb blows up is told of, with the bomb. The reference takes messages of 16 MiB, and
/// keeps more than one copy.
#[test]
fn a_bomb_that_takes_memory_fails() {
    let project = Project::in_folder("memory");
    let command = format!("{} reference server --listen 127.0.0.1:{{port}}", BIN);
    let bomb = "deflate/limits/bomb[len=16777225*";
    let words =
        ["run", "server", "--launch", &command, "--profile", "intrusive", "--case", bomb, "--memory-max"];
    project.check(&[&words[..], &["1024"]].concat(), 0);
    let stdout = project.check(&[&words[..], &["36"]].concat(), 1);
    assert!(stdout.contains("expected  at most 36 MiB of resident memory"), "{stdout}");
    assert!(stdout.contains("the memory of the target grew beyond its bound, to "), "{stdout}");
}

/// A target that is launched is waited for, audited, and ended with what it started.
#[test]
fn a_target_is_launched_and_ended() {
    let project = Project::in_folder("launch");
    let command = format!("{} reference server --listen 127.0.0.1:{{port}} & echo $! > pid; wait", BIN);
    let words = [
        "run", "server", "--launch", &command, "--area", "masking", "--out", "out", "--repeat", "2",
        "--name", "echo",
    ];
    project.check(&words, 0);
    let report: serde_json::Value = serde_json::from_str(&project.read("out/report.json")).expect("JSON");
    assert_eq!(report["target"]["name"], "echo");
    assert_eq!(report["instances"][0]["plays"], 2);
    let pid = project.read("pid");
    assert!(is_ended(pid.trim()), "process {pid} is still there");
    // Autobahn's file, taken as it is.
    let fuzzing = r#"{"outdir": "servers", "servers": [{"agent": "gone", "url": "ws://127.0.0.1:1/"}], "cases": ["*"]}"#;
    std::fs::write(project.dir.join("fuzzingclient.json"), fuzzing).expect("a file");
    project.check(&["run", "--autobahn", "fuzzingclient.json"], 6);
    // What was asked for is written though the target is down.
    project.check(&["run", "server", "ws://127.0.0.1:1/", "--area", "masking", "--out", "gone"], 6);
    let report: serde_json::Value = serde_json::from_str(&project.read("gone/report.json")).expect("JSON");
    assert_eq!(report["summary"]["blocked"], report["suite"]["instances"]);
    assert!(report["interrupted"].as_str().is_some_and(|why| why.contains("refused")), "{report}");
    assert!(project.dir.join("servers/index.json").is_file());
}
