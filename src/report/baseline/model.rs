//! The entries of a baseline.

use crate::report::stored::StoredInstance;
use std::fmt;
use toml::value::Date;
use wsgauntlet_suite::case::Pattern;
use wsgauntlet_suite::oracle::VerdictKind;
use wsgauntlet_suite::oracle::fingerprint::is_fingerprint;

/// The most instances that one entry may name: a wider one hides what it was not written for.
pub const BREADTH_MAX: usize = 20;

/// The accepted deviations of one implementation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Baseline {
    /// What mistakes and gate lines name.
    pub file: String,
    /// The deviations that are accepted.
    pub entries: Vec<Entry>,
    /// Defects that are accepted as a whole.
    pub defects: Vec<AcceptedDefect>,
}

/// A defect that is accepted with all its instances, however many they are.
#[derive(Clone, Debug, PartialEq)]
pub struct AcceptedDefect {
    /// As reports show it.
    pub id: String,
    /// Why it is accepted.
    pub reason: String,
    /// Where that is discussed.
    pub link: Option<String>,
    /// The last day on which it is accepted.
    pub expires: Option<Date>,
    /// Where it stands in the file, from 1.
    pub line: usize,
}

impl AcceptedDefect {
    /// Whether the last day on which it is accepted has passed.
    pub fn is_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| last < today)
    }
}

/// One accepted deviation.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What it is about.
    pub subject: Subject,
    /// The verdict that is accepted.
    pub verdict: VerdictKind,
    /// Of the failure that is accepted. `None`: any.
    pub fingerprint: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// Where that is discussed.
    pub link: Option<String>,
    /// The last day on which it is accepted.
    pub expires: Option<Date>,
    /// It may pass, too.
    pub flaky: bool,
    /// Where it stands in the file, from 1.
    pub line: usize,
}

/// What an entry is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// One instance, by its id with or without role and transport.
    Instance(String),
    /// All that a pattern names.
    Pattern(Pattern),
}

impl Subject {
    /// Whether it names an instance of that id, case and earlier ids.
    pub fn names(&self, id: &str, case: &str, aliases: &[String]) -> bool {
        match self {
            Subject::Instance(name) => {
                name == id || id.rsplit_once('@').is_some_and(|(short, _)| short == name)
            }
            Subject::Pattern(pattern) => pattern.names(id, case, aliases),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Instance(name) => f.write_str(name),
            Subject::Pattern(pattern) => f.write_str(pattern.as_str()),
        }
    }
}

/// What an entry says of an instance that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// It deviates as the entry says, or is flaky and may do as it did.
    Satisfied,
    /// It deviates otherwise.
    Otherwise,
    /// It does not deviate any more.
    Passes,
    /// Nothing can be said: it was not played, or the harness failed.
    Undecided,
}

impl Entry {
    /// Whether it names the instance.
    pub fn names(&self, instance: &StoredInstance) -> bool {
        self.subject.names(&instance.id, &instance.case, &instance.aliases)
    }

    /// What it says of an instance that it names.
    pub fn weigh(&self, instance: &StoredInstance, strict: bool) -> Match {
        match instance.verdict {
            VerdictKind::Blocked | VerdictKind::Error | VerdictKind::Inapplicable => Match::Undecided,
            VerdictKind::Pass | VerdictKind::Info if self.flaky => Match::Satisfied,
            VerdictKind::Pass | VerdictKind::Info => Match::Passes,
            VerdictKind::Lenient | VerdictKind::Fail | VerdictKind::Flaky => {
                let same_verdict = instance.verdict == self.verdict || self.flaky;
                if same_verdict && self.accepts_failure(instance) {
                    Match::Satisfied
                } else if instance.verdict.is_acceptable(strict) {
                    Match::Passes
                } else {
                    Match::Otherwise
                }
            }
        }
    }

    /// Whether the failure is the one that is accepted. Both fingerprints of a failure count, so that a baseline of an older
    /// release goes on working.
    fn accepts_failure(&self, instance: &StoredInstance) -> bool {
        match (&self.fingerprint, &instance.failure) {
            (None, _) => true,
            (Some(fingerprint), Some(failure)) => failure.has_fingerprint(fingerprint),
            (Some(_), None) => false,
        }
    }

    /// Whether it accepts the failure of the instance by a fingerprint that the failure has beside a newer one.
    pub fn is_outdated(&self, instance: &StoredInstance) -> bool {
        let newest = instance.fingerprint().filter(|newest| is_fingerprint(newest));
        self.fingerprint.is_some()
            && newest.is_some()
            && newest != self.fingerprint.as_deref()
            && self.accepts_failure(instance)
    }

    /// Whether it accepts nothing beside `entries`: of what it names, something deviates, nothing
    /// as it says, and all of that as another entry says.
    pub fn is_vain(&self, named: &[&StoredInstance], entries: &[Entry], strict: bool) -> bool {
        let listed = |instance: &StoredInstance| {
            entries
                .iter()
                .any(|entry| entry.names(instance) && entry.weigh(instance, strict) == Match::Satisfied)
        };
        let mut decided = named
            .iter()
            .map(|instance| (self.weigh(instance, strict), *instance))
            .filter(|(weighed, _)| *weighed != Match::Undecided)
            .peekable();
        decided.peek().is_some()
            && decided.all(|(weighed, instance)| weighed == Match::Otherwise && listed(instance))
    }

    /// Whether the day until which it holds has passed.
    pub fn is_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| last < today)
    }
}
