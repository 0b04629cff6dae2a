//! The self-test notices what it is there for: a case that is gone, a monitor that is off, a fault
//! that does nothing. Samples here; `wsgauntlet selftest` plays the whole.

use std::collections::BTreeSet;
use wsgauntlet::embedded;
use wsgauntlet::runner::selftest::{self, Options, Quirks, SelftestResult};
use wsgauntlet_reference::Quirk;
use wsgauntlet_suite::case::Library;
use wsgauntlet_suite::oracle::monitor;

const STORED: &str = include_str!("../../../reports/quirks.txt");

/// Only the cases of these areas: the quick ones.
fn library(areas: &[&str]) -> Library {
    let mut library = embedded::library().clone();
    library.cases.retain(|case| areas.iter().any(|area| case.path.starts_with(&format!("{area}/"))));
    library
}

fn quirks(names: &[&str]) -> Quirks {
    for name in names {
        name.parse::<Quirk>().expect("a quirk of that name");
    }
    Quirks::Named(names.iter().map(|name| (*name).to_owned()).collect())
}

fn run(library: &Library, options: Options) -> SelftestResult {
    let outcome = selftest::run(library, &options);
    assert_eq!(outcome.reference, [""; 0]);
    assert_eq!(outcome.variants_failed, [""; 0]);
    outcome
}

/// Each suite of an area, when it is deleted, changes the lines of quirks.
#[test]
fn a_deleted_case_file_is_noticed() {
    let whole = library(&["masking", "fragmentation"]);
    let options = Options { quirks: quirks(&["mute"]), ..Options::default() };
    let stored = run(&whole, options.clone()).render_matrix();
    let suite = |path: &str| path.rsplit_once('/').map_or("", |(suite, _)| suite).to_owned();
    let suites: BTreeSet<String> = whole.cases.iter().map(|case| suite(&case.path)).collect();
    assert!(suites.len() >= 6, "{suites:?}");
    assert!(run(&whole, options.clone()).differing(&stored).is_empty());
    for deleted in suites {
        let mut rest = whole.clone();
        rest.cases.retain(|case| suite(&case.path) != deleted);
        assert!(!run(&rest, options.clone()).differing(&stored).is_empty(), "{deleted} is not missed");
    }
}

/// A fault that does nothing is one that no case catches.
#[test]
fn a_harmless_quirk_is_noticed() {
    let library = library(&["masking"]);
    let names = ["accept-unmasked", "mask-phase-kept"];
    let harmful = run(&library, Options { quirks: quirks(&names), ..Options::default() });
    assert_eq!(harmful.uncaught, [""; 0]);
    for name in names {
        let harmless = vec![name.to_owned()];
        let options = Options { quirks: quirks(&names), harmless, ..Options::default() };
        let outcome = run(&library, options);
        assert!(!outcome.uncaught.is_empty() && !outcome.is_green(), "{name}");
        assert!(outcome.uncaught.iter().all(|line| line.starts_with(name)), "{:?}", outcome.uncaught);
    }
}

/// For each monitor of the sample a quirk that fewer cases notice without it.
#[test]
fn a_monitor_that_is_off_is_noticed() {
    for (name, quirk, area) in [
        ("masking", "server-masks", "masking"),
        ("close-frames", "close-reply-1005", "closing"),
        ("after-close", "close-reply-twice", "closing"),
        ("tcp-end", "tcp-reset-after-close", "closing"),
        ("response-head", "101-echoes-upgrade", "opening"),
    ] {
        let library = library(&[area]);
        assert!(monitor::ALL.iter().any(|monitor| monitor.name == name), "{name}");
        let options = Options { quirks: quirks(&[quirk]), ..Options::default() };
        let stored = run(&library, options.clone()).render_matrix();
        let off = Options { monitors_off: vec![name.to_owned()], ..options };
        assert!(!run(&library, off).differing(&stored).is_empty(), "{name} is not missed by {quirk}");
    }
}

/// What the self-test does not play would show nothing: a step that does not note what it asks for, or an endpoint that records
/// and differs from the strict one, would be seen here.
#[test]
fn the_shortcuts_hide_nothing() {
    let sample = Some((2000, 1));
    let compared = selftest::compare(embedded::library(), sample);
    assert_eq!(compared.cells, 2000);
    assert!(compared.not_asked > 500 && compared.same_calls > 300, "{compared:?}");
    assert_eq!(compared.differences, [""; 0]);
}

/// What is committed names each quirk once for each of its roles, and none that passes everything.
#[test]
fn the_stored_matrix_is_whole() {
    let rows = Quirk::all().map(|quirk| {
        let roles = [wsgauntlet_wire::Role::Server, wsgauntlet_wire::Role::Client];
        roles.into_iter().filter(|role| quirk.info().roles.contains(*role)).count()
    });
    let lines: Vec<&str> = STORED.lines().skip(2).collect();
    assert_eq!(lines.len(), rows.sum::<usize>());
    assert!(!STORED.contains("NOT CAUGHT"));
}
