//! The run: one task that owns all state. Connections and finished plays come to it one after
//! another; it gives every connection its purpose, and ends when all is played.

use super::address::{Visit, address_task};
use super::agent::Agent;
use super::browser::{self, PageRequest};
use super::command::Launcher;
use super::ending::{self, Customs};
use super::handshake::{Accepted, Handshake, Listener};
use super::loop_process::Processes;
use super::looped::Looped;
use super::numbers::Numbers;
use super::options::{ClientError, ClientOptions, ClientSource};
use super::outcome::Outcome;
use super::pace::{self, Pace, PlayPace, SharedPace};
use super::play::Terms;
use super::probes::Probed;
use super::route::{PLAY, Question, Route, route};
use super::schedule::{Schedule, Task};
use super::slots::Slots;
use super::tasks::{After, Done, command_task, play_task};
use super::watch::Watched;
use crate::runner::Budget;
use crate::runner::event::RunEvent;
use crate::runner::retry::{self, Provides};
use crate::runner::serve::{self, Acceptor};
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinSet;
use wsgauntlet_suite::case::{Instance, Need};
use wsgauntlet_suite::oracle::{Record, Run, VerdictKind};
use wsgauntlet_suite::transcript::Capabilities;
use wsgauntlet_wire::opening::RequestHead;

/// How many connections that cannot be given anything yet are kept.
const HELD_MAX: usize = 1024;

/// How often a signal that asks for the end is looked for.
const STOP_INTERVAL: Duration = Duration::from_millis(50);

/// How long a page that was served everything may take to ask whether there is more.
const PAGE_PATIENCE: Duration = Duration::from_secs(2);

/// A client that has begun may take so many times as long to come back: its loop may hang at one instance, and go on when
/// its own timeout has passed.
const COMES_BACK_WITHIN: u32 = 4;

/// So many commands that never connected, one after another, end the run.
const UNCONNECTED_MAX: usize = 4;

/// Plays `instances` with the clients that come to `listener`, and tells `events` what happens. Gives
/// a run for each agent of Autobahn's loop, and one for all other connections.
pub async fn run_client(
    listener: Listener,
    instances: Vec<Arc<Instance>>,
    options: ClientOptions,
    events: &mut (dyn FnMut(RunEvent) + Send),
) -> Result<Vec<Run>, ClientError> {
    let (sender, mut accepted) = mpsc::channel(64);
    let (url, acceptor) = (listener.url(), listener.acceptor());
    let watched = match &options.source {
        ClientSource::Browser(Some(browser)) => Some(Watched::launch(*browser, &url)?),
        ClientSource::Browser(None) | ClientSource::Connections | ClientSource::Command(_) => None,
    };
    let mut serving = tokio::spawn(listener.serve(options.deadline, sender));
    let mut state = State::new(url, acceptor, instances, options, events);
    state.watched = watched;
    let slots = state.slots.clone();
    let mut tick = tokio::time::interval(STOP_INTERVAL);
    while !state.is_over() {
        state.assign()?;
        let budget = state.budget;
        tokio::select! {
            Some(accepted) = accepted.recv() => state.take_accepted(accepted),
            Some(done) = state.tasks.join_next(), if !state.tasks.is_empty() => {
                // A task that was aborted or panicked has nothing to tell; its instance is told at the end.
                if let Ok(done) = done {
                    state.done(done)?;
                }
            }
            served = &mut serving => {
                let error = match served {
                    Ok(Err(error)) => error,
                    Ok(Ok(())) => std::io::Error::other("the listener ended"),
                    Err(error) => std::io::Error::other(error),
                };
                return Err(ClientError::Accept(error));
            }
            () = slots.freed() => {}
            () = budget.spent(), if !state.stopped => state.budget_is_spent(),
            _ = tick.tick() => state.look_at_the_clock()?,
        }
    }
    serving.abort();
    state.tasks.shutdown().await;
    Ok(state.finish())
}

pub(super) struct State<'e> {
    pub(super) url: String,
    pub(super) tls: bool,
    acceptor: Option<Acceptor>,
    pub(super) instances: Vec<Arc<Instance>>,
    pub(super) options: ClientOptions,
    pub(super) schedule: Schedule,
    pub(super) agents: BTreeMap<String, Agent>,
    pub(super) outcome: Outcome<'e>,
    /// Connections that wait for something to play.
    pub(super) held: VecDeque<Handshake>,
    pub(super) tasks: JoinSet<Done>,
    pub(super) launcher: Option<Launcher>,
    /// A page drives a browser.
    pub(super) browser: bool,
    /// The browser, where we launched it.
    pub(super) watched: Option<Watched>,
    /// Pages that play, until they report.
    pub(super) reports: BTreeMap<u64, oneshot::Sender<Handshake>>,
    /// How many records are final.
    pub(super) finished: usize,
    /// The page knows that everything was played.
    pub(super) page_told: bool,
    /// Commands that were launched and did not connect yet.
    pub(super) tickets: BTreeMap<u64, oneshot::Sender<Handshake>>,
    pub(super) next_ticket: u64,
    /// How many commands did not connect, one after another.
    pub(super) unconnected: usize,
    /// Questions whose answers hang on plays that are not decided.
    pub(super) waiting: Vec<(Question, Handshake)>,
    pub(super) volume: Arc<Semaphore>,
    pub(super) slots: Slots,
    /// How long connections that are no agent's are waited for.
    pace: SharedPace,
    /// What the numbers of Autobahn's loop stand for.
    pub(super) numbers: Numbers,
    /// A loop that we launched.
    pub(super) looped: Option<Looped>,
    pub(super) processes: Processes,
    /// How launched commands end.
    pub(super) customs: Customs,
    /// What is played to learn that was asked for.
    calibrated: bool,
    /// When something happened last.
    pub(super) last: Instant,
    pub(super) stopped: bool,
    /// Of the whole run. It starts when something is played.
    budget: Budget,
    begun: bool,
}

impl<'e> State<'e> {
    fn new(
        url: String,
        acceptor: Option<Acceptor>,
        instances: Vec<Arc<Instance>>,
        options: ClientOptions,
        events: &'e mut (dyn FnMut(RunEvent) + Send),
    ) -> State<'e> {
        let launcher = match &options.source {
            ClientSource::Connections | ClientSource::Browser(_) => None,
            ClientSource::Command(words) => Some(Launcher::new(words.clone())),
        };
        let provides = Provides {
            launches: launcher.is_some(),
            verifies: options.authority.is_some(),
            ..Provides::new(Capabilities::FULL, acceptor.is_some())
        };
        State {
            schedule: Schedule::new(&instances, provides).demanding_driver(options.driver),
            agents: BTreeMap::new(),
            outcome: Outcome::new(&url, &instances, &options, events),
            held: VecDeque::new(),
            tasks: JoinSet::new(),
            launcher,
            browser: matches!(options.source, ClientSource::Browser(_)),
            watched: None,
            reports: BTreeMap::new(),
            finished: 0,
            page_told: false,
            tickets: BTreeMap::new(),
            next_ticket: 1,
            unconnected: 0,
            waiting: Vec::new(),
            numbers: Numbers::all(dealt(&instances, &options)),
            looped: None,
            processes: Processes::default(),
            customs: Customs::new(options.crash_signs.clone(), options.ok_statuses.clone()),
            calibrated: false,
            volume: Arc::new(Semaphore::new(retry::VOLUME_JOBS)),
            slots: Slots::new(options.jobs),
            pace: Arc::new(Mutex::new(Pace::new(options.deadline))),
            last: Instant::now(),
            stopped: false,
            budget: Budget::unlimited(),
            begun: false,
            url,
            tls: acceptor.is_some(),
            acceptor,
            instances,
            options,
        }
    }

    fn is_over(&self) -> bool {
        if self.stopped {
            return true;
        }
        if self.looped.is_some() {
            return self.loop_is_done() && self.tasks.is_empty();
        }
        let agents_done = self.agents.values().all(Agent::is_done);
        if self.browser && self.schedule.is_over() && !self.page_told && self.last.elapsed() < PAGE_PATIENCE {
            return false;
        }
        let played = self.schedule.is_over() || (!self.agents.is_empty() && !self.schedule.has_begun());
        played && agents_done && !self.options.keep_listening && self.tasks.is_empty()
    }

    /// Gives held connections, or new commands, what is to be played next.
    fn assign(&mut self) -> Result<(), ClientError> {
        if self.looped.is_some() {
            return self.launch_loop();
        }
        if let Some(launcher) = self.launcher.clone() {
            self.begin();
            return self.launch(&launcher);
        }
        if self.browser {
            return Ok(());
        }
        while !self.held.is_empty() {
            let Some(task) = self.schedule.next() else { break };
            let Some(handshake) = self.held.pop_front() else { break };
            let terms = self.terms(&task, None);
            self.tasks.spawn(play_task(handshake, task, terms));
        }
        if self.schedule.is_over() && !self.held.is_empty() {
            for handshake in std::mem::take(&mut self.held) {
                refuse(handshake);
            }
        }
        Ok(())
    }

    fn launch(&mut self, launcher: &Launcher) -> Result<(), ClientError> {
        while let Some(slot) = self.slots.take(self.tasks.len()) {
            let Some(task) = self.schedule.next() else {
                slot.unused();
                break;
            };
            if let Some(visit) = self.visit(&task, launcher) {
                let terms = self.terms(&task, None);
                self.tasks.spawn(address_task(visit, task, terms, slot));
                continue;
            }
            let (ticket, target) = self.draw_ticket();
            let launched = launcher.launch(&format!("{}{target}", self.url)).map_err(|source| {
                ClientError::CannotStart { program: launcher.program().to_owned(), source }
            })?;
            let (sender, handshake) = oneshot::channel();
            self.tickets.insert(ticket, sender);
            let terms = self.terms(&task, Some((self.host(), target)));
            self.tasks.spawn(command_task(launched, handshake, self.options.wait, task, terms, slot));
        }
        Ok(())
    }

    /// Where a client is sent, if the address is what its task is about.
    fn visit(&self, task: &Task, launcher: &Launcher) -> Option<Visit> {
        let Task::Play { instance, .. } = task else { return None };
        let host = self.host();
        Some(Visit {
            address: instance.script.opening.address.clone()?,
            host: host.rsplit_once(':').map_or(host.clone(), |(host, _)| host.to_owned()),
            acceptor: self.acceptor.clone(),
            authority: self.options.authority.clone(),
            launcher: launcher.clone(),
            wait: self.options.wait,
        })
    }

    /// The number of a play, and its target.
    pub(super) fn draw_ticket(&mut self) -> (u64, String) {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        (ticket, format!("{PLAY}{ticket}"))
    }

    pub(super) fn host(&self) -> String {
        self.url.split_once("://").map_or(self.url.as_str(), |(_, host)| host).to_owned()
    }

    pub(super) fn terms(&self, task: &Task, asked: Option<(String, String)>) -> Terms {
        let (before, capabilities) = match task {
            Task::Probe(_) => (0, Capabilities::FULL),
            Task::Calibrate(_) => (0, self.schedule.capabilities()),
            Task::Play { instance, plays } => (plays.len(), self.schedule.capabilities_for(instance)),
        };
        let mut pace = PlayPace::new(&self.pace, before, self.options.deadline, true);
        // Only an instance that deviates is played again.
        pace.first &= matches!(task, Task::Play { .. });
        Terms { seed: self.options.seed, capabilities, asked, pace, volume: self.volume.clone() }
    }

    fn take_accepted(&mut self, accepted: Accepted) {
        self.begin();
        let handshake = match accepted {
            Accepted::Request(handshake) => *handshake,
            Accepted::Silent => return self.outcome.unused.silent += 1,
            Accepted::Incomplete => return self.outcome.unused.incomplete += 1,
            Accepted::TlsFailed(why) => return self.outcome.unused.tls_failed.push(why),
        };
        if let Some(watched) = &mut self.watched {
            watched.heard();
        }
        let route = handshake.request.as_ref().map_or(Route::Next, route);
        // That a page lives does not say that it plays.
        if !(self.browser && is_alive(&handshake)) {
            self.last = Instant::now();
        }
        match (route, self.launcher.is_some() || self.browser) {
            (Route::Http, true) if self.browser => self.page(handshake),
            (Route::Http, _) => {
                self.outcome.unused.http += 1;
                let body = b"This is wsgauntlet, which audits WebSocket clients: connect with one.\n";
                tokio::spawn(serve::answer(handshake.stream, "426 Upgrade Required", "text/plain", body));
            }
            (Route::Loop(question), true) if self.looped.is_some() => self.answer_loop(question, handshake),
            (Route::Next | Route::Play(_), true) if self.looped.is_some() => self.late(handshake),
            // It may open its connections itself, whatever address it is given.
            (Route::Loop(_), true) if self.launcher.is_some() && self.schedule.is_probing() => {
                self.becomes_loop();
            }
            (Route::Play(ticket), true) => match self.tickets.remove(&ticket) {
                Some(launched) => self.hand_over(launched, handshake),
                None => self.late(handshake),
            },
            // A client that garbles its target: it can only be one of those that were launched.
            (Route::Next | Route::Loop(_), true) => match self.tickets.pop_first() {
                Some((_, launched)) => self.hand_over(launched, handshake),
                None => self.late(handshake),
            },
            (Route::Loop(question), false) => self.answer(question, handshake),
            (Route::Next | Route::Play(_), false)
                if self.held.len() < HELD_MAX && !self.schedule.is_over() =>
            {
                self.held.push_back(handshake);
            }
            (Route::Next | Route::Play(_), false) => self.late(handshake),
        }
    }

    fn hand_over(&mut self, launched: oneshot::Sender<Handshake>, handshake: Handshake) {
        self.unconnected = 0;
        // The command may have given up waiting in this moment.
        let _ = launched.send(handshake);
    }

    pub(super) fn late(&mut self, handshake: Handshake) {
        self.outcome.unused.late += 1;
        refuse(handshake);
    }

    fn done(&mut self, done: Done) -> Result<(), ClientError> {
        self.last = Instant::now();
        match done {
            Done::Probed(probed, record) => {
                self.customs.learn(&record);
                if let Some(unplayed) = self.schedule.probed(probed) {
                    let jobs = self.slots.busy_max();
                    self.outcome.started(
                        &self.options.name,
                        self.schedule.capabilities(),
                        self.schedule.remarks(),
                        jobs,
                    );
                    unplayed.into_iter().for_each(|record| self.finish_one(record));
                }
            }
            Done::Calibrated(record) => {
                self.customs.learn(&record);
                self.schedule.calibrated();
            }
            Done::Played(plays) => {
                let plays = self.customs.judge(plays);
                self.calibrate(&plays);
                match self.schedule.played(plays) {
                    Some(record) => self.finish_one(record),
                    None => self.outcome.replaying(self.schedule.again()),
                }
            }
            Done::Lost { instance, plays, last } => {
                if let Some(record) = self.schedule.lost(instance, plays, last.map(|last| *last)) {
                    self.finish_one(record);
                }
            }
            Done::Unconnected { task, why } => self.unconnected(task, &why),
            Done::AgentPlayed { agent, index, plays } if self.looped.is_some() => {
                self.loop_played(&agent, index, plays);
            }
            Done::LoopEnded { exit, stderr } => self.loop_ended(exit, stderr),
            Done::Told(After::Updated { .. } | After::Stop) if self.looped.is_some() => {
                self.loop_is_through()
            }
            Done::AgentPlayed { agent, index, plays } => {
                let playing = self.agents.get_mut(&agent);
                let played = playing.and_then(|agent| {
                    agent.playing -= 1;
                    agent.learn(plays.last());
                    agent.played(index, plays)
                });
                if let Some(record) = played {
                    self.outcome.played(record);
                }
                self.ask_again();
            }
            Done::Told(After::Nothing) => {}
            Done::Told(After::Updated { agent, stop }) => {
                if let Some(agent) = self.agents.get_mut(&agent) {
                    agent.updated = true;
                }
                self.stopped |= stop;
            }
            Done::Told(After::Stop) => self.stopped = true,
        }
        Ok(())
    }

    /// Where a command seems to have crashed, and little is known of how it ends, more is played to learn that.
    fn calibrate(&mut self, plays: &[Record]) {
        let suspicious = |record: &Record| self.customs.is_judged(record) && self.customs.is_thin(record);
        if !self.calibrated && plays.last().is_some_and(suspicious) {
            self.calibrated = true;
            self.schedule.calibrate(ending::calibrations().into_iter().cloned().map(Arc::new));
        }
    }

    fn finish_one(&mut self, record: Record) {
        self.finished += 1;
        self.outcome.finished(record);
    }

    /// A command that did not connect is tried again, but not for ever.
    fn unconnected(&mut self, task: Task, why: &str) {
        self.unconnected += 1;
        match task {
            Task::Probe(probe) => {
                if let Some(unplayed) = self.schedule.probed(Probed::failed(probe)) {
                    self.outcome.started(
                        &self.options.name,
                        self.schedule.capabilities(),
                        self.schedule.remarks(),
                        1,
                    );
                    unplayed.into_iter().for_each(|record| self.finish_one(record));
                }
            }
            Task::Calibrate(_) => self.schedule.calibrated(),
            Task::Play { instance, mut plays } => {
                let mut record = Record::unplayed(instance, VerdictKind::Blocked, why);
                record.plays = plays.len() as u32 + 1;
                plays.push(record);
                if let Some(record) = self.schedule.played(plays) {
                    self.finish_one(record);
                }
            }
        }
        if self.unconnected >= UNCONNECTED_MAX {
            let unplayed = self.schedule.give_up(why);
            self.outcome.died(why);
            unplayed.into_iter().for_each(|record| self.finish_one(record));
        }
    }

    /// Ends the run when it was asked to, or when nobody comes any more.
    fn look_at_the_clock(&mut self) -> Result<(), ClientError> {
        self.look_at_the_browser()?;
        if self.options.stop.load(Ordering::Relaxed) {
            self.outcome.interrupted(Run::STOPPED);
            self.stopped = true;
        }
        self.look_at_the_loop();
        let begun = self.schedule.has_begun() || !self.agents.is_empty();
        let wait = if begun { self.options.wait * COMES_BACK_WITHIN } else { self.options.wait };
        let idle = self.tasks.is_empty() && self.held.is_empty() && self.last.elapsed() > wait;
        if idle && !self.options.keep_listening {
            self.outcome.timed_out(wait, begun);
            self.stopped = true;
        }
        Ok(())
    }

    /// Launches a browser that hangs anew. What it played is lost.
    fn look_at_the_browser(&mut self) -> Result<(), ClientError> {
        let play_max = retry::patience_max(self.options.deadline);
        if let Some(watched) = self.watched.as_mut().filter(|watched| watched.hangs(play_max)) {
            watched.launch_again(&self.url)?;
            self.outcome.unused.hangs = watched.hangs_count();
            self.tickets.clear();
            self.reports.clear();
            self.last = Instant::now();
        }
        Ok(())
    }

    /// The time that a run waits for its client is no part of its budget.
    fn begin(&mut self) {
        if !std::mem::replace(&mut self.begun, true) {
            self.budget = Budget::start(self.options.budget);
        }
    }

    /// Ends the run, whatever is still to be played.
    fn budget_is_spent(&mut self) {
        self.outcome.budget_is_spent(self.budget);
        self.stopped = true;
    }

    fn finish(mut self) -> Vec<Run> {
        let begun = self.schedule.has_begun() || self.agents.is_empty();
        let reason = self.outcome.why_unplayed();
        if begun {
            let rest = self.schedule.give_up(&reason);
            rest.into_iter().for_each(|record| self.finish_one(record));
            // Their plays were under way when the run ended.
            let missing: Vec<Arc<Instance>> = self.outcome.missing(&self.instances);
            for instance in missing {
                self.finish_one(Record::unplayed(instance, VerdictKind::Blocked, reason.as_str()));
            }
        }
        self.judge_ends_of_loop();
        if self.outcome.ended_early() {
            self.agents.values_mut().for_each(|agent| agent.give_up(&reason));
        }
        self.outcome.remark(self.customs.remarks());
        self.outcome.remark(pace::lock(&self.pace).remarks());
        for record in self.agents.values().flat_map(Agent::undecided) {
            self.outcome.played(record.clone());
        }
        let agents = self.agents.into_values().collect();
        self.outcome.runs(begun, agents, &self.instances)
    }
}

/// What an agent of Autobahn's loop is dealt. It is not probed before its loop, so that commands are for those who demand them.
pub(super) fn dealt(instances: &[Arc<Instance>], options: &ClientOptions) -> Vec<usize> {
    let is_dealt = |instance: &Instance| options.driver || !instance.needs.contains(&Need::Driver);
    (0..instances.len()).filter(|index| is_dealt(&instances[*index])).collect()
}

fn is_alive(handshake: &Handshake) -> bool {
    let asked = |head: &RequestHead| browser::page_request(&head.method, &head.target);
    handshake.request.as_ref().is_ok_and(|head| asked(head) == PageRequest::Alive)
}

/// A connection that there is nothing for: the run is over, or its play is.
fn refuse(handshake: Handshake) {
    tokio::spawn(serve::answer(
        handshake.stream,
        "503 Service Unavailable",
        "text/plain",
        b"Nothing is left to play.\n",
    ));
}
