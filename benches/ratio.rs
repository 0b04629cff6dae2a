//! What a default run costs beside the floor: as many bare openings and closings of the same server, with as many connections
//! at once. For each server, in medians: the seconds of a run, those with all reports, the ratio of the latter to the floor, the
//! time of the reports, and the peak memory of the process that audits.
//!
//! `cargo bench --bench ratio -- [ws://host:port/ ..]`: without a URL the reference, in a process of its own, and those of `ws`
//! and `tungstenite` that `ci/targets/run install` has installed. Takes less than a minute on a quiet machine.

mod floor;

use floor::{bare_rounds, start_reference};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use wsgauntlet::report::registry::FORMATS;
use wsgauntlet::runner::Target;
use wsgauntlet::runner::target::Trust;

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often everything is measured, in turn.
const ROUNDS: usize = 5;

/// The real servers that are measured if they are installed.
const INSTALLED: [&str; 2] = ["ws", "tungstenite"];

/// What is measured in a round.
#[derive(Clone, Copy, Debug)]
struct Round {
    bare: Duration,
    /// A run that only prints.
    run: Duration,
    /// A run that writes the reports of `--out`.
    with_usual_reports: Duration,
    /// A run that writes each format.
    with_all_reports: Duration,
}

/// What `report.json` says of a run.
struct Summary {
    instances: usize,
    jobs: usize,
    deviating: usize,
}

impl Summary {
    fn read(dir: &Path) -> Summary {
        let text = std::fs::read_to_string(dir.join("report.json")).expect("the run wrote it");
        let report: Value = serde_json::from_str(&text).expect("JSON");
        let number = |value: &Value| value.as_u64().expect("a count") as usize;
        let counts = ["fail", "lenient", "flaky"].map(|kind| number(&report["summary"][kind]));
        Summary {
            instances: number(&report["suite"]["instances"]),
            jobs: number(&report["jobs"]),
            deviating: counts.iter().sum(),
        }
    }
}

/// A default run against `url`, and what else its command line says.
fn audit(url: &str, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsgauntlet"));
    command.args(["run", "server", url]).args(words).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn time(mut command: Command) -> Duration {
    let started = Instant::now();
    command.status().expect("the binary was built");
    started.elapsed()
}

/// The most memory that a process had, in KiB. It is looked at until it has ended, on a processor of its own.
fn peak_memory(mut command: Command) -> u64 {
    let mut child = command.spawn().expect("the binary was built");
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let peak = || {
        let text = std::fs::read_to_string(&status).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().trim_end_matches(" kB").parse().ok()
    };
    let mut most = 0;
    while let Some(peak) = peak() {
        most = most.max(peak);
        std::thread::yield_now();
    }
    child.wait().expect("it was started");
    most
}

fn median<T: PartialOrd + Copy>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable_by(|a, b| a.partial_cmp(b).expect("measured values have an order"));
    values[values.len() / 2]
}

/// Measures a server, and prints a line.
fn measure(name: &str, url: &str, runtime: &tokio::runtime::Runtime) {
    let target = Target::parse(url, &Trust::default()).expect("a WebSocket URL");
    let dir = std::env::temp_dir().join(format!("wsgauntlet-ratio-{}", std::process::id()));
    let out = dir.to_str().expect("a folder with a name in UTF-8");
    let usual = ["--out", out];
    let others = FORMATS.iter().filter(|format| !format.by_default);
    let all: Vec<&str> =
        usual.into_iter().chain(others.flat_map(|format| ["--report", format.name])).collect();
    let peak = peak_memory(audit(url, &all));
    let Summary { instances, jobs, deviating } = Summary::read(&dir);
    let rounds: Vec<Round> = (0..ROUNDS)
        .map(|_| {
            let (bare, done) = runtime.block_on(bare_rounds(&target, instances, jobs));
            assert_eq!(done, instances, "every bare round was completed");
            let run = time(audit(url, &[]));
            let with_usual_reports = time(audit(url, &usual));
            Round { bare, run, with_usual_reports, with_all_reports: time(audit(url, &all)) }
        })
        .collect();
    std::fs::remove_dir_all(&dir).expect("the run made it");
    let seconds = |of: fn(&Round) -> f64| median(rounds.iter().map(of));
    let ratio = seconds(|round| round.with_all_reports.as_secs_f64() / round.bare.as_secs_f64());
    let usual = seconds(|round| round.with_usual_reports.as_secs_f64() - round.run.as_secs_f64());
    let all = seconds(|round| round.with_all_reports.as_secs_f64() - round.run.as_secs_f64());
    println!(
        "{name:<14} {instances:>9} {deviating:>8} {:>8.2} {:>8.2} {ratio:>6.2} {:>9.2} {usual:>8.2} {all:>8.2} {:>8.1}",
        seconds(|round| round.bare.as_secs_f64()),
        seconds(|round| round.run.as_secs_f64()),
        seconds(|round| round.with_all_reports.as_secs_f64()),
        peak as f64 / 1024.0,
    );
}

/// Runs `ci/targets/run`, and returns what it printed if it succeeded.
fn targets(words: &[&str]) -> Option<String> {
    let output = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/ci/targets/run")).args(words).output();
    let output = output.ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}

/// Starts a server of `.targets`. `None`: it is not installed.
fn start_installed(name: &str) -> Option<String> {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join(".targets/env").join(name);
    let started = installed.is_dir().then(|| targets(&["start", name]))??;
    started.split_whitespace().find(|word| word.starts_with("ws://")).map(str::to_owned)
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    println!(
        "{:<14} {:>9} {:>8} {:>8} {:>8} {:>6} {:>9} {:>8} {:>8} {:>8}",
        "server",
        "instances",
        "deviate",
        "bare s",
        "run s",
        "ratio",
        "reports s",
        "usual +s",
        "all +s",
        "peak MiB"
    );
    let urls: Vec<String> = std::env::args().skip(1).filter(|argument| argument.starts_with("ws")).collect();
    for url in &urls {
        measure("", url, &runtime);
    }
    if urls.is_empty() {
        let (_reference, url) = start_reference();
        measure("reference", &url, &runtime);
        for name in INSTALLED {
            if let Some(url) = start_installed(name) {
                measure(name, &url, &runtime);
                targets(&["stop", name]);
            }
        }
    }
    println!(
        "ratio: a run that writes every report (reports s), beside as many bare openings and closings (bare s)."
    );
    println!("usual +s, all +s: what the reports of --out add to a run, and all of them.");
}
