//! Failures of one cause, grouped: the same requirement broken in the same way.

use crate::oracle::{Failure, Record, Run, VerdictKind};

/// Records with one fingerprint. The first is shown, the others are counted.
#[derive(Debug)]
pub struct Group<'a> {
    pub kind: VerdictKind,
    pub failure: Option<&'a Failure>,
    pub records: Vec<&'a Record>,
}

impl Group<'_> {
    /// How many cases it touches.
    pub fn cases(&self) -> usize {
        let mut cases: Vec<&str> = self.records.iter().map(|record| record.instance.case.as_str()).collect();
        cases.sort_unstable();
        cases.dedup();
        cases.len()
    }
}

/// The groups of the records with these verdicts, the most serious first.
pub fn groups<'a>(run: &'a Run, kinds: &[VerdictKind]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for record in run.records.iter().filter(|record| kinds.contains(&record.verdict.kind)) {
        let kind = record.verdict.kind;
        let failure = record.verdict.failure.as_ref();
        let cause = (kind, failure.map(|f| f.fingerprint.as_str()), record.verdict.reason.as_deref());
        let found = groups.iter_mut().find(|group| {
            (
                group.kind,
                group.failure.map(|f| f.fingerprint.as_str()),
                group.records[0].verdict.reason.as_deref(),
            ) == cause
        });
        match found {
            Some(group) => group.records.push(record),
            None => groups.push(Group { kind, failure, records: vec![record] }),
        }
    }
    groups.sort_by_key(|group| kinds.iter().position(|kind| *kind == group.kind));
    groups
}
