//! The grade of a target: its worst defect decides, whatever their number. Start reading at [`Grade::of`], then [`grade`].
//!
//! | grade | defects |
//! | --- | --- |
//! | F | a critical one, or ordinary traffic fails |
//! | D | security |
//! | C | interop at the edges |
//! | B | strictness |
//! | A | hygiene at most |
//! | A+ | none, SHOULDs included |
//!
//! A library that sits behind an HTTP server does not answer for that server's parser. So the opening and all that follows it
//! are graded apart as well: see [`Part`].

use super::catalogue::Severity;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Grade {
    F,
    D,
    C,
    B,
    A,
    #[serde(rename = "A+")]
    APlus,
}

impl Grade {
    /// The best grade that a target with such a defect can have.
    pub fn of(severity: Severity, ordinary: bool) -> Grade {
        match severity {
            Severity::Critical => Grade::F,
            Severity::Security | Severity::Interop if ordinary => Grade::F,
            Severity::Security => Grade::D,
            Severity::Interop => Grade::C,
            Severity::Strictness => Grade::B,
            Severity::Hygiene => Grade::A,
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Grade::F => "F",
            Grade::D => "D",
            Grade::C => "C",
            Grade::B => "B",
            Grade::A => "A",
            Grade::APlus => "A+",
        })
    }
}

/// A grade, and how to reach the next one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Graded {
    pub grade: Grade,
    /// Which defects hold the grade down, as their places in the list that was graded. Empty for A+.
    pub held_by: Vec<usize>,
    /// The grade once these are mended.
    pub when_mended: Grade,
}

/// The grade that follows from the grades that each defect allows.
pub(super) fn graded(allowed: impl IntoIterator<Item = Grade>) -> Graded {
    let grades: Vec<Grade> = allowed.into_iter().collect();
    let grade = grades.iter().min().copied().unwrap_or(Grade::APlus);
    let held_by = (0..grades.len()).filter(|at| grades[*at] == grade).collect();
    let when_mended = grades.into_iter().filter(|other| *other != grade).min().unwrap_or(Grade::APlus);
    Graded { grade, held_by, when_mended }
}

/// What of a connection a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The opening handshake, with what is negotiated in it.
    Opening,
    /// All that follows the opening handshake.
    Protocol,
}

impl Part {
    /// The part of a case or an instance, from its id: `deflate/negotiation-offer/fallback[..]` is about the opening.
    pub fn of_case(id: &str) -> Part {
        const OPENING: [&str; 3] = ["opening/", "deflate/negotiation-", "closing/aborted-opening/"];
        if OPENING.iter().any(|start| id.starts_with(start)) { Part::Opening } else { Part::Protocol }
    }

    /// The part of a defect that these cases show. What shows after the opening belongs there, even if it shows in the opening too.
    pub fn of_cases<'a>(ids: impl IntoIterator<Item = &'a str>) -> Option<Part> {
        ids.into_iter().map(Part::of_case).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded;

    /// The table at the module's head: the worst defect decides, and the grade after it is that of the rest.
    #[test]
    fn the_worst_defect_decides() {
        use Severity::{Critical, Hygiene, Interop, Security, Strictness};
        for (defects, grade_now, held_by, when_mended) in [
            (vec![], Grade::APlus, vec![], Grade::APlus),
            (vec![(Hygiene, false)], Grade::A, vec![0], Grade::APlus),
            (vec![(Hygiene, false), (Strictness, false)], Grade::B, vec![1], Grade::A),
            (vec![(Interop, false), (Strictness, false), (Interop, false)], Grade::C, vec![0, 2], Grade::B),
            (vec![(Interop, false), (Security, false)], Grade::D, vec![1], Grade::C),
            (vec![(Interop, true), (Security, false)], Grade::F, vec![0], Grade::D),
            (vec![(Security, true), (Critical, false)], Grade::F, vec![0, 1], Grade::APlus),
        ] {
            let allowed = defects.iter().map(|(severity, ordinary)| Grade::of(*severity, *ordinary));
            assert_eq!(graded(allowed), Graded { grade: grade_now, held_by, when_mended }, "{defects:?}");
        }
    }

    #[test]
    fn negotiation_belongs_to_the_opening() {
        let areas_of = |part: Part| -> std::collections::BTreeSet<String> {
            let cases = embedded::library().cases.iter().map(|case| case.path.as_str());
            let of_part = cases.filter(|path| Part::of_case(path) == part);
            of_part.filter_map(|path| Some(path.rsplit_once('/')?.0.to_owned())).collect()
        };
        let opening = areas_of(Part::Opening);
        assert!(opening.contains("deflate/negotiation-offer") && opening.contains("opening/host"));
        let protocol = areas_of(Part::Protocol);
        assert!(protocol.contains("deflate/contexts") && protocol.contains("closing/codes"));
        assert!(opening.is_disjoint(&protocol));
    }

    #[test]
    fn what_shows_after_the_opening_belongs_there() {
        assert_eq!(Part::of_cases(["opening/host/absent", "opening/key/absent"]), Some(Part::Opening));
        assert_eq!(Part::of_cases(["opening/host/absent", "text/invalid/sequence"]), Some(Part::Protocol));
        assert_eq!(Part::of_cases([]), None);
    }
}
