//! Deviations are played again before they are reported: by cause, see [`crate::runner::cause`].
//!
//! A round has these stages, in this order:
//!
//! 1. What does not wait. Alone: the first sample of each cause, and what has no cause or depends on load. Then a few side by
//!    side: the other samples of the causes that have shown again, and then the others of the causes that are confirmed.
//! 2. What waits for a silent target: all samples with a multiple of the deadline, and at the same time everything else with
//!    the deadline, as many at once as the target has proven to serve.
//! 3. What these stages left open, as single deviations: alone, or patiently if it waits.

use super::Dispatcher;
use super::job::{DEAD, Deviation, How, Job, Lanes, Retry, depends_on_load};
use crate::runner::cause::{Cause, Causes};
use crate::runner::event::RunEvent;
use crate::runner::retry::{self, deviates, timed_out};
use std::collections::VecDeque;
use wsgauntlet_suite::oracle::Record;

/// A round of confirmation.
#[derive(Debug, Default)]
pub(super) struct Round {
    causes: Causes,
    /// Showed their cause again, whose samples are not all played yet.
    shown_again: Vec<ShownAgain>,
    /// To be confirmed as single deviations.
    singles: Vec<Retry>,
}

#[derive(Debug)]
struct ShownAgain {
    retry: Retry,
    cause: Cause,
    record: Record,
    /// How many connections were open beside it.
    others: usize,
}

/// Deviations, by how they are confirmed.
#[derive(Debug, Default)]
struct Sorted {
    /// Each one by itself: the first sample of each cause, and what has no cause or depends on load.
    singles: Vec<Retry>,
    /// The other samples of each cause.
    samples: Vec<Retry>,
    /// With the others of their causes.
    together: Vec<Retry>,
}

impl Round {
    fn sort(&mut self, deviations: Vec<Deviation>) -> Sorted {
        let mut sorted = Sorted::default();
        for Deviation { record, guess } in deviations {
            let cause = Cause::of(&record).filter(|_| !depends_on_load(&record.instance));
            let (how, list) = match cause {
                None => (How::Single, &mut sorted.singles),
                Some(cause) => match self.causes.take_sample(&cause) {
                    Some(0) => (How::Sample(cause), &mut sorted.singles),
                    Some(_) => (How::Sample(cause), &mut sorted.samples),
                    None => (How::Together(cause), &mut sorted.together),
                },
            };
            list.push(Retry { plays: vec![record], guess, how });
        }
        sorted
    }

    /// What is known of an instance counts no more.
    fn forget(&mut self, id: &str) {
        self.shown_again.retain(|shown| shown.record.instance.id.as_str() != id);
        self.singles.retain(|retry| retry.plays[0].instance.id.as_str() != id);
    }
}

impl Dispatcher<'_> {
    /// Confirms all deviations. What is left by a death is played and, where it deviates, confirmed, too.
    pub(super) async fn replay_all(&mut self) {
        while !self.deviating.is_empty() {
            let deviating = std::mem::take(&mut self.deviating);
            if self.dead || self.is_stopped() {
                deviating.into_iter().for_each(|deviation| self.settle_unconfirmed(deviation.record));
                return;
            }
            self.round = Round::default();
            self.book.tell(RunEvent::Replaying { instances: deviating.len() });
            let (silent, loud): (Vec<Deviation>, Vec<Deviation>) =
                deviating.into_iter().partition(|deviation| timed_out(&deviation.record));
            let (silent, loud) = (self.round.sort(silent), self.round.sort(loud));
            let jobs = self.book.run.jobs;
            self.play_all_of(loud.singles, Lanes::Alone).await;
            self.play_if(loud.samples, Causes::have_shown_again, jobs).await;
            self.play_if(loud.together, Causes::are_confirmed, jobs).await;
            // First those that take longest.
            let silent = silent.singles.into_iter().chain(silent.samples).chain(silent.together).collect();
            self.play_all_of(silent, Lanes::Wide(jobs)).await;
            self.settle_shown_again();
            self.play_singles(jobs).await;
        }
    }

    async fn play_all_of(&mut self, retries: Vec<Retry>, lanes: Lanes) {
        let queue: VecDeque<Job> = retries.into_iter().map(|retry| Job::Again(Box::new(retry))).collect();
        let left = self.play_queue(queue, lanes).await;
        self.leave(left);
    }

    /// Plays those side by side whose cause `holds`. The others are to be confirmed as single deviations.
    async fn play_if(&mut self, retries: Vec<Retry>, holds: fn(&Causes, &Cause) -> bool, jobs: usize) {
        let causes = &self.round.causes;
        let (played, refuted): (Vec<Retry>, Vec<Retry>) = retries
            .into_iter()
            .partition(|retry| retry.how.cause().is_some_and(|cause| holds(causes, cause)));
        self.round.singles.extend(refuted);
        self.play_all_of(played, Lanes::Together(jobs)).await;
    }

    /// All samples were played, and it is known beside how many connections the target answers.
    fn settle_shown_again(&mut self) {
        for shown in std::mem::take(&mut self.round.shown_again) {
            let counts = match timed_out(&shown.record) {
                true => self.crowd.is_proven(shown.others),
                false => !self.crowd.is_crowded(shown.others),
            };
            if counts && self.round.causes.are_confirmed(&shown.cause) {
                self.book.finish(shown.record);
            } else {
                self.round.singles.push(shown.retry);
            }
        }
    }

    async fn play_singles(&mut self, jobs: usize) {
        let mut singles = std::mem::take(&mut self.round.singles);
        singles.iter_mut().for_each(|retry| retry.how = How::Single);
        let (silent, loud): (Vec<Retry>, Vec<Retry>) =
            singles.into_iter().partition(|retry| timed_out(&retry.plays[0]));
        self.play_all_of(silent, Lanes::Silent(jobs)).await;
        self.play_all_of(loud, Lanes::Alone).await;
    }

    /// What follows from a play, or several, of an instance that deviated. `others` were open beside it.
    pub(super) fn settle_retry(&mut self, record: Record, mut retry: Retry, others: usize) {
        match &retry.how {
            How::Single => self.book.finish(record),
            How::Sample(cause) => {
                let confirms = record.plays == 2 && Cause::of(&record).as_ref() == Some(cause);
                if confirms {
                    self.round.causes.confirm(cause);
                }
                self.book.finish(record);
            }
            How::Together(cause) => {
                if Cause::of(&record).as_ref() == Some(cause) {
                    let cause = cause.clone();
                    return self.round.shown_again.push(ShownAgain { retry, cause, record, others });
                }
                if retry::was_wrong_guess(&retry.plays[0], retry.guess, self.options.deadline, &record) {
                    return self.book.finish(record);
                }
                if !deviates(&record) {
                    retry.plays.push(record);
                }
                self.round.singles.push(retry);
            }
        }
    }

    /// What was seen of an instance before counts no more: it is played again, or has its verdict.
    pub(super) fn forget(&mut self, id: &str) {
        self.deviating.retain(|deviation| deviation.record.instance.id.as_str() != id);
        self.round.forget(id);
    }

    /// A deviation that is not played again.
    pub(super) fn settle_unconfirmed(&mut self, first: Record) {
        let record = if self.dead { retry::unconfirmed(first, DEAD) } else { first };
        self.book.finish(record);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded;
    use crate::runner::cause::SAMPLES;
    use std::sync::Arc;
    use std::time::Duration;
    use wsgauntlet_suite::case::Profile;
    use wsgauntlet_suite::oracle::{Failure, Observed, VerdictKind};
    use wsgauntlet_wire::Role;

    /// `count` instances that fail alike, of those that depend on the load or of the others. What was observed differs with `seen`.
    fn deviations(count: usize, on_load: bool, seen: &'static str) -> Vec<Deviation> {
        let instances = embedded::library().instances(Role::Server);
        let some = instances.filter(|instance| depends_on_load(instance) == on_load).take(count);
        let deviation = |instance: &wsgauntlet_suite::case::Instance| {
            let mut record = Record::unplayed(Arc::new(instance.clone()), VerdictKind::Fail, "");
            let requirement = "rfc6455/5.1/server-closes-on-unmasked".parse().expect("an id");
            let observed = Observed::Memory { peak_mib: 1 };
            record.verdict.failure = Some(Failure::by_monitor(seen, requirement, "a rule", observed));
            Deviation { record, guess: Duration::ZERO }
        };
        some.map(deviation).collect()
    }

    /// However many instances fail alike, one of them is played alone, and a few until their records are final.
    #[test]
    fn few_instances_of_a_cause_are_confirmed_by_themselves() {
        let mut round = Round::default();
        let sorted = round.sort([deviations(500, false, "a"), deviations(2, false, "b")].concat());
        let Sorted { singles, samples, together } = sorted;
        assert_eq!((singles.len(), samples.len()), (2, SAMPLES - 1 + 1));
        assert_eq!(together.len(), 500 - SAMPLES);
    }

    /// What can depend on the load of the target is always played alone: floods, large messages, cases that measure time.
    #[test]
    fn what_depends_on_load_is_confirmed_alone() {
        let mut round = Round::default();
        let sorted = round.sort(deviations(20, true, "a"));
        assert_eq!((sorted.singles.len(), sorted.together.len()), (20, 0));
        assert!(sorted.singles.iter().all(|retry| retry.how == How::Single));
        let is_heavy = |deviation: &Deviation| deviation.record.instance.profile != Profile::Default;
        assert!(deviations(20, true, "a").iter().any(is_heavy));
    }
}
