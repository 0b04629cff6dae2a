//! `summary.md`: for job summaries and merge requests.

use super::groups::groups;
use super::score::Score;
use super::stored::{Gate, StoredRun};
use std::fmt::Write;
use wsgauntlet_suite::oracle::VerdictKind;

/// How many causes are listed.
const CAUSES_MAX: usize = 30;

/// The summary as Markdown.
pub fn render(run: &StoredRun) -> String {
    let score = run.score();
    let mut out = format!("## wsgauntlet: {} ({})\n\n", escape(&run.target.name), run.target.role);
    let _ = writeln!(
        out,
        "{} · {} of {}\n",
        graded(run, &score),
        plural(run.instances.len(), "instance"),
        plural(run.suite.cases, "case"),
    );
    let kinds: Vec<VerdictKind> = VerdictKind::ALL.into_iter().filter(|kind| run.count(*kind) > 0).collect();
    let names: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let counts: Vec<String> = kinds.iter().map(|kind| run.count(*kind).to_string()).collect();
    let _ = writeln!(
        out,
        "| {} |\n|{}\n| {} |\n",
        names.join(" | "),
        " ---: |".repeat(names.len()),
        counts.join(" | ")
    );
    for remark in run.remarks() {
        let _ = writeln!(out, "- {}", escape(&remark));
    }
    if !run.remarks().is_empty() {
        out.push('\n');
    }
    gate(&mut out, run);
    defects(&mut out, run);
    let serious = [VerdictKind::Fail, VerdictKind::Flaky, VerdictKind::Error, VerdictKind::Lenient];
    let causes = groups(run, &serious);
    if causes.is_empty() {
        out.push_str("No deviation.\n");
        return out;
    }
    out.push_str("| verdict | requirement | instance | observed |\n| --- | --- | --- | --- |\n");
    for group in causes.iter().take(CAUSES_MAX) {
        let instance = group.instances[0];
        let requirement = group.failure.and_then(|failure| run.requirements.get(&failure.requirement));
        let citation = requirement.map(|r| format!("{} {}", r.citation, r.level)).unwrap_or_default();
        let more = match group.instances.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let verdict = if instance.accepted.is_some() {
            format!("{}, accepted", group.kind)
        } else {
            group.kind.to_string()
        };
        let observed = group.failure.map(|f| f.observed.as_str()).or(instance.reason.as_deref());
        let _ = writeln!(
            out,
            "| {verdict} | {citation} | `{}`{more} | {} |",
            instance.short_id(),
            escape(observed.unwrap_or_default()),
        );
    }
    if causes.len() > CAUSES_MAX {
        let _ = writeln!(out, "\nand {} more causes.", causes.len() - CAUSES_MAX);
    }
    out
}

/// The grade with its counts, or why there is no grade.
fn graded(run: &StoredRun, score: &Score) -> String {
    match run.grade() {
        ("–", reason) => format!("**No grade**: {}", escape(&reason)),
        (grade, reason) if reason.is_empty() => {
            format!("**Grade {grade}** · MUST {} · SHOULD {}", score.must, score.should)
        }
        (grade, reason) => {
            format!("**Grade {grade}** ({reason}) · MUST {} · SHOULD {}", score.must, score.should)
        }
    }
}

fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A row for each defect.
fn defects(out: &mut String, run: &StoredRun) {
    if run.known_defects().is_empty() {
        return;
    }
    out.push_str("| severity | defect | id | instances |\n| --- | --- | --- | ---: |\n");
    for defect in run.known_defects() {
        let title = escape(&defect.title);
        let _ =
            writeln!(out, "| {} | {title} | `{}` | {} |", defect.severity, defect.id, defect.instances.len());
    }
    out.push('\n');
}

/// What the gate says beside the failures.
fn gate(out: &mut String, run: &StoredRun) {
    let Some(gate) = &run.gate else { return };
    let told = gate.told().count();
    if let Some(file) = &gate.baseline {
        gate_said(out, run, gate, file);
    }
    if told == 0 {
        return;
    }
    out.push_str("| gate | of | |\n| --- | --- | --- |\n");
    for line in gate.told().take(CAUSES_MAX) {
        let _ = writeln!(out, "| {} | `{}` | {} |", line.kind.as_str(), line.subject, escape(&line.text));
    }
    if told > CAUSES_MAX {
        let _ = writeln!(out, "\nand {} more lines.", told - CAUSES_MAX);
    }
    out.push('\n');
}

fn gate_said(out: &mut String, run: &StoredRun, gate: &Gate, file: &str) {
    let accepted = run.instances.iter().filter(|instance| instance.accepted.is_some()).count();
    let said = match gate.status {
        0 => "open",
        5 => "**shut**: the baseline is stale",
        1 => "**shut**: worse than the baseline",
        _ => "**shut**: the run says too little",
    };
    let _ = writeln!(out, "Gate {said}; {accepted} deviations are accepted by `{file}`.\n");
}

/// Text, escaped for a table cell.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '<' | '[' => {
                out.push('\\');
                out.push(c);
            }
            '\n' | '\r' => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}
