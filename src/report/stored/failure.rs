//! One deviation of a stored run: its sentences, and beside them the values that they are made of.

use serde::{Deserialize, Serialize};
use wsgauntlet_suite::matching::structure::Detail;
use wsgauntlet_suite::oracle::fingerprint::is_fingerprint;
use wsgauntlet_suite::oracle::verdict::Source;
use wsgauntlet_suite::oracle::{Failure, Observed};

/// One deviation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFailure {
    /// The index of the step that deviated.
    #[serde(default)]
    pub step: Option<usize>,
    /// The monitor that complained.
    #[serde(default)]
    pub monitor: Option<String>,
    /// The kind of the step (`message`, `fail`, `closing-handshake`), or the name of the monitor. Absent from reports of
    /// schema 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The id of the requirement that is violated.
    pub requirement: String,
    /// A sentence. Its wording may change with any release; `values` does not.
    pub expected: String,
    /// A sentence.
    pub observed: String,
    /// What the sentences say, for programs. Absent from reports of schema 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<StoredValues>,
    /// The same for deviations of one kind and cause. In reports of schema 1 that of version 1.
    pub fingerprint: String,
    /// The fingerprint of version 1, as older baselines have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint_v1: Option<String>,
    /// What it breaks is no MUST, or the case tolerates it: alone it would have been `lenient`.
    #[serde(default)]
    pub tolerated: bool,
}

/// What was expected and observed, as values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredValues {
    /// What was expected.
    pub expected: StoredExpected,
    /// What was observed.
    pub observed: StoredObserved,
}

/// What was expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredExpected {
    /// `outcomes` of a step, a `rule`, `anything`, `survives` or `memory`.
    pub kind: String,
    /// The outcomes of a step, the ideal one first: `message:text`, `close:1000`, `fail:1002`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<String>,
}

/// What was observed, without lengths, payloads and texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredObserved {
    /// `close`, `end`, `message`, `silence`, `masked-frame`, ..
    pub kind: String,
    /// The code of a Close frame, or of the close event of a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_code: Option<u16>,
    /// The status of a response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The status with which a process exited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_status: Option<i32>,
    /// The signal that ended a process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// `text`, `ping`, `reserved-data`, ..
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opcode: Option<String>,
    /// What else tells observations of the kind apart: the name of a field, reserved bits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// What goes with it: `no-close`, `stays-open`, `early`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
}

impl StoredFailure {
    /// A deviation with its sentences.
    pub fn of(failure: &Failure) -> StoredFailure {
        let (step, monitor) = match failure.source {
            Source::Step(step) => (Some(step), None),
            Source::Monitor(monitor) => (None, Some(monitor.to_owned())),
        };
        let expected = StoredExpected {
            kind: failure.expected.kind().to_owned(),
            outcomes: failure.expected.outcomes(),
        };
        StoredFailure {
            step,
            monitor,
            place: Some(failure.place.to_string()),
            requirement: failure.requirement.to_string(),
            expected: failure.expected.to_string(),
            observed: failure.observed.to_string(),
            values: Some(StoredValues { expected, observed: StoredObserved::of(&failure.observed) }),
            fingerprint: failure.fingerprint(),
            fingerprint_v1: Some(failure.legacy_fingerprint()),
            tolerated: failure.tolerated,
        }
    }

    /// Whether a baseline's fingerprint, of any version, is that of this failure.
    pub fn has_fingerprint(&self, fingerprint: &str) -> bool {
        self.fingerprint == fingerprint || self.fingerprint_v1.as_deref() == Some(fingerprint)
    }

    /// Whether two failures, of runs of any schema, are of one kind and cause. Where one of them has only a fingerprint of
    /// version 1, these are compared.
    pub fn is_as(&self, other: &StoredFailure) -> bool {
        match is_fingerprint(&self.fingerprint) && is_fingerprint(&other.fingerprint) {
            true => self.fingerprint == other.fingerprint,
            false => self.fingerprint_v1 == other.fingerprint_v1 && self.requirement == other.requirement,
        }
    }
}

impl StoredObserved {
    fn of(observed: &Observed) -> StoredObserved {
        let structure = observed.structure();
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let mut stored = StoredObserved {
            kind: structure.kind.to_owned(),
            marks: words(&structure.marks),
            ..StoredObserved::default()
        };
        match &structure.detail {
            Detail::Nothing => {}
            Detail::CloseCode(code) => stored.close_code = Some(*code),
            Detail::Status(status) => stored.status = Some(*status),
            Detail::ExitStatus(status) => stored.exit_status = Some(*status),
            Detail::Signal(signal) => stored.signal = Some(*signal),
            Detail::Opcode(word) => stored.opcode = Some((*word).to_owned()),
            Detail::Words(list) => stored.words = words(list),
        }
        stored
    }
}
