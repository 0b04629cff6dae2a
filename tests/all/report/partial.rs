//! Only a whole suite that was played whole has a share and a grade.

use super::fixture::{deviating, pass, run_of, unplayed};
use wsgauntlet::report::registry::format;
use wsgauntlet::report::table::{self, TableOptions};
use wsgauntlet::report::tally::Tally;
use wsgauntlet::report::{StoredRun, merge, summary};
use wsgauntlet_suite::oracle::VerdictKind;

fn two_passes() -> StoredRun {
    run_of(vec![pass("masking/direction/wrong", "[len=5]"), pass("masking/direction/wrong", "[len=6]")])
}

fn texts(run: &StoredRun) -> Vec<String> {
    let mut texts = vec![table::render(run, TableOptions::default()), summary::render(run)];
    for name in ["badge", "html"] {
        let format = format(name).expect("a format");
        texts.extend((format.render)(std::slice::from_ref(run)).into_iter().map(|made| made.text));
    }
    texts
}

/// The run has no grade for this reason, and no report shows a share of it.
fn has_no_grade(run: &StoredRun, reason: &str) {
    let score = run.score();
    assert_eq!((run.grade().0, score.whole), ("–", false), "{reason}");
    assert!(score.reason.contains(reason), "{} {reason}", score.reason);
    for text in texts(run) {
        assert!(!text.contains("100.0%") && !text.contains("grade A"), "{text}");
    }
    let table = table::render(run, TableOptions::default());
    assert!(table.contains(&format!("no grade: {}", score.reason)), "{table}");
    assert!(summary::render(run).contains("No grade"), "{}", summary::render(run));
}

#[test]
fn a_whole_run_has_a_share() {
    let run = two_passes();
    assert!(run.score().whole);
    assert!(table::render(&run, TableOptions::default()).contains("MUST 100.0%"));
    // More than the default profile is whole too.
    for profile in ["", "strict", "audit", "volume", "intrusive"] {
        let mut run = run.clone();
        run.selection.profile = profile.to_owned();
        assert!(run.score().whole, "{profile}");
    }
}

#[test]
fn a_selection_has_none() {
    for (filter, partition, profile) in [
        (Some("--case own/mine/one"), None, "default"),
        (None, Some("slice:1/4"), "default"),
        (Some("--profile smoke"), None, "smoke"),
        (None, None, "default (--exclude control/flood/**)"),
    ] {
        let mut run = two_passes();
        run.selection.filters = filter.iter().map(ToString::to_string).collect();
        run.selection.partition = partition.map(str::to_owned);
        run.selection.profile = profile.to_owned();
        run.summarise();
        has_no_grade(&run, "a selection of cases was played");
        assert_eq!(run.summary.grade, "–");
    }
}

#[test]
fn a_run_that_was_not_played_to_its_end_has_none() {
    let blocked = |count: usize| {
        let left = (0..count).map(|_| unplayed(VerdictKind::Blocked, "limits/frames/huge", "gone"));
        run_of(std::iter::once(pass("masking/direction/wrong", "")).chain(left).collect())
    };
    has_no_grade(&blocked(3), "3 of 4 instances were not played");
    let error = run_of(vec![pass("a/b/c", ""), unplayed(VerdictKind::Error, "a/b/d", "why")]);
    has_no_grade(&error, "1 of 2 instances could not be judged");
    let mut interrupted = two_passes();
    interrupted.interrupted = Some("stopped by a signal".to_owned());
    has_no_grade(&interrupted, "the run is incomplete: stopped by a signal");
}

/// A user's own cases stand beside the library, and change no share.
#[test]
fn own_cases_change_no_share() {
    let mut run =
        run_of(vec![pass("control/ping/simple", ""), deviating(VerdictKind::Fail, "own/mine/one", "", 1)]);
    assert_eq!(run.score().must.broken(), 1);
    run.selection.own = vec!["own/mine/one".to_owned()];
    assert_eq!(run.score().must.broken(), 0);
}

/// Shards have neither share nor grade, all of them together have a share.
#[test]
fn merged_shards_are_whole() {
    let shard = |part: usize| {
        let mut run = run_of(vec![pass("masking/direction/wrong", &format!("[len={part}]"))]);
        run.selection.partition = Some(format!("slice:{part}/2"));
        run.features.insert("empty-messages".to_owned(), Tally { met: 0, exercised: 2 });
        run
    };
    let whole = merge::merge(vec![shard(1), shard(2)]).expect("two shards");
    assert!(whole.score().whole);
    assert_eq!(whole.features["empty-messages"], Tally { met: 0, exercised: 4 });
    has_no_grade(&merge::merge(vec![shard(1)]).expect("a shard"), "a selection of cases was played");
}

/// What never once worked is said before the failures, in every report that a person reads.
#[test]
fn what_never_worked_is_said_first() {
    let mut run = run_of(vec![deviating(VerdictKind::Fail, "framing/lengths/zero", "", 1)]);
    run.features.insert("empty-messages".to_owned(), Tally { met: 0, exercised: 23 });
    run.summarise();
    let said = "the server never echoed an empty message in one frame as it must (0 of 23 plays)";
    for text in [table::render(&run, TableOptions::default()), summary::render(&run)] {
        let place = text.find(said).expect("it is said");
        assert!(place < text.find("framing/lengths/zero").expect("the failure"), "{text}");
    }
    let html = (format("html").expect("a format").render)(std::slice::from_ref(&run)).remove(0).text;
    assert!(html.contains(said), "{html}");
    assert!(run.summary.remarks.iter().any(|remark| remark.starts_with(said)), "{:?}", run.summary.remarks);
    run.features.insert("empty-messages".to_owned(), Tally { met: 1, exercised: 23 });
    assert!(!table::render(&run, TableOptions::default()).contains("never echoed"));
}
