//! Deviations are confirmed by cause.
//!
//! No deviation is reported that was seen once. To play each of a thousand instances again, alone and patiently, takes minutes
//! where one defect shows in all of them. So the deviating plays are grouped by [`Cause`]: the same verdict, on the same
//! requirement, with the same fingerprint of what was observed. Of each cause a few instances, the samples, are played again
//! until their records are final: the first one alone, and those that timed out with a multiple of the deadline. Each of the
//! others is played again once, beside many more. It is confirmed when it shows the cause again and the samples have all
//! confirmed the cause. Whatever shows something else, and every instance of a cause that a sample refutes, is confirmed like
//! a single deviation: alone, or patiently.
//!
//! [`Causes`] holds what is known of each cause. It does no I/O; the caller plays.

use super::retry::timed_out;
use std::collections::HashMap;
use wsgauntlet_suite::oracle::{Record, VerdictKind};
use wsgauntlet_suite::requirement::RequirementId;

/// How many instances of a cause are confirmed one by one.
pub(super) const SAMPLES: usize = 3;

/// What deviating plays have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Cause {
    /// Whether the play timed out. Plays that did are confirmed in another way.
    timed_out: bool,
    kind: VerdictKind,
    requirement: RequirementId,
    fingerprint: String,
}

impl Cause {
    /// `None`: the play shows no deviation of the target.
    pub(super) fn of(record: &Record) -> Option<Cause> {
        let failure = record.verdict.failure.as_ref()?;
        let deviates = matches!(record.verdict.kind, VerdictKind::Fail | VerdictKind::Lenient);
        deviates.then(|| Cause {
            timed_out: timed_out(record),
            kind: record.verdict.kind,
            requirement: failure.requirement.clone(),
            fingerprint: failure.fingerprint(),
        })
    }
}

/// What is known of each cause in one round of confirmation.
#[derive(Debug, Default)]
pub(super) struct Causes {
    known: HashMap<Cause, Samples>,
}

/// The samples of a cause.
#[derive(Debug, Default)]
struct Samples {
    taken: usize,
    confirmed: usize,
}

impl Causes {
    /// An instance that showed this becomes a sample, if there are not enough yet: the first `SAMPLES` of each cause. The
    /// number of its samples before.
    pub(super) fn take_sample(&mut self, cause: &Cause) -> Option<usize> {
        let samples = self.known.entry(cause.clone()).or_default();
        let before = samples.taken;
        samples.taken += usize::from(before < SAMPLES);
        (before < SAMPLES).then_some(before)
    }

    /// A sample was confirmed: it showed the same cause again.
    pub(super) fn confirm(&mut self, cause: &Cause) {
        if let Some(samples) = self.known.get_mut(cause) {
            samples.confirmed += 1;
        }
    }

    /// Whether a sample has confirmed the cause.
    pub(super) fn have_shown_again(&self, cause: &Cause) -> bool {
        self.known.get(cause).is_some_and(|samples| samples.confirmed > 0)
    }

    /// Whether all samples that were taken of the cause have confirmed it.
    pub(super) fn are_confirmed(&self, cause: &Cause) -> bool {
        self.known.get(cause).is_some_and(|samples| samples.taken > 0 && samples.confirmed >= samples.taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded;
    use std::sync::Arc;
    use wsgauntlet_suite::oracle::{Failure, Observed};
    use wsgauntlet_wire::Role;

    /// A record of this verdict. What was observed differs with `seen`.
    fn record(kind: VerdictKind, requirement: &str, seen: &'static str) -> Record {
        let instance = embedded::library().instances(Role::Server).next().expect("a case");
        let mut record = Record::unplayed(Arc::new(instance.clone()), kind, "");
        let requirement = requirement.parse().expect("an id");
        let observed = Observed::Memory { peak_mib: 1 };
        record.verdict.failure = Some(Failure::by_monitor(seen, requirement, "a rule", observed));
        record
    }

    const REQUIREMENT: &str = "rfc6455/5.1/server-closes-on-unmasked";

    fn cause(seen: &'static str) -> Cause {
        Cause::of(&record(VerdictKind::Fail, REQUIREMENT, seen)).expect("a deviation")
    }

    #[test]
    fn a_cause_is_the_verdict_the_requirement_and_what_was_observed() {
        assert_eq!(cause("a"), cause("a"));
        assert_ne!(cause("a"), cause("b"));
        for other in [
            record(VerdictKind::Lenient, REQUIREMENT, "a"),
            record(VerdictKind::Fail, "rfc6455/5.5.1/close-is-answered", "a"),
        ] {
            assert_ne!(Cause::of(&other), Some(cause("a")));
        }
        // A refused connection and a fault of ours have no cause in common.
        for kind in [VerdictKind::Blocked, VerdictKind::Error, VerdictKind::Info, VerdictKind::Pass] {
            assert_eq!(Cause::of(&record(kind, REQUIREMENT, "a")), None, "{kind}");
        }
    }

    /// However many instances share a cause, few of them are confirmed one by one.
    #[test]
    fn a_cause_has_few_samples() {
        let mut causes = Causes::default();
        let sampled = |causes: &mut Causes, seen: &'static str, instances: usize| {
            (0..instances).filter(|_| causes.take_sample(&cause(seen)).is_some()).count()
        };
        assert_eq!(sampled(&mut causes, "a", 1000), SAMPLES);
        assert_eq!(sampled(&mut causes, "b", 2), 2);
    }

    /// One sample that does not show the cause again refutes it for all.
    #[test]
    fn a_cause_is_confirmed_by_all_its_samples() {
        let mut causes = Causes::default();
        assert!(!causes.are_confirmed(&cause("a")), "nothing was played");
        for taken in 0..SAMPLES {
            assert_eq!(causes.take_sample(&cause("a")), Some(taken));
            assert!(!causes.are_confirmed(&cause("a")) && !causes.have_shown_again(&cause("a")), "{taken}");
        }
        for confirmed in 1..=SAMPLES {
            causes.confirm(&cause("a"));
            assert!(causes.have_shown_again(&cause("a")));
            assert_eq!(causes.are_confirmed(&cause("a")), confirmed == SAMPLES);
        }
        assert!(!causes.are_confirmed(&cause("b")));
    }
}
