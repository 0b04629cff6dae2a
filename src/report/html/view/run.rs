//! One target: its head, its grades, its gate, its areas, the defects and the other causes.

use super::cause::{Cause, cause};
use super::charts::{Part, StandingChart, bar, standing};
use super::defects::{DefectView, SeverityCount, defects, severities};
use super::{VerdictCount, counts};
use crate::report::groups::groups;
use crate::report::score;
use crate::report::stored::{StoredInstance, StoredRun, StoredShare};
use serde::Serialize;
use wsgauntlet_suite::oracle::VerdictKind;

/// How many causes of a run have their transcripts on the page itself.
const CAUSES_MAX: usize = 100;

#[derive(Serialize)]
pub(super) struct RunView {
    index: usize,
    name: String,
    role: String,
    url: String,
    started: Option<String>,
    seconds: String,
    instances: usize,
    cases: usize,
    capabilities: Vec<String>,
    remarks: Vec<String>,
    grade: String,
    grade_reason: String,
    must: String,
    must_share: String,
    should: String,
    should_share: String,
    /// Where it is not the default one.
    profile: Option<String>,
    interrupted: Option<String>,
    deaths: Vec<String>,
    crashes: Vec<String>,
    filters: Vec<String>,
    gate: Option<GateView>,
    columns: Vec<&'static str>,
    areas: Vec<AreaRow>,
    /// For the overview of several runs: as many of each verdict that any of them has.
    verdicts: Vec<VerdictCount>,
    defects: Vec<DefectView>,
    severities: Vec<SeverityCount>,
    diagnosed: bool,
    opening_grade: String,
    protocol_grade: String,
    /// Where the target stands among the audited implementations; empty if that is not known.
    standing: String,
    standing_chart: Option<StandingChart>,
    exit_status: Option<u8>,
    /// The deviations that no defect covers.
    causes: Vec<Cause>,
    causes_left_out: usize,
}

#[derive(Serialize)]
struct GateView {
    open: bool,
    said: &'static str,
    file: Option<String>,
    accepted: usize,
    status: u8,
    lines: Vec<(String, String, String)>,
}

#[derive(Serialize)]
struct AreaRow {
    area: String,
    bar: Vec<Part>,
    /// Of the audited implementations, those that fail a larger share of the cases.
    better_than: Option<StoredShare>,
    counts: Vec<usize>,
    must: String,
    should: String,
}

pub(super) fn run_view(index: usize, run: &StoredRun, of_all: &[VerdictKind]) -> RunView {
    let score = run.score();
    let kinds: Vec<VerdictKind> = VerdictKind::ALL.into_iter().filter(|kind| run.count(*kind) > 0).collect();
    let mut areas: Vec<AreaRow> =
        run.areas().into_iter().map(|(area, instances)| area_row(area, &instances, &kinds, run)).collect();
    let all: Vec<&StoredInstance> = run.instances.iter().collect();
    areas.push(area_row("all areas", &all, &kinds, run));
    let serious = [
        VerdictKind::Fail,
        VerdictKind::Flaky,
        VerdictKind::Error,
        VerdictKind::Blocked,
        VerdictKind::Lenient,
    ];
    let covered = run.defect_of_instance();
    let groups: Vec<_> = groups(run, &serious)
        .into_iter()
        .filter(|group| group.instances.iter().any(|one| !covered.contains_key(one.id.as_str())))
        .collect();
    let field = run.grades.as_ref().and_then(|grades| grades.field.as_ref());
    RunView {
        index,
        name: run.target.name.clone(),
        role: run.target.role.to_string(),
        url: run.target.url.clone(),
        started: run.started.clone(),
        seconds: format!("{:.2}", run.summary.duration_ms as f64 / 1000.0),
        instances: run.instances.len(),
        cases: run.suite.cases,
        capabilities: run
            .target
            .capabilities
            .iter()
            .filter(|(_, has)| **has)
            .map(|(name, _)| name.clone())
            .collect(),
        remarks: run.remarks(),
        grade: run.grade().0.to_owned(),
        grade_reason: run.grade().1,
        must: score.must.to_string(),
        must_share: score.must_share(),
        should: score.should.to_string(),
        should_share: score.should_share(),
        profile: Some(&run.selection.profile)
            .filter(|name| !["", "default"].contains(&name.as_str()))
            .cloned(),
        interrupted: run.interrupted.clone(),
        deaths: run.deaths.clone(),
        crashes: run.crashes.clone(),
        filters: run.selection.filters.iter().chain(&run.selection.partition).cloned().collect(),
        gate: gate(run),
        verdicts: counts(of_all, |kind| run.count(kind)),
        columns: kinds.iter().map(|kind| kind.as_str()).collect(),
        areas,
        defects: defects(index, run),
        severities: severities(run),
        diagnosed: run.defects.is_some(),
        opening_grade: run.grades.as_ref().map(|grades| grades.opening.grade.clone()).unwrap_or_default(),
        protocol_grade: run.grades.as_ref().map(|grades| grades.protocol.grade.clone()).unwrap_or_default(),
        standing: run.grades.as_ref().and_then(|grades| grades.standing.clone()).unwrap_or_default(),
        standing_chart: field.and_then(standing),
        exit_status: run.gate.as_ref().map(|gate| gate.status),
        causes: groups
            .iter()
            .take(CAUSES_MAX)
            .map(|group| cause(run, group.instances[0], group.instances.len() - 1))
            .collect(),
        causes_left_out: groups.len().saturating_sub(CAUSES_MAX),
    }
}

fn gate(run: &StoredRun) -> Option<GateView> {
    // Without a baseline there is no gate: the verdicts say it all.
    let gate = run.gate.as_ref().filter(|gate| gate.baseline.is_some() || gate.told().next().is_some())?;
    let lines =
        gate.told().map(|line| (line.kind.as_str().to_owned(), line.subject.clone(), line.text.clone()));
    Some(GateView {
        open: gate.status == 0,
        said: match gate.status {
            0 => "open",
            1 => "shut: worse than what is accepted",
            5 => "shut: the baseline is stale",
            6 => "shut: the target could not be judged",
            _ => "shut: the run is incomplete",
        },
        file: gate.baseline.clone(),
        accepted: run.instances.iter().filter(|instance| instance.accepted.is_some()).count(),
        status: gate.status,
        lines: lines.collect(),
    })
}

fn area_row(area: &str, instances: &[&StoredInstance], kinds: &[VerdictKind], run: &StoredRun) -> AreaRow {
    let score = score::score(instances.iter().copied(), &run.requirements);
    let field = run.grades.as_ref().and_then(|grades| grades.field.as_ref());
    AreaRow {
        area: area.to_owned(),
        bar: bar(instances),
        better_than: field.and_then(|field| field.areas.get(area)).copied(),
        counts: kinds.iter().map(|kind| instances.iter().filter(|i| i.verdict == *kind).count()).collect(),
        must: score.must.to_string(),
        should: score.should.to_string(),
    }
}
