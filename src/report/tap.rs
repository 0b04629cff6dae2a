//! TAP 14: a line for each instance, with what deviates as a YAML block. Several runs are subtests.

use super::stored::{StoredInstance, StoredRun};
use std::fmt::Write;
use wsgauntlet_suite::oracle::VerdictKind;

pub(super) fn render(runs: &[StoredRun]) -> String {
    let mut out = String::from("TAP version 14\n");
    match runs {
        [run] => points(&mut out, run, ""),
        several => {
            let _ = writeln!(out, "1..{}", several.len());
            for (index, run) in several.iter().enumerate() {
                let name = escape(&run.target.name);
                let _ = writeln!(out, "# Subtest: {name}");
                points(&mut out, run, "    ");
                let good =
                    run.instances.iter().all(|instance| is_ok(run, instance) || instance.accepted.is_some());
                let _ = writeln!(out, "{} {} - {name}", ok(good), index + 1);
            }
        }
    }
    out
}

fn points(out: &mut String, run: &StoredRun, indent: &str) {
    let _ = writeln!(out, "{indent}1..{}", run.instances.len());
    for (index, instance) in run.instances.iter().enumerate() {
        let directive = match (&instance.accepted, instance.verdict) {
            // A listed deviation is "not ok" but fails no run: TODO in TAP.
            (Some(reason), _) => format!(" # TODO {}", escape(reason)),
            (None, VerdictKind::Inapplicable) => format!(" # SKIP {}", escape(instance.observed())),
            (None, _) => String::new(),
        };
        let good = is_ok(run, instance);
        let _ = writeln!(out, "{indent}{} {} - {}{directive}", ok(good), index + 1, escape(&instance.id));
        if !good {
            diagnose(out, run, instance, indent);
        }
    }
}

fn is_ok(run: &StoredRun, instance: &StoredInstance) -> bool {
    instance.verdict.is_acceptable(run.is_strict()) && instance.accepted.is_none()
}

fn ok(good: bool) -> &'static str {
    if good { "ok" } else { "not ok" }
}

fn diagnose(out: &mut String, run: &StoredRun, instance: &StoredInstance, indent: &str) {
    let _ = writeln!(out, "{indent}  ---");
    let defect = run.known_defects().iter().find(|defect| defect.instances.contains(&instance.id));
    let mut field = |key: &str, value: &str| {
        // A JSON string is a double-quoted scalar of YAML.
        let _ = writeln!(out, "{indent}  {key}: {}", serde_json::Value::from(value));
    };
    field("verdict", instance.verdict.as_str());
    if let Some(defect) = defect {
        field("defect", &defect.id);
        field("severity", &defect.severity);
        field("title", &defect.title);
    }
    if let Some(failure) = &instance.failure {
        field("requirement", &failure.requirement);
        if let Some(requirement) = run.requirements.get(&failure.requirement) {
            field("says", &format!("{} {}: {}", requirement.citation, requirement.level, requirement.quote));
        }
        field("expected", &failure.expected);
        field("observed", &failure.observed);
        if let Some(waited) = instance.waited() {
            field("waited", &waited);
        }
        field("fingerprint", &failure.fingerprint);
    }
    if let Some(reason) = &instance.reason {
        field("reason", reason);
    }
    field("replay", &run.replay(instance));
    let _ = writeln!(out, "{indent}  ...");
}

/// `#` begins a directive, and `\` escapes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '#' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' | '\r' => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}
