//! What a defect is called, what it means for users, and how bad it is. The only place that knows where these texts come from.

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
    /// `critical`, `security`, `interop`, `strictness` or `hygiene`, where it was judged.
    pub severity: Option<String>,
}

/// Of a target that has this quirk.
pub fn of_quirk(quirk: Quirk, _role: Role) -> Words {
    let description = quirk.info().description;
    Words { title: description.trim_end_matches('.').to_owned(), ..Words::default() }
}

/// Of a target that breaks a requirement, and no quirk explains how.
pub fn of_requirement(requirement: &Requirement, observed: &str) -> Words {
    let title = format!("{} is not met: {observed}", requirement.citation());
    Words { title, ..Words::default() }
}
