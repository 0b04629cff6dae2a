//! The score: requirements, not cases, MUST and SHOULD apart. The grade is not made here: it follows from the defects
//! (`crate::diagnosis::grades`).
//!
//! A requirement is *exercised* when some play showed it met or broken, and *met* when none broke it. What no play exercised
//! counts neither for nor against: a server without permessage-deflate loses nothing by it.
//!
//! Only a whole suite that was played whole has a share: the selection of the default profile, or of one with more, without
//! filters and in all its parts. A user's own cases do not change it, so that shares can be compared. A deviation that a
//! baseline accepts counts as broken.

use super::stored::{StoredInstance, StoredRequirement, StoredRun};
use super::tally::Tally;
use std::collections::BTreeMap;
use wsgauntlet_suite::oracle::VerdictKind;
use wsgauntlet_suite::requirement::Level;

/// The formula in two sentences, for reports.
pub const MEANING: &str = "A requirement is exercised when some play showed it met or broken, and met when none broke it; \
what was not exercised counts neither way. The grade is that of the worst defect. F: a process ends, or ordinary traffic \
fails. D: security. C: interoperation at the edges. B: strictness. A: hygiene at most. A+: no defect. Neither says \
anything about speed, load, or what no case looks at.";

/// The score of a run, or of a part of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The requirements that a target MUST meet.
    pub must: Tally,
    /// The requirements that a target SHOULD meet.
    pub should: Tally,
    /// Why there is no share; empty for a whole suite.
    pub reason: String,
    /// The suite was played whole: shares say something.
    pub whole: bool,
    /// The ids of the requirements broken.
    pub broken: Vec<String>,
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

    /// The score of a part, which has no share.
    #[must_use]
    pub fn of_part(self, reason: String) -> Score {
        Score { reason, whole: false, ..self }
    }
}

/// How the ids of instances over HTTP/2 end.
const OVER_HTTP_2: &str = "+h2";

impl StoredRun {
    /// Why a run is not a whole one, if so.
    pub fn missing(&self) -> Option<String> {
        if self.instances.iter().any(|one| one.id.ends_with(OVER_HTTP_2)) {
            return Some("opening handshakes over HTTP/2 are not tested yet".to_owned());
        }
        let selection = &self.selection;
        // A profile of wsgauntlet.toml that leaves something out has that in parentheses.
        if selection.is_filtered() || selection.profile.contains('(') {
            let how: Vec<&str> =
                selection.filters.iter().chain(&selection.partition).map(String::as_str).collect();
            let how = if how.is_empty() { selection.profile.clone() } else { how.join(" ") };
            return Some(format!("a selection of cases was played ({how})"));
        }
        let (blocked, errors) = (self.count(VerdictKind::Blocked), self.count(VerdictKind::Error));
        let all = self.instances.len();
        match (blocked, errors, &self.interrupted) {
            (0, 0, None) => None,
            (0, 0, Some(why)) => Some(format!("the run is incomplete: {why}")),
            (0, errors, _) => Some(format!("{errors} of {all} instances could not be judged")),
            (blocked, errors, _) => Some(format!("{} of {all} instances were not played", blocked + errors)),
        }
    }

    /// The score of the run, which has no share unless the whole suite was played.
    pub fn score(&self) -> Score {
        match self.missing() {
            // A user's own cases do not make a share better or worse than another's.
            None => score(self.instances.iter().filter(|one| !self.is_own(one)), &self.requirements),
            Some(missing) => score(&self.instances, &self.requirements).of_part(missing),
        }
    }
}

/// Scores instances. A play whose verdict is flaky breaks what it deviated from.
pub fn score<'a>(
    instances: impl IntoIterator<Item = &'a StoredInstance>,
    requirements: &BTreeMap<String, StoredRequirement>,
) -> Score {
    let mut status: BTreeMap<&str, bool> = BTreeMap::new();
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
        reason: String::new(),
        whole: true,
        broken: Vec::new(),
    };
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
        }
    }
    score
}
