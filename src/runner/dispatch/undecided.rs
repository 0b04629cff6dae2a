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
            let kept = self.book.kept(id).is_some_and(|kept| {
                kept.verdict.kind == VerdictKind::Pass
                    || !(doubtful.contains(id) || self.doubted.contains(id))
            });
            if !kept {
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
