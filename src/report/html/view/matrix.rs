//! Several runs side by side.

use super::defects::anchors;
use crate::report::defects::in_order;
use crate::report::stored::StoredDefect;
use crate::report::stored::{StoredInstance, StoredRun};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use wsgauntlet_suite::oracle::VerdictKind;

#[derive(Serialize)]
pub(super) struct MatrixRow {
    case: String,
    /// The runs that have the case do not agree about it.
    differs: bool,
    cells: Vec<Option<MatrixCell>>,
}

#[derive(Serialize)]
struct MatrixCell {
    run: usize,
    verdict: &'static str,
    text: String,
    is_listed: bool,
}

/// A defect, and in which runs it was found.
#[derive(Serialize)]
pub(super) struct DefectRow {
    id: String,
    title: String,
    severity: String,
    /// Of how many runs it is a defect.
    having: usize,
    /// Some of the diagnosed runs have it, and others do not.
    differs: bool,
    cells: Vec<DefectCell>,
}

#[derive(Serialize)]
struct DefectCell {
    /// `None`: the run was not diagnosed, so that nothing is known.
    instances: Option<usize>,
    /// The name of the card, if the run has the defect.
    anchor: Option<String>,
}

/// A row for each defect of any run: the gravest first, of equal severity the one that most runs have.
pub(super) fn defect_matrix(runs: &[StoredRun]) -> Vec<DefectRow> {
    let all: Vec<StoredDefect> = runs.iter().flat_map(StoredRun::known_defects).cloned().collect();
    let mut seen = BTreeSet::new();
    let distinct = in_order(&all).into_iter().filter(|defect| seen.insert(defect.id.as_str()));
    let anchors: Vec<BTreeMap<&str, String>> =
        runs.iter().enumerate().map(|(index, run)| anchors(index, run)).collect();
    let row = |defect: &StoredDefect| {
        let cells = runs.iter().zip(&anchors).map(|(run, anchors)| {
            let of_run = run.defects.as_ref()?;
            Some(of_run.iter().find(|other| other.id == defect.id).map_or(0, |other| other.instances.len()))
                .map(|instances| (instances, anchors.get(defect.id.as_str()).cloned()))
        });
        let cells = cells.map(|found| DefectCell {
            instances: found.as_ref().map(|(instances, _)| *instances),
            anchor: found.and_then(|(_, anchor)| anchor),
        });
        let cells: Vec<DefectCell> = cells.collect();
        let having = cells.iter().filter(|cell| cell.instances.is_some_and(|count| count > 0)).count();
        DefectRow {
            id: defect.id.clone(),
            title: defect.title.clone(),
            severity: defect.severity.clone(),
            having,
            differs: cells.iter().filter(|cell| cell.instances.is_some()).count() > having,
            cells,
        }
    };
    let mut rows: Vec<DefectRow> = distinct.map(row).collect();
    let order: Vec<String> = rows.iter().map(|row| row.severity.clone()).collect();
    let rank = |severity: &String| order.iter().position(|known| known == severity);
    rows.sort_by_key(|row| (rank(&row.severity), std::cmp::Reverse(row.having)));
    rows
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
    let rows = cases.into_iter().map(|(case, by_run)| {
        let cells: Vec<Option<MatrixCell>> = by_run.into_iter().enumerate().map(cell).collect();
        let texts: BTreeSet<&str> = cells.iter().flatten().map(|cell| cell.text.as_str()).collect();
        MatrixRow { case: case.to_owned(), differs: texts.len() > 1, cells }
    });
    rows.collect()
}

/// How bad a verdict is: what must not be overlooked is highest.
pub(super) fn rank(verdict: VerdictKind) -> usize {
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
