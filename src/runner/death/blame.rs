//! Plays suspects against fresh processes, as `isolate` proposes it, until it is known which of them bring the death about.

use super::busy;
use super::isolate::{Fared, Isolation};
use super::liveness::answers;
use super::process::Process;
use crate::runner::answer_times::AnswerTimes;
use crate::runner::dispatch::Activity;
use crate::runner::dispatch::play::{self, play_once};
use crate::runner::launch::LaunchError;
use crate::runner::retry;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{Application, Exit, Record, VerdictKind};
use wsgauntlet_suite::transcript::{Capabilities, Death, Died, Transcript};

/// How many processes one death is worth, and how long it is looked into.
const PROCESSES_MAX: usize = 96;
const TIME_MAX: Duration = Duration::from_secs(180);

/// How long a death may take to show behind a play that is made alone; and behind one that is made beside others and did not
/// pass.
const ALONE_DIES_WITHIN: Duration = Duration::from_millis(500);
const DIES_WITHIN: Duration = Duration::from_millis(50);

/// How long it may take until the end of a process shows that answers nobody.
const ENDS_WITHIN: Duration = Duration::from_secs(2);

/// How often it is looked at in that time.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// How long a process that was just started may compute until it rests.
const REST_WITHIN: Duration = Duration::from_secs(20);

/// What plays depend on beside the process.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub deadline: Duration,
    /// How long the target took to answer so far.
    pub times: AnswerTimes,
    pub seed: u64,
    pub stop: Arc<AtomicBool>,
}

/// What came of the suspects.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Each fails.
    pub killers: Vec<Record>,
    /// The last play of each that was survived, in a process that lived.
    pub survivors: Vec<Record>,
    /// The deadline of these plays.
    pub guess: Duration,
    /// No killer is known, or not of each death that was seen.
    pub open: bool,
}

/// A death that was brought about.
#[derive(Debug)]
struct Kill {
    record: Record,
    death: Death,
    /// What the process wrote last.
    tail: String,
}

/// A process that seems to answer nobody, and what was seen of it with patience. No death: it answered.
type Confirmed = (usize, Option<(Death, String)>);

/// Looks for the killers among some suspects.
#[derive(Debug)]
pub(crate) struct Blame<'a> {
    process: &'a mut Process,
    terms: &'a Terms,
    /// What was seen in the run.
    seen: &'a Death,
    kills: HashMap<usize, Kill>,
    survived: HashMap<usize, Record>,
    /// Whether a process that seems to hang is asked with patience while the next one is played with. Otherwise the play waits.
    aside: bool,
    asides: JoinSet<Confirmed>,
}

impl<'a> Blame<'a> {
    pub(crate) fn new(process: &'a mut Process, terms: &'a Terms, seen: &'a Death) -> Blame<'a> {
        let (kills, survived, asides) = (HashMap::new(), HashMap::new(), JoinSet::new());
        let aside = process.moves();
        Blame { process, terms, seen, kills, survived, aside, asides }
    }

    /// Plays `suspects`, in the order in which they were played before. Leaves a fresh process. Fails when none can be started.
    pub(crate) async fn find(mut self, suspects: &[Arc<Instance>]) -> Result<Found, LaunchError> {
        let mut isolation = self.isolate(suspects).await?;
        if !self.confirm_asides().await {
            // A process that was only slow was taken for one that hangs.
            self.aside = false;
            self.kills.clear();
            self.survived.clear();
            isolation = self.isolate(suspects).await?;
        }
        self.process.restart().await?;
        let mut found = Found { open: isolation.is_open(), guess: self.guess(), ..Found::default() };
        // Of a sequence at whose end no silence was confirmed nobody is blamed.
        found.open |= isolation.killers().iter().any(|killer| !self.kills.contains_key(&killer.suspect));
        for killer in isolation.killers() {
            let after = killer.before.iter().map(|index| suspects[*index].id.to_string()).collect();
            self.survived.remove(&killer.suspect);
            if let Some(kill) = self.kills.remove(&killer.suspect) {
                found.killers.push(killed(kill, after));
            }
        }
        let mut survived: Vec<(usize, Record)> = self.survived.into_iter().collect();
        survived.sort_by_key(|(index, _)| *index);
        found.survivors = survived.into_iter().map(|(_, record)| record).collect();
        Ok(found)
    }

    async fn isolate(&mut self, suspects: &[Arc<Instance>]) -> Result<Isolation, LaunchError> {
        let began = Instant::now();
        let mut isolation = Isolation::new(suspects.len(), PROCESSES_MAX);
        while began.elapsed() < TIME_MAX
            && !self.terms.stop.load(Ordering::Relaxed)
            && let Some(sequence) = isolation.propose()
        {
            self.refresh().await?;
            isolation.report(self.play(suspects, &sequence).await);
        }
        Ok(isolation)
    }

    /// What became of the processes that seemed to hang. False: one of them answered.
    async fn confirm_asides(&mut self) -> bool {
        let mut all = true;
        while let Some(confirmed) = self.asides.join_next().await {
            let Ok((suspect, ending)) = confirmed else { continue };
            match (ending, self.kills.get_mut(&suspect)) {
                (Some((death, tail)), Some(kill)) => (kill.death, kill.tail) = (death, tail),
                (Some(_), None) => {}
                (None, _) => all = false,
            }
        }
        all
    }

    /// Starts a process anew, and waits until it serves, and rests.
    async fn refresh(&mut self) -> Result<(), LaunchError> {
        self.process.restart().await?;
        // What the next connection shows is to be that play's doing, not the start's.
        answers(self.process.target(), self.patience()).await;
        if *self.seen == Death::Spins
            && let Some(group) = self.process.group()
        {
            busy::comes_to_rest(group, REST_WITHIN).await;
        }
        Ok(())
    }

    /// Plays a sequence in the present process, until it dies.
    async fn play(&mut self, suspects: &[Arc<Instance>], sequence: &[usize]) -> Fared {
        let alone = sequence.len() == 1;
        // Who computes all the time from its start on is not made to by a play.
        let rests = match self.process.group() {
            Some(group) => !busy::is_busy(group).await,
            None => false,
        };
        for (at, index) in sequence.iter().enumerate() {
            let (target, deadline, seed) = (self.process.target().clone(), self.guess(), self.terms.seed);
            let terms = play::Terms { target, deadline, seed };
            let record = play_once(&terms, suspects[*index].clone(), 1, &Activity::begin()).await.record;
            // The first and the last of a sequence are blamed at once; one between others is played alone first.
            let blamed = at == 0 || at + 1 == sequence.len();
            match self.death_behind(&record, alone, blamed, rests).await {
                Some(Death::Hung) if !blamed => return Fared::Died(at),
                Some(death) => {
                    let tail = self.process.tail().await;
                    if death == Death::Hung
                        && self.aside
                        && let Some(process) = self.process.set_aside()
                    {
                        self.asides.spawn(confirm(process, *index, self.patience()));
                    }
                    // One that was cut off by somebody else's death survived before, or is played again.
                    self.kills.insert(*index, Kill { record, death, tail });
                    return Fared::Died(at);
                }
                None => drop(self.survived.insert(*index, record)),
            }
        }
        Fared::Survived
    }

    /// What became of the process behind a play.
    async fn death_behind(
        &mut self,
        record: &Record,
        alone: bool,
        blamed: bool,
        rests: bool,
    ) -> Option<Death> {
        let passed = matches!(record.verdict.kind, VerdictKind::Pass | VerdictKind::Info);
        // Behind the last one nothing else takes time in which a late death could show.
        let within = match (alone || blamed, passed) {
            (true, _) => ALONE_DIES_WITHIN,
            (false, false) => DIES_WITHIN,
            (false, true) => Duration::ZERO,
        };
        let patience = self.patience();
        let silent = match self.signs_within(within).await {
            Err(death) => return Some(death),
            Ok(answered) => !answered,
        };
        if silent && (!blamed || self.aside) {
            return Some(Death::Hung);
        }
        if silent && let Some(death) = ending(self.process, patience).await {
            return Some(death);
        }
        let asked = alone || *self.seen == Death::Spins;
        match self.process.group().filter(|_| asked && rests) {
            Some(group) => busy::is_busy(group).await.then_some(Death::Spins),
            None => None,
        }
    }

    /// Looks out for a sign of death for so long at the least, and asks the process meanwhile. Whether it answered.
    async fn signs_within(&mut self, within: Duration) -> Result<bool, Death> {
        let (target, patience) = (self.process.target().clone(), self.patience());
        let asked = answers(&target, self.guess());
        tokio::pin!(asked);
        let began = Instant::now();
        let mut answered = None;
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                _ = looks.tick() => {
                    if let Some(death) = self.process.sign(patience).await {
                        return Err(death);
                    }
                }
                answer = &mut asked, if answered.is_none() => answered = Some(answer),
            }
            match answered {
                // One that seems to hang is looked at more closely.
                Some(false) => return Ok(false),
                Some(true) if began.elapsed() >= within => return Ok(true),
                Some(true) | None => {}
            }
        }
    }

    fn patience(&self) -> Duration {
        retry::patience_max(self.terms.deadline)
    }

    /// How long a play, and a first look at the process, wait.
    fn guess(&self) -> Duration {
        self.terms.times.deadline(self.terms.deadline)
    }
}

/// Looks with patience at a process that seems to answer nobody, behind the play of a suspect.
async fn confirm(mut process: Process, suspect: usize, patience: Duration) -> Confirmed {
    match ending(&mut process, patience).await {
        Some(death) => (suspect, Some((death, process.tail().await))),
        None => (suspect, None),
    }
}

/// How a process ended that seems to answer nobody. The system may write the memory of a process to disk before its end shows.
/// `None`: it answers, if one waits for it.
async fn ending(process: &mut Process, patience: Duration) -> Option<Death> {
    let began = Instant::now();
    let target = process.target().clone();
    let asked = answers(&target, patience);
    tokio::pin!(asked);
    let mut silent = false;
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !silent || began.elapsed() < ENDS_WITHIN {
        tokio::select! {
            answered = &mut asked, if !silent => {
                if answered {
                    return None;
                }
                silent = true;
            }
            _ = looks.tick() => {
                if let Some(death) = process.sign(patience).await {
                    return Some(death);
                }
            }
        }
    }
    Some(Death::Hung)
}

/// The record of a play that the target did not survive.
fn killed(kill: Kill, after: Vec<String>) -> Record {
    let Kill { record, death, tail } = kill;
    let exit = match death {
        Death::Exited(status) => Some(Exit::Status(status)),
        Death::Signal(signal) => Some(Exit::Signal(signal)),
        Death::Crashed(_) | Death::Hung | Death::Spins => None,
    };
    let instance = record.instance;
    let unseen = || Transcript::new(instance.role, Capabilities::NONE);
    let mut transcript = record.transcript.unwrap_or_else(unseen);
    transcript.note_death(Died { death, after });
    let mut record = retry::judged(instance, transcript, 2);
    // The line that tells may stand far above the last ones, as behind a panic with its stack.
    let stderr = match transcript_line(&record) {
        Some(line) if !tail.contains(&line) => format!("{line}\n..\n{tail}"),
        Some(_) | None => tail,
    };
    record.application = Some(Application { exit, stderr, page: Vec::new() });
    record
}

/// The line that reported a crash.
fn transcript_line(record: &Record) -> Option<String> {
    let (_, died) = record.transcript.as_ref()?.death()?;
    match &died.death {
        Death::Crashed(line) => Some(line.clone()),
        Death::Exited(_) | Death::Hung | Death::Signal(_) | Death::Spins => None,
    }
}
