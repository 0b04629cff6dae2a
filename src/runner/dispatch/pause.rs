//! When a target dies in a run. One that was launched is started again, and the run pauses until it is known who brought the
//! death about. One that was not launched stays dead, and nothing of that time is a verdict.

use super::job::{DEAD, Deviation, Discarded, First, Job};
use super::queue::Flight;
use super::{Dispatcher, RunOptions};
use crate::runner::death::{self, Answer, Blame, Entry, Found, Terms};
use crate::runner::event::RunEvent;
use crate::runner::launch::LaunchError;
use crate::runner::retry;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{Record, VerdictKind};
use wsgauntlet_suite::transcript::Death;

/// How many deaths one run looks into, and how many of those may stay without a culprit. Then the target counts as dead.
const DEATHS_MAX: usize = 100;
const OPEN_MAX: usize = 3;

/// How often a launched target is started again in one run.
const RESTARTS_MAX: usize = 600;

/// How many instances are named when nobody can be blamed.
const NAMED_MAX: usize = 8;

/// Why an instance is blocked whose play ended too late.
const DEAD_BY_THEN: &str = "the target did not answer any more when this play ended";

impl Dispatcher<'_> {
    /// Looks at the target after a play has ended, or some time has passed. `suspected_at`: when something that the play waited
    /// for did not come. Plays go on meanwhile, unless the target seems to be dead.
    pub(super) async fn look(
        &mut self,
        suspected_at: Option<Instant>,
        flight: &mut Flight,
        queue: &mut VecDeque<Job>,
    ) {
        if self.dead {
            return;
        }
        if let Some(death) = self.sign().await {
            return self.pause(death, None, flight, queue).await;
        }
        // What it sent to others since then shows that it lives.
        if suspected_at.is_some_and(|at| !self.recent.is_well_since(at)) {
            let (patience, open) = (self.times.deadline(self.options.deadline), flight.jobs.len());
            match death::answer(&self.target, patience).await {
                Some(Answer::Opened) => self.crowd.opened(open),
                Some(Answer::Other) => {}
                None if self.survives(flight).await => self.crowd.overtaxed(open),
                None => {
                    let death = self.sign().await.unwrap_or(Death::Hung);
                    return self.pause(death, None, flight, queue).await;
                }
            }
            self.recent.answered();
        }
        if let Some(group) = self.group
            && self.pulse.look(group)
        {
            self.drain(flight).await;
            self.look_for_spin(flight, queue).await;
        }
    }

    /// Nothing is under way any more. Whether something is to be played again, since the target died of what was played last.
    pub(super) async fn ends_badly(&mut self, queue: &mut VecDeque<Job>) -> bool {
        let mut flight = Flight::default();
        if self.group.is_none() || self.recent.suspects(None).is_empty() {
            return !queue.is_empty();
        }
        match self.sign().await {
            Some(death) => self.pause(death, None, &mut flight, queue).await,
            None => self.look_for_spin(&mut flight, queue).await,
        }
        !queue.is_empty()
    }

    /// The last look of a run. A launched target may yet be seen to have died of what was played last.
    pub(super) async fn last_look(&mut self) -> VecDeque<Job> {
        let patience = retry::patience_max(self.options.deadline);
        if self.dead || self.is_stopped() || death::answers(&self.target, patience).await {
            return VecDeque::new();
        }
        let death = self.sign().await.unwrap_or(Death::Hung);
        let (mut flight, mut queue) = (Flight::default(), VecDeque::new());
        self.pause(death, None, &mut flight, &mut queue).await;
        queue
    }

    /// Says what was seen and not looked into, since it came too often.
    pub(super) fn tell_unheeded(&mut self) {
        if self.unheeded > 0 {
            let after = format!("{} more crashes, as its stderr says, were not looked into", self.unheeded);
            self.book.run.deaths.push(after);
        }
    }

    /// What a launched process tells of its death, if it does.
    async fn sign(&mut self) -> Option<Death> {
        let process = self.options.process.clone()?;
        let death = process.lock().await.sign(retry::patience_max(self.options.deadline)).await?;
        let heeded = match &death {
            Death::Crashed(_) => self.opened < OPEN_MAX && self.deaths < DEATHS_MAX,
            Death::Exited(_) | Death::Hung | Death::Signal(_) | Death::Spins => true,
        };
        if !heeded {
            self.unheeded += 1;
        }
        heeded.then_some(death)
    }

    /// A target that is slow beside others is not dead: when all that is under way has ended it is asked again, with patience.
    /// One that is known to hang is asked with less: only what is then played alone tells whether it did.
    async fn survives(&mut self, flight: &mut Flight) -> bool {
        self.drain(flight).await;
        let patience = match self.hangs {
            true => self.times.deadline(self.options.deadline),
            false => retry::patience_max(self.options.deadline),
        };
        death::answers(&self.target, patience).await
    }

    /// Lets all end that is under way.
    async fn drain(&mut self, flight: &mut Flight) {
        while let Some((played, under_way)) = flight.next().await {
            self.settle(played, under_way, flight.jobs.len());
        }
    }

    async fn look_for_spin(&mut self, flight: &mut Flight, queue: &mut VecDeque<Job>) {
        let Some(group) = self.group else { return };
        if death::is_busy(group).await {
            let since = self.pulse.suspected_since();
            return self.pause(Death::Spins, Some(since), flight, queue).await;
        }
        self.pulse.was_busy_with_plays();
    }

    /// The target is dead. What is under way is given up.
    async fn pause(
        &mut self,
        death: Death,
        since: Option<Instant>,
        flight: &mut Flight,
        queue: &mut VecDeque<Job>,
    ) {
        if self.options.process.is_none() {
            self.drain(flight).await;
            return self.bury();
        }
        self.doubted.extend(self.recent.doubtful().map(|entry| entry.instance.id.to_string()));
        let mut suspects = self.recent.suspects(since);
        let cut_off = std::mem::take(&mut flight.jobs);
        flight.plays.abort_all();
        while flight.plays.join_next().await.is_some() {}
        for under_way in cut_off.values() {
            let instance = under_way.job.instance();
            suspects.retain(|suspect| suspect.id != instance.id);
            suspects.push(instance.clone());
        }
        // A killer is never played again.
        suspects.retain(|suspect| !self.killers.contains(suspect.id.as_str()));
        self.book.tell(RunEvent::Isolating { death: death.to_string(), suspects: suspects.len() });
        self.deaths += 1;
        let (known, found) = (self.hangs, self.blame(&death, &suspects).await);
        self.recent.clear();
        self.pulse.restarted();
        match found {
            Ok(mut found) => {
                // It was not asked with patience, and nobody made it hang.
                found.open &= !(death == Death::Hung && known && found.killers.is_empty());
                self.hangs |= death == Death::Hung && !found.killers.is_empty();
                self.sentence(&death, &suspects, found, queue);
            }
            Err(error) => self.give_up(format!("{death}; {error}"), &suspects, queue),
        }
        // A line on stderr ends no run: the target still serves.
        let serves = matches!(death, Death::Crashed(_));
        let spent = self.deaths >= DEATHS_MAX || self.restarts >= RESTARTS_MAX || self.opened >= OPEN_MAX;
        if spent && !serves && !self.dead {
            let why = format!("{} deaths, {} of them without a culprit", self.deaths, self.opened);
            self.give_up(why, &[], queue);
        }
    }

    async fn blame(&mut self, death: &Death, suspects: &[Arc<Instance>]) -> Result<Found, LaunchError> {
        let Some(process) = self.options.process.clone() else { return Ok(Found::default()) };
        let mut process = process.lock().await;
        let RunOptions { deadline, seed, stop, .. } = self.options.clone();
        let terms = Terms { deadline, times: self.times.clone(), seed, stop };
        let found = Blame::new(&mut process, &terms, death).find(suspects).await;
        self.target = process.target().clone();
        self.group = process.group();
        self.restarts = process.restarts;
        found
    }

    /// Gives the killers their verdict, and everybody else another chance.
    fn sentence(
        &mut self,
        death: &Death,
        suspects: &[Arc<Instance>],
        found: Found,
        queue: &mut VecDeque<Job>,
    ) {
        let mut decided: BTreeSet<String> = BTreeSet::new();
        for record in found.killers {
            let id = record.instance.id.to_string();
            let how = record.verdict.failure.as_ref().map(|failure| failure.observed.to_string());
            let line = format!("{id}: {}", how.unwrap_or_default());
            self.book.run.crashes.push(line.clone());
            self.book.tell(RunEvent::Isolated { culprit: id.clone(), how: line });
            self.killers.insert(id.clone());
            self.forget(record.instance.id.as_str());
            self.book.finish(record);
            decided.insert(id);
        }
        for record in found.survivors {
            decided.insert(record.instance.id.to_string());
            self.resettle(record, found.guess);
        }
        for suspect in suspects.iter().rev().filter(|suspect| !decided.contains(suspect.id.as_str())) {
            self.forget(suspect.id.as_str());
            queue.push_front(Job::first(suspect.clone()));
        }
        if found.open {
            self.opened += 1;
            let after =
                format!("{} ({death})", named(suspects.iter().rev().map(|suspect| suspect.id.as_str())));
            self.book.run.deaths.push(after.clone());
            self.book.tell(RunEvent::TargetDied { after });
        }
    }

    /// A suspect survived when it was played in a living process. What that showed counts in place of what was seen beside the
    /// death.
    fn resettle(&mut self, record: Record, guess: Duration) {
        self.forget(record.instance.id.as_str());
        if retry::timed_out(&record) && !retry::deviates(&record) && guess < self.options.deadline {
            let instance = record.instance;
            return self.discarded.push(First { instance, discarded: Some(Discarded::Guessed) });
        }
        let passes = |kind| matches!(kind, VerdictKind::Pass | VerdictKind::Info);
        let kept = self.book.kept(record.instance.id.as_str());
        match kept.map(|kept| kept.verdict.kind) {
            // Nothing new.
            Some(kind) if passes(kind) && passes(record.verdict.kind) => {}
            _ if passes(record.verdict.kind) => self.book.finish(record),
            _ => self.deviating.push(Deviation { record, guess }),
        }
    }

    /// The target cannot be brought to serve any more.
    fn give_up(&mut self, why: String, suspects: &[Arc<Instance>], queue: &mut VecDeque<Job>) {
        self.dead = true;
        for suspect in suspects {
            self.forget(suspect.id.as_str());
            queue.push_front(Job::first(suspect.clone()));
        }
        self.book.run.deaths.push(why.clone());
        self.book.tell(RunEvent::TargetDied { after: why });
    }

    /// A target that was not launched is dead. What was decided when it may have been dead is no verdict; what was seen of it
    /// before stays.
    fn bury(&mut self) {
        self.dead = true;
        let doubtful: Vec<Entry> = self.recent.doubtful().cloned().collect();
        let suspects = self.recent.suspects(None);
        let doubted: BTreeSet<&str> = doubtful.iter().map(|entry| entry.instance.id.as_str()).collect();
        let others = suspects.iter().rev().map(|suspect| suspect.id.as_str());
        let after = named(doubted.iter().copied().chain(others.filter(|id| !doubted.contains(id))));
        for entry in &doubtful {
            let id = entry.instance.id.as_str();
            self.forget(id);
            self.book.finish(match &entry.first {
                Some(first) => retry::unconfirmed(first.clone(), DEAD),
                None => Record::unplayed(entry.instance.clone(), VerdictKind::Blocked, DEAD_BY_THEN),
            });
        }
        self.book.run.deaths.push(after.clone());
        self.book.tell(RunEvent::TargetDied { after });
    }
}

/// Some instances in one phrase.
fn named<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    let ids: Vec<&str> = ids.collect();
    match &ids[..] {
        [] => "the last instance".to_owned(),
        [one] => (*one).to_owned(),
        ids if ids.len() <= NAMED_MAX => format!("one of {}", ids.join(", ")),
        ids => format!("one of {}, or one of {} before", ids[..NAMED_MAX].join(", "), ids.len() - NAMED_MAX),
    }
}
