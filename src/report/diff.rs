//! What differs between two stored runs: what is new, what is fixed, what deviates differently, what
//! is slower or faster.

use super::stored::{StoredInstance, StoredRun};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use wsgauntlet_suite::oracle::VerdictKind;

/// A play is slower, or faster, when it takes this many times as long as before, measured by the run as a whole: what slows
/// all plays down is the machine ..
const SPEED_FACTOR: f64 = 3.0;

/// .. and differs by this much, in microseconds: below it is noise.
const SPEED_STEP_US: u64 = 100_000;

/// How many lines on speed a table shows, where they are asked for.
const SPEED_LINES_MAX: usize = 200;

/// How many lines of a kind a table shows.
const LINES_MAX: usize = 50;

/// How an instance differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// It deviates, and did not.
    New,
    /// It deviated, and now deviates differently.
    Changed,
    /// Nothing can be said of it any more: it was blocked, in error or has become inapplicable.
    Lost,
    /// It deviated, and does not any more.
    Fixed,
    /// It is in the new run alone.
    Added,
    /// It is in the old run alone.
    Removed,
    // Last, since a busy machine makes them.
    /// It took longer.
    Slower,
    /// It took less time.
    Faster,
}

impl ChangeKind {
    /// All of them, in the order of reports.
    pub const ALL: [ChangeKind; 8] = [
        ChangeKind::New,
        ChangeKind::Changed,
        ChangeKind::Lost,
        ChangeKind::Fixed,
        ChangeKind::Added,
        ChangeKind::Removed,
        ChangeKind::Slower,
        ChangeKind::Faster,
    ];

    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            ChangeKind::New => "new",
            ChangeKind::Changed => "changed",
            ChangeKind::Fixed => "fixed",
            ChangeKind::Slower => "slower",
            ChangeKind::Faster => "faster",
            ChangeKind::Lost => "lost",
            ChangeKind::Added => "added",
            ChangeKind::Removed => "removed",
        }
    }
}

/// One instance that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// How it differs.
    pub kind: ChangeKind,
    /// The id of the instance.
    pub id: String,
    /// What the old run has.
    pub old: Option<Side>,
    /// What the new run has.
    pub new: Option<Side>,
}

/// An instance on one side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The verdict.
    pub verdict: VerdictKind,
    /// What was observed, as a sentence.
    pub observed: String,
    /// What tells the deviation from others; `None` for a pass.
    pub fingerprint: Option<String>,
    /// How long it took, in microseconds.
    pub duration_us: u64,
}

/// All that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// The name of the old run's target.
    pub old: String,
    /// The name of the new run's target.
    pub new: String,
    /// How long the old run took, in milliseconds.
    pub old_duration_ms: u64,
    /// How long the new run took, in milliseconds.
    pub new_duration_ms: u64,
    /// The grade of the old run.
    pub old_grade: String,
    /// The grade of the new run.
    pub new_grade: String,
    /// Defects of the old run alone: their titles. Empty if one of the runs was not diagnosed.
    pub fixed_defects: Vec<String>,
    /// Defects of the new run alone: their titles. Empty if one of the runs was not diagnosed.
    pub new_defects: Vec<String>,
    /// By kind, and within a kind by id.
    pub changes: Vec<Change>,
}

/// Compares two runs. A lenient verdict is a deviation here, whatever the gate thought of it.
pub fn diff(old: &StoredRun, new: &StoredRun) -> Diff {
    let before: BTreeMap<&str, &StoredInstance> = old.instances.iter().map(|i| (i.id.as_str(), i)).collect();
    let after: BTreeMap<&str, &StoredInstance> = new.instances.iter().map(|i| (i.id.as_str(), i)).collect();
    let mut changes = Vec::new();
    let pace = pace(&before, &after);
    for (id, new) in &after {
        let old = before.get(id).copied();
        for kind in kinds(old, new, pace) {
            changes.push(Change { kind, id: (*id).to_owned(), old: old.map(side), new: Some(side(new)) });
        }
    }
    for (id, old) in before.iter().filter(|(id, _)| !after.contains_key(*id)) {
        changes.push(Change {
            kind: ChangeKind::Removed,
            id: (*id).to_owned(),
            old: Some(side(old)),
            new: None,
        });
    }
    changes.sort_by_key(|change| change.kind);
    Diff {
        old: old.target.name.clone(),
        new: new.target.name.clone(),
        old_duration_ms: old.summary.duration_ms,
        new_duration_ms: new.summary.duration_ms,
        old_grade: old.grade().0.to_owned(),
        new_grade: new.grade().0.to_owned(),
        fixed_defects: defects_without(old, new),
        new_defects: defects_without(new, old),
        changes,
    }
}

/// The titles of the defects of a run that the other does not have.
pub(super) fn defects_without(run: &StoredRun, other: &StoredRun) -> Vec<String> {
    let (Some(defects), Some(others)) = (&run.defects, &other.defects) else { return Vec::new() };
    let only = defects.iter().filter(|defect| others.iter().all(|other| other.id != defect.id));
    only.map(|defect| defect.title.clone()).collect()
}

fn side(instance: &StoredInstance) -> Side {
    Side {
        verdict: instance.verdict,
        observed: instance.observed().to_owned(),
        fingerprint: instance.fingerprint().map(str::to_owned),
        duration_us: instance.duration_us,
    }
}

/// Whether its verdict shows nothing about the target.
fn is_mute(instance: &StoredInstance) -> bool {
    matches!(instance.verdict, VerdictKind::Blocked | VerdictKind::Error | VerdictKind::Inapplicable)
}

fn deviates(instance: &StoredInstance) -> bool {
    !is_mute(instance) && instance.is_deviating(true)
}

fn kinds(old: Option<&StoredInstance>, new: &StoredInstance, pace: f64) -> Vec<ChangeKind> {
    let Some(old) = old else {
        return if deviates(new) { vec![ChangeKind::New] } else { vec![ChangeKind::Added] };
    };
    let mut kinds = Vec::new();
    match (is_mute(old), is_mute(new)) {
        (false, true) => return vec![ChangeKind::Lost],
        (_, true) => return kinds,
        (_, false) => {}
    }
    match (deviates(old), deviates(new)) {
        (false, true) => kinds.push(ChangeKind::New),
        (true, false) => kinds.push(ChangeKind::Fixed),
        (true, true) if old.verdict != new.verdict || !old.fails_as(new) => {
            kinds.push(ChangeKind::Changed);
        }
        (true, true) | (false, false) => {}
    }
    if kinds.is_empty() && !is_mute(old) {
        kinds.extend(speed(old.duration_us, new.duration_us, pace));
    }
    kinds
}

/// How many times as long as before the play in the middle takes.
fn pace(before: &BTreeMap<&str, &StoredInstance>, after: &BTreeMap<&str, &StoredInstance>) -> f64 {
    let played = |instance: &&StoredInstance| !is_mute(instance) && instance.duration_us > 0;
    let mut ratios: Vec<f64> = after
        .iter()
        .filter_map(|(id, new)| Some((*before.get(id)?, *new)))
        .filter(|(old, new)| played(old) && played(new))
        .map(|(old, new)| new.duration_us as f64 / old.duration_us as f64)
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().unwrap_or(1.0)
}

fn speed(old_us: u64, new_us: u64, pace: f64) -> Option<ChangeKind> {
    let (old, new) = (old_us as f64, new_us as f64);
    // A machine that is slow now excuses what is slower, and one that was slow then what is faster.
    if old_us.abs_diff(new_us) < SPEED_STEP_US {
        None
    } else if new >= old * SPEED_FACTOR * pace.max(1.0) {
        Some(ChangeKind::Slower)
    } else if old >= new * SPEED_FACTOR / pace.min(1.0) {
        Some(ChangeKind::Faster)
    } else {
        None
    }
}

impl ChangeKind {
    fn is_speed(self) -> bool {
        matches!(self, ChangeKind::Slower | ChangeKind::Faster)
    }
}

impl Diff {
    /// The changes of one kind.
    pub fn of(&self, kind: ChangeKind) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.kind == kind)
    }

    /// The difference as JSON.
    pub fn json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("a diff has only keys that are texts");
        text + "\n"
    }

    /// For a terminal. `speed`: each play that is slower or faster, too.
    pub fn table(&self, speed: bool) -> String {
        let mut out = self.head();
        out.extend(self.defects().map(|line| line + "\n"));
        for kind in ChangeKind::ALL {
            let changes: Vec<&Change> = self.of(kind).collect();
            let lines_max = match (kind.is_speed(), speed) {
                (false, _) => LINES_MAX,
                (true, true) => SPEED_LINES_MAX,
                (true, false) => {
                    out.extend(self.summarised(kind).map(|line| format!("{:<8} {line}\n", kind.as_str())));
                    continue;
                }
            };
            for change in changes.iter().take(lines_max) {
                let _ = writeln!(out, "{:<8} {}  {}", kind.as_str(), change.id, change.says());
            }
            if changes.len() > lines_max {
                let _ = writeln!(out, "{:<8} .. and {} more", kind.as_str(), changes.len() - lines_max);
            }
        }
        let _ = writeln!(out, "{}", self.counts());
        out
    }

    /// What is slower, or faster, in one line.
    fn summarised(&self, kind: ChangeKind) -> Option<String> {
        let changed = |change: &&Change| {
            let us = |side: &Option<Side>| side.as_ref().map_or(0, |side| side.duration_us);
            us(&change.old).abs_diff(us(&change.new))
        };
        let most = self.of(kind).max_by_key(changed)?;
        let count = match self.of(kind).count() {
            1 => "1 instance".to_owned(),
            count => format!("{count} instances"),
        };
        Some(format!("{count}, most of all {}: {} (--speed lists them)", most.id, most.says()))
    }

    /// For a merge request.
    pub fn markdown(&self) -> String {
        let mut out = format!("**{}**\n\n{}\n", self.head().trim_end(), self.counts());
        for line in self.defects() {
            let _ = writeln!(out, "\n{}", super::summary::escape(&line));
        }
        if self.changes.is_empty() {
            return out;
        }
        out.push_str("\n| | instance | |\n| --- | --- | --- |\n");
        for kind in ChangeKind::ALL {
            if kind.is_speed() {
                let line = self.summarised(kind).map(|line| super::summary::escape(&line));
                out.extend(line.map(|line| format!("| {} | | {line} |\n", kind.as_str())));
                continue;
            }
            let changes: Vec<&Change> = self.of(kind).collect();
            for change in changes.iter().take(LINES_MAX) {
                let says = super::summary::escape(&change.says());
                let _ = writeln!(out, "| {} | `{}` | {says} |", kind.as_str(), change.id);
            }
            if changes.len() > LINES_MAX {
                let _ = writeln!(out, "| {} | and {} more | |", kind.as_str(), changes.len() - LINES_MAX);
            }
        }
        out
    }

    /// `fixed: 2 defects: ..` and `new: 1 defect: ..`.
    fn defects(&self) -> impl Iterator<Item = String> {
        let kinds = [("fixed", &self.fixed_defects), ("new", &self.new_defects)];
        kinds.into_iter().filter(|(_, titles)| !titles.is_empty()).map(|(kind, titles)| {
            let s = if titles.len() == 1 { "" } else { "s" };
            format!("{kind}: {} defect{s}: {}", titles.len(), titles.join("; "))
        })
    }

    fn head(&self) -> String {
        let seconds = |ms: u64| ms as f64 / 1000.0;
        let grades = if self.old_grade == self.new_grade {
            format!("grade {}", self.new_grade)
        } else {
            format!("grade {} -> {}", self.old_grade, self.new_grade)
        };
        let names =
            if self.old == self.new { self.new.clone() } else { format!("{} -> {}", self.old, self.new) };
        format!(
            "{names} · {grades} · {:.2} s -> {:.2} s\n",
            seconds(self.old_duration_ms),
            seconds(self.new_duration_ms)
        )
    }

    fn counts(&self) -> String {
        let counts: Vec<String> = ChangeKind::ALL
            .into_iter()
            .map(|kind| (self.of(kind).count(), kind))
            .filter(|(count, _)| *count > 0)
            .map(|(count, kind)| format!("{count} {}", kind.as_str()))
            .collect();
        if counts.is_empty() { "no difference".to_owned() } else { counts.join(", ") }
    }
}

impl Change {
    fn says(&self) -> String {
        let verdict =
            |side: &Option<Side>| side.as_ref().map(|side| side.verdict.as_str()).unwrap_or("absent");
        let ms = |side: &Option<Side>| side.as_ref().map_or(0.0, |side| side.duration_us as f64 / 1000.0);
        match self.kind {
            ChangeKind::Slower | ChangeKind::Faster => {
                format!("{:.1} ms -> {:.1} ms", ms(&self.old), ms(&self.new))
            }
            ChangeKind::New | ChangeKind::Changed | ChangeKind::Lost | ChangeKind::Added => {
                let observed =
                    self.new.as_ref().map(|side| side.observed.as_str()).filter(|text| !text.is_empty());
                let observed = observed.map(|text| format!(": {text}")).unwrap_or_default();
                format!("{} -> {}{observed}", verdict(&self.old), verdict(&self.new))
            }
            ChangeKind::Fixed | ChangeKind::Removed => {
                format!("{} -> {}", verdict(&self.old), verdict(&self.new))
            }
        }
    }
}
