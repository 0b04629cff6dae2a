//! What is played when: the probe, all instances at once, the deviating ones again and alone, the
//! sanity check at the end.

use super::again::{self, Means, Next, waited_in_vain};
use super::assumed::Assumed;
use super::event::RunEvent;
use super::execute;
use super::probe::{self, play_config};
use super::reference;
use super::stream::Stream;
use super::target::{Target, TargetError};
use super::usage::MemoryBound;
use crate::embedded;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use wsgauntlet_suite::case::{Instance, Profile};
use wsgauntlet_suite::oracle::{Record, Run, TargetInfo, VerdictKind};
use wsgauntlet_suite::peer::Player;
use wsgauntlet_suite::transcript::EventKind;
use wsgauntlet_wire::Role;

/// How a run is made.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// How long silence is borne in a step.
    pub deadline: Duration,
    /// Connections at once. `None`: what the probe finds bearable.
    pub jobs: Option<usize>,
    pub seed: u64,
    /// What reports call the target.
    pub name: String,
    /// What stands, whatever the probe sees.
    pub assumed: Assumed,
    /// What the memory of a target that was launched is held to, while bombs are played.
    pub memory: Option<MemoryBound>,
    /// Stops the run in order.
    pub stop: Arc<AtomicBool>,
}

/// How often an attempt to connect is repeated before it counts as refused.
const CONNECT_ATTEMPTS: u32 = 3;

/// How many plays that wait for silence are repeated side by side: they put no load on anybody.
const SILENT_JOBS: usize = 16;

/// Plays `instances` against a server and tells `events` what happens.
pub async fn run_server(
    mut target: Target,
    instances: Vec<Arc<Instance>>,
    options: RunOptions,
    events: &mut (dyn FnMut(RunEvent) + Send),
) -> Result<Run, TargetError> {
    let started = Instant::now();
    let probe = probe::probe(&target, options.deadline, options.jobs).await?;
    target.capabilities = options.assumed.apply(probe.capabilities);
    let instances: Vec<Arc<Instance>> = match target.prelude.as_slice() {
        [] => instances,
        prelude => instances.iter().map(|instance| Arc::new(instance.with_prelude(prelude))).collect(),
    };
    let info = TargetInfo {
        role: Role::Server,
        name: options.name.clone(),
        url: target.url.clone(),
        capabilities: target.capabilities,
        remarks: probe.remarks,
    };
    let mut cases: Vec<&str> = instances.iter().map(|instance| instance.case.as_str()).collect();
    cases.sort_unstable();
    cases.dedup();
    let cases = cases.len();
    events(RunEvent::Started { target: info.clone(), instances: instances.len(), cases, jobs: probe.jobs });
    let mut run = Run {
        target: info,
        records: Vec::new(),
        cases,
        jobs: probe.jobs,
        duration: Duration::ZERO,
        interrupted: None,
        deaths: Vec::new(),
    };
    let order: HashMap<String, usize> =
        instances.iter().enumerate().map(|(index, instance)| (instance.id.to_string(), index)).collect();
    let mut dispatcher = Dispatcher { target, options, deviating: Vec::new(), dead: false };
    dispatcher.play_all(instances, probe.jobs, &mut run, events).await;
    dispatcher.replay_all(&mut run, events).await;
    if dispatcher.options.stop.load(Ordering::Relaxed) {
        run.interrupted = Some(Run::STOPPED.to_owned());
    }
    run.records.sort_by_key(|record| order.get(record.instance.id.as_str()).copied());
    run.duration = started.elapsed();
    Ok(run)
}

/// How many instances are named when the target dies.
const SUSPECTS_MAX: usize = 8;

struct Dispatcher {
    target: Target,
    options: RunOptions,
    /// Played once, and not as good as can be.
    deviating: Vec<Record>,
    dead: bool,
}

impl Dispatcher {
    async fn play_all(
        &mut self,
        instances: Vec<Arc<Instance>>,
        jobs: usize,
        run: &mut Run,
        events: &mut (dyn FnMut(RunEvent) + Send),
    ) {
        let mut waiting: VecDeque<Arc<Instance>> = VecDeque::new();
        let mut instances = instances;
        // Stable: within a profile the order stays.
        instances.sort_by_key(|instance| instance.profile);
        for instance in instances {
            let means = Means::new(self.target.capabilities, self.target.tls.is_some());
            match again::unmet_need(&instance, means) {
                Some(need) => {
                    let reason = format!("needs {need}");
                    finish(run, events, Record::unplayed(instance, VerdictKind::Inapplicable, reason));
                }
                None => waiting.push_back(instance),
            }
        }
        let mut plays = JoinSet::new();
        let mut in_flight: BTreeSet<String> = BTreeSet::new();
        loop {
            let stopped = self.options.stop.load(Ordering::Relaxed);
            while !stopped && !self.dead && plays.len() < jobs {
                let side_by_side = match waiting.front().map(|instance| instance.profile) {
                    Some(Profile::Volume) => again::VOLUME_JOBS,
                    // What may hurt a target is put down to one instance.
                    Some(Profile::Intrusive) => 1,
                    Some(Profile::Default) | None => jobs,
                };
                if plays.len() >= side_by_side {
                    break;
                }
                let Some(instance) = waiting.pop_front() else { break };
                in_flight.insert(instance.id.to_string());
                plays.spawn(self.play(instance, self.options.deadline, 1));
            }
            let Some(played) = plays.join_next().await else { break };
            let Ok(record) = played else { continue };
            in_flight.remove(record.instance.id.as_str());
            match record.verdict.kind {
                // Memory that a process took once shows no second time.
                VerdictKind::Fail if again::is_outgrown(&record) => finish(run, events, record),
                VerdictKind::Fail | VerdictKind::Lenient | VerdictKind::Error => self.deviating.push(record),
                VerdictKind::Blocked => {
                    if !self.dead && !self.is_alive().await {
                        self.dead = true;
                        let after = self.suspects(&in_flight, &record);
                        run.deaths.push(after.clone());
                        events(RunEvent::TargetDied { after });
                    }
                    self.deviating.push(record);
                }
                VerdictKind::Pass | VerdictKind::Info | VerdictKind::Inapplicable | VerdictKind::Flaky => {
                    finish(run, events, record);
                }
            }
        }
        let reason = if self.dead { "the target does not answer any more" } else { "the run was stopped" };
        for instance in waiting {
            finish(run, events, Record::unplayed(instance, VerdictKind::Blocked, reason));
        }
    }

    /// What the target may have died of: what was under way, and what was cut off just before.
    fn suspects(&self, in_flight: &BTreeSet<String>, refused: &Record) -> String {
        let cut_off = |record: &&Record| {
            let transcript = record.transcript.as_ref();
            transcript
                .and_then(|transcript| transcript.judged().last())
                .is_some_and(|event| matches!(event.kind, EventKind::ReceivedEof | EventKind::ReceivedReset))
        };
        let before = self.deviating.iter().rev().take(SUSPECTS_MAX).filter(cut_off);
        let before = before.map(|record| record.instance.id.to_string());
        let others: Vec<String> = before.chain(in_flight.iter().cloned()).take(SUSPECTS_MAX).collect();
        match &others[..] {
            [] => refused.instance.id.to_string(),
            [one] => one.clone(),
            others => format!("one of {}", others.join(", ")),
        }
    }

    /// Plays every deviating instance again before it is reported: alone, but for those that wait
    /// for silence, which disturb nobody.
    async fn replay_all(&mut self, run: &mut Run, events: &mut (dyn FnMut(RunEvent) + Send)) {
        let deviating = std::mem::take(&mut self.deviating);
        if !deviating.is_empty() {
            events(RunEvent::Replaying { instances: deviating.len() });
        }
        let (silent, loud): (Vec<Record>, Vec<Record>) = deviating.into_iter().partition(waited_in_vain);
        let mut plays: JoinSet<Record> = JoinSet::new();
        for first in silent {
            if plays.len() >= SILENT_JOBS
                && let Some(Ok(record)) = plays.join_next().await
            {
                finish(run, events, record);
            }
            let again = self.replay(first);
            plays.spawn(again);
        }
        while let Some(played) = plays.join_next().await {
            if let Ok(record) = played {
                finish(run, events, record);
            }
        }
        for first in loud {
            let record = self.replay(first).await;
            finish(run, events, record);
        }
        if !self.dead && !self.options.stop.load(Ordering::Relaxed) && !self.is_alive().await {
            let after = "the last instance".to_owned();
            run.deaths.push(after.clone());
            events(RunEvent::TargetDied { after });
        }
    }

    /// The sanity case: the opening, and what the probe saw after it.
    async fn is_alive(&self) -> bool {
        probe::probe(&self.target, self.options.deadline, Some(1)).await.is_ok()
    }

    fn play(
        &self,
        instance: Arc<Instance>,
        deadline: Duration,
        plays: u32,
    ) -> impl Future<Output = Record> + Send + use<> {
        let (target, seed) = (self.target.clone(), self.options.seed);
        let memory = self.options.memory.filter(|_| instance.profile == Profile::Intrusive);
        async move {
            let play = play_once(&target, instance, deadline, seed, plays);
            let Some(bound) = memory else { return play.await };
            let (record, outgrown) = bound.watch(play).await;
            match outgrown {
                Some(outgrown) => again::outgrown(record, outgrown),
                None => record,
            }
        }
    }

    /// The final record of an instance that deviated once.
    fn replay(&self, first: Record) -> impl Future<Output = Record> + Send + use<> {
        let (target, options, dead) = (self.target.clone(), self.options.clone(), self.dead);
        async move {
            if dead || options.stop.load(Ordering::Relaxed) {
                return first;
            }
            let mut plays = vec![first];
            loop {
                let (count, instance) = (plays.len() as u32 + 1, plays[0].instance.clone());
                let patience = again::patience(&plays, options.deadline);
                plays.push(play_once(&target, instance, patience, options.seed, count).await);
                match again::conclude(plays) {
                    Next::Final(record) => return *record,
                    Next::Again(so_far) => plays = so_far,
                }
            }
        }
    }
}

fn finish(run: &mut Run, events: &mut (dyn FnMut(RunEvent) + Send), mut record: Record) {
    // What passes at great length need not be played again, and what was not played needs no second opinion of that
    // length.
    if record.reference.is_none() && record.instance.profile != Profile::Volume {
        record.reference = Some(reference::beside(&record.instance, "localhost", 1, embedded::catalogue()));
    }
    events(RunEvent::Finished(Box::new(record.clone())));
    run.records.push(record);
}

async fn play_once(
    target: &Target,
    instance: Arc<Instance>,
    deadline: Duration,
    seed: u64,
    plays: u32,
) -> Record {
    let mut attempt = 1;
    loop {
        let started = Instant::now();
        match Stream::connect(target).await {
            Ok(stream) => {
                let seed = again::instance_seed(seed, &instance);
                let player = Player::new(&instance, play_config(target, deadline, seed));
                let transcript = execute::play(player, stream, started).await;
                return again::judged(instance, transcript, plays);
            }
            Err(_) if attempt < CONNECT_ATTEMPTS => attempt += 1,
            Err(error) => {
                let mut record = Record::unplayed(instance, VerdictKind::Blocked, error.to_string());
                record.plays = plays;
                return record;
            }
        }
    }
}
