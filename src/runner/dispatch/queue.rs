//! The plays that are under way at once: what is played next, what came of it, and the looks at the target meanwhile.

use super::Dispatcher;
use super::activity::Activity;
use super::crowd::Crowd;
use super::job::{Deviation, Discarded, First, Job, Lanes, Width, depends_on_load};
use super::play::{self, Terms};
use crate::runner::death::Played;
use crate::runner::retry;
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout_at};

/// How often a launched target is looked at while nothing ends.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// The plays under way.
#[derive(Debug, Default)]
pub(super) struct Flight {
    pub plays: JoinSet<Played>,
    /// By instance id.
    pub jobs: BTreeMap<String, UnderWay>,
}

/// A play under way.
#[derive(Debug)]
pub(super) struct UnderWay {
    pub job: Job,
    /// How long it waits for the target, at first.
    pub deadline: Duration,
    activity: Activity,
    /// How many others were open when it began.
    beside: usize,
    /// It was noticed that the target opened it.
    noticed: bool,
}

/// How many plays are under way.
struct Census {
    /// Those that keep the target busy.
    busy: usize,
    open: usize,
    /// When the first of those that are busy is not busy any more, if nothing happens in it.
    busy_until: Option<Instant>,
}

impl Flight {
    /// The next play that ended, and what it was.
    pub(super) async fn next(&mut self) -> Option<(Played, UnderWay)> {
        loop {
            // A play that panicked would be a fault of ours, and has no record.
            let Ok(played) = self.plays.join_next().await? else { continue };
            if let Some(under_way) = self.jobs.remove(played.record.instance.id.as_str()) {
                return Some((played, under_way));
            }
        }
    }

    fn census(&self, quiet_after: Duration) -> Census {
        let now = Instant::now();
        let busy = || self.jobs.values().filter_map(|job| job.activity.busy_until(now, quiet_after));
        Census { busy: busy().count(), open: self.jobs.len(), busy_until: busy().min() }
    }

    /// Beside how many others the target opens connections.
    fn notice_openings(&mut self, crowd: &mut Crowd) {
        let others = self.jobs.len().saturating_sub(1);
        for under_way in self.jobs.values_mut().filter(|under_way| !under_way.noticed) {
            if under_way.activity.is_opened() {
                under_way.noticed = true;
                crowd.opened(under_way.beside.min(others));
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
            let more_at = self.fill(&mut queue, lanes, &mut flight);
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
                () = until(more_at) => None,
            };
            let suspected_at =
                ended.as_ref().and_then(|(played, _)| played.is_suspicious().then_some(played.decided_at));
            if let Some((played, under_way)) = ended {
                self.settle(played, under_way, flight.jobs.len());
            }
            self.look(suspected_at, &mut flight, &mut queue).await;
        }
    }

    /// Begins what may be under way. Gives the time from which on there may be more, where that is only a matter of time.
    fn fill(&mut self, queue: &mut VecDeque<Job>, lanes: Lanes, flight: &mut Flight) -> Option<Instant> {
        let quiet_after = self.times.quiet_after();
        loop {
            flight.notice_openings(&mut self.crowd);
            let next = queue.front()?;
            if self.is_stopped() || self.dead {
                return None;
            }
            let census = flight.census(quiet_after);
            match lanes.width(next) {
                Width::Open(most) if census.open >= most => return None,
                Width::Proven(least) if census.open >= least.max(self.crowd.proven()) => return None,
                Width::Busy(_) if census.open >= self.crowd.room() => return census.busy_until,
                Width::Busy(most) if census.busy >= most => return census.busy_until,
                Width::Open(_) | Width::Proven(_) | Width::Busy(_) => {}
            }
            let job = queue.pop_front()?;
            // Its death was seen when it was waiting to be played again.
            if !self.killers.contains(job.instance().id.as_str()) {
                self.begin(job, flight);
            }
        }
    }

    fn begin(&mut self, job: Job, flight: &mut Flight) {
        let full = self.options.deadline;
        let deadline = match &job {
            Job::First(First { instance, discarded: None }) if !depends_on_load(instance) => {
                self.times.deadline(full)
            }
            Job::First(_) | Job::Again(_) => full,
        };
        let activity = Activity::begin();
        let under_way = UnderWay {
            job: job.clone(),
            deadline,
            activity: activity.clone(),
            beside: flight.jobs.len(),
            noticed: false,
        };
        flight.jobs.insert(job.instance().id.to_string(), under_way);
        let terms = Terms { target: self.target.clone(), deadline, seed: self.options.seed };
        let options = self.options.clone();
        match job {
            Job::First(First { instance, .. }) => {
                flight.plays.spawn(play::first(terms, instance, options, self.group, activity))
            }
            Job::Again(retry) => flight.plays.spawn(play::again(terms, *retry, options, activity)),
        };
    }

    /// What follows from a play that ended while `open` others are under way.
    pub(super) fn settle(&mut self, played: Played, under_way: UnderWay, open: usize) {
        let UnderWay { job, deadline, activity, beside, noticed } = under_way;
        if activity.is_opened() && !noticed {
            self.crowd.opened(beside.min(open));
        }
        self.recent.add(&played, job.seen_before());
        if let Some(transcript) = &played.record.transcript {
            self.times.learn(transcript);
        }
        let others = beside.max(open);
        match job {
            Job::First(first) => self.settle_first(played.record, first, deadline, others),
            Job::Again(retry) => self.settle_retry(played.record, *retry, others),
        }
    }

    /// A deviation that was seen once is played again.
    fn settle_first(
        &mut self,
        record: wsgauntlet_suite::oracle::Record,
        first: First,
        deadline: Duration,
        others: usize,
    ) {
        let (deviates, expired) = (retry::deviates(&record), retry::timed_out(&record));
        let again = |discarded| First { instance: record.instance.clone(), discarded: Some(discarded) };
        match first.discarded {
            // Memory that a process took once shows no second time.
            _ if retry::is_outgrown(&record) => self.book.finish(record),
            None if deviates && !expired && self.crowd.is_crowded(others) => {
                self.discarded.push(again(Discarded::Crowded(others)));
            }
            None if !deviates && expired && deadline < self.options.deadline => {
                self.discarded.push(again(Discarded::Guessed));
            }
            Some(Discarded::Crowded(crowd)) if !deviates => {
                self.crowd.overtaxed(crowd);
                self.book.finish(record);
            }
            _ if deviates => self.deviating.push(Deviation { record, guess: deadline }),
            _ => self.book.finish(record),
        }
    }
}

/// Ends at that time; without one, never.
async fn until(at: Option<Instant>) {
    match at {
        Some(at) => drop(timeout_at(at.into(), std::future::pending::<()>()).await),
        None => std::future::pending().await,
    }
}
