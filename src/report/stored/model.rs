//! The plain model of a stored run.

use super::again::Again;
use crate::report::features;
use crate::report::score::{self, Score, Tally};
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

/// What the gate says of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Gate {
    /// A lenient verdict fails it.
    pub strict: bool,
    /// The baseline's file, where there is one.
    pub baseline: Option<String>,
    /// The exit status.
    pub status: u8,
    pub lines: Vec<GateLine>,
}

impl Gate {
    /// The lines that are not said by the failures themselves: all of them beside a baseline, since
    /// it decides which failures count.
    pub fn told(&self) -> impl Iterator<Item = &GateLine> {
        self.lines.iter().filter(|line| self.baseline.is_some() || line.kind == GateKind::NothingJudged)
    }
}

/// One reason why the gate is not open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateLine {
    pub kind: GateKind,
    /// The instance, or the entry of the baseline, that it is about.
    pub subject: String,
    pub text: String,
}

/// What fails a gate, in the order in which it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GateKind {
    /// The target was down: nothing can be said of the instance.
    Blocked,
    /// The harness failed: nothing can be said of the instance.
    Error,
    /// All was inapplicable: nothing can be said of the target.
    NothingJudged,
    /// A deviation that no entry lists.
    New,
    /// A deviation that is listed, but deviates otherwise.
    Changed,
    /// An entry whose instance does not deviate any more.
    Passes,
    /// An entry that names no instance.
    MatchesNothing,
    Expired,
    TooBroad,
}

impl GateKind {
    pub fn as_str(self) -> &'static str {
        match self {
            GateKind::Blocked => "blocked",
            GateKind::Error => "error",
            GateKind::NothingJudged => "nothing judged",
            GateKind::New => "new",
            GateKind::Changed => "changed",
            GateKind::Passes => "passes",
            GateKind::MatchesNothing => "matches nothing",
            GateKind::Expired => "expired",
            GateKind::TooBroad => "too broad",
        }
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

/// One instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredInstance {
    pub id: String,
    pub case: String,
    #[serde(default)]
    pub doc: String,
    /// The first of `aliases`.
    #[serde(default)]
    pub autobahn: Option<String>,
    /// Autobahn's ids of it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The strongest among its requirements.
    #[serde(with = "named")]
    pub level: Level,
    pub requirements: Vec<String>,
    pub verdict: VerdictKind,
    #[serde(default)]
    pub reference: Option<VerdictKind>,
    /// Why it is inapplicable, blocked, flaky or in error.
    #[serde(default)]
    pub reason: Option<String>,
    #[serde(default)]
    pub failure: Option<StoredFailure>,
    /// The requirements of `others`.
    #[serde(default)]
    pub also_broken: Vec<String>,
    /// Further deviations of the same play.
    #[serde(default)]
    pub others: Vec<StoredFailure>,
    #[serde(default)]
    pub met: Vec<String>,
    /// Why the baseline accepts the deviation, where it does.
    #[serde(default)]
    pub accepted: Option<String>,
    /// How often it was played.
    #[serde(default)]
    pub plays: u32,
    #[serde(default)]
    pub duration_us: u64,
    /// How long the answer whose absence is the failure was awaited, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waited_ms: Option<u64>,
    /// The code of the first Close that the target sent.
    #[serde(default)]
    pub close_code: Option<u16>,
    /// What the verdict rests on: the octets, and what is known of the application.
    #[serde(default)]
    pub evidence: Vec<String>,
    /// What a client's application saw, where it could be asked.
    #[serde(default)]
    pub application: Option<StoredApplication>,
    /// The notation of the play; empty where it passed.
    #[serde(default)]
    pub transcript: Vec<String>,
    #[serde(default)]
    pub reference_transcript: Vec<String>,
}

/// What is known of a client's application beside the octets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StoredApplication {
    /// How the command that was launched for the instance ended.
    pub exit: Option<String>,
    /// The last octets that it wrote to stderr, as text.
    pub stderr: String,
    /// What a page in a browser saw, one line an event.
    pub page: Vec<String>,
}

/// One deviation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFailure {
    #[serde(default)]
    pub step: Option<usize>,
    #[serde(default)]
    pub monitor: Option<String>,
    pub requirement: String,
    pub expected: String,
    pub observed: String,
    pub fingerprint: String,
    /// What it breaks is no MUST, or the case bears it: alone it would have been `lenient`.
    #[serde(default)]
    pub tolerated: bool,
}

impl StoredRun {
    pub fn count(&self, kind: VerdictKind) -> usize {
        self.instances.iter().filter(|instance| instance.verdict == kind).count()
    }

    pub fn score(&self) -> Score {
        match score::missing(self) {
            // Cases of a user's own do not make a grade better or worse than another's.
            None => score::score(self.instances.iter().filter(|i| !self.is_own(i)), &self.requirements),
            Some(missing) => score::score(&self.instances, &self.requirements).of_part(missing),
        }
    }

    /// What is said before the failures: what the probe saw, and what never once worked.
    pub fn remarks(&self) -> Vec<String> {
        let never = features::never_worked(self.target.role, &self.features);
        self.target.remarks.iter().cloned().chain(never).collect()
    }

    fn is_own(&self, instance: &StoredInstance) -> bool {
        self.selection.own.binary_search(&instance.case).is_ok()
    }

    /// Counts verdicts and scores again, after instances were changed.
    pub fn summarise(&mut self) {
        let score = self.score();
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
            grade: score.grade.to_string(),
            grade_reason: score.reason,
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

impl StoredInstance {
    /// Without role and transport: what is typed to name it.
    pub fn short_id(&self) -> &str {
        self.id.rsplit_once('@').map_or(&self.id, |(id, _)| id)
    }

    pub fn area(&self) -> &str {
        self.id.split('/').next().unwrap_or_default()
    }

    /// What a person reads first: what the case is about. A monitor finds what the case is not about, and then it is that.
    pub fn heading(&self) -> String {
        match &self.failure {
            Some(StoredFailure { monitor: Some(_), expected, observed, .. }) => {
                format!(
                    "{observed}: expected {expected}. Noticed in a case about something else: {}",
                    self.doc
                )
            }
            Some(_) | None => self.doc.clone(),
        }
    }

    /// Whether a gate without a baseline would stay shut.
    pub fn is_deviating(&self, strict: bool) -> bool {
        !self.verdict.is_acceptable(strict)
    }

    pub fn fingerprint(&self) -> Option<&str> {
        self.failure.as_ref().map(|failure| failure.fingerprint.as_str())
    }

    /// `no answer within 3.0 s`, where that is the failure.
    pub fn waited(&self) -> Option<String> {
        self.waited_ms.map(|ms| format!("no answer within {:.1} s", ms as f64 / 1000.0))
    }

    /// What was observed, or why nothing was.
    pub fn observed(&self) -> &str {
        let observed = self.failure.as_ref().map(|failure| failure.observed.as_str());
        observed.or(self.reason.as_deref()).unwrap_or_default()
    }

    /// All deviations, the deciding one first.
    pub fn failures(&self) -> impl Iterator<Item = &StoredFailure> {
        self.failure.iter().chain(&self.others)
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

/// Values that are stored by the word that stands for them.
mod named {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::fmt::Display;
    use std::str::FromStr;

    pub fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: FromStr,
        T::Err: Display,
        D: Deserializer<'de>,
    {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

mod role {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use wsgauntlet_wire::Role;

    pub fn serialize<S: Serializer>(role: &Role, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(role)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Role, D::Error> {
        let text = String::deserialize(deserializer)?;
        let found = [Role::Client, Role::Server].into_iter().find(|role| role.to_string() == text);
        found.ok_or_else(|| D::Error::unknown_variant(&text, &["client", "server"]))
    }
}
