//! The command line as a newcomer meets it: what is printed can be typed, what is killed leaves nothing behind and can be
//! read, and a mistake is answered with the next step.

use crate::support::BIN;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// What hangs here hangs for ever: no verdict rests on this bound.
const PATIENCE: Duration = Duration::from_secs(120);

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let dir = std::env::temp_dir().join(format!("wsgauntlet-cli-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a folder");
        Folder(dir)
    }

    fn command(&self, program: &str) -> Command {
        let bin = Path::new(BIN).parent().expect("a folder").display().to_string();
        let path = format!("{bin}:{}", std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new(program);
        command.current_dir(&self.0).env("PATH", path).stdin(Stdio::null());
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(BIN).args(words).output().expect("the binary runs")
    }

    /// A line, as a person copies it into a shell.
    fn shell(&self, line: &str) -> Output {
        self.command("/bin/sh").args(["-c", line]).output().expect("a shell")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The system's own clean-up finds what is left.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A process that ends with the test.
struct Background(Child);

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The reference, live, with its address.
fn reference(folder: &Folder, quirk: &[&str]) -> (Background, String) {
    let mut child = folder
        .command(BIN)
        .args(["reference", "server", "--listen", "127.0.0.1:0"])
        .args(quirk)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let (sender, lines) = channel();
    let streams: [Box<dyn Read + Send>; 2] = [
        Box::new(child.stdout.take().expect("it is piped")),
        Box::new(child.stderr.take().expect("it is piped")),
    ];
    for stream in streams {
        let sender = sender.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
    }
    let line = lines.recv_timeout(PATIENCE).expect("it says where it listens");
    let address = line.split("ws://").nth(1).unwrap_or_else(|| panic!("{line}"));
    let address = address.split([' ', '/']).next().unwrap_or_default().to_owned();
    (Background(child), address)
}

const CASE: &str = "masking/direction/wrong-masking-of-pong";

/// The first replay command that a report prints.
fn printed(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.strip_prefix("      replay    "));
    line.unwrap_or_else(|| panic!("{text}\n{}", String::from_utf8_lossy(&output.stderr))).to_owned()
}

/// The command that a run printed, typed into a shell, shows the failure.
#[track_caller]
fn replays(folder: &Folder, run: &[&str], wanted: &str) {
    let line = printed(&folder.run(run));
    assert!(line.contains(wanted), "{line}");
    let output = folder.shell(&line);
    let text = String::from_utf8_lossy(&output.stdout);
    let said = format!("{line}\n{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(text.contains("verdict   fail"), "{said}");
}

/// After `--launch` the port is gone: the command launches the server again.
#[test]
fn a_launched_server_is_replayed() {
    let folder = Folder::new("launched");
    let launch =
        format!("'{BIN}' reference server --listen 127.0.0.1:{{port}} --quirk accept-unmasked-control");
    replays(&folder, &["run", "server", "--launch", &launch, "--case", CASE], "--launch");
}

#[test]
fn a_server_at_a_url_is_replayed() {
    let folder = Folder::new("url");
    let (_server, address) = reference(&folder, &["--quirk", "accept-unmasked-control"]);
    let url = format!("ws://{address}/?a=1&b=it's");
    replays(&folder, &["run", "server", &url, "--header", "X-Name: a b", "--case", CASE], "--header");
}

#[test]
fn a_target_of_the_configuration_is_replayed() {
    let folder = Folder::new("target");
    let launch =
        format!("{BIN} reference server --listen 127.0.0.1:{{port}} --quirk accept-unmasked-control");
    let text = format!("[targets.mine]\nlaunch = {launch:?}\n");
    std::fs::write(folder.0.join("wsgauntlet.toml"), text).expect("a file");
    replays(&folder, &["run", "server", "--case", CASE], " mine");
}

#[test]
fn a_launched_client_is_replayed() {
    let folder = Folder::new("client");
    let client = ["--", BIN, "reference", "client", "--once", "{url}", "--quirk", "accept-masked-control"];
    replays(&folder, &[&["run", "client", "--case", CASE][..], &client].concat(), " -- ");
}

/// A server that serves `whole` connections as the reference does, and leaves every later one without an answer. The
/// channel tells of the first of these.
fn stalling(reference: String, whole: usize) -> (u16, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (sender, stalled) = channel();
    std::thread::spawn(move || {
        let mut silent = Vec::new();
        for (index, tcp) in listener.incoming().flatten().enumerate() {
            if index >= whole {
                silent.push(tcp);
                let _ = sender.send(());
                continue;
            }
            let Ok(other) = TcpStream::connect(&reference) else { continue };
            for (mut from, mut to) in [(tcp.try_clone(), other.try_clone()), (Ok(other), Ok(tcp))]
                .into_iter()
                .filter_map(|(from, to)| Some((from.ok()?, to.ok()?)))
            {
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(std::net::Shutdown::Write);
                });
            }
        }
    });
    (port, stalled)
}

/// A run that is under way and waits, beside a launched process that holds the writing end of `alive`.
fn stalled_run(folder: &Folder, timeout_ms: &str) -> (Background, Background, File) {
    let (server, address) = reference(folder, &[]);
    let (port, stalled) = stalling(address, 60);
    let fifo = folder.0.join("alive");
    let made = folder.command("mkfifo").arg(&fifo).status().expect("mkfifo");
    assert!(made.success());
    let run = folder
        .command(BIN)
        .args(["run", "server", &format!("ws://127.0.0.1:{port}/"), "--jobs", "1"])
        .args(["--launch", "exec 9>alive; sleep 1000 & wait", "--out", "out", "--timeout-ms", timeout_ms])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let run = Background(run);
    let alive = File::open(&fifo).expect("the launched shell opens it");
    stalled.recv_timeout(PATIENCE).expect("it plays until the server stalls");
    (run, server, alive)
}

/// Every holder of the other end has ended.
#[track_caller]
fn ends(mut alive: File) {
    let (sender, ended) = channel();
    std::thread::spawn(move || {
        let _ = alive.read_to_end(&mut Vec::new());
        let _ = sender.send(());
    });
    ended.recv_timeout(PATIENCE).expect("the launched shell, and what it started, ended");
}

/// SIGKILL runs no code of ours: the launched processes end all the same, and what was played is read.
#[test]
fn a_killed_run_leaves_no_process_and_can_be_read() {
    let folder = Folder::new("killed");
    std::fs::create_dir_all(folder.0.join("out")).expect("a folder");
    // An earlier run had been green.
    std::fs::write(folder.0.join("out/junit.xml"), "<testsuites/>").expect("a file");
    let (mut run, _server, alive) = stalled_run(&folder, "600000");
    run.0.kill().expect("it runs");
    run.0.wait().expect("it ended");
    ends(alive);
    assert!(!folder.0.join("out/junit.xml").exists(), "nobody takes the earlier run's report for this one's");
    let events = std::fs::read_to_string(folder.0.join("out/events.ndjson")).expect("events");
    let count = events.lines().count();
    assert!(count > 5, "{count}");
    // The last line may be cut off anywhere.
    let mut file = File::options().append(true).open(folder.0.join("out/events.ndjson")).expect("a file");
    file.write_all(b"{\"id\": \"mask").expect("a write");
    let output = folder.run(&["report", "out"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("the run is incomplete: the run did not end"), "{text}");
    assert!(text.contains(&format!("{count} of ")), "{text}");
    for words in [&["diff", "out", "out"][..], &["report", "out", "--format", "junit"]] {
        let output = folder.run(words);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
    // What is incomplete opens no gate.
    assert_ne!(folder.run(&["report", "out", "--strict"]).status.code(), Some(0));
}

/// Ctrl-C has a status of its own, and reports are written.
#[test]
fn an_interrupted_run_says_so() {
    let folder = Folder::new("interrupted");
    let (mut run, _server, alive) = stalled_run(&folder, "300");
    let pid = run.0.id().to_string();
    assert!(folder.command("kill").args(["-INT", &pid]).status().expect("kill").success());
    assert_eq!(run.0.wait().expect("it ends").code(), Some(130));
    ends(alive);
    let report = std::fs::read_to_string(folder.0.join("out/report.json")).expect("a report");
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["interrupted"], "stopped by a signal");
    assert_eq!(report["gate"]["status"], 130);
    assert!(folder.0.join("out/junit.xml").is_file());
}

/// A failure of silence says how long the answer was awaited.
#[test]
fn a_failure_says_how_long_was_waited() {
    let folder = Folder::new("waited");
    let (_server, address) = reference(&folder, &["--quirk", "lose-ping-split-by-segment"]);
    let url = format!("ws://{address}");
    let output = folder.run(&["run", "server", &url, "--case", "framing/cuts/ping", "--timeout-ms", "100"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("waited    no answer within 0."), "{text}");
    assert!(text.contains("timeout 0.1 s, then 0.3 s"), "{text}");
}

/// Each mistake is answered with the next step.
#[test]
fn mistakes_name_the_next_step() {
    let folder = Folder::new("mistakes");
    for (words, status, said) in [
        (&["run", "ws://h:1"][..], 2, "did you mean `wsgauntlet run server ws://h:1`?"),
        (&["ws://h:1"], 2, "did you mean `wsgauntlet run server ws://h:1`?"),
        (&["server", "ws://h:1"], 2, "did you mean `wsgauntlet run server ws://h:1`?"),
        (&["fuzz", "ws://h:1"], 2, "did you mean `wsgauntlet fuzz server ws://h:1`?"),
        (&["run", "server", "localhost:9001"], 2, "did you mean ws://localhost:9001?"),
        (&["run", "server", "http://localhost:9001"], 2, "did you mean ws://localhost:9001?"),
        (&["init", "localhost:9001"], 2, "did you mean ws://localhost:9001?"),
        (&["run", "server", "--case", "pinng"], 3, "did you mean ping or control/ping"),
        (&["list", "--case", "7.99.1"], 3, "did you mean 7.9.1"),
        (&["list", "--case", "zzzzzzzz"], 3, "`wsgauntlet list --role server` shows all"),
        (&["replay", "ws://h:1", "7.9.1"], 2, "did you mean"),
        (&["explain", "pinng"], 3, "control/ping"),
    ] {
        let output = folder.run(words);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{words:?}\n{stderr}");
        assert!(stderr.contains(said), "{words:?}\n{stderr}");
    }
    // A configuration excludes for both roles at once.
    let excluded = folder.run(&["list", "--exclude", "closing/handshake/client-stays"]);
    assert_eq!(excluded.status.code(), Some(0), "{}", String::from_utf8_lossy(&excluded.stderr));
    let explained = folder.run(&["explain", "ping", "--role", "client"]);
    let text = String::from_utf8_lossy(&explained.stdout);
    assert!(text.contains("@client") && !text.contains("@server"), "{text}");
}
