//! A diagnosis as text, for a terminal.

use super::catalogue::Severity;
use super::defect::{Agreement, Defect, Diagnosis};
use super::grades::grade;
use super::standing::field;
use std::fmt::Write;

/// How many characters of a quote are shown.
const QUOTE_LEN_MAX: usize = 110;

/// The grade, and the defects, the gravest first. `name` is the target's. `details`: with the sentence, the observation and the
/// replay of each.
pub fn render(name: &str, diagnosis: &Diagnosis, details: bool) -> String {
    let mut out = grades(name, diagnosis) + &standing(diagnosis, details);
    out.push('\n');
    out.push_str(&list(diagnosis, details));
    if details && !diagnosis.variants.is_empty() {
        let _ = writeln!(
            out,
            "\nLawful variants that explain lenient verdicts: {}",
            diagnosis.variants.join(", ")
        );
    }
    let model = diagnosis.model;
    let _ = writeln!(
        out,
        "\nKnown causes explain {} of {}. The reference implementation with these defects gives the same verdict in {} of {}.",
        diagnosis.deviating - diagnosis.unexplained,
        counted(diagnosis.deviating, "deviating instance"),
        model.same_verdict,
        counted(model.decided, "instance"),
    );
    if diagnosis.outside > 0 {
        let _ = writeln!(
            out,
            "Left out: {}, since only the cases of the default profile can be diagnosed.",
            counted(diagnosis.outside, "instance")
        );
    }
    out
}

/// A line for each defect, the gravest first; with `details`, also the sentence, the observation and the replay of each.
pub fn list(diagnosis: &Diagnosis, details: bool) -> String {
    let mut out = String::new();
    let (known, other): (Vec<_>, Vec<_>) = diagnosis.defects.iter().partition(|defect| defect.is_explained());
    for defect in &known {
        out.push_str(&one(defect, details));
    }
    if !other.is_empty() {
        let _ = writeln!(out, "\nWithout a known cause ({}):", counted(diagnosis.unexplained, "instance"));
    }
    for defect in &other {
        out.push_str(&one(defect, details));
    }
    out
}

/// `ws: grade C (opening C, protocol A). C because of 2 defects; without them B.`
fn grades(name: &str, diagnosis: &Diagnosis) -> String {
    let grades = grade(diagnosis);
    let mut out = format!("{name}: {}", grades.letters());
    if let Some(reason) = grades.reason() {
        let _ = write!(out, ". {reason}");
    }
    out.push('\n');
    out
}

/// How many of the audited field fail more cases; with `details`, also by area.
fn standing(diagnosis: &Diagnosis, details: bool) -> String {
    let Some(all) = diagnosis.standing else { return String::new() };
    let mut out = format!("{}\n", all.sentence(&field().date));
    out.replace_range(..1, "F");
    if details {
        let areas = diagnosis.standing_in.iter().map(|(area, own)| format!("{area} {}", own.better_than));
        let _ = writeln!(out, "By area: {}", areas.collect::<Vec<_>>().join(", "));
    }
    out
}

fn one(defect: &Defect, details: bool) -> String {
    let severity = defect.words.severity.map_or("", Severity::name);
    let count = counted(defect.instances.len(), "instance");
    let mut out = format!("{severity:<11} {} ({count})\n", defect.words.title);
    if !details {
        return out;
    }
    let mut line = |text: &str| {
        let _ = writeln!(out, "            {text}");
    };
    if let Some(means) = &defect.words.means {
        line(means);
    }
    if let Some(requirement) = defect.requirements.first() {
        line(&format!("{}: \"{}\"", requirement.citation, shortened(&requirement.quote)));
    }
    line(&format!("observed: {}", defect.observed));
    if let [_, others @ ..] = &defect.quirks[..]
        && !others.is_empty()
    {
        line(&format!("no instance tells it from: {}", others.join(", ")));
    }
    if let Some(also) = defect.also {
        line(&format!("{} of {} audited implementations deviate in the same cases", also.having, also.of));
    }
    let agreement = if defect.is_explained() { agreement(defect.agreement) } else { String::new() };
    line(&format!("{}{agreement}", defect.id));
    let short = defect.smallest.split('@').next().unwrap_or_default();
    line(&format!("wsgauntlet replay '{short}' URL"));
    out.push('\n');
    out
}

/// `; 3 seen in another form than predicted`.
fn agreement(agreement: Agreement) -> String {
    let parts = [
        (agreement.seen_alike, "seen in another form than predicted"),
        (agreement.hidden, "predicted, but another defect shows"),
        (agreement.not_seen, "predicted, but the target passed"),
        (agreement.not_predicted, "similar, but not predicted"),
    ];
    let shown = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("; {count} {what}"));
    shown.collect()
}

fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

fn shortened(quote: &str) -> String {
    if quote.chars().count() <= QUOTE_LEN_MAX {
        return quote.to_owned();
    }
    let start: String = quote.chars().take(QUOTE_LEN_MAX).collect();
    format!("{}..", start.trim_end())
}
