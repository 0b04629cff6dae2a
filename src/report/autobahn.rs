//! Autobahn|Testsuite's reports, for scripts that read them: `index.json`, agent -> case id ->
//! behavior, and a JSON file for each agent and case. The cases are those of ours that have an id
//! of Autobahn; if several instances share an id, the worst one counts.

use super::made::ReportFile;
use super::stored::{StoredInstance, StoredRun};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use wsgauntlet_suite::oracle::VerdictKind;

/// The folder below that of our reports.
const FOLDER: &str = "autobahn";

pub(crate) fn render(runs: &[StoredRun]) -> Vec<ReportFile> {
    let mut index = Map::new();
    let mut made = Vec::new();
    for run in runs {
        let mut agent = Map::new();
        for (number, (id, instances)) in by_alias(run).into_iter().enumerate() {
            let file = file_name(&run.target.name, &id.text);
            let worst = worst(&instances);
            agent.insert(
                id.text.clone(),
                json!({
                    "behavior": behavior(worst.verdict),
                    "behaviorClose": behavior_close(&instances),
                    "duration": duration_ms(&instances),
                    "remoteCloseCode": worst.close_code,
                    "reportfile": file,
                }),
            );
            let text = format!("{:#}\n", case(run, &id.text, number + 1, &instances));
            made.push(ReportFile::new(format!("{FOLDER}/{file}"), text));
        }
        index.insert(run.target.name.clone(), Value::Object(agent));
    }
    made.insert(0, ReportFile::new(format!("{FOLDER}/index.json"), format!("{:#}\n", Value::Object(index))));
    made
}

/// The number of Autobahn's cases in a run by their outcome, in Autobahn's words, the best outcome first. Outcomes that did
/// not occur are left out.
#[cfg(feature = "cli")]
pub(crate) fn counts(run: &StoredRun) -> Vec<(&'static str, usize)> {
    let cases = by_alias(run);
    let behaviors: Vec<&str> = cases.values().map(|instances| behavior(worst(instances).verdict)).collect();
    ["OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED", "FAILED"]
        .into_iter()
        .map(|outcome| (outcome, behaviors.iter().filter(|behavior| **behavior == outcome).count()))
        .filter(|(_, count)| *count > 0)
        .collect()
}

/// An id of Autobahn, in the order of its numbers.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct CaseId {
    numbers: Vec<u32>,
    text: String,
}

fn by_alias(run: &StoredRun) -> BTreeMap<CaseId, Vec<&StoredInstance>> {
    let mut cases: BTreeMap<CaseId, Vec<&StoredInstance>> = BTreeMap::new();
    for instance in &run.instances {
        for alias in &instance.aliases {
            let numbers = alias.split('.').map(|part| part.parse().unwrap_or(u32::MAX)).collect();
            cases.entry(CaseId { numbers, text: alias.clone() }).or_default().push(instance);
        }
    }
    cases
}

/// `my_server_1_0_case_7_9_13.json`, as Autobahn's clean-up of names gives it.
fn file_name(agent: &str, id: &str) -> String {
    let clean = |text: &str| -> String {
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
    };
    format!("{}_case_{}.json", clean(agent), clean(id))
}

fn rank(verdict: VerdictKind) -> u8 {
    match verdict {
        VerdictKind::Inapplicable => 0,
        VerdictKind::Pass => 1,
        VerdictKind::Info => 2,
        VerdictKind::Lenient => 3,
        VerdictKind::Flaky => 4,
        VerdictKind::Fail => 5,
        VerdictKind::Blocked | VerdictKind::Error => 6,
    }
}

fn worst<'a>(instances: &[&'a StoredInstance]) -> &'a StoredInstance {
    instances.iter().copied().max_by_key(|instance| rank(instance.verdict)).expect("an alias has an instance")
}

fn behavior(verdict: VerdictKind) -> &'static str {
    match verdict {
        VerdictKind::Pass => "OK",
        VerdictKind::Lenient => "NON-STRICT",
        VerdictKind::Info => "INFORMATIONAL",
        VerdictKind::Inapplicable => "UNIMPLEMENTED",
        // A script that looks for FAILED must not take an undecided case for a good one.
        VerdictKind::Fail | VerdictKind::Flaky | VerdictKind::Blocked | VerdictKind::Error => "FAILED",
    }
}

/// Autobahn judges the end of each case separately: here, by the requirements on closing.
fn behavior_close(instances: &[&StoredInstance]) -> &'static str {
    let worst = worst(instances).verdict;
    match worst {
        VerdictKind::Pass | VerdictKind::Lenient | VerdictKind::Info => "OK",
        VerdictKind::Inapplicable => "UNIMPLEMENTED",
        VerdictKind::Blocked | VerdictKind::Error => "FAILED",
        VerdictKind::Fail | VerdictKind::Flaky => {
            let closing =
                |id: &str| ["rfc6455/5.5.1/", "rfc6455/7."].iter().any(|section| id.starts_with(section));
            let broken = instances.iter().flat_map(|instance| instance.failures());
            if broken.into_iter().any(|failure| closing(&failure.requirement)) { "FAILED" } else { "OK" }
        }
    }
}

fn duration_ms(instances: &[&StoredInstance]) -> u64 {
    instances.iter().map(|instance| instance.duration_us).sum::<u64>() / 1000
}

fn case(run: &StoredRun, id: &str, number: usize, instances: &[&StoredInstance]) -> Value {
    let worst = worst(instances);
    let quotes: Vec<String> = worst
        .requirements
        .iter()
        .filter_map(|id| run.requirements.get(id))
        .map(|requirement| format!("{}: {}", requirement.citation, requirement.quote))
        .collect();
    let expectation =
        worst.failure.as_ref().map_or_else(|| quotes.join("\n"), |failure| failure.expected.clone());
    json!({
        "agent": run.target.name,
        "behavior": behavior(worst.verdict),
        "behaviorClose": behavior_close(instances),
        "case": number,
        "description": worst.doc,
        "duration": duration_ms(instances),
        "expectation": expectation,
        "id": id,
        "instances": instances.iter().map(|instance| json!({ "id": instance.id, "verdict": instance.verdict })).collect::<Vec<_>>(),
        "isServer": run.target.role == wsgauntlet_wire::Role::Client,
        "remoteCloseCode": worst.close_code,
        "result": worst.observed(),
        "resultClose": worst.close_code.map_or_else(|| "no Close with a code was seen".to_owned(), |code| format!("Close {code}")),
        "started": run.started,
        "url": run.target.url,
        "wirelog": worst.transcript,
    })
}
