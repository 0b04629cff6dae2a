//! What a diagnosis says: the defects of a target, and how well they explain it.

use super::grade::Part;
use super::words::Words;

/// One defect of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defect {
    /// The quirk's name, or `requirement@class` where no quirk explains it: stable across runs and versions.
    pub id: String,
    /// The quirks that explain it equally well: no instance that the run decided tells them apart. Empty: not explained.
    pub quirks: Vec<&'static str>,
    /// Title, meaning and severity.
    pub words: Words,
    /// What was observed in the instance with the shortest script.
    pub observed: String,
    /// The requirements that its instances break, the one with the most instances first.
    pub requirements: Vec<Quoted>,
    /// The ids of all instances that show it, in the order of the library.
    pub instances: Vec<String>,
    /// The one of `instances` with the shortest script.
    pub smallest: String,
    /// How well the defect fits what was seen.
    pub agreement: Agreement,
    /// How many of the audited implementations have it too. `None`: it shows in no case that they were audited with.
    pub also: Option<Also>,
}

/// How many of the audited implementations of a role deviate in the cases of a defect too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Also {
    /// How many deviate in most of them.
    pub having: usize,
    /// Those of whom it is known.
    pub of: usize,
}

/// Where a target stands among the audited implementations of its role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// How many fail more of the cases that both decided.
    pub better_than: usize,
    /// How many were audited.
    pub of: usize,
}

impl Standing {
    /// `fails fewer cases than 49 of 78 implementations audited in November 2026`
    pub fn sentence(&self, date: &str) -> String {
        format!(
            "fails fewer cases than {} of {} implementations audited in {date}",
            self.better_than, self.of
        )
    }
}

/// A requirement with its sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoted {
    pub id: String,
    /// `RFC 6455 §5.1`
    pub citation: String,
    pub quote: String,
}

/// How what a quirk predicts agrees with what was seen, in instances that the run decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Predicted, and seen exactly so.
    pub seen: usize,
    /// Predicted, and seen in another form: another status code, another close code.
    pub seen_alike: usize,
    /// Predicted, but the instance deviates in another way, which may hide it.
    pub hidden: usize,
    /// Predicted, but the target passed.
    pub not_seen: usize,
    /// Not predicted: deviations that no quirk explains, of the same requirement and class.
    pub not_predicted: usize,
}

/// How many verdicts the reference with the defects of a diagnosis shares with the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Model {
    /// Instances that the run decided.
    pub decided: usize,
    /// Those with the same verdict.
    pub same_verdict: usize,
    /// Those with the same verdict and the same observation.
    pub same_observation: usize,
}

/// The diagnosis of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// The gravest first; of equal gravity, the one with the most instances.
    pub defects: Vec<Defect>,
    /// The lawful variants that explain lenient verdicts.
    pub variants: Vec<&'static str>,
    /// Instances that deviate: failures and lenient verdicts.
    pub deviating: usize,
    /// Those of them that no quirk and no variant explains.
    pub unexplained: usize,
    /// Instances of the run that the index does not know, and that are left out: cases of a user's own, and other profiles.
    pub outside: usize,
    /// How well the reference with all defects switched on agrees with the target.
    pub model: Model,
    /// Overall. `None`: only a part of the suite was played.
    pub standing: Option<Standing>,
    /// In each area of cases, by its name. Empty where `standing` is `None`.
    pub standing_in: Vec<(String, Standing)>,
}

impl Defect {
    /// The part of the connection that shows it.
    pub fn part(&self) -> Part {
        Part::of_cases(self.instances.iter().map(String::as_str)).unwrap_or(Part::Protocol)
    }

    /// Whether a quirk explains it.
    pub fn is_explained(&self) -> bool {
        !self.quirks.is_empty()
    }
}
