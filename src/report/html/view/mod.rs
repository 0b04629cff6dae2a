//! What the page shows, as plain values: `page` puts the parts together. `run` is about one target, `cause` about one deviation with
//! both transcripts, `defects` has the cards, `charts` the places of what is drawn, `trend` several runs of one target, `matrix` compares
//! runs, `instances` has the list and the data from which the script unfolds it.

mod cause;
mod charts;
mod defects;
mod instances;
mod matrix;
mod run;
mod trend;

use self::instances::{DataBuilder, InstanceRow, row};
use self::matrix::{DefectRow, MatrixRow, defect_matrix, matrix, rank};
use self::run::{RunView, run_view};
use self::trend::{Trend, trends};
use crate::report::score::MEANING;
use crate::report::stored::{StoredInstance, StoredRun};
use serde::Serialize;
use std::cmp::Reverse;
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
    /// The names of the runs, each told apart from the others.
    labels: Vec<String>,
    trends: Vec<Trend>,
    defect_matrix: Vec<DefectRow>,
    matrix: Vec<MatrixRow>,
    areas: Vec<String>,
    verdicts: Vec<VerdictCount>,
    /// All instances but those that passed: of these the script makes a list when it is asked to.
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
        let (passed, mut others): (Vec<&StoredInstance>, Vec<&StoredInstance>) =
            run.instances.iter().partition(|instance| instance.verdict == VerdictKind::Pass);
        // The worst first; the order of the cases within.
        others.sort_by_key(|instance| Reverse(rank(instance.verdict)));
        for instance in others {
            let index = rows.len();
            builder.add(index, run, instance);
            rows.push(row(index, run_index, run, instance));
        }
        if list_passes {
            builder.add_passed(run_index, &passed);
        }
    }
    let areas: BTreeSet<&str> = all().map(StoredInstance::area).collect();
    let count = |kind: VerdictKind| runs.iter().map(|run| run.count(kind)).sum();
    let kinds: Vec<VerdictKind> = VerdictKind::ALL.into_iter().filter(|kind| count(*kind) > 0).collect();
    let labels = labels(runs);
    Page {
        title: format!("wsgauntlet: {}", labels.join(", ")),
        style: include_str!("../style.css"),
        script: include_str!("../script.js"),
        meaning: MEANING,
        version: runs.first().map(|run| run.suite.version.clone()).unwrap_or_default(),
        runs: runs.iter().enumerate().map(|(index, run)| run_view(index, run, &kinds)).collect(),
        labels,
        trends: trends(runs),
        defect_matrix: if runs.len() > 1 { defect_matrix(runs) } else { Vec::new() },
        matrix: if runs.len() > 1 { matrix(runs, list_passes) } else { Vec::new() },
        areas: areas.into_iter().map(str::to_owned).collect(),
        verdicts: counts(&kinds, count),
        left_out: if list_passes { 0 } else { count(VerdictKind::Pass) },
        rows,
        data: builder.json(),
    }
}

fn counts(kinds: &[VerdictKind], count: impl Fn(VerdictKind) -> usize) -> Vec<VerdictCount> {
    kinds.iter().map(|kind| VerdictCount { name: kind.as_str(), count: count(*kind) }).collect()
}

/// The names of the targets. A name that several runs have is followed by the time, or by the number of the run.
fn labels(runs: &[StoredRun]) -> Vec<String> {
    let is_shared =
        |run: &StoredRun| runs.iter().filter(|other| other.target.name == run.target.name).count() > 1;
    let label = |(index, run): (usize, &StoredRun)| match (is_shared(run), &run.started) {
        (false, _) => run.target.name.clone(),
        (true, Some(started)) => format!("{} {}", run.target.name, moment(started)),
        (true, None) => format!("{} #{}", run.target.name, index + 1),
    };
    runs.iter().enumerate().map(label).collect()
}

/// A time of RFC 3339 to the minute: `2026-11-20 10:00`.
fn moment(started: &str) -> String {
    started.chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect()
}
