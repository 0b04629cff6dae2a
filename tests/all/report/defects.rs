//! Defects in every report.

use super::fixture::{deviating, diagnosed, pass, run_of};
use toml::value::Date;
use wsgauntlet::report::StoredRun;
use wsgauntlet::report::baseline::{self, GateStatus, Manner};
use wsgauntlet::report::diff::diff;
use wsgauntlet::report::registry;
use wsgauntlet::report::stored::StoredDefect;
use wsgauntlet::report::table::{self, Detail, TableOptions};
use wsgauntlet_suite::oracle::VerdictKind::Fail;

const TODAY: Date = Date { year: 2026, month: 5, day: 17 };

fn faulty() -> StoredRun {
    diagnosed(run_of(vec![
        deviating(Fail, "masking/direction/wrong", "[len=5]", 1),
        deviating(Fail, "masking/direction/wrong", "[len=6]", 1),
        pass("masking/direction/right", ""),
    ]))
}

/// Fails if a format leaves the title out.
#[test]
fn reports_name_the_defect() {
    for name in ["table", "json", "summary", "junit", "html", "sarif", "tap"] {
        let made = (registry::format(name).expect("a format").render)(&[faulty()]);
        assert!(made[0].text.contains("Does not check that client frames are masked"), "{name}");
    }
}

/// `-v` shows the octets of one instance, what the reference answered, and the commands that show it again; `-vv` each instance. No
/// line but commands is wider than asked.
#[test]
fn the_table_shows_octets_and_instances() {
    let mut run = faulty();
    run.defects.as_mut().expect("a defect")[0].smallest = run.instances[0].id.clone();
    let answered = ["< HTTP/1.1 400 Bad Request", "< a body of 23 octets"].map(str::to_owned);
    run.instances[0].reference_transcript = answered.to_vec();
    let text =
        |detail| table::render(&run, TableOptions { detail, width: Some(80), ..TableOptions::default() });
    let [brief, octets, instances] = [Detail::Brief, Detail::Octets, Detail::Instances].map(text);
    for shown in
        ["- silence until the deadline", "< HTTP/1.1 400 Bad Request", "      program   wsgauntlet replay"]
    {
        assert!(octets.contains(shown) && !brief.contains(shown), "{shown}");
    }
    assert!(!octets.contains("a body of 23 octets"), "{octets}");
    assert!(
        !octets.contains("wrong[len=6]")
            && instances.contains("      instance  masking/direction/wrong[len=6]")
    );
    for line in [brief, octets, instances].iter().flat_map(|text| text.lines()) {
        assert!(line.chars().count() <= 80 || line.contains("wsgauntlet replay"), "{line}");
    }
}

/// A defect is a rule of SARIF, and the rule of its instances.
#[test]
fn a_defect_is_a_rule_of_sarif() {
    let made = (registry::format("sarif").expect("a format").render)(&[faulty()]);
    let log: serde_json::Value = serde_json::from_str(&made[0].text).expect("JSON");
    let run = &log["runs"][0];
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 2);
    for result in results {
        assert_eq!(result["ruleId"], "accept-unmasked");
        let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().expect("an index") as usize];
        assert_eq!(rule["shortDescription"]["text"], "Does not check that client frames are masked");
        assert_eq!(rule["properties"]["security-severity"], "7.0");
    }
}

/// Fails if a report prints another grade than that of the defects, or one for a run that was not diagnosed.
#[test]
fn the_grade_is_that_of_the_defects() {
    let mut run = faulty();
    assert_eq!(run.graded(), "grade D (because of 1 defect; A+ without it)");
    assert_eq!(run.summary.grade, "D");
    run.grades = None;
    assert_eq!(run.graded(), "no grade: the run was not diagnosed");
}

/// Fails if an accepted defect leaves an instance of it, accepts another failure, or goes on after its last day.
#[test]
fn a_baseline_accepts_a_defect() {
    let gate = |text: &str, run: &mut StoredRun| {
        let baseline = baseline::load("known.toml", text).expect("a baseline");
        baseline::judge(run, Some(&baseline), false, TODAY, &|_| true)
    };
    let entry = "[[defect]]\nid = \"accept-unmasked\"\nreason = \"an old client\"\n";
    assert_eq!(gate(entry, &mut faulty()), GateStatus::Good);
    assert_eq!(gate(&format!("{entry}expires = \"2026-05-16\"\n"), &mut faulty()), GateStatus::Worse);
    let mut worse = faulty();
    worse.instances.push(deviating(Fail, "masking/direction/zero", "", 2));
    assert_eq!(gate(entry, &mut worse), GateStatus::Worse);
    let mut mended = faulty();
    mended.instances.drain(..2);
    mended.defects = Some(Vec::new());
    assert_eq!(gate(entry, &mut mended), GateStatus::Stale);
    let mut not_diagnosed = faulty();
    not_diagnosed.defects = None;
    assert_eq!(gate(entry, &mut not_diagnosed), GateStatus::Worse);
}

/// An instance that shows a second defect, which is not accepted, still fails. A run that was not diagnosed is judged by the instances
/// that are known to show an accepted defect.
#[test]
fn only_what_is_accepted_is_let_through() {
    let text = "[[defect]]\nid = \"accept-unmasked\"\nreason = \"an old client\"\n";
    let baseline = baseline::load("known.toml", text).expect("a baseline");
    let mut worse = faulty();
    let second = StoredDefect {
        id: "second".to_owned(),
        instances: vec![worse.instances[1].id.clone()],
        ..StoredDefect::default()
    };
    worse.defects.as_mut().expect("defects").push(second);
    assert_eq!(baseline::judge(&mut worse, Some(&baseline), false, TODAY, &|_| true), GateStatus::Worse);
    assert!(worse.instances[0].accepted.is_some() && worse.instances[1].accepted.is_none());

    let mut part = faulty();
    let of_defect = part.known_defects()[0].instances.clone();
    (part.defects, part.grades) = (None, None);
    for (shown, expected) in [(&of_defect[..], GateStatus::Good), (&of_defect[..1], GateStatus::Worse)] {
        let shown = [("accept-unmasked".to_owned(), shown.to_vec())].into();
        let status = baseline::judge_knowing(&mut part, Some(&baseline), false, TODAY, &|_| true, &shown);
        assert_eq!(status, expected);
    }
}

/// `--update-baseline=defects` writes an entry for each defect, and none for its instances; the gate accepts that at once, and another
/// update changes nothing. A defect that is gone is taken out; comments above entries stay.
#[test]
fn an_update_writes_defects() {
    let update = |text: &str, run: &StoredRun| {
        let old = baseline::load("known.toml", text).expect("a baseline");
        baseline::update(text, &old, run, false, (Manner::Defects, "as found"), &|_| false)
            .expect("an update")
    };
    let mut run = faulty();
    run.instances.push(deviating(Fail, "control/ping/other", "", 3));
    let made = update("", &run);
    insta::assert_snapshot!(made.text);
    let baseline = baseline::load("known.toml", &made.text).expect("a baseline");
    assert_eq!(baseline::judge(&mut run, Some(&baseline), false, TODAY, &|_| true), GateStatus::Good);
    let again = update(&made.text, &run);
    assert_eq!((again.text.as_str(), again.kept, again.added), (made.text.as_str(), 2, 0));
    let mut mended = run.clone();
    mended.defects = Some(Vec::new());
    mended.instances.drain(..2);
    let after = update(&made.text, &mended);
    assert_eq!((after.removed, after.kept), (1, 1));
    assert!(
        !after.text.contains("[[defect]]") && after.text.starts_with("# Known deviations"),
        "{}",
        after.text
    );
}

/// Fails if a defect is compared by its instances, or if a run without a diagnosis counts as one without defects.
#[test]
fn a_diff_names_defects() {
    let mut mended = faulty();
    mended.defects = Some(Vec::new());
    let fixed = "fixed: 1 defect: Does not check that client frames are masked";
    assert!(diff(&faulty(), &mended).table(false).contains(fixed));
    assert!(diff(&mended, &faulty()).markdown().contains("new: 1 defect"));
    mended.defects = None;
    assert!(!diff(&faulty(), &mended).table(false).contains("defect"));
}

/// Fails if SARIF takes the severity of a requirement for that of the defect, or marks what was not diagnosed.
#[test]
fn sarif_marks_grave_defects() {
    let mut run = faulty();
    let text = |run: &StoredRun| {
        (registry::format("sarif").expect("a format").render)(std::slice::from_ref(run)).remove(0).text
    };
    assert!(text(&run).contains("\"security-severity\": \"7.0\""), "{}", text(&run));
    for defect in run.defects.iter_mut().flatten() {
        "strictness".clone_into(&mut defect.severity);
    }
    assert!(!text(&run).contains("security-severity"));
    assert!(text(&run).contains("\"strictness\""));
    run.defects = None;
    assert!(!text(&run).contains("security-severity"));
}
