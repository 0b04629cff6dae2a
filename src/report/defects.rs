//! The defects of a run as lines of a terminal.

use super::octets;
use super::stored::{StoredDefect, StoredInstance, StoredRun};
use std::fmt::Write;

/// The severities of defects, the gravest first.
pub(super) const SEVERITIES: [&str; 5] = ["critical", "security", "interop", "strictness", "hygiene"];

/// How many defects are listed without details: with the grade below they fit on a screen of 24 lines.
const LISTED_MAX: usize = 18;

/// How many characters of a quote are shown.
const QUOTE_LEN_MAX: usize = 200;

/// How many octets of a title fit beside severity and count in 80 columns.
const TITLE_LEN_MAX: usize = 62;

/// A line for each defect, the gravest first; of equal severity, the one with the most instances.
pub fn list(run: &StoredRun) -> String {
    let Some(defects) = &run.defects else { return String::new() };
    if defects.is_empty() {
        return String::new();
    }
    let defects = in_order(defects);
    let mut out = format!("{} of {}\n", counted(defects.len(), "defect"), run.target.name);
    for defect in defects.iter().take(LISTED_MAX) {
        let mark = if defect.explained { "" } else { " *" };
        let title = shortened(&defect.title, TITLE_LEN_MAX - mark.len());
        let _ = writeln!(out, "{:<10} {:>4}  {title}{mark}", defect.severity, defect.instances.len());
    }
    if defects.len() > LISTED_MAX {
        let _ = writeln!(out, "and {} more of lesser severity or reach: -v", defects.len() - LISTED_MAX);
    }
    let unexplained =
        if defects.iter().any(|defect| !defect.explained) { "; *: the cause is unknown" } else { "" };
    let _ = writeln!(
        out,
        "The number: instances that show it{unexplained}. -v: octets, and a program that shows it"
    );
    out
}

/// Each defect with its meaning, its sentence, one instance with octets, and the commands that show it again. `all`: with the ids of
/// all its instances.
pub fn details(run: &StoredRun, all: bool) -> String {
    let mut out = String::new();
    for defect in in_order(run.known_defects()) {
        let count = counted(defect.instances.len(), "instance");
        let _ = writeln!(out, "\n{}  {} ({count})", defect.severity.to_uppercase(), defect.title);
        line(&mut out, "id", &defect.id);
        if let Some(means) = &defect.means {
            line(&mut out, "means", means);
        }
        if let Some(requirement) = defect.requirements.first() {
            let quote = shortened(&requirement.quote, QUOTE_LEN_MAX);
            line(&mut out, "rfc", &format!("{}: \"{quote}\"", requirement.citation));
        }
        if let Some(also) = defect.also {
            line(&mut out, "also in", &format!("{} of {} audited implementations", also.having, also.of));
        }
        let instances = run.instances_of(defect);
        match instances.iter().find(|instance| instance.id == defect.smallest) {
            Some(smallest) => example(&mut out, run, smallest),
            None => line(&mut out, "observed", &defect.observed),
        }
        for instance in instances.iter().filter(|_| all) {
            line(&mut out, "instance", instance.short_id());
        }
    }
    out
}

/// One instance with what was expected and observed, its octets, and how it is shown again.
fn example(out: &mut String, run: &StoredRun, instance: &StoredInstance) {
    line(out, "example", instance.short_id());
    if let Some(failure) = &instance.failure {
        line(out, "expected", &failure.expected);
        line(out, "observed", &failure.observed);
    }
    octets::write(out, instance);
    line(out, "replay", &run.replay(instance));
    if let Some(command) = run.reproducer(instance) {
        line(out, "program", &command);
    }
}

fn line(out: &mut String, label: &str, text: &str) {
    let _ = writeln!(out, "      {label:<9} {text}");
}

/// The gravest first; of equal severity, the one with the most instances.
pub(super) fn in_order(defects: &[StoredDefect]) -> Vec<&StoredDefect> {
    let rank = |defect: &StoredDefect| {
        SEVERITIES.iter().position(|name| *name == defect.severity).unwrap_or(SEVERITIES.len())
    };
    let mut sorted: Vec<&StoredDefect> = defects.iter().collect();
    sorted.sort_by_key(|defect| (rank(defect), std::cmp::Reverse(defect.instances.len())));
    sorted
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn shortened(text: &str, len_max: usize) -> String {
    if text.chars().count() <= len_max {
        return text.to_owned();
    }
    let start: String = text.chars().take(len_max - 2).collect();
    format!("{}..", start.trim_end())
}
