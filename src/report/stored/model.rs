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
    /// The name and version of the schema.
    pub schema: String,
    /// The suite that was played.
    pub suite: Suite,
    /// The target.
    pub target: StoredTarget,
    /// The counts of verdicts.
    pub summary: Summary,
    /// When it began, RFC 3339 in UTC.
    #[serde(default)]
    pub started: Option<String>,
    /// The seed of the run.
    #[serde(default)]
    pub seed: u64,
    /// Connections at once.
    #[serde(default)]
    pub jobs: usize,
    /// Which instances were selected.
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
    /// The instances, in the order of the library.
    pub instances: Vec<StoredInstance>,
}

/// The suite of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suite {
    /// The version of wsgauntlet.
    pub version: String,
    /// How many cases it has.
    pub cases: usize,
    /// How many instances it has for the role.
    pub instances: usize,
}

/// The target of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredTarget {
    /// Its role.
    #[serde(with = "role")]
    pub role: Role,
    /// Its name.
    pub name: String,
    /// Its URL; for a client, what was launched.
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
    /// What the probe found that a reader has to know.
    #[serde(default)]
    pub remarks: Vec<String>,
}

/// The counts of verdicts, and the score.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// How many passed.
    pub pass: usize,
    /// How many were lenient, or did not follow a SHOULD.
    pub lenient: usize,
    /// How many failed.
    pub fail: usize,
    /// How many were observed only.
    pub info: usize,
    /// How many did not apply.
    pub inapplicable: usize,
    /// How many could not be played.
    pub blocked: usize,
    /// How many differed between plays.
    pub flaky: usize,
    /// How many the harness failed in.
    pub error: usize,
    /// The requirements that a target MUST meet.
    pub must: Tally,
    /// The requirements that a target SHOULD meet.
    pub should: Tally,
    /// The grade; empty if the run has none.
    pub grade: String,
    /// Why the grade is not better, or why the run has no grade.
    pub grade_reason: String,
    /// What is said before the failures.
    pub remarks: Vec<String>,
    /// How long the run took, in milliseconds.
    pub duration_ms: u64,
}

/// Which instances the run holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Selection {
    /// The name of the profile.
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
    /// MUST, SHOULD or MAY.
    #[serde(with = "named")]
    pub level: Level,
    /// How bad a violation is.
    #[serde(with = "named")]
    pub severity: Severity,
    /// The sentence of the RFC.
    pub quote: String,
}

impl StoredRun {
    /// The number of instances with that verdict.
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
