//! `diagnose`: the defects behind the failures of a stored run; and what the diagnosis rests on, its index and its proof.

use super::output::print;
use super::status::{Failure, Status};
use super::stored::read;
use crate::diagnosis::difference::Difference;
use crate::diagnosis::index::{self, Index};
use crate::diagnosis::proof::{self, Figures, Proven};
use crate::diagnosis::workbench::Workbench;
use crate::diagnosis::{self, Diagnosis, INDEX, dictionary};
use crate::embedded;
use clap::Args;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use wsgauntlet_suite::transcript::Capabilities;
use wsgauntlet_wire::Role;

const ROLES: [Role; 2] = [Role::Server, Role::Client];

/// The least share of the quirks that are named, and of what is named that is right.
const SHARE_MIN: f64 = 0.95;

#[derive(Debug, Args)]
#[command(after_help = concat!(
    "Examples:\n",
    "  wsgauntlet run server ws://127.0.0.1:9001 --out run\n",
    "  wsgauntlet diagnose run\n"
))]
pub(super) struct DiagnoseArgs {
    /// A folder of reports, or its report.json
    #[arg(value_name = "RUN", required_unless_present_any = ["write_index", "prove"])]
    pub run: Option<PathBuf>,
    /// Also show the sentence of the RFC, the observation and the replay of each defect
    #[arg(long, short)]
    pub verbose: bool,
    /// Print the grades and the defects as JSON
    #[arg(long, hide = true)]
    pub json: bool,
    /// Write the index to this file: which instances each quirk changes, and how
    #[arg(long, value_name = "FILE", hide = true)]
    pub write_index: Option<PathBuf>,
    /// Diagnose each quirk alone, and random sets of two to six, and write the figures to this file
    #[arg(long, value_name = "FILE", hide = true)]
    pub prove: Option<PathBuf>,
    /// With --prove: how many random sets in each role
    #[arg(long, value_name = "N", default_value_t = 300, hide = true)]
    pub sets: u64,
}

pub(super) fn main(args: DiagnoseArgs) -> Result<Status, Failure> {
    if let Some(path) = &args.write_index {
        write_file(path, &index_text())?;
    }
    let mut status = Status::Good;
    if let Some(path) = &args.prove {
        let (text, holds) = prove(args.sets)?;
        write_file(path, &text)?;
        print(&text)?;
        status = if holds { Status::Good } else { Status::Worse };
    }
    if let Some(path) = &args.run {
        let run = read(path)?;
        let diagnosis = diagnosis::diagnose(&run, embedded::library(), INDEX)
            .map_err(|error| Failure::Harness(error.to_string()))?;
        let text = match args.json {
            true => format!("{}\n", json_of(&diagnosis)),
            false => diagnosis::print::render(&run.target.name, &diagnosis, args.verbose),
        };
        print(&text)?;
    }
    Ok(status)
}

fn json_of(diagnosis: &Diagnosis) -> Value {
    let defects = diagnosis.defects.iter().map(|defect| {
        json!({
            "id": defect.id,
            "title": defect.words.title,
            "severity": defect.words.severity,
            "explained": defect.is_explained(),
            "also": defect.also.map(|also| [also.having, also.of]),
            "instances": defect.instances,
        })
    });
    json!({
        "grades": diagnosis::grade(diagnosis),
        "defects": defects.collect::<Vec<_>>(),
        "deviating": diagnosis.deviating,
        "unexplained": diagnosis.unexplained,
    })
}

fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text)
        .map_err(|error| Failure::Usage(format!("cannot write {}: {error}", path.display())))
}

/// The text of the index of these cases.
fn index_text() -> String {
    let of_role = |role: Role| {
        let bench = Workbench::new(embedded::library(), role, Capabilities::FULL);
        let instances: Vec<usize> = (0..bench.instances.len()).collect();
        let bases = on_all_cores(&instances, |instance| dictionary::base(&bench, *instance));
        let differences: Vec<Difference> = Difference::all(role).collect();
        let rows = on_all_cores(&differences, |difference| dictionary::row(&bench, &bases, *difference));
        let mut index = Index::empty();
        for (difference, row) in differences.iter().zip(&rows) {
            index.add(*difference, row);
        }
        index.render(role, &bench.instances)
    };
    index::render(&ROLES.map(of_role))
}

/// The text of the proof, and whether it holds.
fn prove(sets: u64) -> Result<(String, bool), Failure> {
    let mut out = String::from(
        "The diagnosis of the reference with known quirks: each quirk alone, and random sets of two to six\n\n\
         hidden: beside the other quirks it changes no verdict. alike: another set is named that gives the same verdicts\n\
         in all plays. Neither counts.\n\n",
    );
    let mut told = String::new();
    let mut holds = true;
    for role in ROLES {
        let bench = Workbench::new(embedded::library(), role, Capabilities::FULL);
        let index = Index::parse(INDEX, role, &bench.instances)
            .map_err(|error| Failure::Harness(error.to_string()))?;
        let random: Vec<_> = (0..sets).map(|seed| proof::random_set(role, seed)).collect();
        for (what, sets) in [("single quirks", proof::singles(role)), ("random sets", random)] {
            let proven = on_all_cores(&sets, |set| proof::prove(&bench, &index, set));
            let figures = Figures::of(&proven);
            holds &= figures.recall() >= SHARE_MIN && figures.precision() >= SHARE_MIN;
            let _ = writeln!(
                out,
                "{role}, {what}: {} sets, {} named exactly, {} alike; {} quirks, {} hidden, {} missed, {} extra; recall {:.1}%, precision {:.1}%",
                figures.sets,
                figures.exact,
                figures.alike,
                figures.quirks,
                figures.hidden,
                figures.missed,
                figures.extra,
                figures.recall() * 100.0,
                figures.precision() * 100.0,
            );
            proven.iter().for_each(|one| told.extend(misses(role, one)));
        }
    }
    Ok((format!("{out}\nSets that are named otherwise:\n{told}"), holds))
}

/// A line about a set that is not named exactly.
fn misses(role: Role, proven: &Proven) -> Option<String> {
    if proven.missed.is_empty() && proven.extra.is_empty() {
        return None;
    }
    let names = |list: &[Difference]| list.iter().map(|one| one.name()).collect::<Vec<_>>().join(" ");
    let alike = if proven.alike { " (alike)" } else { "" };
    Some(format!(
        "  {role}{alike}: {}; missed: {}; extra: {}\n",
        names(&proven.set),
        names(&proven.missed),
        names(&proven.extra)
    ))
}

/// What `work` makes of each item, in the order of the items.
fn on_all_cores<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { return };
                    let result = work(item);
                    done.lock().expect("no worker panicked").push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no worker panicked");
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
