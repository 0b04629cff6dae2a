//! How fast the fuzzer is in memory and over sockets, and how soon it finds each quirk.
//!
//! `cargo bench --bench fuzz -- speed` measures scripts a second on one core; `-- live [ws://host:port/]` holds scripts a second
//! against a server, without a URL the reference, beside bare openings and closings of it, as many at once; `-- lawful` plays against the reference and
//! all its lawful variants, and prints what is said against them; `-- find LIMIT SEEDS [QUIRK..]` counts the scripts until
//! each quirk is found, the median of so many seeds, with no case for a seed, and prints the table.

mod floor;

use floor::{bare_rounds, start_reference};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use wsgauntlet::fuzz::signature::signature;
use wsgauntlet::fuzz::{Campaign, Rng, generate, memory};
use wsgauntlet::runner::Target;
use wsgauntlet::runner::fuzz::{FuzzOptions, fuzz_server};
use wsgauntlet::runner::target::Trust;
use wsgauntlet_reference::{Config, Quirk, Variant};
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_suite::transcript::notation;
use wsgauntlet_wire::Role;

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match args.first().map(String::as_str) {
        Some("find") => find(&args[1..]),
        Some("live") => live(args.get(1).map(String::as_str)),
        Some("lawful") => lawful(args.get(1).and_then(|count| count.parse().ok()).unwrap_or(3000)),
        _ => {
            speed(Role::Server);
            speed(Role::Client);
        }
    }
}

fn speed(role: Role) {
    let config = memory::config(role);
    let mut play = PlayConfig::new("localhost");
    let began = Instant::now();
    let (mut scripts, mut sessions, mut generating) = (0, 0, Duration::ZERO);
    while began.elapsed() < Duration::from_secs(4) {
        let mut rng = Rng::numbered(1, sessions);
        let at = Instant::now();
        let session = Arc::new(generate::session(&mut rng, role));
        generating += at.elapsed();
        play.seed = sessions;
        scripts += memory::play(&session, &play, config.clone()).scripts.max(1);
        sessions += 1;
    }
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{role}: {:.0} scripts/s, {:.0} sessions/s, {:.2} of the time generating",
        scripts as f64 / seconds,
        sessions as f64 / seconds,
        generating.as_secs_f64() / seconds
    );
}

/// Sessions of one measurement, connections at once, and how often both are measured, in turn.
const LIVE_SESSIONS: u64 = 6000;
const LIVE_JOBS: usize = 64;
const LIVE_ROUNDS: usize = 5;

fn live(url: Option<&str>) {
    let (_reference, url) = match url {
        Some(url) => (None, url.to_owned()),
        None => {
            let (reference, url) = start_reference();
            (Some(reference), url)
        }
    };
    let trust = Trust::default();
    let target = Target::parse(&url, &trust).expect("a WebSocket URL");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let mut shares = Vec::new();
    for round in 0..LIVE_ROUNDS {
        let options = FuzzOptions {
            seed: round as u64,
            runs: Some(LIVE_SESSIONS),
            time: None,
            jobs: LIVE_JOBS,
            deadline: Duration::from_secs(1),
            name: "bench".to_owned(),
            today: String::new(),
            seeds: Vec::new(),
            benign: Vec::new(),
            stop: Arc::new(AtomicBool::new(false)),
        };
        let run = async { fuzz_server(target.clone(), None, options, &mut |_| {}).await };
        let report = runtime.block_on(run).expect("it opens");
        let (time, done) =
            runtime.block_on(bare_rounds(&target, report.progress.sessions as usize, LIVE_JOBS));
        let scripts = report.progress.scripts as f64 / report.progress.elapsed.as_secs_f64();
        let rounds = done as f64 / time.as_secs_f64();
        println!(
            "{scripts:>7.0} scripts/s in {} sessions, {} findings  {rounds:>7.0} bare rounds/s  share {:.2}",
            report.progress.sessions,
            report.findings.len(),
            scripts / rounds
        );
        shares.push(scripts / rounds);
    }
    shares.sort_unstable_by(f64::total_cmp);
    println!("{url}: share median {:.2}", shares[LIVE_ROUNDS / 2]);
}

fn lawful(sessions: u64) {
    for role in [Role::Server, Role::Client] {
        lawful_as(memory::config(role), "reference", sessions, true);
        for variant in Variant::all().filter(|variant| variant.info().roles.contains(role)) {
            let mut config = memory::config(role);
            config.variant = Some(variant);
            lawful_as(config, variant.info().name, sessions, false);
        }
    }
}

fn lawful_as(config: Config, name: &str, sessions: u64, strict: bool) {
    let role = config.role;
    let mut play = PlayConfig::new("localhost");
    let (mut said, mut scripts) = (std::collections::BTreeSet::new(), 0);
    for index in 0..sessions {
        let session = Arc::new(generate::session(&mut Rng::numbered(5, index), role));
        play.seed = index;
        let played = memory::play(&session, &play, config.clone());
        scripts += played.scripts;
        for complaint in played.complaints.iter().filter(|complaint| strict || !complaint.tolerated) {
            if said.insert(complaint.fingerprint()) && said.len() < 4 {
                println!("{role} {name} session {index}: {complaint:#?}");
                for line in notation::lines(&played.transcript) {
                    println!("    {}", line.chars().take(150).collect::<String>());
                }
            }
        }
    }
    println!("{role} {name}: {} complaints, {scripts} scripts", said.len());
}

/// What the search for one quirk came to.
struct Found {
    quirk: Quirk,
    role: Role,
    /// The scripts of each seed, `None` where the limit was reached, in order; and whether a MUST was broken.
    counts: Vec<Option<(usize, bool)>>,
}

impl Found {
    fn median(&self) -> Option<(usize, bool)> {
        self.counts[self.counts.len() / 2]
    }
}

fn find(args: &[String]) {
    let number = |at: usize, default| args.get(at).and_then(|arg| arg.parse().ok()).unwrap_or(default);
    let (limit, seeds) = (number(0, 20_000), number(1, 1));
    let named: Vec<&String> = args.iter().skip(2).collect();
    let mut work: Vec<(Quirk, Role)> = Vec::new();
    for role in [Role::Server, Role::Client] {
        let wanted = |quirk: &Quirk| {
            let info = quirk.info();
            info.roles.contains(role) && (named.is_empty() || named.iter().any(|name| *name == info.name))
        };
        work.extend(Quirk::all().filter(wanted).map(|quirk| (quirk, role)));
    }
    let next = std::sync::atomic::AtomicUsize::new(0);
    let found = std::sync::Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((quirk, role)) =
                    work.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                {
                    let mut counts: Vec<_> = Vec::new();
                    // A median needs no more than half of them to fail.
                    for seed in 0..seeds as u64 {
                        counts.push(search(*quirk, *role, seed + 1, limit));
                        let failed = counts.iter().filter(|count| count.is_none()).count();
                        if failed > seeds / 2 {
                            break;
                        }
                    }
                    counts.resize(seeds, None);
                    counts.sort_by_key(|count| count.map_or(usize::MAX, |(scripts, _)| scripts));
                    let one = Found { quirk: *quirk, role: *role, counts };
                    found.lock().expect("no worker panics").push(one);
                }
            });
        }
    });
    let mut found = found.into_inner().expect("no worker panics");
    found.sort_by_key(|one| (one.role, one.quirk.info().area, one.quirk.info().name));
    print!("{}", table(&found, limit, seeds));
}

/// The scripts until the first complaint.
fn search(quirk: Quirk, role: Role, seed: u64, limit: usize) -> Option<(usize, bool)> {
    let mut config = memory::config(role);
    config.quirks = quirk.into();
    let mut campaign = Campaign::new(seed, role, Vec::new());
    let mut play = PlayConfig::new("localhost");
    play.deadline = Duration::from_secs(1);
    let mut scripts = 0;
    while scripts < limit {
        let (index, session) = campaign.next_session();
        play.seed = seed.wrapping_mul(1 << 32).wrapping_add(index);
        let played = memory::play(&session, &play, config.clone());
        scripts += played.scripts.max(1);
        if !played.complaints.is_empty() {
            return Some((scripts, played.complaints.iter().any(|complaint| !complaint.tolerated)));
        }
        campaign.report(&session, signature(played.oracle.observations(), played.oracle.ending()));
    }
    None
}

fn table(found: &[Found], limit: usize, seeds: usize) -> String {
    use std::fmt::Write;
    let mut out = String::new();
    let missed = found.iter().filter(|one| one.median().is_none()).count();
    let _ = writeln!(
        out,
        "Scripts until each quirk of the reference is found: the median of {seeds} seeds, no case for a seed, {limit} at the most.\n\
         A finding breaks a MUST, but for those marked \"should\". {} of {} found.\n",
        found.len() - missed,
        found.len()
    );
    for one in found {
        let info = one.quirk.info();
        let count = match one.median() {
            Some((scripts, true)) => format!("{scripts:>8}"),
            Some((scripts, false)) => format!("{scripts:>8}  should"),
            None => "       -".to_owned(),
        };
        let _ = writeln!(out, "{:6} {:22} {:42} {count}", one.role.to_string(), info.area, info.name);
    }
    out
}
