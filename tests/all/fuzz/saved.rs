//! Each quirk that the fuzzer finds, and the case that is saved of it.
//!
//! `cargo test --test fuzz saved` takes those that are found soon; with `SAVED=all` in the environment, it takes all that
//! `reports/fuzz-time-to-find.txt` has as found, which takes minutes, and with `SAVED=NAME,NAME` these.

use super::found::{find, verdict};
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use wsgauntlet::fuzz::{Finding, memory};
use wsgauntlet_reference::{Config, Quirk};
use wsgauntlet_suite::oracle::VerdictKind;
use wsgauntlet_wire::Role;

/// Scripts until each quirk is found, as `cargo bench --bench fuzz -- find` wrote it.
const TIMES: &str = include_str!("../../../reports/fuzz-time-to-find.txt");

/// Quirks that take more scripts than that are left to `SAVED=all`.
const SOON: usize = 1000;

/// What no case can say of the first finding. A run says that it is not kept.
const NOT_SAID: &[(Role, &str)] = &[];

/// A quirk in a role.
struct Row {
    role: Role,
    name: &'static str,
    /// How many scripts may be tried: several times as many as it took.
    scripts_max: usize,
}

/// The quirks that are found, and that the environment asks for.
fn rows() -> Vec<Row> {
    let asked = std::env::var("SAVED").unwrap_or_default();
    let words = TIMES.lines().skip(3).map(|line| line.split_whitespace().collect::<Vec<_>>());
    let found = words.filter_map(|words| {
        let (role, name, scripts) = (words.first()?, words.get(2)?, words.get(3)?.parse::<usize>().ok()?);
        let role = if *role == "server" { Role::Server } else { Role::Client };
        let wanted = match asked.as_str() {
            "" => scripts <= SOON,
            "all" => true,
            names => names.split(',').any(|asked| asked == *name),
        };
        wanted.then_some(Row { role, name, scripts_max: scripts * 5 + 500 })
    });
    found.collect()
}

/// What is wrong with the cases of a finding; nothing, where one fails on the endpoint in which it was found. Where a SHOULD is
/// broken only, it is lenient there.
fn fault(finding: &Finding, config: &Config) -> Option<String> {
    let mut said = format!("{} {}\n", finding.complaint.requirement, finding.complaint.noticed);
    for (text, instance) in finding.forms() {
        let (right, wrong) = (verdict(&instance, &memory::config(config.role)), verdict(&instance, config));
        let should = finding.complaint.tolerated && wrong == VerdictKind::Lenient;
        let passes = matches!(right, VerdictKind::Pass | VerdictKind::Info);
        if passes && (wrong == VerdictKind::Fail || should) {
            return None;
        }
        let _ = writeln!(said, "{right} on the reference, {wrong} on the quirk\n{text}");
    }
    Some(said)
}

/// What came of one quirk.
enum Came {
    NotFound,
    Saved,
    NotSaved(String),
}

fn came_of(row: &Row) -> Came {
    let mut config = memory::config(row.role);
    // The table may name a quirk that was removed since it was made.
    let Ok(quirk) = row.name.parse::<Quirk>() else {
        return Came::NotFound;
    };
    config.quirks = quirk.into();
    match (1..=3).find_map(|seed| find(&config, seed, row.scripts_max)) {
        None => Came::NotFound,
        Some(finding) => fault(&finding, &config).map_or(Came::Saved, Came::NotSaved),
    }
}

/// A case that is saved of a finding passes on the reference, and fails on the endpoint in which it was found.
#[test]
fn what_is_saved_fails_where_it_was_found() {
    let rows = rows();
    let (next, faults) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let [found, missed, unsaid] = [const { AtomicUsize::new(0) }; 3];
    let work = || {
        while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
            let known = NOT_SAID.contains(&(row.role, row.name));
            match (came_of(row), known) {
                (Came::NotFound, _) => missed.fetch_add(1, Ordering::Relaxed),
                (Came::Saved, false) => found.fetch_add(1, Ordering::Relaxed),
                (Came::NotSaved(_), true) => unsaid.fetch_add(1, Ordering::Relaxed),
                (Came::Saved, true) => {
                    let text =
                        format!("{} {}: it is saved, so it is no exception any more", row.role, row.name);
                    faults.lock().expect("no worker panics").push(text);
                    0
                }
                (Came::NotSaved(fault), false) => {
                    faults
                        .lock()
                        .expect("no worker panics")
                        .push(format!("{} {}: {fault}", row.role, row.name));
                    0
                }
            };
        }
    };
    std::thread::scope(|scope| {
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        (0..workers).for_each(|_| drop(scope.spawn(work)));
    });
    let mut faults = faults.into_inner().expect("no worker panics");
    faults.sort();
    let [found, missed, unsaid] = [found, missed, unsaid].map(AtomicUsize::into_inner);
    println!(
        "{} quirks: {found} saved, {unsaid} not said, {} not saved, {missed} not found",
        rows.len(),
        faults.len()
    );
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), rows.len(), faults.join("\n"));
    assert!(missed * 20 <= rows.len(), "{missed} of {} quirks were not found", rows.len());
}
