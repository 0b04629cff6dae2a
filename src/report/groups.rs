//! Failures of one cause, grouped: the same requirement broken in the same way.

use super::stored::{StoredFailure, StoredInstance, StoredRun};
use wsgauntlet_suite::oracle::VerdictKind;

/// Instances with one fingerprint. The first is shown, the others are counted.
#[derive(Debug)]
pub(crate) struct Group<'a> {
    pub kind: VerdictKind,
    pub failure: Option<&'a StoredFailure>,
    pub instances: Vec<&'a StoredInstance>,
}

impl Group<'_> {
    /// How many cases it touches.
    #[cfg(feature = "cli")]
    pub(crate) fn cases(&self) -> usize {
        let mut cases: Vec<&str> = self.instances.iter().map(|instance| instance.case.as_str()).collect();
        cases.sort_unstable();
        cases.dedup();
        cases.len()
    }
}

/// What makes two instances members of one group.
type Cause<'a> = (VerdictKind, Option<&'a str>, Option<&'a str>, bool);

fn cause(instance: &StoredInstance) -> Cause<'_> {
    (instance.verdict, instance.fingerprint(), instance.reason.as_deref(), instance.accepted.is_some())
}

/// The groups of the instances with these verdicts, the most serious first, what a baseline accepts
/// apart and last among its kind.
pub(crate) fn groups<'a>(run: &'a StoredRun, kinds: &[VerdictKind]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for instance in run.instances.iter().filter(|instance| kinds.contains(&instance.verdict)) {
        match groups.iter_mut().find(|group| cause(group.instances[0]) == cause(instance)) {
            Some(group) => group.instances.push(instance),
            None => groups.push(Group {
                kind: instance.verdict,
                failure: instance.failure.as_ref(),
                instances: vec![instance],
            }),
        }
    }
    groups.sort_by_key(|group| {
        (kinds.iter().position(|kind| *kind == group.kind), group.instances[0].accepted.is_some())
    });
    groups
}
