//! Verdicts, DESIGN's table of them, and what a failure says.

use crate::requirement::RequirementId;
use serde::{Deserialize, Serialize};
use std::fmt;
use wsgauntlet_wire::hash::fnv1a;

/// What came of an instance. The order is that of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VerdictKind {
    /// The ideal or an allowed outcome, and every monitor content.
    Pass,
    /// A tolerated outcome, or a SHOULD not followed.
    Lenient,
    /// A MUST broken.
    Fail,
    /// Nothing binds; what was observed is recorded.
    Info,
    /// A need of the case is not met.
    Inapplicable,
    /// The target was down, or could not be reached.
    Blocked,
    /// Differs between plays.
    Flaky,
    /// The harness failed.
    Error,
}

impl VerdictKind {
    pub const ALL: [VerdictKind; 8] = [
        VerdictKind::Pass,
        VerdictKind::Lenient,
        VerdictKind::Fail,
        VerdictKind::Info,
        VerdictKind::Inapplicable,
        VerdictKind::Blocked,
        VerdictKind::Flaky,
        VerdictKind::Error,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            VerdictKind::Pass => "pass",
            VerdictKind::Lenient => "lenient",
            VerdictKind::Fail => "fail",
            VerdictKind::Info => "info",
            VerdictKind::Inapplicable => "inapplicable",
            VerdictKind::Blocked => "blocked",
            VerdictKind::Flaky => "flaky",
            VerdictKind::Error => "error",
        }
    }

    /// Whether it is as good as can be asked for, under `strict` or not.
    pub fn is_acceptable(self, strict: bool) -> bool {
        match self {
            VerdictKind::Pass | VerdictKind::Info | VerdictKind::Inapplicable => true,
            VerdictKind::Lenient => !strict,
            VerdictKind::Fail | VerdictKind::Blocked | VerdictKind::Flaky | VerdictKind::Error => false,
        }
    }

    pub fn parse(text: &str) -> Option<VerdictKind> {
        VerdictKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl fmt::Display for VerdictKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A verdict and its grounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub kind: VerdictKind,
    /// Why it is lenient or a failure, and for `info` what was observed.
    pub failure: Option<Failure>,
    /// Further deviations of the same play.
    pub others: Vec<Failure>,
    /// The requirements that the play showed to be met.
    pub met: Vec<RequirementId>,
    /// Why an instance is inapplicable, blocked or in error.
    pub reason: Option<String>,
}

/// One deviation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Index of the step in the script, or the name of the monitor that complains.
    pub source: Source,
    pub requirement: RequirementId,
    pub expected: String,
    pub observed: String,
    /// The same for failures of the same kind and cause, whatever the parameters.
    pub fingerprint: String,
    /// Index of the event that decided it.
    pub event: usize,
    /// Whether it breaks a SHOULD only.
    pub tolerated: bool,
}

/// What noticed a deviation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Step(usize),
    Monitor(&'static str),
}

impl Verdict {
    pub fn without_play(kind: VerdictKind, reason: impl Into<String>) -> Verdict {
        Verdict { kind, failure: None, others: Vec::new(), met: Vec::new(), reason: Some(reason.into()) }
    }

    /// Whether it is as good as can be asked for, under `strict` or not.
    pub fn is_acceptable(&self, strict: bool) -> bool {
        self.kind.is_acceptable(strict)
    }

    /// All deviations, the deciding one first.
    pub fn failures(&self) -> impl Iterator<Item = &Failure> {
        self.failure.iter().chain(&self.others)
    }
}

/// Sixteen hexadecimal digits of what a failure is: the requirement, where it was noticed, and
/// what was observed with its numbers and quoted texts left out.
pub fn fingerprint(requirement: &RequirementId, noticed: &str, observed: &str) -> String {
    let text = format!("{requirement}\n{noticed}\n{}", abstracted(observed));
    format!("{:016x}", fnv1a(text.bytes()))
}

/// The observation without what a parameter changes: quoted texts, octets, and the number before
/// the word "octets". Status and close codes stay.
fn abstracted(observed: &str) -> String {
    // Whether unread octets turn an end into a reset is a race.
    let observed = observed.replace("a reset of the connection", "the end of the connection");
    let mut kept: Vec<&str> = Vec::new();
    for (index, part) in observed.split('"').enumerate() {
        if index % 2 == 0 {
            kept.extend(part.split_whitespace());
        }
    }
    let is_octet = |word: &&str| word.len() == 2 && word.bytes().all(|octet| octet.is_ascii_hexdigit());
    kept.retain(|word| !is_octet(word) && *word != "..");
    let mut out: Vec<&str> = Vec::new();
    for word in kept {
        if word.starts_with("octet")
            && out.last().is_some_and(|last| last.bytes().all(|o| o.is_ascii_digit()))
        {
            out.pop();
        }
        out.push(word);
    }
    out.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parameters of a case do not tell its failures apart, close codes do.
    #[test]
    fn fingerprints_tell_causes_apart() {
        let id: RequirementId = "rfc6455/5.1/server-closes-on-unmasked".parse().expect("an id");
        let print = |observed: &str| fingerprint(&id, "expect fail", observed);
        assert_eq!(
            print("text message of 126 octets \"xx..\""),
            print("text message of 65536 octets \"xx y\"")
        );
        assert_eq!(print("binary message of 5 octets 00 01 .."), print("binary message of 1 octets ff"));
        assert_ne!(print("text message of 5 octets"), print("binary message of 5 octets"));
        assert_eq!(
            print("a reset of the connection without a Close"),
            print("the end of the connection without a Close")
        );
        assert_ne!(print("Close (1002)"), print("Close (1000)"));
    }
}
