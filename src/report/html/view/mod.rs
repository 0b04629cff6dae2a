//! What the page shows, as plain values: `page` puts the parts together. `run` is about one target, `cause` about one deviation with
//! both transcripts, `matrix` compares runs, `instances` has the list and the data from which the script unfolds it.

mod cause;
mod instances;
mod matrix;
mod run;

use self::instances::{DataBuilder, InstanceRow, row};
use self::matrix::{MatrixRow, matrix};
use self::run::{RunView, run_view};
use crate::report::score::MEANING;
use crate::report::stored::{StoredInstance, StoredRun};
use serde::Serialize;
use std::collections::BTreeSet;
use wsgauntlet_suite::oracle::VerdictKind;

/// With more instances than this, those that passed are counted and not listed.
const LISTED_MAX: usize = 6000;

#[derive(Serialize)]
pub(super) struct Page {
    title: String,
    style: &'static str,
    script: &'static str,
    meaning: &'static str,
    version: String,
    runs: Vec<RunView>,
    matrix: Vec<MatrixRow>,
    areas: Vec<String>,
    verdicts: Vec<VerdictCount>,
    rows: Vec<InstanceRow>,
    /// How many passing instances are not listed.
    left_out: usize,
    data: String,
}

#[derive(Serialize)]
struct VerdictCount {
    name: &'static str,
    count: usize,
}

pub(super) fn page(runs: &[StoredRun]) -> Page {
    let all = || runs.iter().flat_map(|run| &run.instances);
    let total: usize = runs.iter().map(|run| run.instances.len()).sum();
    let list_passes = total <= LISTED_MAX;
    let mut builder = DataBuilder::default();
    let mut rows = Vec::new();
    for (run_index, run) in runs.iter().enumerate() {
        for instance in &run.instances {
            if !list_passes && instance.verdict == VerdictKind::Pass {
                continue;
            }
            let index = rows.len();
            let details = builder.add(index, run, instance);
            rows.push(row(index, run_index, run, instance, details));
        }
    }
    let areas: BTreeSet<&str> = all().map(StoredInstance::area).collect();
    let count = |kind: VerdictKind| runs.iter().map(|run| run.count(kind)).sum();
    let kinds: Vec<VerdictKind> = VerdictKind::ALL.into_iter().filter(|kind| count(*kind) > 0).collect();
    let names: Vec<&str> = runs.iter().map(|run| run.target.name.as_str()).collect();
    Page {
        title: format!("wsgauntlet: {}", names.join(", ")),
        style: include_str!("../style.css"),
        script: include_str!("../script.js"),
        meaning: MEANING,
        version: runs.first().map(|run| run.suite.version.clone()).unwrap_or_default(),
        runs: runs.iter().enumerate().map(|(index, run)| run_view(index, run, &kinds)).collect(),
        matrix: if runs.len() > 1 { matrix(runs, list_passes) } else { Vec::new() },
        areas: areas.into_iter().map(str::to_owned).collect(),
        verdicts: counts(&kinds, count),
        left_out: total - rows.len(),
        rows,
        data: builder.json(),
    }
}

fn counts(kinds: &[VerdictKind], count: impl Fn(VerdictKind) -> usize) -> Vec<VerdictCount> {
    kinds.iter().map(|kind| VerdictCount { name: kind.as_str(), count: count(*kind) }).collect()
}
