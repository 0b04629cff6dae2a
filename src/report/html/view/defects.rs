//! The defects of a run as cards: what each means, and the transcript of its smallest instance.

use super::cause::{Line, beside};
use crate::report::defects::in_order;
use crate::report::stored::{StoredDefect, StoredInstance, StoredQuote, StoredRun, StoredShare};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// How many defects of a run have a transcript on the page itself.
const TRANSCRIPTS_MAX: usize = 100;

#[derive(Serialize)]
pub(super) struct DefectView {
    /// The name of its card on the page.
    anchor: String,
    severity: String,
    title: String,
    explained: bool,
    means: Option<String>,
    quotes: Vec<StoredQuote>,
    id: String,
    also: Option<StoredShare>,
    /// Why the baseline accepts it, if it accepts all its instances.
    accepted: Option<String>,
    /// What the case of the smallest instance is about.
    doc: String,
    expected: String,
    observed: String,
    smallest: String,
    replay: String,
    /// Writes a program that shows the defect.
    reproducer: Option<String>,
    lines: Vec<Line>,
    instances: Vec<String>,
}

/// The number of defects of one severity.
#[derive(Serialize)]
pub(super) struct SeverityCount {
    name: String,
    count: usize,
}

/// The cards of a run, the gravest defect first.
pub(super) fn defects(run_index: usize, run: &StoredRun) -> Vec<DefectView> {
    let instances: HashMap<&str, &StoredInstance> =
        run.instances.iter().map(|instance| (instance.id.as_str(), instance)).collect();
    let sorted = in_order(run.known_defects()).into_iter().enumerate();
    sorted
        .map(|(place, defect)| {
            let anchor = anchor(run_index, place);
            let mut made = card(run, defect, anchor, &instances);
            if place >= TRANSCRIPTS_MAX {
                made.lines.clear();
            }
            made
        })
        .collect()
}

/// The name of a defect's card.
fn anchor(run_index: usize, place: usize) -> String {
    format!("defect-{run_index}-{place}")
}

/// The card of each defect of a run, by the defect's id.
pub(super) fn anchors(run_index: usize, run: &StoredRun) -> BTreeMap<&str, String> {
    let sorted = in_order(run.known_defects()).into_iter().enumerate();
    sorted.map(|(place, defect)| (defect.id.as_str(), anchor(run_index, place))).collect()
}

/// How many defects there are of each severity that occurs, the gravest first.
pub(super) fn severities(run: &StoredRun) -> Vec<SeverityCount> {
    let mut counts: Vec<SeverityCount> = Vec::new();
    for defect in in_order(run.known_defects()) {
        match counts.last_mut().filter(|last| last.name == defect.severity) {
            Some(last) => last.count += 1,
            None => counts.push(SeverityCount { name: defect.severity.clone(), count: 1 }),
        }
    }
    counts
}

fn card(
    run: &StoredRun,
    defect: &StoredDefect,
    anchor: String,
    instances: &HashMap<&str, &StoredInstance>,
) -> DefectView {
    let smallest = instances.get(defect.smallest.as_str()).copied();
    let reasons = defect.instances.iter().map(|id| instances.get(id.as_str())?.accepted.clone());
    let reasons: Option<Vec<String>> = reasons.collect();
    DefectView {
        anchor,
        severity: defect.severity.clone(),
        title: defect.title.clone(),
        explained: defect.explained,
        means: defect.means.clone(),
        quotes: defect.requirements.clone(),
        id: defect.id.clone(),
        also: defect.also,
        accepted: reasons.and_then(|reasons| reasons.into_iter().next()),
        doc: smallest.map(|instance| instance.doc.clone()).unwrap_or_default(),
        expected: smallest
            .and_then(|instance| instance.failure.as_ref())
            .map(|failure| failure.expected.clone())
            .unwrap_or_default(),
        observed: defect.observed.clone(),
        smallest: smallest.map_or(defect.smallest.as_str(), StoredInstance::short_id).to_owned(),
        replay: smallest.map(|instance| run.replay(instance)).unwrap_or_default(),
        reproducer: smallest.and_then(|instance| run.reproducer(instance)),
        lines: smallest.map(beside).unwrap_or_default(),
        instances: defect.instances.iter().map(|id| short(id).to_owned()).collect(),
    }
}

/// An id without role and transport.
fn short(id: &str) -> &str {
    id.rsplit_once('@').map_or(id, |(id, _)| id)
}
