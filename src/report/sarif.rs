//! SARIF 2.1.0: a defect is a rule, and a requirement is the rule of what no defect covers. A deviation is a result. What a baseline
//! accepts is a suppressed result.

use super::stored::{StoredDefect, StoredInstance, StoredQuote, StoredRequirement, StoredRun};
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
    let rules = Rules::of(run);
    let results: Vec<Value> =
        run.instances.iter().filter_map(|instance| result(run, instance, &rules)).collect();
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
            "rules": rules.described,
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

/// The rules of a run: its requirements by id, then its defects.
struct Rules<'a> {
    described: Vec<Value>,
    requirements: Vec<&'a str>,
    defects: Vec<&'a str>,
    of_instance: BTreeMap<&'a str, &'a StoredDefect>,
}

impl<'a> Rules<'a> {
    fn of(run: &'a StoredRun) -> Rules<'a> {
        let requirements = run.requirements.iter().map(|(id, requirement)| rule(id, requirement));
        let defects = run.known_defects().iter().map(defect_rule);
        Rules {
            described: requirements.chain(defects).collect(),
            requirements: run.requirements.keys().map(String::as_str).collect(),
            defects: run.known_defects().iter().map(|defect| defect.id.as_str()).collect(),
            of_instance: run.defect_of_instance(),
        }
    }

    /// The id of the rule that an instance breaks, and its place among the rules.
    fn broken(&self, instance: &StoredInstance, requirement: &'a str) -> (&'a str, Option<usize>) {
        if let Some(defect) = self.of_instance.get(instance.id.as_str()) {
            let place = self.defects.iter().position(|id| *id == defect.id);
            return (&defect.id, place.map(|place| self.requirements.len() + place));
        }
        (requirement, self.requirements.binary_search(&requirement).ok())
    }
}

/// The rule of a defect.
fn defect_rule(defect: &StoredDefect) -> Value {
    let is_error = !["strictness", "hygiene"].contains(&defect.severity.as_str());
    let means = defect.means.as_deref().unwrap_or(&defect.title);
    let quoted = |quote: &StoredQuote| format!("{}: \"{}\"", quote.citation, quote.quote);
    let quoted_in_markdown = |quote: &StoredQuote| format!("> {}\n>\n> {}", quote.quote, quote.citation);
    let texts: Vec<String> = defect.requirements.iter().map(quoted).collect();
    let markdown: Vec<String> = defect.requirements.iter().map(quoted_in_markdown).collect();
    let mut rule = json!({
        "id": defect.id,
        "name": defect.id,
        "shortDescription": { "text": defect.title },
        "fullDescription": { "text": means },
        "help": { "text": format!("{means}\n{}", texts.join("\n")),
                  "markdown": format!("{means}\n\n{}", markdown.join("\n\n")) },
        "defaultConfiguration": { "level": if is_error { "error" } else { "warning" } },
        "properties": { "tags": ["websocket", defect.severity] },
    });
    if GRAVE.contains(&defect.severity.as_str()) {
        // GitHub shows a rule with this property as a security finding; 7.0 to 8.9 is "high".
        rule["properties"]["security-severity"] = json!("7.0");
    }
    rule
}

/// The rule of a requirement.
fn rule(id: &str, requirement: &StoredRequirement) -> Value {
    let heading = format!("{} {}", requirement.citation, requirement.level);
    // RFC 6455 is the first three parts of `RFC 6455 §5.1`.
    let number: String = requirement
        .citation
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    let section = requirement.citation.split('§').nth(1).unwrap_or_default();
    let mut rule = json!({
        "id": id,
        "name": id.rsplit('/').next().unwrap_or(id),
        "shortDescription": { "text": heading },
        "fullDescription": { "text": requirement.quote },
        "help": { "text": format!("{heading}: \"{}\"", requirement.quote),
                  "markdown": format!("**{heading}**\n\n> {}", requirement.quote) },
        "defaultConfiguration": { "level": if requirement.level == Level::Must { "error" } else { "warning" } },
        "properties": { "tags": ["websocket", requirement.level.as_str()] },
    });
    if requirement.citation.starts_with("RFC ") {
        rule["helpUri"] = json!(format!("https://www.rfc-editor.org/rfc/rfc{number}#section-{section}"));
    }
    rule
}

fn result<'a>(run: &StoredRun, instance: &'a StoredInstance, rules: &Rules<'a>) -> Option<Value> {
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
    let (rule, place) = rules.broken(instance, &failure.requirement);
    result.insert("ruleId".to_owned(), json!(rule));
    if let Some(index) = place {
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
        json!({ "verdict": instance.verdict, "requirement": failure.requirement, "replay": run.replay(instance), "transcript": transcript }),
    );
    Some(Value::Object(result))
}
