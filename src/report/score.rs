//! The score: requirements, not cases, MUST and SHOULD apart, and a grade capped by severity.

use crate::oracle::{Record, Run, VerdictKind};
use crate::requirement::{Catalogue, Level, RequirementId, Severity};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Requirements met of those exercised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub met: usize,
    pub exercised: usize,
}

impl Tally {
    /// 0 to 100. Nothing exercised: nothing broken.
    pub fn percent(self) -> f64 {
        if self.exercised == 0 { 100.0 } else { self.met as f64 * 100.0 / self.exercised as f64 }
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
    /// Why the grade is not better.
    pub reason: String,
    pub broken: Vec<RequirementId>,
}

/// A to F. What a letter asks for stands at `grade`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    A,
    B,
    C,
    D,
    F,
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Grade::A => "A",
            Grade::B => "B",
            Grade::C => "C",
            Grade::D => "D",
            Grade::F => "F",
        })
    }
}

/// Scores records. A requirement is exercised when some play met or broke it, and met when none
/// broke it. A play whose verdict is flaky breaks what it deviated from.
pub fn score<'a>(records: impl IntoIterator<Item = &'a Record>, catalogue: &Catalogue) -> Score {
    let mut status: BTreeMap<&RequirementId, bool> = BTreeMap::new();
    for record in records {
        let judged = matches!(
            record.verdict.kind,
            VerdictKind::Pass | VerdictKind::Lenient | VerdictKind::Fail | VerdictKind::Flaky
        );
        if !judged {
            continue;
        }
        for id in &record.verdict.met {
            status.entry(id).or_insert(true);
        }
        for failure in record.verdict.failures() {
            status.insert(&failure.requirement, false);
        }
    }
    let mut score = Score {
        must: Tally::default(),
        should: Tally::default(),
        grade: Grade::A,
        reason: String::new(),
        broken: Vec::new(),
    };
    let mut severities = BTreeSet::new();
    for (id, met) in status {
        let Some(requirement) = catalogue.get(id.as_str()) else { continue };
        let tally = match requirement.level {
            Level::Must => &mut score.must,
            Level::Should => &mut score.should,
            Level::May => continue,
        };
        tally.exercised += 1;
        tally.met += usize::from(met);
        if !met {
            score.broken.push(id.clone());
            if requirement.level == Level::Must {
                severities.insert(requirement.severity);
            }
        }
    }
    (score.grade, score.reason) = grade(&score, &severities);
    score
}

/// A: every MUST met, and nine SHOULDs of ten. B: every MUST met, or only such broken as concern
/// robustness, one in fifty at most. C: one in twenty at most. D: one in ten at most. F: more. A
/// broken MUST that concerns interoperation allows C at best, one that concerns security D.
fn grade(score: &Score, broken: &BTreeSet<Severity>) -> (Grade, String) {
    let must = score.must.percent();
    let by_share = if score.must.met == score.must.exercised {
        if score.should.percent() >= 90.0 { Grade::A } else { Grade::B }
    } else if must >= 98.0 {
        Grade::B
    } else if must >= 95.0 {
        Grade::C
    } else if must >= 90.0 {
        Grade::D
    } else {
        Grade::F
    };
    let (cap, why) = if broken.contains(&Severity::Security) {
        (Grade::D, "a security requirement fails")
    } else if broken.contains(&Severity::Interop) {
        (Grade::C, "an interoperability requirement fails")
    } else {
        (Grade::A, "")
    };
    if cap > by_share {
        return (cap, why.to_owned());
    }
    let reason = match by_share {
        Grade::A => String::new(),
        Grade::B if score.must.met == score.must.exercised => "SHOULDs are not followed".to_owned(),
        _ => format!("{} of {} MUSTs fail", score.must.exercised - score.must.met, score.must.exercised),
    };
    (by_share, reason)
}

/// The score of a whole run.
pub fn of_run(run: &Run, catalogue: &Catalogue) -> Score {
    score(&run.records, catalogue)
}
