//! Every format of a run that has everything, and what each format promises.

use super::fixture::{deviating, every_verdict, pass, run_of};
use toml::value::Date;
use wsgauntlet::report::baseline;
use wsgauntlet::report::made::ReportFile;
use wsgauntlet::report::registry::{self, FORMATS};
use wsgauntlet::report::{StoredRun, junit};
use wsgauntlet_suite::oracle::VerdictKind::{Fail, Lenient};

const TODAY: Date = Date { year: 2026, month: 5, day: 17 };

/// With two deviations accepted, and an entry in vain.
fn gated() -> StoredRun {
    let baseline = baseline::load(
        "known.toml",
        "[[deviation]]\npattern = \"masking/direction/wrong\"\nverdict = \"fail\"\nfingerprint = \"v2 rfc6455/5.1/server-closes-on-unmasked fail cause-1\"\n\
         reason = \"the old parser\"\nlink = \"https://example.org/1\"\n\
         [[deviation]]\npattern = \"gone/**\"\nverdict = \"fail\"\nfingerprint = \"v2 rfc6455/5.1/server-closes-on-unmasked fail cause-1\"\nreason = \"x\"\n",
    )
    .expect("a baseline");
    let mut run = every_verdict();
    baseline::judge(&mut run, Some(&baseline), false, TODAY, &|_| false);
    run
}

fn made(format: &str, runs: &[StoredRun]) -> Vec<ReportFile> {
    (registry::format(format).expect("a format").render)(runs)
}

fn text(format: &str, runs: &[StoredRun]) -> String {
    made(format, runs).into_iter().map(|made| format!("== {}\n{}", made.path, made.text)).collect()
}

#[test]
fn snapshots() {
    for format in ["table", "summary", "junit", "tap", "badge", "autobahn"] {
        insta::assert_snapshot!(format, text(format, &[gated()]));
    }
}

#[test]
fn sarif_holds_rules_and_results() {
    let log: serde_json::Value = serde_json::from_str(&made("sarif", &[gated()])[0].text).expect("JSON");
    let run = &log["runs"][0];
    insta::assert_snapshot!(
        "sarif",
        format!("{:#}\n{:#}", run["tool"]["driver"]["rules"][0], run["results"][2])
    );
    assert_eq!(run["results"].as_array().expect("results").len(), 6);
    for result in run["results"].as_array().expect("results") {
        let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().expect("an index") as usize];
        assert_eq!(rule["id"], result["ruleId"]);
    }
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
}

/// A green gate shows no red test, under either strictness.
#[test]
fn junit_is_as_red_as_the_gate() {
    for (strict, failures) in [(false, 1), (true, 2)] {
        let mut run = run_of(vec![
            deviating(Fail, "a/b/c", "", 1),
            deviating(Lenient, "a/b/d", "", 2),
            pass("a/b/e", ""),
        ]);
        baseline::judge(&mut run, None, strict, TODAY, &|_| false);
        assert_eq!(junit::render(&[run]).matches("<failure ").count(), failures);
    }
}

/// All formats take no run, one and several, and texts that want escaping.
#[test]
fn every_format_takes_every_number_of_runs() {
    let mut other = every_verdict();
    other.target.name = "other <&\"'\\#\u{1}> é".to_owned();
    let empty = run_of(Vec::new());
    for format in FORMATS {
        for runs in [&[][..], std::slice::from_ref(&empty), &[gated(), other.clone()]] {
            for made in (format.render)(runs) {
                assert!(made.path.is_ascii() && !made.path.contains(".."), "{}", made.path);
                if made.path.ends_with(".json") || made.path.ends_with(".sarif") {
                    serde_json::from_str::<serde_json::Value>(&made.text).expect("JSON");
                }
            }
        }
    }
}

/// What a monitor noticed is not what the case is about: the heading says what is wrong, and where it was noticed.
#[test]
fn a_failure_is_headed_by_what_failed() {
    let mut noticed = deviating(Fail, "opening/connection/absent", "", 1);
    noticed.doc = "A request without Connection does not open a connection.".to_owned();
    let failure = noticed.failure.as_mut().expect("it deviates");
    failure.step = None;
    failure.monitor = Some("response-head".to_owned());
    failure.expected = "an Upgrade field in a 426".to_owned();
    failure.observed = "a 426 without Upgrade".to_owned();
    let about = std::mem::replace(&mut failure.requirement, "rfc9110/15.5.22/upgrade-in-426".to_owned());
    let heading = "a 426 without Upgrade: expected an Upgrade field in a 426. Noticed in a case about something else: A \
                   request without Connection does not open a connection.";
    assert_eq!(noticed.heading(), heading);
    let mut expected = noticed.clone();
    expected.requirements = vec![about.clone()];
    expected.failure.as_mut().expect("it deviates").requirement = about;
    assert_eq!(expected.heading(), expected.doc, "the case is about what the monitor noticed");
    let runs = [run_of(vec![noticed])];
    for format in ["table", "junit"] {
        assert!(text(format, &runs).contains(heading), "{format}");
    }
    let usual = deviating(Fail, "opening/connection/absent", "", 1);
    assert_eq!(usual.heading(), usual.doc);
}
