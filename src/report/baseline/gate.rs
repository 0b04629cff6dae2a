//! The gate: a run against a baseline. Pure; the day is an argument.

use super::model::{AcceptedDefect, BREADTH_MAX, Baseline, Entry, Match, Subject};
use crate::report::stored::{Gate, GateKind, GateLine, StoredInstance, StoredRun};
use std::collections::BTreeMap;
use toml::value::Date;
use wsgauntlet_suite::oracle::VerdictKind;

/// The day on which a gate is judged.
pub type Today = Date;

/// How a gate is left, gravest first; each has its exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GateStatus {
    /// A signal stopped the run: what was not played has no other reason.
    Interrupted,
    /// The target died, or an instance was blocked.
    Target,
    /// The harness failed, or the run is incomplete.
    Harness,
    /// Worse than the baseline.
    Worse,
    /// The baseline says what is not so any more, or what may not be said.
    Stale,
    /// Nothing deviates but what the baseline accepts.
    Good,
}

impl GateStatus {
    /// The exit status.
    pub fn code(self) -> u8 {
        match self {
            GateStatus::Good => 0,
            GateStatus::Worse => 1,
            GateStatus::Harness => 4,
            GateStatus::Stale => 5,
            GateStatus::Target => 6,
            GateStatus::Interrupted => 130,
        }
    }
}

/// Judges a run: marks what the baseline accepts, and leaves the gate's lines in it. `exists` says
/// whether the library holds something that an entry names, beyond what was selected.
pub fn judge(
    run: &mut StoredRun,
    baseline: Option<&Baseline>,
    strict: bool,
    today: Today,
    exists: &dyn Fn(&Subject) -> bool,
) -> GateStatus {
    let shown = run.known_defects().iter().map(|defect| (defect.id.clone(), defect.instances.clone()));
    let shown = shown.collect();
    judge_knowing(run, baseline, strict, today, exists, &shown)
}

/// The ids of the instances that show each defect, by the defect's id.
pub type Shown = BTreeMap<String, Vec<String>>;

/// As `judge`, for a run that cannot be diagnosed: `shown` has the instances that show the accepted defects.
pub fn judge_knowing(
    run: &mut StoredRun,
    baseline: Option<&Baseline>,
    strict: bool,
    today: Today,
    exists: &dyn Fn(&Subject) -> bool,
    shown: &Shown,
) -> GateStatus {
    let none = Baseline::default();
    let Baseline { entries, defects: accepted, .. } = baseline.unwrap_or(&none);
    let of_instance = accepted_by_defect(shown, accepted, today);
    let mut lines = Vec::new();
    for instance in &mut run.instances {
        lines.extend(judge_instance(instance, entries, &of_instance, strict));
    }
    let file = baseline.map_or("", |baseline| &baseline.file);
    for entry in entries {
        lines.extend(judge_entry(entry, entries, run, (file, strict, today), exists));
    }
    lines.extend(accepted.iter().filter_map(|defect| judge_defect(defect, run, file, today)));
    // Nobody may take that for a pass.
    if run.instances.iter().all(|instance| instance.verdict == VerdictKind::Inapplicable) {
        let text = "no instance says anything of the target: each needs what it lacks".to_owned();
        lines.push(GateLine { kind: GateKind::NothingJudged, subject: run.target.name.clone(), text });
    }
    lines.sort_by_key(|line: &GateLine| line.kind);
    let status = status(run, &lines);
    run.gate = Some(Gate {
        strict,
        baseline: baseline.map(|baseline| baseline.file.clone()),
        status: status.code(),
        lines,
    });
    status
}

/// Why each instance is accepted that shows accepted defects and no other ones.
fn accepted_by_defect(shown: &Shown, accepted: &[AcceptedDefect], today: Today) -> BTreeMap<String, String> {
    let valid = || accepted.iter().filter(|entry| !entry.is_expired(today));
    let mut of = BTreeMap::new();
    for entry in valid() {
        let reason = match &entry.link {
            Some(link) => format!("{} ({link})", entry.reason),
            None => entry.reason.clone(),
        };
        of.extend(shown.get(&entry.id).into_iter().flatten().map(|id| (id.clone(), reason.clone())));
    }
    let others = shown.iter().filter(|(id, _)| !valid().any(|entry| entry.id == **id));
    for instance in others.flat_map(|(_, instances)| instances) {
        of.remove(instance);
    }
    of
}

/// What is wrong with the entry of a defect. Nothing is known of a run that was not diagnosed: its instances fail as others do.
fn judge_defect(entry: &AcceptedDefect, run: &StoredRun, file: &str, today: Today) -> Option<GateLine> {
    let defects = run.defects.as_ref()?;
    let line =
        |kind, text| Some(GateLine { kind, subject: format!("{} ({file}:{})", entry.id, entry.line), text });
    if !defects.iter().any(|defect| defect.id == entry.id) {
        return line(GateKind::Passes, "the target does not have this defect".to_owned());
    }
    let last = entry.expires.filter(|_| entry.is_expired(today))?;
    line(GateKind::Expired, format!("it was accepted until {last}: {}", entry.reason))
}

fn judge_instance(
    instance: &mut StoredInstance,
    entries: &[Entry],
    of_defects: &BTreeMap<String, String>,
    strict: bool,
) -> Option<GateLine> {
    instance.accepted = None;
    let line = |kind, text| Some(GateLine { kind, subject: instance.id.clone(), text });
    match instance.verdict {
        VerdictKind::Blocked => return line(GateKind::Blocked, instance.observed().to_owned()),
        VerdictKind::Error => return line(GateKind::Error, instance.observed().to_owned()),
        VerdictKind::Pass | VerdictKind::Info | VerdictKind::Inapplicable => return None,
        VerdictKind::Lenient | VerdictKind::Fail | VerdictKind::Flaky => {}
    }
    let naming: Vec<&Entry> = entries.iter().filter(|entry| entry.names(instance)).collect();
    if let Some(entry) = naming.iter().find(|entry| entry.weigh(instance, strict) == Match::Satisfied) {
        instance.accepted = Some(match &entry.link {
            Some(link) => format!("{} ({link})", entry.reason),
            None => entry.reason.clone(),
        });
        return None;
    }
    if let Some(reason) = of_defects.get(&instance.id) {
        instance.accepted = Some(reason.clone());
        return None;
    }
    if instance.verdict.is_acceptable(strict) {
        return None;
    }
    let print = instance.fingerprint().unwrap_or("none");
    let text = format!("{}, {} (fingerprint {print})", instance.verdict, instance.observed());
    match naming.first() {
        None => line(GateKind::New, text),
        Some(entry) => {
            let listed = entry.fingerprint.as_deref().unwrap_or("none");
            line(GateKind::Changed, format!("{text}, listed as {} (fingerprint {listed})", entry.verdict))
        }
    }
}

fn judge_entry(
    entry: &Entry,
    entries: &[Entry],
    run: &StoredRun,
    (file, strict, today): (&str, bool, Today),
    exists: &dyn Fn(&Subject) -> bool,
) -> Vec<GateLine> {
    let named: Vec<&StoredInstance> = run.instances.iter().filter(|instance| entry.names(instance)).collect();
    let subject = format!("{} ({file}:{})", entry.subject, entry.line);
    let line = |kind, text: String| GateLine { kind, subject: subject.clone(), text };
    if named.is_empty() {
        if exists(&entry.subject) {
            return Vec::new();
        }
        return vec![line(GateKind::MatchesNothing, "no instance has this name".to_owned())];
    }
    let mut lines = Vec::new();
    if named.len() > BREADTH_MAX {
        lines.push(line(
            GateKind::TooBroad,
            format!("it names {} instances, {BREADTH_MAX} at most", named.len()),
        ));
    }
    let passing: Vec<&&StoredInstance> =
        named.iter().filter(|instance| entry.weigh(instance, strict) == Match::Passes).collect();
    if let Some(first) = passing.first() {
        let text = match (passing.len(), named.len()) {
            (1, 1) => format!("it is {} now", first.verdict),
            (some, all) => {
                format!("{some} of {all} instances do not deviate any more, the first is {}", first.id)
            }
        };
        lines.push(line(GateKind::Passes, text));
    } else if let Some(last) = entry.expires.filter(|_| entry.is_expired(today)) {
        lines.push(line(GateKind::Expired, format!("it was accepted until {last}: {}", entry.reason)));
    } else if entry.is_vain(&named, entries, strict) {
        let text = "no instance deviates so: what it names is accepted by other entries".to_owned();
        lines.push(line(GateKind::MatchesNothing, text));
    }
    lines
}

fn status(run: &StoredRun, lines: &[GateLine]) -> GateStatus {
    if run.was_stopped() {
        return GateStatus::Interrupted;
    }
    if !run.deaths.is_empty() {
        return GateStatus::Target;
    }
    let of_lines = lines.iter().map(|line| match line.kind {
        GateKind::Blocked | GateKind::NothingJudged => GateStatus::Target,
        GateKind::Error => GateStatus::Harness,
        GateKind::New | GateKind::Changed => GateStatus::Worse,
        GateKind::Passes | GateKind::MatchesNothing | GateKind::Expired | GateKind::TooBroad => {
            GateStatus::Stale
        }
    });
    let interrupted = run.interrupted.is_some().then_some(GateStatus::Harness);
    of_lines.chain(interrupted).min().unwrap_or(GateStatus::Good)
}
