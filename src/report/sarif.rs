//! SARIF 2.1.0: a requirement is a rule, its sentence the rule's help, and a deviation a result.
//! What a baseline accepts is a suppressed result.

use super::defects::SEVERITIES;
use super::stored::{StoredInstance, StoredRequirement, StoredRun};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use wsgauntlet_suite::oracle::VerdictKind;
use wsgauntlet_suite::requirement::Level;

pub(super) fn render(runs: &[StoredRun]) -> String {
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": runs.iter().map(sarif_run).collect::<Vec<_>>(),
    });
    format!("{log:#}\n")
}

fn sarif_run(run: &StoredRun) -> Value {
    let ids: Vec<&String> = run.requirements.keys().collect();
    let severities = severities(run);
    let rule_of =
        |(id, requirement): (&String, _)| rule(id, requirement, severities.get(id.as_str()).copied());
    let rules: Vec<Value> = run.requirements.iter().map(rule_of).collect();
    let results: Vec<Value> =
        run.instances.iter().filter_map(|instance| result(run, instance, &ids)).collect();
    let notifications: Vec<Value> = run
        .instances
        .iter()
        .filter(|instance| matches!(instance.verdict, VerdictKind::Blocked | VerdictKind::Error))
        .map(|instance| {
            json!({ "level": "error", "message": { "text": format!("{}: {}", instance.id, instance.observed()) } })
        })
        .collect();
    let mut invocation = json!({
        "executionSuccessful": run.interrupted.is_none() && run.deaths.is_empty() && notifications.is_empty(),
        "toolExecutionNotifications": notifications,
    });
    if let Some(started) = &run.started {
        invocation["startTimeUtc"] = json!(started);
    }
    json!({
        "tool": { "driver": {
            "name": "wsgauntlet",
            "version": run.suite.version,
            "semanticVersion": run.suite.version,
            "rules": rules,
        } },
        "automationDetails": { "id": format!("wsgauntlet/{}/", super::made::slug(&run.target.name)) },
        "invocations": [invocation],
        "properties": { "target": run.target.name, "url": run.target.url, "role": run.target.role.to_string() },
        "columnKind": "unicodeCodePoints",
        "results": results,
    })
}

/// Those that are shown as security findings.
const GRAVE: [&str; 2] = ["critical", "security"];

/// A file that the user's repository has, for services that show a result beside a file: the baseline, else the configuration.
fn file(run: &StoredRun) -> &str {
    run.gate.as_ref().and_then(|gate| gate.baseline.as_deref()).unwrap_or("wsgauntlet.toml")
}

/// The severity of the gravest defect that breaks each requirement; of a run that was not diagnosed, none is known.
fn severities(run: &StoredRun) -> BTreeMap<&str, &str> {
    let of_instance = run.defect_of_instance();
    let order = |name: &str| SEVERITIES.iter().position(|known| *known == name).unwrap_or(SEVERITIES.len());
    let mut gravest: BTreeMap<&str, &str> = BTreeMap::new();
    for instance in &run.instances {
        let Some((defect, failure)) = of_instance.get(instance.id.as_str()).zip(instance.failure.as_ref())
        else {
            continue;
        };
        let severity = gravest.entry(&failure.requirement).or_insert(&defect.severity);
        if order(&defect.severity) < order(severity) {
            *severity = &defect.severity;
        }
    }
    gravest
}

fn rule(id: &str, requirement: &StoredRequirement, severity: Option<&str>) -> Value {
    let heading = format!("{} {}", requirement.citation, requirement.level);
    // RFC 6455 is the first three parts of `RFC 6455 §5.1`.
    let number: String = requirement
        .citation
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    let section = requirement.citation.split('§').nth(1).unwrap_or_default();
    let tags: Vec<&str> = ["websocket", requirement.level.as_str()].into_iter().chain(severity).collect();
    let mut rule = json!({
        "id": id,
        "name": id.rsplit('/').next().unwrap_or(id),
        "shortDescription": { "text": heading },
        "fullDescription": { "text": requirement.quote },
        "help": { "text": format!("{heading}: \"{}\"", requirement.quote),
                  "markdown": format!("**{heading}**\n\n> {}", requirement.quote) },
        "defaultConfiguration": { "level": if requirement.level == Level::Must { "error" } else { "warning" } },
        "properties": { "tags": tags },
    });
    if requirement.citation.starts_with("RFC ") {
        rule["helpUri"] = json!(format!("https://www.rfc-editor.org/rfc/rfc{number}#section-{section}"));
    }
    if severity.is_some_and(|severity| GRAVE.contains(&severity)) {
        // GitHub shows a rule with this property as a security finding; 7.0 to 8.9 is "high".
        rule["properties"]["security-severity"] = json!("7.0");
    }
    rule
}

fn result(run: &StoredRun, instance: &StoredInstance, ids: &[&String]) -> Option<Value> {
    let failure = instance.failure.as_ref()?;
    let (level, kind) = match instance.verdict {
        VerdictKind::Fail => ("error", "fail"),
        VerdictKind::Flaky | VerdictKind::Lenient => ("warning", "fail"),
        VerdictKind::Info => ("none", "informational"),
        VerdictKind::Pass | VerdictKind::Inapplicable | VerdictKind::Blocked | VerdictKind::Error => {
            return None;
        }
    };
    let mut result = Map::new();
    result.insert("ruleId".to_owned(), json!(failure.requirement));
    if let Ok(index) = ids.binary_search(&&failure.requirement) {
        result.insert("ruleIndex".to_owned(), json!(index));
    }
    result.insert("level".to_owned(), json!(level));
    result.insert("kind".to_owned(), json!(kind));
    let text =
        format!("{}: expected {}; observed {}", instance.short_id(), failure.expected, failure.observed);
    result.insert("message".to_owned(), json!({ "text": text }));
    result.insert(
        "locations".to_owned(),
        json!([{
            "physicalLocation": {
                "artifactLocation": { "uri": file(run) },
                "region": { "startLine": 1 },
            },
            "logicalLocations": [{ "fullyQualifiedName": instance.id, "kind": "test" }],
        }]),
    );
    let print = |fingerprint: &str| json!(format!("{}:{fingerprint}", instance.id));
    let mut prints = Map::new();
    if let Some(fingerprint) = &failure.fingerprint_v1 {
        prints.insert("wsgauntlet/1".to_owned(), print(fingerprint));
    }
    if failure.values.is_some() {
        prints.insert("wsgauntlet/2".to_owned(), print(&failure.fingerprint));
    }
    result.insert("partialFingerprints".to_owned(), Value::Object(prints));
    if let Some(reason) = &instance.accepted {
        result.insert(
            "suppressions".to_owned(),
            json!([{ "kind": "external", "status": "accepted", "justification": reason }]),
        );
    }
    let transcript = instance.transcript.join("\n");
    result.insert(
        "properties".to_owned(),
        json!({ "verdict": instance.verdict, "replay": run.replay(instance), "transcript": transcript }),
    );
    Some(Value::Object(result))
}
