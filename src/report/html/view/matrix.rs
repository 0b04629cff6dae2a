//! Several runs side by side.

use crate::report::stored::{StoredInstance, StoredRun};
use serde::Serialize;
use std::collections::BTreeMap;
use wsgauntlet_suite::oracle::VerdictKind;

#[derive(Serialize)]
pub(super) struct MatrixRow {
    case: String,
    cells: Vec<Option<MatrixCell>>,
}

#[derive(Serialize)]
struct MatrixCell {
    run: usize,
    verdict: &'static str,
    text: String,
    is_listed: bool,
}

/// A row for each case of any run: what is worst of its instances, and how many are.
pub(super) fn matrix(runs: &[StoredRun], list_passes: bool) -> Vec<MatrixRow> {
    let mut cases: BTreeMap<&str, Vec<Vec<&StoredInstance>>> = BTreeMap::new();
    for (index, run) in runs.iter().enumerate() {
        for instance in &run.instances {
            cases.entry(&instance.case).or_insert_with(|| vec![Vec::new(); runs.len()])[index].push(instance);
        }
    }
    let cell = |(run, instances): (usize, Vec<&StoredInstance>)| {
        let worst = instances.iter().map(|instance| instance.verdict).max_by_key(|verdict| rank(*verdict))?;
        let count = instances.iter().filter(|instance| instance.verdict == worst).count();
        let text = if count == instances.len() {
            worst.to_string()
        } else {
            format!("{worst} {count}/{}", instances.len())
        };
        // A link to what is not listed would lead nowhere.
        let is_listed = list_passes || instances.iter().any(|i| i.verdict != VerdictKind::Pass);
        Some(MatrixCell { run, verdict: worst.as_str(), text, is_listed })
    };
    let rows = cases.into_iter().map(|(case, by_run)| MatrixRow {
        case: case.to_owned(),
        cells: by_run.into_iter().enumerate().map(cell).collect(),
    });
    rows.collect()
}

fn rank(verdict: VerdictKind) -> usize {
    let order = [
        VerdictKind::Inapplicable,
        VerdictKind::Info,
        VerdictKind::Pass,
        VerdictKind::Lenient,
        VerdictKind::Blocked,
        VerdictKind::Error,
        VerdictKind::Flaky,
        VerdictKind::Fail,
    ];
    order.iter().position(|kind| *kind == verdict).unwrap_or_default()
}
