//! `selftest`: the proof that every case can fail, that every fault is noticed, and that nothing
//! lawful is taken for one.

use super::args::SelftestArgs;
use super::output::print;
use super::select::library_with;
use super::status::{Failure, Status};
use crate::runner::selftest::{self, Options, Outcome, Quirks};
use std::fmt::Write;
use std::time::Instant;

/// How many lines of each list are shown.
const SHOWN_MAX: usize = 40;

/// How many messages the cases of the volume profile exchange here: enough for their shapes.
const VOLUME_MESSAGES: u32 = 3;

pub fn main(args: SelftestArgs) -> Result<Status, Failure> {
    let started = Instant::now();
    let library = library_with(&args.dirs, VOLUME_MESSAGES)?;
    let quirks = if args.skip_quirks {
        Quirks::None
    } else if args.quirks.is_empty() {
        Quirks::All
    } else {
        Quirks::Named(args.quirks.clone())
    };
    let options = Options { seeds: args.seeds, quirks, full: args.full, ..Options::default() };
    let outcome = selftest::run(&library, &options);
    if let Some(path) = &args.matrix {
        std::fs::write(path, outcome.render_matrix())
            .map_err(|error| Failure::Usage(format!("cannot write {}: {error}", path.display())))?;
    }
    print(&render(&outcome, args.seeds, started.elapsed().as_secs_f64()))?;
    Ok(if outcome.is_green() { Status::Good } else { Status::Worse })
}

fn render(outcome: &Outcome, seeds: u64, seconds: f64) -> String {
    let mut out = String::new();
    let lists = [
        ("instances that the reference does not pass", &outcome.reference),
        ("verdicts that segmentation or latency changed", &outcome.shaken),
        ("instances that a lawful variant fails", &outcome.variants_failed),
        ("quirks that no case catches", &outcome.uncaught),
        ("cases that no quirk fails, and that are not `info`", &outcome.idle),
    ];
    for (what, list) in lists {
        if list.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{} {what}:", list.len());
        for line in list.iter().take(SHOWN_MAX) {
            let _ = writeln!(out, "  {line}");
        }
        if list.len() > SHOWN_MAX {
            let _ = writeln!(out, "  .. and {} more", list.len() - SHOWN_MAX);
        }
    }
    let _ = writeln!(
        out,
        "{} requirements · {} cases · {} instances · {} quirks · {} lawful variants · {} cells · {seeds} seeds · {seconds:.1} s",
        outcome.requirements,
        outcome.cases,
        outcome.instances,
        outcome.quirks,
        outcome.variants,
        outcome.cells,
    );
    let _ = writeln!(out, "selftest {}", if outcome.is_green() { "green" } else { "RED" });
    out
}
