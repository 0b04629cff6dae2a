//! The score: requirements, not cases, MUST and SHOULD apart, and a grade capped by severity.
//!
//! A requirement is *exercised* when some play showed it met or broken, and *met* when none broke
//! it. What no play exercised counts neither for nor against: a server without permessage-deflate
//! loses nothing by it, and a share says nothing of what was not looked at. The grade is the worse
//! of two, one by share and one by severity:
//!
//! | grade | share of the MUSTs met | and no broken MUST that concerns |
//! | --- | --- | --- |
//! | A | all, and nine of ten SHOULDs | |
//! | B | all, or 98% | interoperation, security |
//! | C | 95% | security |
//! | D | 90% | |
//! | F | less | |
//!
//! Only a whole suite that was played whole has a share and a grade: half an audit is none. The suite is the selection of
//! the default profile, or of one with more, without filters and in all its parts. Cases of a user's own beside it change
//! neither: the grade is comparable. A run that exercised no MUST has no grade. A deviation that a baseline accepts counts
//! as broken: an accepted bug is one.

use super::stored::{StoredFailure, StoredInstance, StoredRequirement, StoredRun};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use wsgauntlet_suite::oracle::{PROCESS, VerdictKind};
use wsgauntlet_suite::requirement::{Level, Severity};

/// The formula in two sentences, for reports.
pub const MEANING: &str = "A requirement is exercised when some play showed it met or broken, and met when none broke it; \
what was not exercised counts neither way. The grade is that of the worst defect. F: a process ends, or ordinary traffic \
fails. D: security. C: interoperation at the edges. B: strictness. A: hygiene at most. A+: no defect. Neither says \
anything about speed, load, or what no case looks at.";

/// Requirements met of those exercised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub met: usize,
    pub exercised: usize,
}

impl Tally {
    /// 0 to 100. Nothing exercised: nothing broken.
    pub fn percent(self) -> f64 {
        if self.exercised == 0 { 100.0 } else { self.met as f64 * 100.0 / self.exercised as f64 }
    }

    /// The share in words, never rounded up to what was not reached.
    pub fn share(self) -> String {
        if self.exercised == 0 {
            return "–".to_owned();
        }
        format!("{:.1}%", (self.percent() * 10.0).floor() / 10.0)
    }

    pub fn broken(self) -> usize {
        self.exercised - self.met
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.met, self.exercised)
    }
}

/// The score of a run, or of a part of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    pub must: Tally,
    pub should: Tally,
    pub grade: Grade,
    /// Why the grade is not better, or why there is no grade.
    pub reason: String,
    /// The suite was played whole: shares say something.
    pub whole: bool,
    /// The ids of the requirements broken.
    pub broken: Vec<String>,
}

/// A to F; the module documentation has the conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    A,
    B,
    C,
    D,
    F,
    /// Too little was seen for a letter.
    None,
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Grade::A => "A",
            Grade::B => "B",
            Grade::C => "C",
            Grade::D => "D",
            Grade::F => "F",
            Grade::None => "–",
        })
    }
}

impl Score {
    /// The share of the MUSTs in words, where there is one.
    pub fn must_share(&self) -> String {
        if self.whole { self.must.share() } else { Tally::default().share() }
    }

    /// The share of the SHOULDs in words, where there is one.
    pub fn should_share(&self) -> String {
        if self.whole { self.should.share() } else { Tally::default().share() }
    }

    /// The score of a part, which has no grade.
    #[must_use]
    pub fn of_part(self, reason: String) -> Score {
        Score { grade: Grade::None, reason, whole: false, ..self }
    }

    /// The grade in words: `grade B (..)`, or `no grade: ..`.
    pub fn said(&self) -> String {
        match (self.grade, self.reason.as_str()) {
            (Grade::None, "") => "no grade".to_owned(),
            (Grade::None, reason) => format!("no grade: {reason}"),
            (grade, "") => format!("grade {grade}"),
            (grade, reason) => format!("grade {grade} ({reason})"),
        }
    }
}

/// Why a run is not a whole one, if so.
pub fn missing(run: &StoredRun) -> Option<String> {
    let selection = &run.selection;
    // A profile of wsgauntlet.toml that leaves something out has that in parentheses.
    if selection.is_filtered() || selection.profile.contains('(') {
        let how: Vec<&str> =
            selection.filters.iter().chain(&selection.partition).map(String::as_str).collect();
        let how = if how.is_empty() { selection.profile.clone() } else { how.join(" ") };
        return Some(format!("a selection of cases was played ({how})"));
    }
    let (blocked, errors) = (run.count(VerdictKind::Blocked), run.count(VerdictKind::Error));
    let all = run.instances.len();
    match (blocked, errors, &run.interrupted) {
        (0, 0, None) => None,
        (0, 0, Some(why)) => Some(format!("the run is incomplete: {why}")),
        (0, errors, _) => Some(format!("{errors} of {all} instances could not be judged")),
        (blocked, errors, _) => Some(format!("{} of {all} instances were not played", blocked + errors)),
    }
}

/// Scores instances. A play whose verdict is flaky breaks what it deviated from.
pub fn score<'a>(
    instances: impl IntoIterator<Item = &'a StoredInstance>,
    requirements: &BTreeMap<String, StoredRequirement>,
) -> Score {
    let mut status: BTreeMap<&str, bool> = BTreeMap::new();
    let mut fatal: BTreeSet<&str> = BTreeSet::new();
    for instance in instances {
        match instance.verdict {
            VerdictKind::Pass | VerdictKind::Lenient | VerdictKind::Fail | VerdictKind::Flaky => {}
            VerdictKind::Info | VerdictKind::Inapplicable | VerdictKind::Blocked | VerdictKind::Error => {
                continue;
            }
        }
        for id in &instance.met {
            status.entry(id).or_insert(true);
        }
        fatal.extend(
            instance.failure.iter().filter(|failure| is_fatal(failure)).map(|f| f.requirement.as_str()),
        );
        let also = instance.others.iter().map(|other| other.requirement.as_str());
        for id in instance.failure.iter().map(|failure| failure.requirement.as_str()).chain(also) {
            let level = requirements.get(id).map(|requirement| requirement.level);
            if instance.verdict == VerdictKind::Lenient && level == Some(Level::Must) {
                // What is tolerated breaks no MUST.
                status.entry(id).or_insert(true);
            } else {
                status.insert(id, false);
            }
        }
    }
    let mut score = Score {
        must: Tally::default(),
        should: Tally::default(),
        grade: Grade::None,
        reason: String::new(),
        whole: true,
        broken: Vec::new(),
    };
    let mut severities = BTreeSet::new();
    for (id, met) in status {
        let Some(requirement) = requirements.get(id) else { continue };
        let tally = match requirement.level {
            Level::Must => &mut score.must,
            Level::Should => &mut score.should,
            Level::May => continue,
        };
        tally.exercised += 1;
        tally.met += usize::from(met);
        if !met {
            score.broken.push(id.to_owned());
            if requirement.level == Level::Must || fatal.contains(id) {
                severities.insert(requirement.severity);
            }
        }
    }
    (score.grade, score.reason) = grade(&score, &severities);
    score
}

/// Whether the target did not survive the play: that weighs as a broken MUST does, whatever level its requirement has.
fn is_fatal(failure: &StoredFailure) -> bool {
    !failure.tolerated && failure.monitor.as_deref() == Some(PROCESS)
}

fn grade(score: &Score, broken: &BTreeSet<Severity>) -> (Grade, String) {
    let must = score.must;
    if must.exercised == 0 {
        return (Grade::None, "no MUST was exercised".to_owned());
    }
    // In whole numbers, so that 98% is 98%.
    let at_least = |percent: usize| must.met * 100 >= must.exercised * percent;
    let (by_share, why_share) = if must.broken() == 0 {
        if score.should.met * 10 >= score.should.exercised * 9 {
            (Grade::A, String::new())
        } else {
            (
                Grade::B,
                format!("{} of {} SHOULDs are not followed", score.should.broken(), score.should.exercised),
            )
        }
    } else {
        let letter = match () {
            () if at_least(98) => Grade::B,
            () if at_least(95) => Grade::C,
            () if at_least(90) => Grade::D,
            () => Grade::F,
        };
        (letter, format!("{} of {} MUSTs fail", must.broken(), must.exercised))
    };
    let (by_severity, why_severity) = if broken.contains(&Severity::Security) {
        (Grade::D, "a security requirement fails")
    } else if broken.contains(&Severity::Interop) {
        (Grade::C, "an interoperability requirement fails")
    } else {
        (Grade::A, "")
    };
    if by_severity > by_share { (by_severity, why_severity.to_owned()) } else { (by_share, why_share) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(must: (usize, usize), should: (usize, usize), broken: &[Severity]) -> Grade {
        let score = Score {
            must: Tally { met: must.0, exercised: must.1 },
            should: Tally { met: should.0, exercised: should.1 },
            grade: Grade::None,
            reason: String::new(),
            whole: true,
            broken: Vec::new(),
        };
        grade(&score, &broken.iter().copied().collect()).0
    }

    /// The table at the module's head.
    #[test]
    fn letters() {
        use Severity::{Interop, Robustness, Security};
        for (must, should, broken, expected) in [
            ((0, 0), (3, 3), &[][..], Grade::None),
            ((100, 100), (9, 10), &[], Grade::A),
            ((100, 100), (8, 10), &[], Grade::B),
            ((98, 100), (10, 10), &[Robustness], Grade::B),
            ((97, 100), (10, 10), &[Robustness], Grade::C),
            ((99, 100), (10, 10), &[Interop], Grade::C),
            ((99, 100), (10, 10), &[Interop, Security], Grade::D),
            ((90, 100), (10, 10), &[Robustness], Grade::D),
            ((89, 100), (10, 10), &[Security], Grade::F),
        ] {
            assert_eq!(letter(must, should, broken), expected, "{must:?} {should:?} {broken:?}");
        }
    }

    /// 1999 of 2000 is not 100%.
    #[test]
    fn shares_are_not_rounded_up() {
        assert_eq!(Tally { met: 1999, exercised: 2000 }.share(), "99.9%");
        assert_eq!(Tally { met: 2000, exercised: 2000 }.share(), "100.0%");
        assert_eq!(Tally::default().share(), "–");
    }
}
