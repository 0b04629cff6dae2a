//! One instance of a stored run.

use super::failure::StoredFailure;
use super::words::named;
use serde::{Deserialize, Serialize};
use wsgauntlet_suite::oracle::VerdictKind;
use wsgauntlet_suite::requirement::Level;

/// One instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredInstance {
    /// Case, parameters and role in one name.
    pub id: String,
    /// The path of the case.
    pub case: String,
    /// What the case tests, in one sentence.
    #[serde(default)]
    pub doc: String,
    /// Autobahn's ids of it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The strongest among its requirements.
    #[serde(with = "named")]
    pub level: Level,
    /// Ids of the requirements that it tests.
    pub requirements: Vec<String>,
    /// How the target did.
    pub verdict: VerdictKind,
    /// How the reference did; `None` if it was not played.
    #[serde(default)]
    pub reference: Option<VerdictKind>,
    /// Why it is inapplicable, blocked, flaky or in error.
    #[serde(default)]
    pub reason: Option<String>,
    /// What deviates; `None` for a pass.
    #[serde(default)]
    pub failure: Option<StoredFailure>,
    /// Further deviations of the same play.
    #[serde(default)]
    pub others: Vec<StoredFailure>,
    /// Ids of the requirements that it shows to be met.
    #[serde(default)]
    pub met: Vec<String>,
    /// Why the baseline accepts the deviation, where it does.
    #[serde(default)]
    pub accepted: Option<String>,
    /// How often it was played.
    #[serde(default)]
    pub plays: u32,
    /// How long the play took, in microseconds.
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
    /// What happened between the peer and the reference, one line for each event.
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

impl StoredInstance {
    /// Without role and transport: what is typed to name it.
    pub fn short_id(&self) -> &str {
        self.id.rsplit_once('@').map_or(&self.id, |(id, _)| id)
    }

    /// The first part of the case's path.
    pub fn area(&self) -> &str {
        self.id.split('/').next().unwrap_or_default()
    }

    /// What a person reads first: what the case is about. A monitor may find what the case is not about, and then it is that.
    pub fn heading(&self) -> String {
        match &self.failure {
            Some(StoredFailure { monitor: Some(_), expected, observed, requirement, .. })
                if self.requirements.first() != Some(requirement) =>
            {
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

    /// What tells the deviation from others; `None` for a pass.
    pub fn fingerprint(&self) -> Option<&str> {
        self.failure.as_ref().map(|failure| failure.fingerprint.as_str())
    }

    /// Whether two instances, of runs of any schema, have the same failure, or none both.
    pub fn fails_as(&self, other: &StoredInstance) -> bool {
        match (&self.failure, &other.failure) {
            (Some(failure), Some(other)) => failure.is_as(other),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
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
