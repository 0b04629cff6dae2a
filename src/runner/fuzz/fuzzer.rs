//! The state of a run of the fuzzer: what was played, what is known, what has to be examined.

use super::process::Process;
use super::report::{FuzzEvent, FuzzOptions, FuzzReport};
use super::site::Site;
use crate::fuzz::memory::Played;
use crate::fuzz::signature::signature;
use crate::fuzz::{Campaign, Complaint, Finding, Session};
use crate::runner::target::TargetError;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use wsgauntlet_suite::transcript::{Capabilities, Event, EventKind};
use wsgauntlet_wire::Role;

/// How many sessions a round has for each connection at once.
const ROUND_PER_JOB: usize = 16;

/// How many sessions before the last round are remembered, for faults that take several connections.
const RECENT_MAX: usize = 512;

/// At first a session waits for only this part of the deadline, so that a target that keeps connections open does not hold up
/// the run. What it shows is confirmed with the whole deadline; where that fails, the patience is doubled.
const HASTE: u32 = 16;

/// A session that is played alone is given this number of deadlines.
pub(super) const PATIENCE: u32 = 3;

/// This number of findings of one requirement is examined; more of them are only counted.
const FINDINGS_PER_KIND: usize = 3;

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
    /// How long to wait for the target when a session is played first.
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

impl<'a> Fuzzer<'a> {
    pub(super) fn new(
        site: Site,
        process: Option<Process>,
        capabilities: Capabilities,
        options: FuzzOptions,
        events: &'a mut (dyn FnMut(FuzzEvent) + Send),
    ) -> Fuzzer<'a> {
        Fuzzer {
            known: options.benign.iter().map(|benign| benign.fingerprint.clone()).collect(),
            doubted: HashSet::new(),
            doubts: Vec::new(),
            faults: HashSet::new(),
            patience: options.deadline / HASTE,
            campaign: Campaign::new(options.seed, site.role(), options.seeds.clone()),
            site,
            options,
            capabilities,
            process,
            recent: VecDeque::new(),
            report: FuzzReport::default(),
            kinds: BTreeMap::new(),
            started: Instant::now(),
            events,
        }
    }

    pub(super) fn stopped(&self) -> bool {
        self.options.stop.load(Ordering::Relaxed)
    }

    pub(super) fn is_over(&self) -> bool {
        self.stopped()
            || self.ends_at().is_some_and(|end| Instant::now() >= end)
            || self.options.runs.is_some_and(|runs| self.report.progress.sessions >= runs)
    }

    pub(super) fn ends_at(&self) -> Option<Instant> {
        self.options.time.map(|time| self.started + time)
    }

    /// Brings the progress of the report up to date.
    pub(super) fn count(&mut self) {
        let progress = &mut self.report.progress;
        progress.elapsed = self.started.elapsed();
        progress.kept = self.campaign.kept();
        progress.behaviours = self.campaign.signatures();
        progress.findings = self.report.findings.len();
        progress.memory = self.process.as_ref().map(|process| process.usage().memory);
    }

    /// The sessions that are played next.
    pub(super) fn round(&mut self) -> Vec<(u64, Arc<Session>)> {
        let size = (self.options.jobs * ROUND_PER_JOB) as u64;
        let left = self.options.runs.map_or(size, |runs| runs - self.report.progress.sessions.min(runs));
        (0..size.min(left)).map(|_| self.campaign.next_session()).collect()
    }

    /// How long to wait for the target when a session is played first.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    /// Plays a session alone.
    pub(super) async fn play_alone(&self, session: &Arc<Session>, index: u64) -> Result<Played, TargetError> {
        self.play_within(session, index, self.options.deadline * PATIENCE).await
    }

    /// Plays a session alone, with that deadline.
    pub(super) async fn play_within(
        &self,
        session: &Arc<Session>,
        index: u64,
        deadline: Duration,
    ) -> Result<Played, TargetError> {
        self.site.play(session, self.options.seed ^ index, self.capabilities, deadline).await
    }

    /// Remembers a round that was played and examined.
    pub(super) fn remember(&mut self, round: Vec<(u64, Arc<Session>)>) {
        self.recent.extend(round.into_iter().map(|(_, session)| session));
        let excess = self.recent.len().saturating_sub(RECENT_MAX);
        self.recent.drain(..excess);
    }

    /// What showed something that is no finding, in haste, since the last time.
    pub(super) fn take_doubts(&mut self) -> Vec<Doubt> {
        std::mem::take(&mut self.doubts)
    }

    /// Reports to the campaign what a session showed, and returns what has to be examined.
    pub(super) fn take(&mut self, index: u64, session: &Arc<Session>, played: Played) -> Vec<Suspect> {
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
    pub(super) fn found(&mut self, finding: Finding) {
        let kind = (finding.complaint.requirement.to_owned(), finding.complaint.noticed);
        *self.kinds.entry(kind).or_default() += 1;
        self.known.insert(finding.fingerprint.clone());
        (self.events)(FuzzEvent::Found(Box::new(finding.clone())));
        self.report.findings.push(finding);
    }

    fn is_hasty(&self) -> bool {
        self.patience < self.options.deadline
    }

    /// What was not seen with the whole deadline may have been haste: waits longer from now on.
    fn be_patient(&mut self) {
        self.patience = (self.patience * 2).min(self.options.deadline);
    }

    /// A difference was not seen again with the whole deadline. It may be, later.
    pub(super) fn doubted_in_haste(&mut self, fingerprint: &str) {
        self.be_patient();
        self.doubted.remove(fingerprint);
    }

    /// Something was not seen again. It may be, later.
    pub(super) fn unconfirmed(&mut self, suspect: &Suspect) {
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

    pub(super) fn role(&self) -> Role {
        self.site.role()
    }
}
