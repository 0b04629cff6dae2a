//! What a defect is called, what it means for users, and how bad it is. The only place that knows where these texts come from.

use super::catalogue::{Entry, Severity, defects};
use super::grade::Grade;
use wsgauntlet_reference::Quirk;
use wsgauntlet_suite::requirement::Requirement;
use wsgauntlet_wire::Role;

/// The texts of a defect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// One sentence without a full stop, about the target.
    pub title: String,
    /// What it means for users, where that is known.
    pub means: Option<String>,
    /// How bad it is.
    pub severity: Option<Severity>,
    /// Whether ordinary traffic fails.
    pub ordinary: bool,
}

impl Words {
    /// The best grade that a target with such a defect can have. A defect that nobody judged counts as one of strictness.
    pub fn allows(&self) -> Grade {
        Grade::of(self.severity.unwrap_or(Severity::Strictness), self.ordinary)
    }
}

impl From<&Entry> for Words {
    fn from(entry: &Entry) -> Words {
        Words {
            title: entry.title.clone(),
            means: entry.means.clone(),
            severity: Some(entry.severity),
            ordinary: entry.ordinary,
        }
    }
}

/// Of a target that has this quirk.
pub(super) fn of_quirk(quirk: Quirk, role: Role) -> Words {
    match defects().of_quirk(quirk, role) {
        Some(entry) => Words::from(entry),
        None => {
            Words { title: quirk.info().description.trim_end_matches('.').to_owned(), ..Words::default() }
        }
    }
}

/// Of a target that breaks a requirement, and no quirk explains how. `is_lenient`: no instance fails, so that whatever the
/// requirement is about, the RFC tolerates what was seen.
pub(super) fn of_requirement(requirement: &Requirement, is_lenient: bool) -> Words {
    let mut words = match defects().of_requirement(requirement.id.as_str()) {
        Some(entry) => Words::from(entry),
        None => Words { title: format!("{} is not met", requirement.citation()), ..Words::default() },
    };
    if is_lenient {
        (words.severity, words.ordinary) = (Some(Severity::Hygiene), false);
    }
    words
}
