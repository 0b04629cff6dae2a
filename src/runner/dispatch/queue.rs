//! The plays that are under way at once: what is played next, what came of it, and the looks at the target meanwhile.

use super::play;
use super::{Dispatcher, SILENT_JOBS};
use crate::runner::again;
use crate::runner::death::Played;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use wsgauntlet_suite::case::{Instance, Profile};
use wsgauntlet_suite::oracle::{Record, VerdictKind};

/// How often a launched target is looked at while nothing ends.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What is to be played.
#[derive(Clone, Debug)]
pub(super) enum Job {
    First(Arc<Instance>),
    /// It deviated, and is played again.
    Again(Box<Record>),
}

impl Job {
    pub fn instance(&self) -> &Arc<Instance> {
        match self {
            Job::First(instance) => instance,
            Job::Again(first) => &first.instance,
        }
    }

    /// What was seen of it before.
    pub fn first(&self) -> Option<Record> {
        match self {
            Job::First(_) => None,
            Job::Again(first) => Some((**first).clone()),
        }
    }
}

/// How many plays go on side by side.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lanes {
    /// So many, but for what may hurt.
    First(usize),
    /// Those that wait for silence put no load on anybody.
    Silent,
    Alone,
}

impl Lanes {
    fn width(self, job: &Job) -> usize {
        match (self, job.instance().profile) {
            (Lanes::First(_), Profile::Volume) => again::VOLUME_JOBS,
            // What may hurt a target is put down to one instance.
            (Lanes::First(_), Profile::Intrusive) | (Lanes::Alone, _) => 1,
            (Lanes::First(jobs), Profile::Default) => jobs,
            (Lanes::Silent, _) => SILENT_JOBS,
        }
    }
}

/// The plays under way.
#[derive(Debug, Default)]
pub(super) struct Flight {
    pub plays: JoinSet<Played>,
    /// By instance id.
    pub jobs: BTreeMap<String, Job>,
}

impl Flight {
    /// The next play that ended, and its job.
    pub async fn next(&mut self) -> Option<(Played, Job)> {
        loop {
            // A play that panicked would be a fault of ours, and has no record.
            let Ok(played) = self.plays.join_next().await? else { continue };
            if let Some(job) = self.jobs.remove(played.record.instance.id.as_str()) {
                return Some((played, job));
            }
        }
    }
}

impl Dispatcher<'_> {
    /// Plays everything in a queue. What is left of it when the target died for good, or the run was stopped, is given back.
    pub(super) async fn play_queue(&mut self, mut queue: VecDeque<Job>, lanes: Lanes) -> VecDeque<Job> {
        let mut flight = Flight::default();
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.fill(&mut queue, lanes, &mut flight).await;
            if flight.jobs.is_empty() {
                // Only now it shows whether a process computes for nobody.
                let last_look = self.dead || self.is_stopped() || !self.ends_badly(&mut queue).await;
                if last_look {
                    return queue;
                }
                continue;
            }
            let ended = tokio::select! {
                ended = flight.next() => ended,
                _ = looks.tick() => None,
            };
            let suspicious = ended.as_ref().is_some_and(|(played, _)| played.is_suspicious());
            if let Some((played, job)) = ended {
                self.settle(played, job);
            }
            self.look(suspicious, &mut flight, &mut queue).await;
        }
    }

    async fn fill(&mut self, queue: &mut VecDeque<Job>, lanes: Lanes, flight: &mut Flight) {
        while !self.is_stopped()
            && !self.dead
            && let Some(job) = queue.front()
            && flight.jobs.len() < lanes.width(job)
            && let Some(job) = queue.pop_front()
        {
            flight.jobs.insert(job.instance().id.to_string(), job.clone());
            let (target, options) = (self.target.clone(), self.options.clone());
            match job {
                Job::First(instance) => {
                    let group = self.group;
                    flight.plays.spawn(play::first(target, instance, options, group))
                }
                Job::Again(first) => flight.plays.spawn(play::anew(target, *first, options)),
            };
        }
    }

    /// What follows from a play. A deviation that was seen once is played again.
    pub(super) fn settle(&mut self, played: Played, job: Job) {
        let first = job.first();
        let is_first = first.is_none();
        self.recent.add(&played, first);
        let record = played.record;
        match record.verdict.kind {
            // Memory that a process took once shows no second time.
            VerdictKind::Fail if again::is_outgrown(&record) => self.book.finish(record),
            VerdictKind::Fail | VerdictKind::Lenient | VerdictKind::Error | VerdictKind::Blocked
                if is_first =>
            {
                self.deviating.push(record);
            }
            VerdictKind::Fail
            | VerdictKind::Lenient
            | VerdictKind::Error
            | VerdictKind::Blocked
            | VerdictKind::Pass
            | VerdictKind::Info
            | VerdictKind::Inapplicable
            | VerdictKind::Flaky => self.book.finish(record),
        }
    }
}
