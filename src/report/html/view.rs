//! What the page shows, as plain values.

use super::beside::{Row, align, is_drawn};
use crate::report::groups::groups;
use crate::report::score::{self, MEANING};
use crate::report::stored::{StoredDefect, StoredInstance, StoredRun};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use wsgauntlet_suite::oracle::VerdictKind;

/// With more instances than this, those that passed are counted and not listed.
const LISTED_MAX: usize = 6000;

/// How many octets of transcripts the page holds. Beyond, report.json has them.
const LINES_LEN_MAX: usize = 2 << 20;

/// How many causes of a run have their transcripts on the page itself.
const CAUSES_MAX: usize = 100;

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

#[derive(Serialize)]
struct RunView {
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
    defects: Vec<StoredDefect>,
    diagnosed: bool,
    opening_grade: String,
    protocol_grade: String,
    /// Where the target stands among the audited implementations; empty if that is not known.
    standing: String,
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
    counts: Vec<usize>,
    must: String,
    should: String,
}

#[derive(Serialize)]
struct Cause {
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
    lines: Vec<(String, String, &'static str)>,
}

#[derive(Serialize)]
struct MatrixRow {
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

#[derive(Serialize)]
struct InstanceRow {
    index: usize,
    run: usize,
    target: String,
    id: String,
    area: String,
    level: String,
    verdict: &'static str,
    accepted: bool,
    observed: String,
    /// Whether there is something to unfold.
    details: bool,
}

/// The data from which the script unfolds an instance. Lines that many transcripts share are held
/// once.
#[derive(Serialize, Default)]
struct Data {
    lines: Vec<String>,
    requirements: Vec<(String, String)>,
    instances: BTreeMap<usize, InstanceData>,
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
    /// Left line, right line; -1 if there is no such line.
    rows: Vec<(i32, i32)>,
    /// The transcripts did not fit.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    cut: bool,
    reference: Option<VerdictKind>,
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
        style: include_str!("style.css"),
        script: include_str!("script.js"),
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

fn row(
    index: usize,
    run_index: usize,
    run: &StoredRun,
    instance: &StoredInstance,
    details: bool,
) -> InstanceRow {
    let shown = instance.verdict != VerdictKind::Pass;
    InstanceRow {
        index,
        run: run_index,
        target: run.target.name.clone(),
        id: instance.short_id().to_owned(),
        area: instance.area().to_owned(),
        level: instance.level.to_string(),
        verdict: instance.verdict.as_str(),
        accepted: instance.accepted.is_some(),
        observed: if shown { instance.observed().to_owned() } else { String::new() },
        details,
    }
}

#[derive(Default)]
struct DataBuilder {
    data: Data,
    lines: HashMap<String, i32>,
    lines_len: usize,
    requirements: HashMap<String, usize>,
}

impl DataBuilder {
    /// Whether there is anything to unfold.
    fn add(&mut self, index: usize, run: &StoredRun, instance: &StoredInstance) -> bool {
        if instance.verdict == VerdictKind::Pass {
            return false;
        }
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
        true
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
    fn json(&self) -> String {
        serde_json::to_string(&self.data)
            .expect("the data has only keys that are texts")
            .replace('<', "\\u003c")
    }
}

/// Marks the side that lacks this line: -1 if that is a difference, -2 if not.
fn absent(line: &str) -> i32 {
    if is_drawn(line) { -2 } else { -1 }
}

fn run_view(index: usize, run: &StoredRun, of_all: &[VerdictKind]) -> RunView {
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
    let groups = groups(run, &serious);
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
        defects: run.known_defects().to_vec(),
        diagnosed: run.defects.is_some(),
        opening_grade: run.grades.as_ref().map(|grades| grades.opening.grade.clone()).unwrap_or_default(),
        protocol_grade: run.grades.as_ref().map(|grades| grades.protocol.grade.clone()).unwrap_or_default(),
        standing: run.grades.as_ref().and_then(|grades| grades.standing.clone()).unwrap_or_default(),
        causes: groups
            .iter()
            .take(CAUSES_MAX)
            .map(|group| cause(run, group.instances[0], group.instances.len() - 1))
            .collect(),
        causes_left_out: groups.len().saturating_sub(CAUSES_MAX),
    }
}

fn gate(run: &StoredRun) -> Option<GateView> {
    let gate = run.gate.as_ref()?;
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
    AreaRow {
        area: area.to_owned(),
        counts: kinds.iter().map(|kind| instances.iter().filter(|i| i.verdict == *kind).count()).collect(),
        must: score.must.to_string(),
        should: score.should.to_string(),
    }
}

fn cause(run: &StoredRun, instance: &StoredInstance, more: usize) -> Cause {
    let requirement =
        instance.failure.as_ref().and_then(|failure| run.requirements.get(&failure.requirement));
    let citation = requirement.map(|r| format!("{} {}", r.citation, r.level)).unwrap_or_default();
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
        lines: lines.collect(),
    }
}

/// A row for each case of any run: what is worst of its instances, and how many are.
fn matrix(runs: &[StoredRun], list_passes: bool) -> Vec<MatrixRow> {
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
