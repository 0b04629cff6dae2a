//! Two runs compared, and several runs made one.

use super::fixture::{deviating, pass, run_of, unplayed};
use wsgauntlet::report::diff::{ChangeKind, diff};
use wsgauntlet::report::repeat;
use wsgauntlet::report::stored::StoredInstance;
use wsgauntlet_suite::oracle::VerdictKind::{Blocked, Fail, Flaky, Lenient, Pass};

fn took(mut instance: StoredInstance, duration_us: u64) -> StoredInstance {
    instance.duration_us = duration_us;
    instance
}

/// One instance of each kind of change.
#[test]
fn every_change_has_its_kind() {
    let old = run_of(vec![
        pass("a/b/new", ""),
        deviating(Fail, "a/b/changed", "", 1),
        deviating(Fail, "a/b/fixed", "", 1),
        took(pass("a/b/slower", ""), 130_000),
        took(pass("a/b/faster", ""), 990_000),
        took(pass("a/b/noise", ""), 1_000),
        deviating(Fail, "a/b/same", "", 1),
        pass("a/b/lost", ""),
        pass("a/b/removed", ""),
    ]);
    let mut new = run_of(vec![
        deviating(Fail, "a/b/new", "", 3),
        deviating(Lenient, "a/b/changed", "", 2),
        pass("a/b/fixed", ""),
        took(pass("a/b/slower", ""), 990_000),
        took(pass("a/b/faster", ""), 130_000),
        took(pass("a/b/noise", ""), 9_000),
        deviating(Fail, "a/b/same", "", 1),
        unplayed(Blocked, "a/b/lost", "refused"),
        pass("a/b/added", ""),
        deviating(Fail, "a/b/new-and-absent", "", 1),
    ]);
    new.summary.duration_ms = 2345;
    let diff = diff(&old, &new);
    let kinds: Vec<(ChangeKind, &str)> =
        diff.changes.iter().map(|change| (change.kind, change.id.trim_end_matches("@server+h1"))).collect();
    assert_eq!(
        kinds,
        [
            (ChangeKind::New, "a/b/new-and-absent"),
            (ChangeKind::New, "a/b/new"),
            (ChangeKind::Changed, "a/b/changed"),
            (ChangeKind::Lost, "a/b/lost"),
            (ChangeKind::Fixed, "a/b/fixed"),
            (ChangeKind::Added, "a/b/added"),
            (ChangeKind::Removed, "a/b/removed"),
            (ChangeKind::Slower, "a/b/slower"),
            (ChangeKind::Faster, "a/b/faster"),
        ]
    );
    insta::assert_snapshot!(format!("{}\n{}", diff.table(true), diff.markdown()));
    let value: serde_json::Value = serde_json::from_str(&diff.json()).expect("JSON");
    assert_eq!(value["changes"][0]["kind"], "new");
}

/// A machine that was busy buries no failure: speed is one line, the last, and what slows all plays down is no change.
#[test]
fn speed_is_one_line_and_the_last() {
    let names: Vec<String> = (0..100).map(|index| format!("a/b/case-{index}")).collect();
    let run =
        |us: u64| -> Vec<StoredInstance> { names.iter().map(|name| took(pass(name, ""), us)).collect() };
    let before = run_of(run(100_000));
    assert!(diff(&before, &run_of(run(900_000))).changes.is_empty(), "the whole run is slower");
    let mut some = run(100_000);
    for instance in &mut some[..40] {
        instance.duration_us = 900_000;
    }
    some.push(deviating(Fail, "z/b/broken", "", 1));
    let table = diff(&before, &run_of(some)).table(false);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 4, "{table}");
    assert!(lines[1].starts_with("new      z/b/broken"), "{table}");
    assert!(lines[2].starts_with("slower   40 instances, most of all a/b/case-"), "{table}");
}

#[test]
fn a_run_does_not_differ_from_itself() {
    let run = super::fixture::every_verdict();
    assert!(diff(&run, &run).changes.is_empty());
    assert!(diff(&run, &run).table(false).ends_with("no difference\n"));
}

/// What does not come out the same is flaky; what says nothing of the target stays what it is.
#[test]
fn repeated_runs_are_folded() {
    let first = run_of(vec![pass("a/b/same", ""), pass("a/b/differs", ""), pass("a/b/blocked", "")]);
    let second = run_of(vec![
        pass("a/b/same", ""),
        deviating(Fail, "a/b/differs", "", 1),
        unplayed(Blocked, "a/b/blocked", "refused"),
    ]);
    let whole = repeat::fold(vec![first.clone(), second, first]).expect("three runs");
    let verdicts: Vec<_> = whole.instances.iter().map(|instance| instance.verdict).collect();
    assert_eq!(verdicts, [Pass, Flaky, Blocked]);
    assert_eq!(whole.instances[1].reason.as_deref(), Some("of 3 runs: 2 pass, 1 fail"));
    assert_eq!(whole.instances[0].plays, 3);
    assert_eq!((whole.summary.flaky, whole.summary.duration_ms), (1, 3 * 1234));
    assert_eq!(repeat::fold(Vec::new()), None);
}
