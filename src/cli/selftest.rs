//! `selftest`: the proof that every case can fail, that every fault is noticed, and that nothing
//! lawful is taken for one.

use super::args::SelftestArgs;
use super::output::print;
use super::select::library_with;
use super::status::{Failure, Status};
use crate::runner::selftest::{self, Options, Quirks, SelftestResult};
use std::fmt::Write;
use std::time::Instant;
use wsgauntlet_reference::Quirk;
use wsgauntlet_suite::case::Library;
use wsgauntlet_suite::oracle::monitor;

/// Which case notices which quirk, as it was when this was built.
const STORED_MATRIX: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/reports/quirks.txt"));

const STALE: &str = "quirks that other cases notice than reports/quirks.txt says";

/// How many lines of each list are shown.
const SHOWN_MAX: usize = 40;

/// How many messages the cases of the volume profile exchange here: enough for their shapes.
const VOLUME_MESSAGES: u32 = 3;

pub(super) fn main(args: SelftestArgs) -> Result<Status, Failure> {
    let started = Instant::now();
    let library = library_with(&args.dirs, VOLUME_MESSAGES)?;
    if args.exhaustive {
        return exhaustive(&library, args.sample.map(|cells| (cells, args.sample_seed)), started);
    }
    let quirks = if args.skip_quirks {
        Quirks::None
    } else if args.quirks.is_empty() {
        Quirks::All
    } else {
        Quirks::Named(names(&args.quirks))
    };
    if let Some(unknown) = args.monitor_off.iter().find(|name| !monitor::ALL.iter().any(|m| m.name == **name))
    {
        let known: Vec<&str> = monitor::ALL.iter().map(|monitor| monitor.name).collect();
        return Err(Failure::Usage(format!(
            "no monitor is named {unknown:?}; there are {}",
            known.join(", ")
        )));
    }
    let options = Options {
        seeds: args.seeds,
        quirks,
        full: args.full,
        monitors_off: args.monitor_off.clone(),
        harmless: names(&args.harmless),
    };
    let outcome = selftest::run(&library, &options);
    // The user's own cases, or a rewritten file, change the matrix.
    let comparable = args.dirs.is_empty() && args.matrix.is_none() && !args.full;
    let stale = if comparable { outcome.differing(STORED_MATRIX) } else { Vec::new() };
    if let Some(path) = &args.matrix {
        std::fs::write(path, outcome.render_matrix())
            .map_err(|error| Failure::Usage(format!("cannot write {}: {error}", path.display())))?;
    }
    let green = outcome.is_green() && stale.is_empty();
    print(&render(&outcome, &stale, args.seeds, started.elapsed().as_secs_f64()))?;
    print(if green { "selftest green\n" } else { "selftest RED\n" })?;
    Ok(if green { Status::Good } else { Status::Worse })
}

/// Checks the shortcuts of the self-test.
fn exhaustive(library: &Library, sample: Option<(usize, u64)>, started: Instant) -> Result<Status, Failure> {
    let compared = selftest::compare(library, sample);
    let mut out = String::new();
    list(&mut out, "cells that a shortcut skips and that differ from the reference", &compared.differences);
    let _ = writeln!(
        out,
        "{} cells · {} skipped because no step asks for the quirk · {} because all calls are answered alike · all of these played · {:.1} s",
        compared.cells,
        compared.not_asked,
        compared.same_calls,
        started.elapsed().as_secs_f64(),
    );
    let green = compared.differences.is_empty();
    print(&out)?;
    print(if green { "shortcuts green\n" } else { "shortcuts RED\n" })?;
    Ok(if green { Status::Good } else { Status::Worse })
}

fn names(quirks: &[Quirk]) -> Vec<String> {
    quirks.iter().map(Quirk::to_string).collect()
}

fn list(out: &mut String, what: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "{} {what}:", lines.len());
    for line in lines.iter().take(SHOWN_MAX) {
        let _ = writeln!(out, "  {line}");
    }
    if lines.len() > SHOWN_MAX {
        let _ = writeln!(out, "  .. and {} more", lines.len() - SHOWN_MAX);
    }
}

fn render(outcome: &SelftestResult, stale: &[String], seeds: u64, seconds: f64) -> String {
    let mut out = String::new();
    let lists = [
        ("instances that the reference does not pass", &outcome.reference),
        ("verdicts that segmentation or latency changed", &outcome.shaken),
        ("instances that a lawful variant fails", &outcome.variants_failed),
        ("quirks that no case catches", &outcome.uncaught),
        ("cases that no quirk fails, and that are not `info`", &outcome.idle),
    ];
    let stale = (!stale.is_empty()).then_some((STALE, stale));
    for (what, list) in lists.iter().map(|(what, list)| (*what, &list[..])).chain(stale) {
        self::list(&mut out, what, list);
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
    out
}
