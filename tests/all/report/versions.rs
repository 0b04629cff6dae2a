//! Reports of schema 1, and baselines with fingerprints of version 1: both go on working. The fixtures are what the last
//! release with them wrote of the reference with the quirk `accept-unmasked`; the same plays are repeated in memory here.

use super::fixture::{deviating, fingerprint, run_of};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use toml::value::Date;
use wsgauntlet::embedded;
use wsgauntlet::report::baseline::{self, Baseline, GateStatus, Manner, Subject};
use wsgauntlet::report::diff::{ChangeKind, diff};
use wsgauntlet::report::registry::FORMATS;
use wsgauntlet::report::stored::{Circumstances, SCHEMA};
use wsgauntlet::report::{StoredRun, json, merge};
use wsgauntlet::runner::reference::{self, Link};
use wsgauntlet_reference::Quirk;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{self, Record, Run, TargetInfo, VerdictKind};
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_suite::transcript::Capabilities;
use wsgauntlet_wire::Role;

const TODAY: Date = Date { year: 2026, month: 5, day: 17 };
const OLD_REPORT: &str = include_str!("fixtures/report-1.json");
const OLD_BASELINE: &str = include_str!("fixtures/known-1.toml");

fn old_run() -> StoredRun {
    StoredRun::parse(OLD_REPORT, embedded::catalogue()).expect("a run of schema 1")
}

fn load(text: &str) -> Baseline {
    baseline::load("known.toml", text).expect("a baseline")
}

fn gate(run: &mut StoredRun, text: &str) -> (GateStatus, usize) {
    let status = baseline::judge(run, Some(&load(text)), false, TODAY, &|_| false);
    (status, run.gate.as_ref().map_or(0, |gate| gate.lines.len()))
}

/// What the old run played, played again in memory.
fn new_run() -> StoredRun {
    let old = old_run();
    let quirk: Quirk = "accept-unmasked".parse().expect("a quirk");
    let play = |id: &str| {
        let instances: Vec<&'static Instance> = embedded::library().instances(Role::Server).collect();
        let instance =
            instances.into_iter().find(|instance| instance.id.as_str() == id).expect("an instance");
        let mut config = reference::config(Role::Server);
        quirk.install(&mut config);
        let transcript = reference::play(instance, &PlayConfig::new("localhost"), config, Link::Direct);
        let verdict = oracle::judge(instance, &transcript, embedded::catalogue());
        let instance = Arc::new(instance.clone());
        Record {
            instance,
            verdict,
            transcript: Some(transcript),
            kept_close_code: None,
            plays: 1,
            reference: None,
            application: None,
        }
    };
    let run = Run {
        target: TargetInfo {
            role: Role::Server,
            name: old.target.name.clone(),
            url: old.target.url.clone(),
            capabilities: Capabilities::FULL,
            remarks: Vec::new(),
        },
        records: old.instances.iter().map(|instance| play(&instance.id)).collect(),
        cases: old.suite.cases,
        jobs: old.jobs,
        duration: Duration::ZERO,
        interrupted: None,
        deaths: Vec::new(),
        crashes: Vec::new(),
    };
    let circumstances = Circumstances { selection: old.selection.clone(), ..Circumstances::default() };
    StoredRun::of(&run, embedded::catalogue(), &circumstances)
}

/// A report of schema 1 becomes one of the newest schema, which every format renders, and nothing that it says is lost.
#[test]
fn a_report_of_schema_1_is_read() {
    let run = old_run();
    assert_eq!(run.schema, SCHEMA);
    assert_eq!(run.instances.len(), 6);
    assert_eq!(run.count(VerdictKind::Fail), 5);
    let failure = run.instances[2].failure.as_ref().expect("a failure");
    assert_eq!(failure.observed, "text message of 5 octets \"xxxxx\"");
    assert_eq!(failure.fingerprint, "e9d4d59cf4a003cf");
    assert_eq!(failure.fingerprint_v1.as_deref(), Some("e9d4d59cf4a003cf"));
    assert_eq!((&failure.place, &failure.values), (&None, &None));
    for format in FORMATS {
        assert!(!(format.render)(std::slice::from_ref(&run)).is_empty(), "{}", format.name);
    }
    let written = json::render(&run);
    assert_eq!(StoredRun::parse(&written, embedded::catalogue()), Ok(run));
}

/// What schema 1 held twice is read where its oldest reports held it once.
#[test]
fn what_stood_twice_is_read_where_it_stands_once() {
    let mut value: serde_json::Value = serde_json::from_str(OLD_REPORT).expect("JSON");
    let instance = value["instances"][0].as_object_mut().expect("an instance");
    instance.remove("aliases");
    instance.remove("others");
    instance.insert("autobahn".to_owned(), serde_json::json!("2.2"));
    instance.insert("also_broken".to_owned(), serde_json::json!(["rfc6455/5.1/client-masks"]));
    let run = StoredRun::parse(&value.to_string(), embedded::catalogue()).expect("a run");
    assert_eq!(run.instances[0].aliases, ["2.2"]);
    assert_eq!(run.instances[0].others[0].requirement, "rfc6455/5.1/client-masks");
}

/// The same plays judged by both releases do not differ: the new run has the old fingerprints beside the new ones.
#[test]
fn runs_of_both_schemas_are_compared_by_what_both_know() {
    let (old, new) = (old_run(), new_run());
    let speed = |kind| matches!(kind, ChangeKind::Slower | ChangeKind::Faster);
    for (one, other) in [(&old, &new), (&new, &old)] {
        let changes = diff(one, other).changes;
        let told: Vec<_> = changes.iter().filter(|change| !speed(change.kind)).collect();
        assert!(told.is_empty(), "{told:?}");
    }
    let mut otherwise = new_run();
    let failure = otherwise.instances[2].failure.as_mut().expect("a failure");
    failure.fingerprint_v1 = Some("0000000000000000".to_owned());
    assert_eq!(diff(&old, &otherwise).of(ChangeKind::Changed).count(), 1);
}

#[test]
fn shards_of_both_schemas_merge() {
    let (mut old, mut new) = (old_run(), new_run());
    new.suite.version.clone_from(&old.suite.version);
    old.selection.partition = Some("slice:1/2".to_owned());
    new.selection.partition = Some("slice:2/2".to_owned());
    old.instances.truncate(3);
    new.instances.drain(..3);
    let merged = merge::merge(vec![old, new]).expect("shards of one run");
    assert_eq!((merged.instances.len(), merged.count(VerdictKind::Fail)), (6, 5));
}

/// A baseline of the last release holds for a run of this one, and for the report that it was made from.
#[test]
fn a_baseline_with_old_fingerprints_goes_on_matching() {
    assert_eq!(gate(&mut old_run(), OLD_BASELINE), (GateStatus::Good, 0));
    assert_eq!(gate(&mut new_run(), OLD_BASELINE), (GateStatus::Good, 0));
    let other = OLD_BASELINE.replace("e9d4d59cf4a003cf", "e9d4d59cf4a003c0");
    assert_eq!(gate(&mut new_run(), &other).0, GateStatus::Worse);
}

/// An update puts the new fingerprints in the place of the old ones, and changes nothing else.
#[test]
fn an_update_migrates_fingerprints() {
    let mut run = new_run();
    let update = |text: &str| {
        baseline::update(text, &load(text), &run, false, (Manner::Deviations, "new"), &|_| false)
            .expect("an update")
    };
    let made = update(OLD_BASELINE);
    assert_eq!((made.migrated, made.kept, made.changed, made.added, made.removed), (4, 0, 0, 0, 0));
    insta::assert_snapshot!(made.text);
    let changed: Vec<(&str, &str)> =
        OLD_BASELINE.lines().zip(made.text.lines()).filter(|(old, new)| old != new).collect();
    assert_eq!(changed.len(), 4);
    assert!(changed.iter().all(|(old, _)| old.starts_with("fingerprint = ")), "{changed:?}");
    assert_eq!(update(&made.text).kept, 4);
    assert_eq!(gate(&mut run, &made.text), (GateStatus::Good, 0));
}

/// Instances of one entry whose old fingerprint is the same and whose new ones differ get entries of their own, which keep
/// the reason.
#[test]
fn an_entry_that_means_two_failures_now_is_split() {
    let old = "[[deviation]]\npattern = \"masking/direction/*\"\nverdict = \"fail\"\nfingerprint = \"0000000000000007\"\n\
               reason = \"one parser\"\n";
    let mut instances = vec![
        deviating(VerdictKind::Fail, "masking/direction/a", "", 1),
        deviating(VerdictKind::Fail, "masking/direction/b", "", 2),
    ];
    for failure in instances.iter_mut().filter_map(|instance| instance.failure.as_mut()) {
        failure.fingerprint_v1 = Some("0000000000000007".to_owned());
    }
    let mut run = run_of(instances);
    let made = baseline::update(old, &load(old), &run, false, (Manner::Deviations, "new"), &|_| false)
        .expect("an update");
    for cause in [1, 2] {
        assert!(made.text.contains(&fingerprint(cause)), "{}", made.text);
    }
    assert_eq!(made.text.matches("one parser").count(), 2);
    assert_eq!(gate(&mut run, &made.text), (GateStatus::Good, 0));
}

/// The baselines of this repository accept, without an update, what deviates as their entries say.
#[test]
fn committed_baselines_match_without_an_update() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/baselines");
    let mut files = 0;
    for file in std::fs::read_dir(folder).expect("the baselines").map(|entry| entry.expect("a file").path()) {
        let text = std::fs::read_to_string(&file).expect("a baseline");
        let baseline = load(&text);
        let role = if file.to_string_lossy().ends_with("-client.toml") { Role::Client } else { Role::Server };
        let mut instances = BTreeMap::new();
        for entry in &baseline.entries {
            let named: Vec<&Instance> = embedded::library()
                .instances(role)
                .filter(|i| entry.subject.names(i.id.as_str(), &i.case, &i.autobahn))
                .collect();
            // What judges a whole run is no case of the library.
            let whole_run = matches!(&entry.subject, Subject::Pattern(_) | Subject::Instance(_))
                && entry.subject.to_string().contains("/run/");
            assert!(!named.is_empty() || whole_run, "{}: {}", file.display(), entry.subject);
            for instance in named {
                let mut stored = deviating(entry.verdict, &instance.case, "", 9);
                stored.id = instance.id.to_string();
                if let (Some(fingerprint), Some(failure)) = (&entry.fingerprint, &mut stored.failure) {
                    failure.fingerprint_v1 = Some(fingerprint.clone());
                }
                instances.insert(stored.id.clone(), stored);
            }
        }
        let mut run = run_of(instances.into_values().collect());
        let status = baseline::judge(&mut run, Some(&baseline), true, TODAY, &|_| true);
        assert_eq!(status, GateStatus::Good, "{}: {:?}", file.display(), run.gate);
        files += 1;
    }
    assert_eq!(files, 10);
}
