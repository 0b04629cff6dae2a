//! What is played when: the probe, all instances at once, the deviating ones again and alone, a last look at the target. `queue`
//! keeps plays under way, `play` makes one, `pause` is what happens when the target dies.

mod book;
mod pause;
pub mod play;
mod queue;

use super::again::{self, Provides, waited_in_vain};
use super::assumed::Assumed;
use super::death::{Process, Pulse, Recent};
use super::event::RunEvent;
use super::probe;
use super::target::{Target, TargetError};
use super::usage::MemoryBound;
use super::wrong_opening::Reporter;
use book::Book;
use queue::{Job, Lanes};
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{Record, Run, TargetInfo, VerdictKind};
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
    /// The target, if it was launched: it is started again when it dies.
    pub process: Option<Arc<Mutex<Process>>>,
    /// Stops the run in order.
    pub stop: Arc<AtomicBool>,
}

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
    if let Some(process) = &options.process {
        // It may have been started again since.
        target = process.lock().await.target().clone();
    }
    let probe = probe::probe(&target, options.deadline, options.jobs).await?;
    target.capabilities = options.assumed.apply(probe.capabilities);
    let mut group = None;
    if let Some(process) = &options.process {
        let mut process = process.lock().await;
        process.probed(target.capabilities);
        group = process.group();
    }
    let provides = Provides::new(target.capabilities, target.tls.is_some());
    target.reporter = Reporter::new(target.capabilities.overlooked, &instances, provides);
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
    let run = Run {
        target: info,
        records: Vec::new(),
        cases,
        jobs: probe.jobs,
        duration: Duration::ZERO,
        interrupted: None,
        deaths: Vec::new(),
        crashes: Vec::new(),
    };
    let order: HashMap<String, usize> =
        instances.iter().enumerate().map(|(index, instance)| (instance.id.to_string(), index)).collect();
    let mut dispatcher = Dispatcher {
        target,
        options,
        group,
        book: Book::new(run, events),
        deviating: Vec::new(),
        recent: Recent::default(),
        pulse: Pulse::default(),
        killers: BTreeSet::new(),
        doubted: BTreeSet::new(),
        deaths: 0,
        opened: 0,
        restarts: 0,
        unheeded: 0,
        dead: false,
    };
    dispatcher.play_all(instances, probe.jobs).await;
    dispatcher.tell_unheeded();
    let stopped = dispatcher.is_stopped();
    let mut run = dispatcher.book.run;
    if stopped {
        run.interrupted = Some(Run::STOPPED.to_owned());
    }
    run.records.sort_by_key(|record| order.get(record.instance.id.as_str()).copied());
    run.duration = started.elapsed();
    Ok(run)
}

struct Dispatcher<'e> {
    target: Target,
    options: RunOptions,
    /// The process group of a target that was launched.
    group: Option<i32>,
    book: Book<'e>,
    /// Played once, and not as good as can be.
    deviating: Vec<Record>,
    recent: Recent,
    pulse: Pulse,
    /// The ids of instances that the target did not survive.
    killers: BTreeSet<String>,
    /// The ids of instances whose plays ended when the target may have been dead already.
    doubted: BTreeSet<String>,
    /// Deaths that were looked into, and those of them whose culprit is not known.
    deaths: usize,
    opened: usize,
    restarts: usize,
    /// Lines that tell of a crash, after so many that no more are looked into.
    unheeded: usize,
    /// The target is dead for good.
    dead: bool,
}

impl Dispatcher<'_> {
    async fn play_all(&mut self, instances: Vec<Arc<Instance>>, jobs: usize) {
        let mut queue = self.applicable(instances);
        loop {
            let left = self.play_queue(queue, Lanes::First(jobs)).await;
            self.leave(left);
            self.replay_all().await;
            queue = self.last_look().await;
            if queue.is_empty() && self.deviating.is_empty() {
                return;
            }
        }
    }

    /// What can be played, the heavy profiles last.
    fn applicable(&mut self, mut instances: Vec<Arc<Instance>>) -> VecDeque<Job> {
        let mut queue = VecDeque::new();
        // Stable: within a profile the order stays.
        instances.sort_by_key(|instance| instance.profile);
        for instance in instances {
            let provides = Provides::new(self.target.capabilities, self.target.tls.is_some());
            match again::unmet_need(&instance, provides) {
                Some(need) => {
                    let reason = format!("needs {need}");
                    self.book.finish(Record::unplayed(instance, VerdictKind::Inapplicable, reason));
                }
                None => queue.push_back(Job::First(instance)),
            }
        }
        queue
    }

    /// Plays every deviating instance again before it is reported: alone, but for those that wait
    /// for silence, which disturb nobody. What is left by a death is played and, where it deviates, played again, too.
    async fn replay_all(&mut self) {
        while !self.deviating.is_empty() {
            let deviating = std::mem::take(&mut self.deviating);
            if self.dead || self.is_stopped() {
                deviating.into_iter().for_each(|record| self.settle_unconfirmed(record));
                return;
            }
            self.book.tell(RunEvent::Replaying { instances: deviating.len() });
            let (silent, loud): (Vec<Record>, Vec<Record>) = deviating.into_iter().partition(waited_in_vain);
            for (records, lanes) in [(silent, Lanes::Silent), (loud, Lanes::Alone)] {
                let queue = records.into_iter().map(|record| Job::Again(Box::new(record))).collect();
                let left = self.play_queue(queue, lanes).await;
                self.leave(left);
            }
        }
    }

    /// A deviation that is not played again.
    fn settle_unconfirmed(&mut self, first: Record) {
        let record = if self.dead { again::unconfirmed(first, pause::DEAD) } else { first };
        self.book.finish(record);
    }

    /// What is not played any more. What was seen before stays, unless the target may have been dead by then.
    fn leave(&mut self, left: VecDeque<Job>) {
        let reason = if self.dead { pause::DEAD } else { "the run was stopped" };
        for job in left {
            let instance = job.instance().clone();
            let id = instance.id.as_str();
            match job {
                Job::Again(first) => self.settle_unconfirmed(*first),
                Job::First(_) if self.book.kept(id).is_some() && !self.doubted.contains(id) => {}
                Job::First(_) => self.book.finish(Record::unplayed(instance, VerdictKind::Blocked, reason)),
            }
        }
    }

    fn is_stopped(&self) -> bool {
        self.options.stop.load(Ordering::Relaxed)
    }
}
