//! Several runs of one target over time.

use super::charts::{TrendLine, trend_line};
use super::defects::{SeverityCount, severities};
use super::moment;
use crate::report::diff::defects_without;
use crate::report::stored::StoredRun;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Trend {
    name: String,
    role: String,
    lines: Vec<TrendLine>,
    /// The oldest first.
    runs: Vec<TrendRun>,
}

#[derive(Serialize)]
struct TrendRun {
    index: usize,
    started: String,
    version: String,
    grade: String,
    /// `None`: the run was not diagnosed.
    defects: Option<usize>,
    severities: Vec<SeverityCount>,
    must: String,
    should: String,
    seconds: String,
    /// The titles of the defects that the run before did not have.
    new: Vec<String>,
    /// The titles of the defects that this run does not have any more.
    fixed: Vec<String>,
}

/// A trend for each target that several of the runs are about.
pub(super) fn trends(runs: &[StoredRun]) -> Vec<Trend> {
    let mut targets: Vec<Vec<usize>> = Vec::new();
    let is_one =
        |a: &StoredRun, b: &StoredRun| (a.target.role, &a.target.name) == (b.target.role, &b.target.name);
    for (index, run) in runs.iter().enumerate() {
        match targets.iter_mut().find(|target| is_one(&runs[target[0]], run)) {
            Some(target) => target.push(index),
            None => targets.push(vec![index]),
        }
    }
    let several = targets.into_iter().filter(|target| target.len() > 1);
    several.map(|target| trend(runs, target)).collect()
}

fn trend(runs: &[StoredRun], mut target: Vec<usize>) -> Trend {
    // RFC 3339 in UTC sorts by time. Runs that do not tell when they began keep their order.
    if target.iter().all(|index| runs[*index].started.is_some()) {
        target.sort_by(|a, b| runs[*a].started.cmp(&runs[*b].started));
    }
    let sorted: Vec<&StoredRun> = target.iter().map(|index| &runs[*index]).collect();
    let values = |value: fn(&StoredRun) -> (Option<f64>, String)| -> Vec<(Option<f64>, String)> {
        sorted.iter().map(|run| value(run)).collect()
    };
    let defects = values(|run| match &run.defects {
        Some(defects) => (Some(defects.len() as f64), defects.len().to_string()),
        None => (None, String::new()),
    });
    let must = values(|run| {
        let score = run.score();
        (score.whole.then(|| score.must.percent()), score.must_share())
    });
    let seconds = values(|run| (Some(run.summary.duration_ms as f64), format!("{} s", seconds(run))));
    let before = [None].into_iter().chain(sorted.iter().copied().map(Some));
    let rows = target.iter().zip(before).map(|(index, before)| row(*index, &runs[*index], before));
    Trend {
        name: sorted[0].target.name.clone(),
        role: sorted[0].target.role.to_string(),
        lines: vec![
            trend_line("defects", &defects),
            trend_line("MUST requirements met", &must),
            trend_line("duration", &seconds),
        ],
        runs: rows.collect(),
    }
}

fn row(index: usize, run: &StoredRun, before: Option<&StoredRun>) -> TrendRun {
    let score = run.score();
    TrendRun {
        index,
        started: run.started.as_deref().map_or_else(|| format!("run {}", index + 1), moment),
        version: run.suite.version.clone(),
        grade: run.grade().0.to_owned(),
        defects: run.defects.as_ref().map(Vec::len),
        severities: severities(run),
        must: score.must.to_string(),
        should: score.should.to_string(),
        seconds: seconds(run),
        new: before.map(|before| defects_without(run, before)).unwrap_or_default(),
        fixed: before.map(|before| defects_without(before, run)).unwrap_or_default(),
    }
}

fn seconds(run: &StoredRun) -> String {
    format!("{:.2}", run.summary.duration_ms as f64 / 1000.0)
}
