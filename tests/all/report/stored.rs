//! A run that is stored is read back as it was, and newer and older reports are read too.

use super::fixture::{MASKED, deviating, every_verdict, pass, run_of};
use wsgauntlet::embedded;
use wsgauntlet::report::stored::StoredError;
use wsgauntlet::report::{StoredRun, json, merge};
use wsgauntlet_suite::oracle::VerdictKind;

fn parse(text: &str) -> Result<StoredRun, StoredError> {
    StoredRun::parse(text, embedded::catalogue())
}

#[test]
fn reading_gives_back_what_was_written() {
    let run = every_verdict();
    assert_eq!(parse(&json::render(&run)), Ok(run));
}

/// Fields are added, never changed: a report with more of them is read, and one with fewer.
#[test]
fn other_versions_are_read() {
    let mut value: serde_json::Value = serde_json::from_str(&json::render(&every_verdict())).expect("JSON");
    value["later"] = serde_json::json!([1]);
    value["instances"][0]["later"] = serde_json::json!("x");
    for gone in ["gate", "requirements", "selection", "started", "seed"] {
        value.as_object_mut().expect("an object").remove(gone);
    }
    let run = parse(&value.to_string()).expect("a run");
    assert!(run.requirements[MASKED].quote.contains("MUST close"));
    assert_eq!(run.score(), every_verdict().score());
}

#[test]
fn what_is_no_run_is_refused_with_its_place() {
    assert!(matches!(parse("{"), Err(StoredError::Syntax(_))));
    assert_eq!(parse("{}"), Err(StoredError::NoSchema));
    assert_eq!(
        parse(r#"{"schema": "wsgauntlet/report/3"}"#).expect_err("another schema").to_string(),
        r#"its schema is "wsgauntlet/report/3", and this version reads "wsgauntlet/report/2" and "wsgauntlet/report/1""#
    );
    let text = json::render(&every_verdict()).replacen("\"lenient\",", "\"lenint\",", 1);
    let error = parse(&text).expect_err("a wrong verdict").to_string();
    assert!(
        error.starts_with("at `instances[1].verdict`: unknown variant `lenint`, expected one of `pass`"),
        "{error}"
    );
}

/// Shards give the run that was cut into them.
#[test]
fn shards_merge() {
    let whole = every_verdict();
    let shard = |part: usize| {
        let mut run = whole.clone();
        run.selection.partition = Some(format!("slice:{part}/2"));
        run.instances = whole.instances.iter().skip(part - 1).step_by(2).cloned().collect();
        run.summarise();
        run
    };
    let mut merged = merge::merge(vec![shard(2), shard(1)]).expect("shards of one run");
    assert_eq!(merged.selection.partition, None);
    assert_eq!(merged.summary, whole.summary);
    merged.instances.sort_by_key(|instance| whole.instances.iter().position(|other| other.id == instance.id));
    assert_eq!(merged.instances, whole.instances);
    let half = merge::merge(vec![shard(1)]).expect("one shard");
    assert!(half.selection.is_filtered());
    assert_eq!(half.interrupted.as_deref(), Some("shards are missing, there are only slice:1/2"));
    assert_eq!(merged.interrupted, whole.interrupted);
    assert!(merge::merge(vec![shard(1), shard(1)]).is_err());
    let mut foreign = run_of(vec![pass("a/b/c", "")]);
    foreign.target.name = "other".to_owned();
    let error = merge::merge(vec![whole, foreign]).expect_err("another target").to_string();
    assert_eq!(error, r#"the runs differ in the target: "echo & co" and "other""#);
}

/// What is tolerated breaks no MUST; what fails does, whatever else passed.
#[test]
fn a_tolerated_outcome_breaks_no_must() {
    let score = |kind| run_of(vec![pass("a/b/c", ""), deviating(kind, "a/b/d", "", 1)]).score();
    let lenient = score(VerdictKind::Lenient);
    assert_eq!((lenient.must.met, lenient.must.exercised), (1, 1));
    assert_eq!(lenient.broken, [""; 0]);
    for kind in [VerdictKind::Fail, VerdictKind::Flaky] {
        let broken = score(kind);
        assert_eq!((broken.must.met, broken.must.exercised), (0, 1), "{kind}");
        assert_eq!(broken.broken, [MASKED], "{kind}");
    }
}
