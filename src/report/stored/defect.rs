//! The defects behind the deviations of a run, and the grades that follow from them. The diagnosis, a layer above the reports, makes
//! them when a run ends. A run that could not be diagnosed has none of these fields.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One defect of the target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StoredDefect {
    /// Stable across runs and versions: the name of a known fault, or `requirement@class` where no known fault explains the
    /// deviations.
    pub id: String,
    /// One sentence about the target, without a full stop.
    pub title: String,
    /// What it means for users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub means: Option<String>,
    /// `critical`, `security`, `interop`, `strictness` or `hygiene`.
    pub severity: String,
    /// The best grade that a target with this defect can have.
    pub allows: String,
    /// Whether a known fault explains it.
    pub explained: bool,
    /// The requirements that its instances break, the one with the most instances first.
    pub requirements: Vec<StoredQuote>,
    /// What was observed in the instance `smallest`.
    pub observed: String,
    /// The ids of all instances that show it.
    pub instances: Vec<String>,
    /// The one of `instances` with the shortest script.
    pub smallest: String,
    /// How well the defect fits what was seen.
    pub agreement: StoredAgreement,
    /// How many of the audited implementations fail the same cases, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub also: Option<StoredShare>,
}

/// A requirement with its sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StoredQuote {
    /// The id of the requirement.
    pub id: String,
    /// `RFC 6455 §5.1`
    pub citation: String,
    /// The sentence of the RFC.
    pub quote: String,
}

/// How what a known fault predicts agrees with what was seen: numbers of instances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StoredAgreement {
    /// Predicted, and seen exactly so.
    pub seen: usize,
    /// Predicted, and seen in another form.
    pub seen_alike: usize,
    /// Predicted, but the instance deviates in another way.
    pub hidden: usize,
    /// Predicted, but the target passed.
    pub not_seen: usize,
    /// Similar deviations that were not predicted.
    pub not_predicted: usize,
}

/// How many of the audited implementations share something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredShare {
    /// Those that do.
    pub having: usize,
    /// All that were audited.
    pub of: usize,
}

/// The grades of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StoredGrades {
    /// The grade of the whole target.
    pub overall: StoredGrade,
    /// Of the opening handshake, with what is negotiated in it.
    pub opening: StoredGrade,
    /// Of all that follows the opening handshake.
    pub protocol: StoredGrade,
    /// Where the target stands among the audited implementations, if that is known: a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<String>,
    /// The same as numbers, for pictures. Older reports do not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<StoredField>,
}

/// The audited implementations of the same role, beside the target. Shares are in thousandths of the cases that were decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StoredField {
    /// When most of them were audited: `November 2026`.
    pub date: String,
    /// The share of the cases that the target fails.
    pub failing: u16,
    /// For each audited implementation, of the cases that both decided: the share that the target fails, and the share that the
    /// other one fails. Sorted by the latter.
    pub others: Vec<(u16, u16)>,
    /// For each area, how many of the implementations fail a larger share of its cases than the target does.
    pub areas: BTreeMap<String, StoredShare>,
}

/// One grade.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StoredGrade {
    /// `A+` to `F`.
    pub grade: String,
    /// The ids of the defects that hold it down.
    pub held_by: Vec<String>,
    /// The grade once these are mended.
    pub when_mended: String,
}

impl StoredGrade {
    /// `because of 3 defects; C without them`. Empty where nothing holds the grade down.
    pub fn reason(&self) -> String {
        match self.held_by.len() {
            0 => String::new(),
            1 => format!("because of 1 defect; {} without it", self.when_mended),
            count => format!("because of {count} defects; {} without them", self.when_mended),
        }
    }
}
