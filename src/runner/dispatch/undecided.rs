//! The end of a run whose time budget is spent. Whatever has no confirmed verdict is reported as undecided.

use super::Dispatcher;
use crate::runner::budget::Budget;
use std::collections::BTreeSet;
use std::sync::Arc;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{Record, VerdictKind};

impl Dispatcher<'_> {
    /// Plays nothing more. `instances`: all of the run.
    ///
    /// What passed has passed, and what was confirmed is a deviation, unless the target may have been dead by then: that was
    /// not looked into any more. A deviation that was seen once, or was being looked into, is no verdict.
    pub(super) fn leave_undecided(&mut self, instances: &[Arc<Instance>], budget: Budget) {
        let doubtful: BTreeSet<String> =
            self.recent.doubtful().map(|entry| entry.instance.id.to_string()).collect();
        let mut undecided = 0;
        for instance in instances {
            let id = instance.id.as_str();
            let seen_of = match self.killers.contains(id) {
                true => SeenOf::OwnDeath,
                false if doubtful.contains(id) || self.doubted.contains(id) => SeenOf::PerhapsDead,
                false => SeenOf::Living,
            };
            let kept = self.book.kept(id).map(|kept| kept.verdict.kind);
            if !kept.is_some_and(|kind| stands(kind, seen_of)) {
                undecided += 1;
                let reason = budget.undecided();
                self.book.finish(Record::unplayed(instance.clone(), VerdictKind::Blocked, reason));
            }
        }
        if undecided > 0 {
            self.book.run.interrupted = Some(budget.incomplete(undecided, instances.len()));
        }
    }
}

/// Of what target a record was seen.
#[derive(Clone, Copy, Debug)]
enum SeenOf {
    Living,
    /// It may have been dead by then.
    PerhapsDead,
    /// The instance brought its death about, in a process of its own.
    OwnDeath,
}

/// Whether a record counts that nobody looks into any more.
fn stands(kind: VerdictKind, seen_of: SeenOf) -> bool {
    match seen_of {
        SeenOf::Living | SeenOf::OwnDeath => true,
        SeenOf::PerhapsDead => kind == VerdictKind::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reference with `hang-on-empty-pong` had twelve instances that were known to make it hang when the budget was spent.
    /// All were reported as blocked, since the first plays of them had ended in its silence, and no failure was left.
    #[test]
    fn a_death_that_was_isolated_stands() {
        assert!(stands(VerdictKind::Fail, SeenOf::OwnDeath));
        assert!(stands(VerdictKind::Fail, SeenOf::Living));
        assert!(!stands(VerdictKind::Fail, SeenOf::PerhapsDead));
        assert!(stands(VerdictKind::Pass, SeenOf::PerhapsDead));
    }
}
