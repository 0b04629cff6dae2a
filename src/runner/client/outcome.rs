//! What a run came to: its events as they happen, and the runs at its end.

use super::agent::Agent;
use super::options::ClientOptions;
use crate::embedded;
use crate::runner::Budget;
use crate::runner::event::RunEvent;
use crate::runner::retry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use wsgauntlet_suite::case::{Instance, Need};
use wsgauntlet_suite::oracle::{Record, Run, TargetInfo, VerdictKind, statistics};
use wsgauntlet_suite::transcript::{Capabilities, Observer, Seen, Transcript};
use wsgauntlet_wire::Role;

/// Connections that played nothing.
#[derive(Debug, Default)]
pub(super) struct UnusedConnections {
    /// They sent nothing.
    pub silent: usize,
    /// Their request had no end.
    pub incomplete: usize,
    /// Why the TLS handshake failed, for each.
    pub tls_failed: Vec<String>,
    /// Plain HTTP.
    pub http: usize,
    /// They came when nothing was to be played.
    pub late: usize,
    /// The browser hung, and was launched anew.
    pub hangs: usize,
}

/// Collects records and tells events.
pub(super) struct Outcome<'e> {
    events: &'e mut (dyn FnMut(RunEvent) + Send),
    info: TargetInfo,
    order: HashMap<String, usize>,
    cases: usize,
    jobs: usize,
    statistics: bool,
    records: Vec<Record>,
    deaths: Vec<String>,
    interrupted: Option<String>,
    /// It was spent before everything was decided.
    spent: Option<Budget>,
    /// What the run learned of the client, to be reported when it has ended.
    learned: Vec<String>,
    began: Instant,
    pub unused: UnusedConnections,
}

impl<'e> Outcome<'e> {
    pub(super) fn new(
        url: &str,
        instances: &[Arc<Instance>],
        options: &ClientOptions,
        events: &'e mut (dyn FnMut(RunEvent) + Send),
    ) -> Outcome<'e> {
        let mut cases: Vec<&str> = instances.iter().map(|instance| instance.case.as_str()).collect();
        cases.sort_unstable();
        cases.dedup();
        Outcome {
            events,
            info: TargetInfo {
                role: Role::Client,
                name: options.name.clone(),
                url: url.to_owned(),
                capabilities: Capabilities::FULL,
                remarks: Vec::new(),
            },
            order: instances
                .iter()
                .enumerate()
                .map(|(index, instance)| (instance.id.to_string(), index))
                .collect(),
            cases: cases.len(),
            jobs: 1,
            statistics: options.statistics,
            records: Vec::new(),
            deaths: Vec::new(),
            interrupted: None,
            spent: None,
            learned: Vec::new(),
            began: Instant::now(),
            unused: UnusedConnections::default(),
        }
    }

    /// A client, or an agent, is known.
    pub(super) fn started(
        &mut self,
        name: &str,
        capabilities: Capabilities,
        remarks: &[String],
        jobs: usize,
    ) {
        // What a run took begins with its client, not with our waiting for one.
        if self.records.is_empty() {
            self.info.capabilities = capabilities;
            self.info.remarks = remarks.to_vec();
            self.jobs = jobs;
        }
        let target = TargetInfo {
            name: name.to_owned(),
            capabilities,
            remarks: remarks.to_vec(),
            ..self.info.clone()
        };
        (self.events)(RunEvent::Started { target, instances: self.order.len(), cases: self.cases, jobs });
    }

    /// So many connections play.
    pub(super) fn at_once(&mut self, connections: usize) {
        self.jobs = self.jobs.max(connections);
    }

    /// The record of an instance is final.
    pub(super) fn finished(&mut self, mut record: Record) {
        retry::beside_reference(&mut record);
        self.played(record.clone());
        self.records.push(record);
    }

    /// An agent played something.
    pub(super) fn played(&mut self, record: Record) {
        (self.events)(RunEvent::Finished(Box::new(record)));
    }

    /// What the run learned of the client, to be reported at its end.
    pub(super) fn remark(&mut self, remarks: Vec<String>) {
        self.learned.extend(remarks);
    }

    pub(super) fn replaying(&mut self, instances: usize) {
        (self.events)(RunEvent::Replaying { instances });
    }

    pub(super) fn tell(&mut self, event: RunEvent) {
        (self.events)(event);
    }

    pub(super) fn died(&mut self, why: &str) {
        self.deaths.push(why.to_owned());
        (self.events)(RunEvent::TargetDied { after: why.to_owned() });
    }

    pub(super) fn interrupted(&mut self, why: &str) {
        self.interrupted = Some(why.to_owned());
    }

    /// The run ends before everything is decided.
    pub(super) fn budget_is_spent(&mut self, budget: Budget) {
        self.spent = Some(budget);
    }

    /// Whether the run was ended before it was over.
    pub(super) fn ended_early(&self) -> bool {
        self.spent.is_some()
    }

    /// The instances without a record.
    pub(super) fn missing(&self, instances: &[Arc<Instance>]) -> Vec<Arc<Instance>> {
        let known: HashSet<&str> = self.records.iter().map(|record| record.instance.id.as_str()).collect();
        instances.iter().filter(|instance| !known.contains(instance.id.as_str())).cloned().collect()
    }

    /// Nobody came for so long. `begun`: somebody had come before.
    pub(super) fn timed_out(&mut self, wait: Duration, begun: bool) {
        let why = match begun {
            false => format!("no client connected within {} s", wait.as_secs_f32()),
            true => format!("the client did not come back within {} s", wait.as_secs_f32()),
        };
        self.interrupted = Some(why);
    }

    /// Why what is left was not played.
    pub(super) fn why_unplayed(&self) -> String {
        match &self.spent {
            Some(budget) => budget.undecided(),
            None => self.interrupted.clone().unwrap_or_else(|| "the run was stopped".to_owned()),
        }
    }

    /// The runs: that of all connections, where there were any, and one for each agent.
    pub(super) fn runs(
        mut self,
        connections: bool,
        agents: Vec<Agent>,
        instances: &[Arc<Instance>],
    ) -> Vec<Run> {
        let mut remarks = std::mem::take(&mut self.learned);
        remarks.extend(self.unused.remarks());
        let mut runs = Vec::new();
        if connections {
            let records = std::mem::take(&mut self.records);
            let info = self.info.clone();
            runs.push(self.run(info, records, &remarks));
        }
        for agent in agents {
            let (name, said) = (agent.name.clone(), agent.remarks());
            let unasked = self.spent.map(|budget| budget.undecided());
            let records = agent.into_records(instances, unasked.as_deref().unwrap_or(NEVER_ASKED_FOR));
            let (records, seen) = without_echo(records);
            let info = TargetInfo { name, capabilities: seen, remarks: said, ..self.info.clone() };
            runs.push(self.run(info, records, &remarks));
        }
        runs
    }

    fn run(&mut self, mut info: TargetInfo, mut records: Vec<Record>, remarks: &[String]) -> Run {
        if self.statistics {
            let transcripts: Vec<&Transcript> =
                records.iter().filter_map(|record| record.transcript.as_ref()).collect();
            for record in statistics::records(&transcripts, embedded::catalogue()) {
                (self.events)(RunEvent::Finished(Box::new(record.clone())));
                records.push(record);
            }
        }
        records.iter_mut().for_each(retry::beside_reference);
        records
            .sort_by_key(|record| self.order.get(record.instance.id.as_str()).copied().unwrap_or(usize::MAX));
        info.remarks.extend_from_slice(remarks);
        let interrupted = self.spent.map(|budget| incomplete(budget, &records));
        Run {
            target: info,
            records,
            cases: self.cases,
            jobs: self.jobs,
            duration: self.began.elapsed(),
            interrupted: interrupted.or_else(|| self.interrupted.clone()),
            deaths: self.deaths.clone(),
            crashes: Vec::new(),
        }
    }
}

/// Why an instance of a loop was not played.
const NEVER_ASKED_FOR: &str = "the agent never asked for it";

/// Why a run is incomplete whose budget was spent.
fn incomplete(budget: Budget, records: &[Record]) -> String {
    let undecided = records.iter().filter(|record| record.verdict.kind == VerdictKind::Blocked).count();
    budget.incomplete(undecided, records.len())
}

impl UnusedConnections {
    fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        let mut note = |count: usize, what: &str| {
            if count > 0 {
                remarks.push(format!("{count} connection{} {what}", if count == 1 { "" } else { "s" }));
            }
        };
        note(self.silent, "sent nothing");
        note(self.incomplete, "never ended the opening request");
        note(self.http, "asked for no WebSocket connection");
        note(self.late, "came when nothing was left to play");
        if let Some(why) = self.tls_failed.last() {
            note(self.tls_failed.len(), &format!("failed in the TLS handshake, the last because {why}"));
        }
        if self.hangs > 0 {
            remarks.push(format!("the browser hung, and was launched anew, {} times", self.hangs));
        }
        remarks
    }
}

/// An agent is not probed before its loop. Where none of its connections had a message, or a pong,
/// it is known afterwards that it does not send any.
fn without_echo(mut records: Vec<Record>) -> (Vec<Record>, Capabilities) {
    let (mut echo, mut pong, mut deflate, mut driver) = (false, false, false, false);
    for transcript in records.iter().filter_map(|record| record.transcript.as_ref()) {
        deflate |= transcript.capabilities.deflate;
        driver |= transcript.capabilities.driver;
        for seen in observed(transcript) {
            echo |= matches!(seen, Seen::Message { .. });
            pong |= matches!(seen, Seen::Pong(_));
        }
    }
    let capabilities = Capabilities { echo, echo_binary: echo, pong, deflate, driver, ..Capabilities::FULL };
    for record in &mut records {
        let unmet = record.instance.needs.iter().find(|need| match need {
            Need::Text => false,
            Need::Echo | Need::EchoBinary => !echo,
            Need::Alive => !pong && !echo,
            Need::Deflate
            | Need::NoDeflate
            | Need::Tls
            | Need::Subprotocol
            | Need::Launch
            | Need::Verification
            | Need::Http1
            | Need::Driver => false,
        });
        if let Some(need) = unmet
            && record.transcript.is_some()
        {
            let reason = format!("needs {need}, of which the agent gave none");
            *record = Record::unplayed(record.instance.clone(), VerdictKind::Inapplicable, reason);
        }
    }
    (records, capabilities)
}

fn observed(transcript: &Transcript) -> Vec<Seen> {
    let mut observer = Observer::new(transcript.role, 0);
    for (index, event) in transcript.events.iter().enumerate() {
        observer.take(index, &event.kind);
    }
    observer.observations().iter().map(|observation| observation.seen.clone()).collect()
}
