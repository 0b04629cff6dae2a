//! The loop of the fuzzer: rounds of sessions, many at once; what they show is told to the campaign in the order of their
//! numbers, so that the same seed and target give the same scripts.

use super::benign::Benign;
use super::examine;
use super::process::{Launch, Process};
use super::site::{ClientSite, Site};
use crate::fuzz::memory::Played;
use crate::fuzz::signature::signature;
use crate::fuzz::{Campaign, Complaint, Finding, Session};
use crate::runner::launch::LaunchError;
use crate::runner::probe;
use crate::runner::target::{Target, TargetError};
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use wsgauntlet_suite::transcript::{Capabilities, Event, EventKind, OpeningFaults};
use wsgauntlet_wire::Role;

/// How many sessions a round has for each connection at once.
const ROUND_PER_JOB: usize = 16;

/// How many sessions before the last round are remembered, for faults that take several connections.
const RECENT_MAX: usize = 512;

/// For such a share of the deadline silence is borne at first, so that a target that hangs on to connections is not waited
/// for over and over. What comes of it is confirmed at length; where that fails, patience grows.
const HASTE: u32 = 16;

/// So many findings of one requirement are examined; more of them are counted.
const FINDINGS_PER_KIND: usize = 3;

/// So many rounds without a connection show that a target is gone.
const ROUNDS_LOST_MAX: u32 = 3;

/// How a run is made.
#[derive(Clone, Debug)]
pub struct FuzzOptions {
    pub seed: u64,
    /// Sessions at the most.
    pub runs: Option<u64>,
    pub time: Option<Duration>,
    /// Connections at once.
    pub jobs: usize,
    /// How long silence is borne.
    pub deadline: Duration,
    /// What findings call the target.
    pub name: String,
    /// The day, as ISO 8601 writes it.
    pub today: String,
    /// What the run begins with.
    pub seeds: Vec<Session>,
    pub benign: Vec<Benign>,
    /// Stops the run in order.
    pub stop: Arc<AtomicBool>,
}

/// Why a run cannot begin, or go on.
#[derive(Debug, thiserror::Error)]
pub enum FuzzError {
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    Launch(#[from] LaunchError),
    #[error("cannot listen on {0}: {1}")]
    Listen(String, std::io::Error),
    #[error("the target neither answers pings nor echoes: nothing can be told of it")]
    Mute,
}

/// How far a run is.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    pub elapsed: Duration,
    pub sessions: u64,
    pub scripts: u64,
    pub kept: usize,
    pub behaviours: usize,
    pub findings: usize,
    /// Resident memory of a launched target, in octets.
    pub memory: Option<u64>,
}

/// What happens in a run, as it happens.
#[derive(Debug)]
pub enum FuzzEvent {
    Started {
        capabilities: Capabilities,
        url: String,
    },
    Progress(Progress),
    Examining(String),
    Found(Box<Finding>),
    /// Seen once, and not again when it was played alone.
    Unconfirmed(String),
    Restarted(String),
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct FuzzReport {
    pub progress: Progress,
    pub findings: Vec<Finding>,
    /// Broken SHOULDs, each with an example and how often it was seen.
    pub differences: BTreeMap<String, (Complaint, u64)>,
    /// What was not seen again, and how often it was seen.
    pub unconfirmed: BTreeMap<String, u64>,
    /// What a file of known differences lets pass.
    pub benign: u64,
    /// More findings of kinds that were examined.
    pub alike: u64,
    /// Why the run ended before its time.
    pub lost: Option<String>,
}

/// One session of a round that showed something.
pub(super) struct Suspect {
    pub index: u64,
    pub session: Arc<Session>,
    pub complaint: Complaint,
    pub fingerprint: String,
}

/// One that showed what is no finding, in haste.
pub(super) struct Doubt {
    pub index: u64,
    pub session: Arc<Session>,
    pub fingerprint: String,
}

/// A run under way.
pub(super) struct Fuzzer<'a> {
    pub site: Site,
    pub options: FuzzOptions,
    pub capabilities: Capabilities,
    pub process: Option<Process>,
    pub campaign: Campaign,
    pub recent: VecDeque<Arc<Session>>,
    pub report: FuzzReport,
    /// How long silence is borne when a session is played first.
    patience: Duration,
    known: HashSet<String>,
    doubted: HashSet<String>,
    doubts: Vec<Doubt>,
    /// Faults of the process that are kept: what each was, and what the process wrote.
    pub faults: HashSet<String>,
    kinds: BTreeMap<(String, &'static str), usize>,
    started: Instant,
    pub events: &'a mut (dyn FnMut(FuzzEvent) + Send),
}

/// Fuzzes a server, launched for it or not.
pub async fn fuzz_server(
    mut target: Target,
    launch: Option<Launch>,
    options: FuzzOptions,
    events: &mut (dyn FnMut(FuzzEvent) + Send),
) -> Result<FuzzReport, FuzzError> {
    let process = match launch {
        Some(launch) => Some(Process::start(launch, &target.host, target.port).await?),
        None => None,
    };
    let probe = probe::probe(&target, options.deadline.max(Duration::from_secs(1)), Some(1)).await?;
    // The oracle of the fuzzer judges each opening: one that is wrong each time would be all that it finds.
    if let Some(fault) = probe.refused_by_clients() {
        return Err(TargetError::WrongOpening { url: target.url.clone(), fault }.into());
    }
    target.capabilities = Capabilities { overlooked: OpeningFaults::NONE, ..probe.capabilities };
    let (capabilities, url) = (target.capabilities, target.url.clone());
    let site = Site::Server(Arc::new(Mutex::new(target)));
    run(site, process, capabilities, url, options, events).await
}

/// Fuzzes a client that comes to `listen`, or that `command` launches for each connection.
pub async fn fuzz_client(
    listen: &str,
    command: Vec<String>,
    options: FuzzOptions,
    events: &mut (dyn FnMut(FuzzEvent) + Send),
) -> Result<FuzzReport, FuzzError> {
    let failed = |error| FuzzError::Listen(listen.to_owned(), error);
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let url = format!("ws://{address}/");
    let site =
        Site::Client(Arc::new(ClientSite { listener, host: address.to_string(), url: url.clone(), command }));
    events(FuzzEvent::Started { capabilities: Capabilities::FULL, url: url.clone() });
    let capabilities = examine::probe_client(&site, options.deadline).await?;
    run(site, None, capabilities, url, options, events).await
}

async fn run(
    site: Site,
    process: Option<Process>,
    capabilities: Capabilities,
    url: String,
    options: FuzzOptions,
    events: &mut (dyn FnMut(FuzzEvent) + Send),
) -> Result<FuzzReport, FuzzError> {
    if !capabilities.pong && !capabilities.echo {
        return Err(FuzzError::Mute);
    }
    events(FuzzEvent::Started { capabilities, url });
    let campaign = Campaign::new(options.seed, site.role(), options.seeds.clone());
    let mut fuzzer = Fuzzer {
        known: options.benign.iter().map(|benign| benign.fingerprint.clone()).collect(),
        doubted: HashSet::new(),
        doubts: Vec::new(),
        faults: HashSet::new(),
        patience: options.deadline / HASTE,
        site,
        options,
        capabilities,
        process,
        campaign,
        recent: VecDeque::new(),
        report: FuzzReport::default(),
        kinds: BTreeMap::new(),
        started: Instant::now(),
        events,
    };
    fuzzer.rounds().await?;
    if let Some(process) = &mut fuzzer.process {
        process.end().await;
    }
    fuzzer.count();
    Ok(fuzzer.report)
}

impl Fuzzer<'_> {
    async fn rounds(&mut self) -> Result<(), FuzzError> {
        let mut lost = 0;
        while !self.is_over() {
            let round = self.round();
            let played = self.play_all(&round).await;
            let connected = played.iter().filter(|(_, played)| played.is_ok()).count();
            let mut suspects = Vec::new();
            for (at, played) in played {
                let (index, session) = &round[at];
                if let Ok(played) = played {
                    suspects.extend(self.take(*index, session, played));
                }
            }
            if self.process.is_some() {
                examine::process(self, &round).await?;
            }
            for doubt in std::mem::take(&mut self.doubts) {
                if !self.stopped() {
                    examine::doubt(self, doubt).await;
                }
            }
            for suspect in suspects {
                if !self.stopped() {
                    examine::suspect(self, suspect).await?;
                }
            }
            self.recent.extend(round.into_iter().map(|(_, session)| session));
            let excess = self.recent.len().saturating_sub(RECENT_MAX);
            self.recent.drain(..excess);
            lost = if connected == 0 && !self.is_over() { lost + 1 } else { 0 };
            if lost >= ROUNDS_LOST_MAX {
                self.report.lost = Some("the target does not take connections any more".to_owned());
                return Ok(());
            }
            self.count();
            (self.events)(FuzzEvent::Progress(self.report.progress.clone()));
        }
        Ok(())
    }

    pub fn stopped(&self) -> bool {
        self.options.stop.load(Ordering::Relaxed)
    }

    pub fn is_over(&self) -> bool {
        self.stopped()
            || self.ends_at().is_some_and(|end| Instant::now() >= end)
            || self.options.runs.is_some_and(|runs| self.report.progress.sessions >= runs)
    }

    fn ends_at(&self) -> Option<Instant> {
        self.options.time.map(|time| self.started + time)
    }

    fn count(&mut self) {
        let progress = &mut self.report.progress;
        progress.elapsed = self.started.elapsed();
        progress.kept = self.campaign.kept();
        progress.behaviours = self.campaign.signatures();
        progress.findings = self.report.findings.len();
        progress.memory = self.process.as_ref().map(|process| process.usage().memory);
    }

    fn round(&mut self) -> Vec<(u64, Arc<Session>)> {
        let size = (self.options.jobs * ROUND_PER_JOB) as u64;
        let left = self.options.runs.map_or(size, |runs| runs - self.report.progress.sessions.min(runs));
        (0..size.min(left)).map(|_| self.campaign.next_session()).collect()
    }

    /// Plays the sessions of a round, so many at once, and gives what came of them by their places, in their order. None is
    /// begun when the time is over.
    async fn play_all(&self, round: &[(u64, Arc<Session>)]) -> Vec<(usize, Result<Played, TargetError>)> {
        let work = Arc::new(round.to_vec());
        let next = Arc::new(AtomicUsize::new(0));
        let mut workers = JoinSet::new();
        for _ in 0..self.options.jobs {
            let (work, next, site) = (work.clone(), next.clone(), self.site.clone());
            let (capabilities, deadline, seed) = (self.capabilities, self.patience, self.options.seed);
            let (stop, ends_at) = (self.options.stop.clone(), self.ends_at());
            workers.spawn(async move {
                let mut done = Vec::new();
                loop {
                    if stop.load(Ordering::Relaxed) || ends_at.is_some_and(|end| Instant::now() >= end) {
                        return done;
                    }
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some((index, session)) = work.get(at) else { return done };
                    let played = site.play(session, seed ^ index, capabilities, deadline).await;
                    done.push((at, played));
                }
            });
        }
        let mut played: Vec<(usize, Result<Played, TargetError>)> = Vec::new();
        while let Some(done) = workers.join_next().await {
            // A worker that panicked is a fault of the harness, and must not pass for silence.
            played.extend(done.expect("no worker panics"));
        }
        played.sort_by_key(|(at, _)| *at);
        played
    }

    /// Tells the campaign what a session showed. Gives what is to be examined.
    fn take(&mut self, index: u64, session: &Arc<Session>, played: Played) -> Vec<Suspect> {
        self.report.progress.sessions += 1;
        self.report.progress.scripts += played.scripts.max(1) as u64;
        let print = signature(played.oracle.observations(), played.oracle.ending());
        self.campaign.report(session, print);
        let expired = |event: &Event| matches!(event.kind, EventKind::StepExpired(_));
        let hasty = self.is_hasty() && played.transcript.events.iter().any(expired);
        let mut suspects = Vec::new();
        for complaint in played.complaints {
            let fingerprint = complaint.fingerprint();
            if complaint.tolerated && hasty && !self.report.differences.contains_key(&fingerprint) {
                if self.doubted.insert(fingerprint.clone()) {
                    self.doubts.push(Doubt { index, session: session.clone(), fingerprint });
                }
            } else if complaint.tolerated {
                self.report.differences.entry(fingerprint).or_insert((complaint, 0)).1 += 1;
            } else if self.options.benign.iter().any(|benign| benign.fingerprint == fingerprint) {
                self.report.benign += 1;
            } else if self.is_new(&complaint, &fingerprint) {
                suspects.push(Suspect { index, session: session.clone(), complaint, fingerprint });
            }
        }
        suspects
    }

    /// Whether a deviation is worth an examination. It is known from then on.
    fn is_new(&mut self, complaint: &Complaint, fingerprint: &str) -> bool {
        if self.known.contains(fingerprint) {
            return false;
        }
        let kind = (complaint.requirement.to_owned(), complaint.noticed);
        let count = self.kinds.entry(kind).or_default();
        if *count >= FINDINGS_PER_KIND {
            self.report.alike += 1;
            return false;
        }
        self.known.insert(fingerprint.to_owned());
        true
    }

    /// A finding is confirmed.
    pub fn found(&mut self, finding: Finding) {
        let kind = (finding.complaint.requirement.to_owned(), finding.complaint.noticed);
        *self.kinds.entry(kind).or_default() += 1;
        self.known.insert(finding.fingerprint.clone());
        (self.events)(FuzzEvent::Found(Box::new(finding.clone())));
        self.report.findings.push(finding);
    }

    fn is_hasty(&self) -> bool {
        self.patience < self.options.deadline
    }

    /// What was not seen at length may have been haste.
    fn be_patient(&mut self) {
        self.patience = (self.patience * 2).min(self.options.deadline);
    }

    /// A difference was none. It may be one, later.
    pub fn doubted_in_haste(&mut self, fingerprint: &str) {
        self.be_patient();
        self.doubted.remove(fingerprint);
    }

    /// Something was not seen again. It may be, later.
    pub fn unconfirmed(&mut self, suspect: &Suspect) {
        if self.is_hasty() {
            self.be_patient();
            self.known.remove(&suspect.fingerprint);
            return;
        }
        let seen = self.report.unconfirmed.entry(suspect.complaint.observed.clone()).or_default();
        *seen += 1;
        if *seen < 3 {
            self.known.remove(&suspect.fingerprint);
        }
        let text = format!("{}, instead of {}", suspect.complaint.observed, suspect.complaint.expected);
        (self.events)(FuzzEvent::Unconfirmed(text));
    }

    pub fn role(&self) -> Role {
        self.site.role()
    }
}
