//! The list of instances, and the data from which the script unfolds one of them.

use crate::report::html::beside::{Row, align, is_drawn};
use crate::report::stored::{StoredInstance, StoredRun};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use wsgauntlet_suite::oracle::VerdictKind;

/// How many octets of transcripts the page holds. Beyond, report.json has them.
const LINES_LEN_MAX: usize = 2 << 20;

#[derive(Serialize)]
pub(super) struct InstanceRow {
    index: usize,
    run: usize,
    target: String,
    id: String,
    area: String,
    level: String,
    verdict: &'static str,
    accepted: bool,
    observed: String,
}

/// The data from which the script unfolds an instance. Lines that many transcripts share are held
/// once.
#[derive(Serialize, Default)]
struct Data {
    lines: Vec<String>,
    requirements: Vec<(String, String)>,
    instances: BTreeMap<usize, InstanceData>,
    /// Run, level and id.
    passed: Vec<(usize, &'static str, String)>,
}

#[derive(Serialize)]
struct InstanceData {
    /// Index of a line.
    doc: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<String>,
    replay: String,
    /// Requirement, expected, observed, fingerprint.
    failures: Vec<(usize, i32, i32, String)>,
    /// Left line, right line; -1 where there is none.
    rows: Vec<(i32, i32)>,
    /// The transcripts did not fit.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    cut: bool,
    reference: Option<VerdictKind>,
}

pub(super) fn row(index: usize, run_index: usize, run: &StoredRun, instance: &StoredInstance) -> InstanceRow {
    InstanceRow {
        index,
        run: run_index,
        target: run.target.name.clone(),
        id: instance.short_id().to_owned(),
        area: instance.area().to_owned(),
        level: instance.level.to_string(),
        verdict: instance.verdict.as_str(),
        accepted: instance.accepted.is_some(),
        observed: instance.observed().to_owned(),
    }
}

#[derive(Default)]
pub(super) struct DataBuilder {
    data: Data,
    lines: HashMap<String, i32>,
    lines_len: usize,
    requirements: HashMap<String, usize>,
}

impl DataBuilder {
    pub(super) fn add_passed(&mut self, run: usize, instances: &[&StoredInstance]) {
        let passed = instances.iter().map(|one| (run, one.level.as_str(), one.short_id().to_owned()));
        self.data.passed.extend(passed);
    }

    pub(super) fn add(&mut self, index: usize, run: &StoredRun, instance: &StoredInstance) {
        let failures = instance.failures().map(|failure| {
            let requirement = self.requirement(run, &failure.requirement);
            let (expected, observed) = (self.line(&failure.expected), self.line(&failure.observed));
            (requirement, expected, observed, failure.fingerprint.clone())
        });
        let failures = failures.collect();
        let cut = self.lines_len > LINES_LEN_MAX;
        let rows = if cut { Vec::new() } else { self.rows(instance) };
        let data = InstanceData {
            doc: self.line(&instance.heading()),
            reason: instance.reason.clone(),
            accepted: instance.accepted.clone(),
            replay: run.replay(instance),
            failures,
            rows,
            cut,
            reference: instance.reference,
        };
        self.data.instances.insert(index, data);
    }

    fn rows(&mut self, instance: &StoredInstance) -> Vec<(i32, i32)> {
        let rows = align(&instance.transcript, &instance.reference_transcript).into_iter();
        let rows = rows.map(|row| match row {
            Row::Both(left, right) => {
                (self.line(&instance.transcript[left]), self.line(&instance.reference_transcript[right]))
            }
            Row::Left(left) => {
                let line = &instance.transcript[left];
                (self.line(line), absent(line))
            }
            Row::Right(right) => {
                let line = &instance.reference_transcript[right];
                (absent(line), self.line(line))
            }
        });
        rows.collect()
    }

    fn line(&mut self, line: &str) -> i32 {
        if let Some(index) = self.lines.get(line) {
            return *index;
        }
        let index = self.data.lines.len() as i32;
        self.lines_len += line.len();
        self.data.lines.push(line.to_owned());
        self.lines.insert(line.to_owned(), index);
        index
    }

    fn requirement(&mut self, run: &StoredRun, id: &str) -> usize {
        if let Some(index) = self.requirements.get(id) {
            return *index;
        }
        let index = self.data.requirements.len();
        let (heading, quote) = match run.requirements.get(id) {
            Some(requirement) => {
                (format!("{} {}", requirement.citation, requirement.level), requirement.quote.clone())
            }
            None => (id.to_owned(), String::new()),
        };
        self.data.requirements.push((heading, quote));
        self.requirements.insert(id.to_owned(), index);
        index
    }

    /// Escaped for a `script` element: no `<` can end it.
    pub(super) fn json(&self) -> String {
        serde_json::to_string(&self.data)
            .expect("the data has only keys that are texts")
            .replace('<', "\\u003c")
    }
}

/// Marks the side that lacks this line: -1 if that is a difference, -2 if not.
fn absent(line: &str) -> i32 {
    if is_drawn(line) { -2 } else { -1 }
}
