//! One deviation with what was expected, and the transcript beside the reference's.

use crate::report::html::beside::{Row, align, is_drawn};
use crate::report::stored::{StoredInstance, StoredRun};
use serde::Serialize;

/// A line of the target, one of the reference, and which of them the other side lacks: `left`, `right` or neither.
pub(super) type Line = (String, String, &'static str);

#[derive(Serialize)]
pub(super) struct Cause {
    verdict: &'static str,
    accepted: Option<String>,
    heading: String,
    id: String,
    more: usize,
    doc: String,
    reason: Option<String>,
    citation: String,
    quote: String,
    expected: String,
    observed: String,
    replay: String,
    lines: Vec<Line>,
}

pub(super) fn cause(run: &StoredRun, instance: &StoredInstance, more: usize) -> Cause {
    let requirement =
        instance.failure.as_ref().and_then(|failure| run.requirements.get(&failure.requirement));
    let citation = requirement.map(|r| format!("{} {}", r.citation, r.level)).unwrap_or_default();
    Cause {
        verdict: instance.verdict.as_str(),
        accepted: instance.accepted.clone(),
        heading: instance.observed().to_owned(),
        id: instance.short_id().to_owned(),
        more,
        doc: instance.heading(),
        reason: instance.reason.clone(),
        citation,
        quote: requirement.map(|requirement| requirement.quote.clone()).unwrap_or_default(),
        expected: instance.failure.as_ref().map(|failure| failure.expected.clone()).unwrap_or_default(),
        observed: instance.failure.as_ref().map(|failure| failure.observed.clone()).unwrap_or_default(),
        replay: run.replay(instance),
        lines: beside(instance),
    }
}

/// The transcript of an instance beside the reference's.
pub(super) fn beside(instance: &StoredInstance) -> Vec<Line> {
    let rows = align(&instance.transcript, &instance.reference_transcript).into_iter();
    let lines = rows.map(|row| match row {
        Row::Both(left, right) => {
            (instance.transcript[left].clone(), instance.reference_transcript[right].clone(), "")
        }
        Row::Left(left) => {
            let line = &instance.transcript[left];
            (line.clone(), String::new(), if is_drawn(line) { "" } else { "left" })
        }
        Row::Right(right) => {
            let line = &instance.reference_transcript[right];
            (String::new(), line.clone(), if is_drawn(line) { "" } else { "right" })
        }
    });
    lines.collect()
}
