//! The plain model of a stored run. Its instances are in `instance`, their deviations in `failure`.

use super::again::Again;
use super::defect::{StoredDefect, StoredGrades};
use super::gate::Gate;
use super::instance::StoredInstance;
use super::words::{named, role};
use crate::report::features;
use crate::report::tally::Tally;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wsgauntlet_suite::oracle::{Run, VerdictKind};
use wsgauntlet_suite::requirement::{Level, Severity};
use wsgauntlet_wire::Role;

/// A whole run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredRun {
    pub schema: String,
    pub suite: Suite,
    pub target: StoredTarget,
    pub summary: Summary,
    /// When it began, RFC 3339 in UTC.
    #[serde(default)]
    pub started: Option<String>,
    #[serde(default)]
    pub seed: u64,
    /// Connections at once.
    #[serde(default)]
    pub jobs: usize,
    #[serde(default)]
    pub selection: Selection,
    /// How long an answer was awaited, in milliseconds. Older reports do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// Why the run ended before all instances were played.
    #[serde(default)]
    pub interrupted: Option<String>,
    /// The run has not ended: `events.ndjson` holds what was played so far.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unfinished: bool,
    /// Where the target was seen to die.
    #[serde(default)]
    pub deaths: Vec<String>,
    /// Of which instance a launched target died, and how. It was started again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crashes: Vec<String>,
    /// What was tried in how many plays, and worked in how many of these; see `report::features`.
    #[serde(default)]
    pub features: BTreeMap<String, Tally>,
    /// The defects behind its deviations, the gravest first. `None`: it was not diagnosed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub defects: Option<Vec<StoredDefect>>,
    /// The grades that follow from the defects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grades: Option<StoredGrades>,
    /// What the gate said of it.
    #[serde(default)]
    pub gate: Option<Gate>,
    /// The requirements that the instances name, by id.
    #[serde(default)]
    pub requirements: BTreeMap<String, StoredRequirement>,
    pub instances: Vec<StoredInstance>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suite {
    pub version: String,
    pub cases: usize,
    pub instances: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredTarget {
    #[serde(with = "role")]
    pub role: Role,
    pub name: String,
    pub url: String,
    /// The reference that is built in: its address lasts no longer than the run.
    #[serde(default)]
    pub built_in: bool,
    /// How it is reached again. Older reports do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
    /// What the probe saw it do: `echo`, `permessage-deflate`.
    #[serde(default)]
    pub capabilities: BTreeMap<String, bool>,
    /// The faults of all its openings, by name. The instances that are about a fault report it; in the others it was overlooked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overlooked: Vec<String>,
    #[serde(default)]
    pub remarks: Vec<String>,
}

/// The counts of verdicts, and the score.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    pub pass: usize,
    pub lenient: usize,
    pub fail: usize,
    pub info: usize,
    pub inapplicable: usize,
    pub blocked: usize,
    pub flaky: usize,
    pub error: usize,
    pub must: Tally,
    pub should: Tally,
    pub grade: String,
    /// Why the grade is not better, or why there is none.
    pub grade_reason: String,
    /// What is said before the failures.
    pub remarks: Vec<String>,
    pub duration_ms: u64,
}

/// Which instances the run holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Selection {
    pub profile: String,
    /// The filters in words. Empty: everything of the profile.
    pub filters: Vec<String>,
    /// `slice:1/4`, where the run is a shard.
    pub partition: Option<String>,
    /// The cases of a user's own that stand beside the library, sorted.
    pub own: Vec<String>,
}

impl Selection {
    /// Whether instances of the profile were left out.
    pub fn is_filtered(&self) -> bool {
        !self.filters.is_empty() || self.partition.is_some()
    }
}

/// A requirement as the catalogue of that run had it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRequirement {
    /// `RFC 6455 §5.1`
    pub citation: String,
    #[serde(with = "named")]
    pub level: Level,
    #[serde(with = "named")]
    pub severity: Severity,
    pub quote: String,
}

impl StoredRun {
    pub fn count(&self, kind: VerdictKind) -> usize {
        self.instances.iter().filter(|instance| instance.verdict == kind).count()
    }

    /// What is said before the failures: what the probe saw, and what never once worked.
    pub fn remarks(&self) -> Vec<String> {
        let never = features::never_worked(self.target.role, &self.features);
        self.target.remarks.iter().cloned().chain(never).collect()
    }

    pub(crate) fn is_own(&self, instance: &StoredInstance) -> bool {
        self.selection.own.binary_search(&instance.case).is_ok()
    }

    /// Counts verdicts and scores again, after instances were changed.
    pub fn summarise(&mut self) {
        let score = self.score();
        let (grade, grade_reason) = self.grade();
        let grade = grade.to_owned();
        self.summary = Summary {
            pass: self.count(VerdictKind::Pass),
            lenient: self.count(VerdictKind::Lenient),
            fail: self.count(VerdictKind::Fail),
            info: self.count(VerdictKind::Info),
            inapplicable: self.count(VerdictKind::Inapplicable),
            blocked: self.count(VerdictKind::Blocked),
            flaky: self.count(VerdictKind::Flaky),
            error: self.count(VerdictKind::Error),
            must: score.must,
            should: score.should,
            grade,
            grade_reason,
            remarks: self.remarks(),
            duration_ms: self.summary.duration_ms,
        };
    }

    /// Whether a signal, such as that of Ctrl-C, ended the run before all was played.
    pub fn was_stopped(&self) -> bool {
        self.interrupted.as_deref() == Some(Run::STOPPED)
    }

    /// Whether a lenient verdict fails the gate of this run.
    pub fn is_strict(&self) -> bool {
        self.gate.as_ref().is_some_and(|gate| gate.strict)
    }

    /// The areas, in the order of their names.
    pub fn areas(&self) -> BTreeMap<&str, Vec<&StoredInstance>> {
        let mut areas: BTreeMap<&str, Vec<&StoredInstance>> = BTreeMap::new();
        for instance in &self.instances {
            areas.entry(instance.area()).or_default().push(instance);
        }
        areas
    }
}

fn is_false(value: &bool) -> bool {
    !value
}
