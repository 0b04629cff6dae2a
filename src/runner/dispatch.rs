//! What is played when: the probe, all instances side by side, the deviating ones again, a last look at the target.
//!
//! Whatever the target does, a run is short, because waiting is shared and ends early:
//!
//! * The first play of an instance waits only a multiple of what the answers of this target usually take
//!   ([`super::answer_times`]).
//! * A play that only waits, or pauses between two pieces, does not count among the plays under way (`crowd`, `activity`).
//! * Deviations are confirmed by cause (`confirm`, [`super::cause`]).
//! * A [`Budget`] bounds the whole (`undecided`).
//!
//! `queue` keeps plays under way, `play` makes one, `pause` is what happens when the target dies.

mod activity;
mod book;
mod confirm;
mod crowd;
mod job;
mod pause;
pub(super) mod play;
mod queue;
mod undecided;

pub(super) use activity::Activity;

use super::answer_times::AnswerTimes;
use super::assumed::Assumed;
use super::budget::Budget;
use super::death::{Process, Pulse, Recent};
use super::event::RunEvent;
use super::probe::{self, Probe};
use super::reporter::Reporter;
use super::retry::{self, Provides};
use super::target::{Target, TargetError};
use super::usage::MemoryBound;
use book::Book;
use confirm::Round;
use crowd::Crowd;
use job::{Deviation, First, Job, Lanes};
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{Record, Run, TargetInfo, VerdictKind};
use wsgauntlet_suite::transcript::Transport;
use wsgauntlet_wire::Role;

/// How a run is made.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// How long a step waits for the target, at most. A first play waits less where the target usually answers sooner; what
    /// timed out is played again with more.
    pub deadline: Duration,
    /// How long the whole run may take. `None`: as long as it needs.
    pub budget: Option<Duration>,
    /// How many instances are played at once; connections that only wait for the target do not count, unless it is 1.
    /// `None`: what the probe finds bearable.
    pub jobs: Option<usize>,
    /// Masking keys, and where messages are cut, follow from it.
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

/// Plays `instances` against a server and reports what happens to `events`.
///
/// # Errors
///
/// The server cannot be reached or opened, or the budget is spent before it is known what the server can do.
pub async fn run_server(
    target: Target,
    instances: Vec<Arc<Instance>>,
    options: RunOptions,
    events: &mut (dyn FnMut(RunEvent) + Send),
) -> Result<Run, TargetError> {
    let started = Instant::now();
    let budget = Budget::start(options.budget);
    let (mut target, probe, group) = probed(target, &options, budget).await?;
    let provides = provides(&target);
    target.reporter = Reporter::new(target.capabilities.overlooked, &instances, provides);
    let instances: Vec<Arc<Instance>> = match target.words.0.is_empty() {
        true => instances,
        false => instances.iter().map(|instance| Arc::new(instance.with_words(&target.words))).collect(),
    };
    let instances: Vec<Arc<Instance>> = match target.prelude.as_slice() {
        [] => instances,
        prelude => instances.iter().map(|instance| Arc::new(instance.with_prelude(prelude))).collect(),
    };
    let run = begun(&target, &options, &probe, &instances);
    events(RunEvent::Started {
        target: run.target.clone(),
        instances: instances.len(),
        cases: run.cases,
        jobs: run.jobs,
    });
    let mut dispatcher = Dispatcher::new(target, options, group, Book::new(run, events), probe);
    tokio::select! {
        () = dispatcher.play_all(instances.clone()) => {}
        () = budget.spent() => dispatcher.leave_undecided(&instances, budget),
    }
    dispatcher.tell_unheeded();
    let stopped = dispatcher.is_stopped();
    let mut run = dispatcher.book.run;
    if stopped {
        run.interrupted = Some(Run::STOPPED.to_owned());
    }
    let order: HashMap<&str, usize> =
        instances.iter().enumerate().map(|(index, instance)| (instance.id.as_str(), index)).collect();
    run.records.sort_by_key(|record| order.get(record.instance.id.as_str()).copied());
    run.duration = started.elapsed();
    Ok(run)
}

/// The target with what the probe found out about it, and its process group where it was launched.
async fn probed(
    mut target: Target,
    options: &RunOptions,
    budget: Budget,
) -> Result<(Target, Probe, Option<i32>), TargetError> {
    if let Some(process) = &options.process {
        // It may have been started again since.
        target = process.lock().await.target().clone();
    }
    let probe = tokio::select! {
        probe = probe::probe(&target, options.deadline, options.jobs) => probe?,
        () = budget.spent() => return Err(TargetError::NoTime { url: target.url, why: budget.unprobed() }),
    };
    if options.assumed.driver == Some(true) && !probe.capabilities.driver {
        return Err(TargetError::NoDriver { url: target.url });
    }
    target.capabilities = options.assumed.apply(probe.capabilities);
    let Some(process) = &options.process else { return Ok((target, probe, None)) };
    let mut process = process.lock().await;
    process.probed(target.capabilities);
    Ok((target, probe, process.group()))
}

/// A run in which nothing was played yet.
fn begun(target: &Target, options: &RunOptions, probe: &Probe, instances: &[Arc<Instance>]) -> Run {
    let cases: BTreeSet<&str> = instances.iter().map(|instance| instance.case.as_str()).collect();
    Run {
        target: TargetInfo {
            role: Role::Server,
            name: options.name.clone(),
            url: target.url.clone(),
            capabilities: target.capabilities,
            remarks: probe.remarks.clone(),
        },
        records: Vec::new(),
        cases: cases.len(),
        jobs: probe.jobs,
        duration: Duration::ZERO,
        interrupted: None,
        deaths: Vec::new(),
        crashes: Vec::new(),
    }
}

struct Dispatcher<'e> {
    target: Target,
    options: RunOptions,
    /// The process group of a target that was launched.
    group: Option<i32>,
    book: Book<'e>,
    /// How long the target takes to answer, and how many connections it takes.
    times: AnswerTimes,
    crowd: Crowd,
    /// Played once, which does not count.
    discarded: Vec<First>,
    /// Played once, and not as good as can be.
    deviating: Vec<Deviation>,
    /// How the deviating ones are confirmed.
    round: Round,
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
    /// Lines on stderr that report a crash, and came when too many had been looked into.
    unheeded: usize,
    /// An instance is known that made the target hang.
    hangs: bool,
    /// The target is dead for good.
    dead: bool,
}

impl<'e> Dispatcher<'e> {
    fn new(
        target: Target,
        options: RunOptions,
        group: Option<i32>,
        book: Book<'e>,
        probe: Probe,
    ) -> Dispatcher<'e> {
        // Fewer than are tried: the probe has found out how many connections the target takes.
        let grows = options.jobs.map_or(probe.jobs >= probe::JOBS, |jobs| jobs > 1);
        Dispatcher {
            target,
            options,
            group,
            book,
            times: probe.answer_times,
            crowd: Crowd::new(probe.jobs, grows),
            discarded: Vec::new(),
            deviating: Vec::new(),
            round: Round::default(),
            recent: Recent::default(),
            pulse: Pulse::default(),
            killers: BTreeSet::new(),
            doubted: BTreeSet::new(),
            deaths: 0,
            opened: 0,
            restarts: 0,
            unheeded: 0,
            hangs: false,
            dead: false,
        }
    }
}

impl Dispatcher<'_> {
    async fn play_all(&mut self, instances: Vec<Arc<Instance>>) {
        let jobs = self.book.run.jobs;
        let mut queue = self.applicable(instances);
        loop {
            let left = self.play_queue(queue, Lanes::Wide(jobs)).await;
            self.leave(left);
            let discarded = std::mem::take(&mut self.discarded).into_iter().map(Job::First).collect();
            let left = self.play_queue(discarded, Lanes::Narrow(jobs)).await;
            self.leave(left);
            self.replay_all().await;
            queue = self.last_look().await;
            if queue.is_empty() && self.deviating.is_empty() && self.discarded.is_empty() {
                return;
            }
        }
    }

    /// What can be played, the heavy profiles last.
    fn applicable(&mut self, mut instances: Vec<Arc<Instance>>) -> VecDeque<Job> {
        let mut queue = VecDeque::new();
        // Those that a launched target dies of are mostly neighbours, too: played together, they are found together.
        if self.book.run.jobs > 1 && self.options.process.is_none() {
            instances = spread(&instances);
        }
        // Stable: within a profile the order stays.
        instances.sort_by_key(|instance| instance.profile);
        for instance in instances {
            let provides = provides(&self.target);
            match retry::unmet_need(&instance, provides) {
                Some(need) => {
                    let reason = format!("needs {need}");
                    self.book.finish(Record::unplayed(instance, VerdictKind::Inapplicable, reason));
                }
                None => queue.push_back(Job::first(instance)),
            }
        }
        queue
    }

    /// What is not played any more. What was seen before stays, unless the target may have been dead by then.
    fn leave(&mut self, left: VecDeque<Job>) {
        let reason = if self.dead { job::DEAD } else { "the run was stopped" };
        for job in left {
            let instance = job.instance().clone();
            let id = instance.id.as_str();
            match job {
                Job::Again(mut retry) => self.settle_unconfirmed(retry.plays.swap_remove(0)),
                Job::First(_) if self.book.kept(id).is_some() && !self.doubted.contains(id) => {}
                Job::First(_) => self.book.finish(Record::unplayed(instance, VerdictKind::Blocked, reason)),
            }
        }
    }

    fn is_stopped(&self) -> bool {
        self.options.stop.load(Ordering::Relaxed)
    }
}

/// Instances that are alike are neighbours in the library: those that send octet by octet, large messages, compressed ones.
/// Spread out, no part of a run consists of only one kind, so that neither lanes nor memory become scarce. The order is the
/// same for the same instances.
fn spread<T: Clone>(items: &[T]) -> Vec<T> {
    let len = items.len();
    // The golden section keeps the places of successive items far apart.
    let golden = (len * 618).div_ceil(1000);
    let step = (golden..=len).find(|step| gcd(*step, len) == 1).unwrap_or(1);
    (0..len).map(|index| items[index * step % len].clone()).collect()
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// What a server provides for cases.
fn provides(target: &Target) -> Provides {
    let http_1 = target.transport == Transport::Http1;
    Provides { http_1, ..Provides::new(target.capabilities, target.tls.is_some()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each item is there once, however many there are, and neighbours are far from each other.
    #[test]
    fn neighbours_are_spread() {
        for len in (0..200).chain([2615]) {
            let items: Vec<usize> = (0..len).collect();
            let mut spread = spread(&items);
            let is_apart = |pair: &[usize]| pair[0].abs_diff(pair[1]) * 4 > len;
            assert!(len < 13 || spread.windows(2).all(is_apart), "{len}: {spread:?}");
            spread.sort_unstable();
            assert_eq!(spread, items);
        }
    }
}
