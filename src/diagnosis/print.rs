//! A diagnosis as text, for a terminal.

use super::defect::{Agreement, Defect, Diagnosis};
use std::fmt::Write;

/// How many characters of a quote are shown.
const QUOTE_LEN_MAX: usize = 110;

/// All defects, the explained ones first. `name` is the target's.
pub fn render(name: &str, diagnosis: &Diagnosis) -> String {
    let mut out = String::new();
    let explained = diagnosis.defects.iter().filter(|defect| defect.is_explained());
    let model = diagnosis.model;
    let _ = writeln!(
        out,
        "{name}: {} explain {} of {} deviating {}.",
        counted(explained.clone().count(), "known defect"),
        diagnosis.deviating - diagnosis.unexplained,
        diagnosis.deviating,
        if diagnosis.deviating == 1 { "instance" } else { "instances" },
    );
    let _ = writeln!(
        out,
        "The reference with these defects gives the same verdict in {} of {} instances, and the same observation in {}.",
        model.same_verdict, model.decided, model.same_observation
    );
    for (number, defect) in explained.enumerate() {
        let _ = write!(out, "\n{:>3}  {}", number + 1, one(defect));
    }
    if !diagnosis.variants.is_empty() {
        let _ = writeln!(
            out,
            "\nLawful variants that explain lenient verdicts: {}",
            diagnosis.variants.join(", ")
        );
    }
    let mut unexplained = diagnosis.defects.iter().filter(|defect| !defect.is_explained()).peekable();
    if unexplained.peek().is_some() {
        let _ = writeln!(
            out,
            "\nNot explained: no known defect shows like this ({} instances)",
            diagnosis.unexplained
        );
    }
    for defect in unexplained {
        let _ = write!(out, "\n  -  {}", one(defect));
    }
    out
}

fn one(defect: &Defect) -> String {
    let mut out = format!("{}\n", defect.words.title);
    let severity =
        defect.words.severity.as_deref().map(|severity| format!("{severity} · ")).unwrap_or_default();
    let _ = writeln!(out, "     {severity}{}", defect.id);
    if let Some(means) = &defect.words.means {
        let _ = writeln!(out, "     {means}");
    }
    if let [_, others @ ..] = &defect.quirks[..]
        && !others.is_empty()
    {
        let _ = writeln!(out, "     no instance tells it from: {}", others.join(", "));
    }
    if let Some(requirement) = defect.requirements.first() {
        let _ = writeln!(out, "     {}: \"{}\"", requirement.citation, shortened(&requirement.quote));
    }
    let agreement = if defect.is_explained() { agreement(defect.agreement) } else { String::new() };
    let _ = writeln!(out, "     {}{agreement}", counted(defect.instances.len(), "instance"));
    let short = defect.smallest.split('@').next().unwrap_or_default();
    let _ = writeln!(out, "     smallest: {short}");
    out
}

/// `, 3 of them in another form; 2 predicted and passed`.
fn agreement(agreement: Agreement) -> String {
    let parts = [
        (agreement.seen_alike, "seen in another form than predicted"),
        (agreement.hidden, "predicted, but another defect shows"),
        (agreement.not_seen, "predicted, but the target passed"),
        (agreement.not_predicted, "alike, but not predicted"),
    ];
    let told = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("; {count} {what}"));
    told.collect()
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
