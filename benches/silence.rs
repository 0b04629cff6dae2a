//! How long a run takes against servers that are slow on purpose, and whether speed changes a verdict: every quirk of the
//! reference server, launched, with the default profile. Prints a line for each: the time, the plays, and the instances whose
//! verdict is not what a play of the same quirk in memory gives.
//!
//! `cargo bench --bench silence -- [QUIRK ..] [--write]`: without a name all of them, which takes some ten minutes.
//! `--write` also writes the times into `reports/silence-servers.txt`, the longest first.
//!
//! Some differences are not of the run's making, and are listed with what they depend on: a quirk that shows beneath the
//! octets of a connection (several TCP segments in one read), or only after real time has passed.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use wsgauntlet::embedded;
use wsgauntlet::runner::crash_signs::CrashSigns;
use wsgauntlet::runner::death::{Process, Spec};
use wsgauntlet::runner::reference::{self, Link};
use wsgauntlet::runner::target::Trust;
use wsgauntlet::runner::{RunOptions, Target, launch, run_server};
use wsgauntlet_reference::Quirk;
use wsgauntlet_suite::case::{Instance, Profile};
use wsgauntlet_suite::oracle::{self, Record, Run, VerdictKind};
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_wire::Role;

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What a run against a server with one quirk may take on a quiet machine.
const RUN_MAX: Duration = Duration::from_secs(5);

/// The time that a run takes at most by default. What it did not suffice for is undecided.
const BUDGET: Duration = Duration::from_secs(60);

/// Where `--write` writes the times.
const REPORT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/reports/silence-servers.txt");

/// How many differences of one quirk are named.
const NAMED_MAX: usize = 3;

fn instances() -> Vec<Arc<Instance>> {
    let instances = embedded::library().instances(Role::Server);
    instances
        .filter(|instance| instance.profile == Profile::Default)
        .map(|instance| Arc::new(instance.clone()))
        .collect()
}

/// A run against the launched reference with a quirk. The text says why there was none.
async fn run(quirk: &str, instances: &[Arc<Instance>]) -> Result<Run, String> {
    let port = launch::free_port().await.map_err(|error| error.to_string())?;
    let url = format!("ws://127.0.0.1:{port}/");
    let target = Target::parse(&url, &Trust::default()).map_err(|error| error.to_string())?;
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_wsgauntlet"));
    let command =
        format!("{} reference server --listen 127.0.0.1:{{port}} --quirk {quirk}", binary.display());
    let ready_within = Duration::from_secs(30);
    let spec = Spec { command, ready_within, moves: true, signs: CrashSigns::default() };
    let process = Process::start(spec, target.clone()).await.map_err(|error| error.to_string())?;
    let process = Arc::new(Mutex::new(process));
    let options = RunOptions {
        deadline: Duration::from_secs(1),
        budget: Some(BUDGET),
        jobs: None,
        seed: 1,
        name: quirk.to_owned(),
        memory: None,
        process: Some(process.clone()),
        stop: Arc::new(AtomicBool::new(false)),
        assumed: wsgauntlet::runner::Assumed::default(),
    };
    let run = run_server(target, instances.to_vec(), options, &mut |_| {}).await;
    process.lock().await.end().await;
    run.map_err(|error| error.to_string())
}

/// The verdict of the same instance in memory, by what the probe found out in the run.
fn in_memory(record: &Record, quirk: Quirk, run: &Run) -> VerdictKind {
    let mut config = reference::config(Role::Server);
    quirk.install(&mut config);
    let mut play = PlayConfig::new("localhost");
    play.capabilities = run.target.capabilities;
    let transcript = reference::play(&record.instance, &play, config, Link::Direct);
    oracle::judge(&record.instance, &transcript, embedded::catalogue()).kind
}

/// The instances that were played and got another verdict than in memory.
fn differing(run: &Run, quirk: Quirk) -> Vec<String> {
    let played = run.records.iter().filter(|record| record.plays > 0);
    let compared = played.filter_map(|record| {
        let expected = in_memory(record, quirk, run);
        let got = record.verdict.kind;
        (got != expected).then(|| format!("{}: {got}, in memory {expected}", record.instance.id))
    });
    compared.collect()
}

/// What a run against one quirk took.
struct Timed {
    quirk: &'static str,
    time: Duration,
    /// The instances that the budget did not suffice for.
    undecided: usize,
}

/// The load average of the machine: what else it did meanwhile.
fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// Plays against one quirk, and prints a line.
fn measure(runtime: &tokio::runtime::Runtime, quirk: Quirk, instances: &[Arc<Instance>]) -> Timed {
    let name = quirk.info().name;
    let started = Instant::now();
    let run = runtime.block_on(run(name, instances));
    let time = started.elapsed();
    let mut undecided = 0;
    match run {
        Ok(run) => {
            let plays: u32 = run.records.iter().map(|record| record.plays).sum();
            let differing = differing(&run, quirk);
            println!("{name:<44} {:>7.2} {plays:>6} {:>6}", time.as_secs_f64(), differing.len());
            differing.iter().take(NAMED_MAX).for_each(|line| println!("    {line}"));
            undecided = run.count(VerdictKind::Blocked);
        }
        Err(why) => println!("{name:<44} {:>7.2}  {why}", time.as_secs_f64()),
    }
    Timed { quirk: name, time, undecided }
}

/// The median, the longest run, and the runs that took too long. The longest come first in `timed`.
fn summary(timed: &[Timed]) -> String {
    let seconds = |timed: &Timed| timed.time.as_secs_f64();
    let (median, longest) = (&timed[timed.len() / 2], &timed[0]);
    let slow = timed.iter().filter(|timed| timed.time > RUN_MAX).count();
    format!(
        "{} quirks: median {:.2} s, longest {:.2} s ({}), {slow} above {} s\n",
        timed.len(),
        seconds(median),
        seconds(longest),
        longest.quirk,
        RUN_MAX.as_secs()
    )
}

/// `reports/silence-servers.txt`.
fn report(timed: &[Timed], loads: [String; 2]) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let [before, after] = loads;
    let mut text = format!(
        "Seconds of a default run against the launched reference server with one quirk, the longest first.\n\
         Made by `cargo bench --bench silence -- --write` on {cores} cores; load average {before} before, {after} after.\n\
         {}\n",
        summary(timed)
    );
    for Timed { quirk, time, undecided } in timed {
        let undecided = match undecided {
            0 => String::new(),
            count => format!("  {count} blocked"),
        };
        text.push_str(&format!("{quirk:<44} {:>7.2}{undecided}\n", time.as_secs_f64()));
    }
    text
}

fn main() {
    let (options, named): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|word| word.starts_with('-'));
    let quirks = Quirk::all()
        .filter(|quirk| quirk.info().roles.contains(Role::Server))
        .filter(|quirk| named.is_empty() || named.iter().any(|name| name == quirk.info().name));
    let instances = instances();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let before = load();
    println!("{:<44} {:>7} {:>6} {:>6}", "quirk", "seconds", "plays", "differ");
    let mut timed: Vec<Timed> = quirks.map(|quirk| measure(&runtime, quirk, &instances)).collect();
    if timed.is_empty() {
        return println!("no such quirk");
    }
    timed.sort_by_key(|timed| std::cmp::Reverse(timed.time));
    print!("{}", summary(&timed));
    for Timed { quirk, time, .. } in timed.iter().take_while(|timed| timed.time > RUN_MAX) {
        println!("    {quirk:<40} {:>7.2}", time.as_secs_f64());
    }
    if options.iter().any(|option| option == "--write") {
        std::fs::write(REPORT, report(&timed, [before, load()])).expect("the folder of reports is there");
    }
}
