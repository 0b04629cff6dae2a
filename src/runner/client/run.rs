//! The run: one task that owns all state. Connections and finished plays come to it one after
//! another; it gives every connection its purpose, and ends when all is played.

use super::agent::{self, Agent};
use super::arrive::{Arrival, Knock, Listener};
use super::browser::{self, PageRequest};
use super::command::Launcher;
use super::options::{ClientError, ClientOptions, Way};
use super::outcome::Outcome;
use super::play::{self, Terms};
use super::route::{PLAY, Question, Route, route};
use super::schedule::{Schedule, Task};
use super::tasks::{After, Done, command_task, page_task, play_task};
use crate::case::{Instance, Need};
use crate::oracle::{Record, Run, VerdictKind};
use crate::runner::again;
use crate::runner::event::RunEvent;
use crate::runner::serve::{self, Saying};
use crate::transcript::Capabilities;
use serde_json::json;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// How many connections that cannot be given anything yet are kept.
const HELD_MAX: usize = 1024;

/// How often a signal that asks for the end is looked for.
const STOP_INTERVAL: Duration = Duration::from_millis(50);

/// How long a page that was served everything may take to ask whether there is more.
const PAGE_PATIENCE: Duration = Duration::from_secs(2);

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
    let (sender, mut knocks) = mpsc::channel(64);
    let (url, tls) = (listener.url(), listener.is_tls());
    let _browser =
        match &options.way {
            Way::Browser(Some(browser)) => Some(browser.launch(&url).map_err(|source| {
                ClientError::CannotStart { program: browser.program().to_owned(), source }
            })?),
            Way::Browser(None) | Way::Connections | Way::Command(_) => None,
        };
    let mut serving = tokio::spawn(listener.serve(options.deadline, sender));
    let mut state = State::new(url, tls, instances, options, events);
    let mut tick = tokio::time::interval(STOP_INTERVAL);
    while !state.is_over() {
        state.assign()?;
        tokio::select! {
            Some(knock) = knocks.recv() => state.knocked(knock),
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
            _ = tick.tick() => state.look_at_the_clock(),
        }
    }
    serving.abort();
    state.tasks.shutdown().await;
    Ok(state.finish())
}

struct State<'e> {
    url: String,
    tls: bool,
    instances: Vec<Arc<Instance>>,
    options: ClientOptions,
    schedule: Schedule,
    agents: BTreeMap<String, Agent>,
    outcome: Outcome<'e>,
    /// Connections that wait for something to play.
    held: VecDeque<Arrival>,
    tasks: JoinSet<Done>,
    launcher: Option<Launcher>,
    /// A page drives a browser.
    browser: bool,
    /// Pages that play, until they report.
    reports: BTreeMap<u64, oneshot::Sender<Arrival>>,
    /// How many records are final.
    finished: usize,
    /// The page knows that everything was played.
    page_told: bool,
    /// Commands that were launched and did not connect yet.
    tickets: BTreeMap<u64, oneshot::Sender<Arrival>>,
    next_ticket: u64,
    /// How many commands did not connect, one after another.
    unconnected: usize,
    /// Questions about a case that is being played, until it is.
    asked: HashMap<(String, usize), Vec<Arrival>>,
    /// When something happened last.
    last: Instant,
    stopped: bool,
}

impl<'e> State<'e> {
    fn new(
        url: String,
        tls: bool,
        instances: Vec<Arc<Instance>>,
        options: ClientOptions,
        events: &'e mut (dyn FnMut(RunEvent) + Send),
    ) -> State<'e> {
        let launcher = match &options.way {
            Way::Connections | Way::Browser(_) => None,
            Way::Command(words) => Some(Launcher::new(words.clone())),
        };
        State {
            schedule: Schedule::new(&instances, tls),
            agents: BTreeMap::new(),
            outcome: Outcome::new(&url, &instances, &options, events),
            held: VecDeque::new(),
            tasks: JoinSet::new(),
            launcher,
            browser: matches!(options.way, Way::Browser(_)),
            reports: BTreeMap::new(),
            finished: 0,
            page_told: false,
            tickets: BTreeMap::new(),
            next_ticket: 1,
            unconnected: 0,
            asked: HashMap::new(),
            last: Instant::now(),
            stopped: false,
            url,
            tls,
            instances,
            options,
        }
    }

    fn is_over(&self) -> bool {
        if self.stopped {
            return true;
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
        if let Some(launcher) = self.launcher.clone() {
            return self.launch(&launcher);
        }
        if self.browser {
            return Ok(());
        }
        while !self.held.is_empty() {
            let Some(task) = self.schedule.next() else { break };
            let Some(arrival) = self.held.pop_front() else { break };
            let terms = self.terms(&task, None);
            self.tasks.spawn(play_task(arrival, task, terms));
        }
        if self.schedule.is_over() && !self.held.is_empty() {
            for arrival in std::mem::take(&mut self.held) {
                refuse(arrival);
            }
        }
        Ok(())
    }

    fn launch(&mut self, launcher: &Launcher) -> Result<(), ClientError> {
        let jobs = self.options.jobs.unwrap_or_else(default_jobs);
        while self.tasks.len() < jobs {
            let Some(task) = self.schedule.next() else { break };
            let (ticket, target) = self.draw_ticket();
            let launched = launcher.launch(&format!("{}{target}", self.url)).map_err(|source| {
                ClientError::CannotStart { program: launcher.program().to_owned(), source }
            })?;
            let (sender, arrival) = oneshot::channel();
            self.tickets.insert(ticket, sender);
            let terms = self.terms(&task, Some((self.host(), target)));
            self.tasks.spawn(command_task(launched, arrival, self.options.wait, task, terms));
        }
        Ok(())
    }

    /// The number of a play, and its target.
    fn draw_ticket(&mut self) -> (u64, String) {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        (ticket, format!("{PLAY}{ticket}"))
    }

    fn host(&self) -> String {
        self.url.split_once("://").map_or(self.url.as_str(), |(_, host)| host).to_owned()
    }

    /// Answers the page.
    fn page(&mut self, arrival: Arrival) {
        let request = arrival
            .request
            .as_ref()
            .map_or(PageRequest::Unknown, |head| browser::page_request(&head.method, &head.target));
        match request {
            PageRequest::Page => browser::serve_page(arrival),
            PageRequest::Next => self.next_for_page(arrival),
            PageRequest::Report(ticket) => match self.reports.remove(&ticket) {
                // The play may have given up waiting in this moment.
                Some(play) => drop(play.send(arrival)),
                None => browser::serve_json(arrival, &json!({})),
            },
            PageRequest::Unknown => browser::serve_not_found(arrival),
        }
    }

    fn next_for_page(&mut self, arrival: Arrival) {
        let Some(task) = self.schedule.next() else {
            let over = self.schedule.is_over();
            self.page_told |= over;
            return browser::serve_json(
                arrival,
                &if over { json!({ "over": true }) } else { json!({ "wait": true }) },
            );
        };
        let (ticket, target) = self.draw_ticket();
        let doc = match &task {
            Task::Probe(_) => "What the browser can do.",
            Task::Play { instance, .. } => &instance.doc,
        };
        let next = json!({
            "play": ticket, "target": target, "doc": doc, "total": self.instances.len(), "finished": self.finished,
        });
        // The page may have been reached under another name than ours.
        let host = arrival.request.as_ref().ok().and_then(|head| head.fields.single("Host"));
        let host = host.map_or_else(|| self.host(), |host| String::from_utf8_lossy(host).into_owned());
        let terms = self.terms(&task, Some((host, target)));
        let (connect, connected) = oneshot::channel();
        let (report, reported) = oneshot::channel();
        self.tickets.insert(ticket, connect);
        self.reports.insert(ticket, report);
        self.tasks.spawn(page_task(connected, reported, self.options.wait, task, terms));
        browser::serve_json(arrival, &next);
    }

    fn terms(&self, task: &Task, asked: Option<(String, String)>) -> Terms {
        let (deadline, capabilities) = match task {
            Task::Probe(_) => (self.options.deadline, Capabilities::FULL),
            Task::Play { plays, .. } => {
                (again::patience(plays, self.options.deadline), self.schedule.capabilities())
            }
        };
        Terms { deadline, seed: self.options.seed, capabilities, asked }
    }

    fn knocked(&mut self, knock: Knock) {
        let arrival = match knock {
            Knock::Arrived(arrival) => *arrival,
            Knock::Silent => return self.outcome.strangers.silent += 1,
            Knock::Incomplete => return self.outcome.strangers.incomplete += 1,
            Knock::TlsFailed(why) => return self.outcome.strangers.tls_failed.push(why),
        };
        self.last = Instant::now();
        let route = arrival.request.as_ref().map_or(Route::Next, route);
        match (route, self.launcher.is_some() || self.browser) {
            (Route::Http, true) if self.browser => self.page(arrival),
            (Route::Http, _) => {
                self.outcome.strangers.http += 1;
                let body = b"This is wsgauntlet, which audits WebSocket clients: connect with one.\n";
                tokio::spawn(serve::answer(arrival.stream, "426 Upgrade Required", "text/plain", body));
            }
            (Route::Play(ticket), true) => match self.tickets.remove(&ticket) {
                Some(launched) => self.hand_over(launched, arrival),
                None => self.late(arrival),
            },
            // A client that garbles its target: it can only be one of those that were launched.
            (Route::Next | Route::Loop(_), true) => match self.tickets.pop_first() {
                Some((_, launched)) => self.hand_over(launched, arrival),
                None => self.late(arrival),
            },
            (Route::Loop(question), false) => self.answer(question, arrival),
            (Route::Next | Route::Play(_), false)
                if self.held.len() < HELD_MAX && !self.schedule.is_over() =>
            {
                self.held.push_back(arrival);
            }
            (Route::Next | Route::Play(_), false) => self.late(arrival),
        }
    }

    fn hand_over(&mut self, launched: oneshot::Sender<Arrival>, arrival: Arrival) {
        self.unconnected = 0;
        // The command may have given up waiting in this moment.
        let _ = launched.send(arrival);
    }

    fn late(&mut self, arrival: Arrival) {
        self.outcome.strangers.late += 1;
        refuse(arrival);
    }

    fn answer(&mut self, question: Question, arrival: Arrival) {
        let find = |case| agent::find(&self.instances, case);
        let instances = self.instances.len();
        let say = |text: String| Saying { text: Some(text), code: 1000, reason: String::new() };
        let close = || Saying { text: None, code: 1000, reason: String::new() };
        let (saying, after) = match question {
            Question::CaseCount => (say(instances.to_string()), After::Nothing),
            Question::CaseInfo { case } => match find(&case) {
                Ok(index) => (say(agent::info(&self.instances[index])), After::Nothing),
                Err(why) => (wrong(&why), After::Nothing),
            },
            Question::CaseStatus { case, agent } => match find(&case) {
                Ok(index) => {
                    let found = self.agents.get(&agent);
                    let record = found.and_then(|agent| agent.record(index));
                    if record.is_none() && found.is_some_and(|agent| agent.playing > 0) {
                        self.asked.entry((agent, index)).or_default().push(arrival);
                        return;
                    }
                    (say(agent::status(record)), After::Nothing)
                }
                Err(why) => (wrong(&why), After::Nothing),
            },
            Question::RunCase { case, agent } => match find(&case) {
                Ok(index) => return self.play_for(agent, index, arrival),
                Err(why) => (wrong(&why), After::Nothing),
            },
            Question::UpdateReports { agent, stop } => (close(), After::Updated { agent, stop }),
            Question::StopServer => (close(), After::Stop),
            Question::Wrong(why) => (wrong(&why), After::Nothing),
        };
        self.tell(arrival, saying, after);
    }

    fn tell(&mut self, arrival: Arrival, saying: Saying, after: After) {
        self.tasks.spawn(async move {
            let read =
                arrival.read.iter().flat_map(|(_, octets)| octets.iter().copied()).collect::<Vec<u8>>();
            // A client that goes away in the middle has its answer, or does not want it.
            let _ = serve::tell(arrival.stream, &read, &saying).await;
            Done::Told(after)
        });
    }

    /// An agent asks for one case.
    fn play_for(&mut self, name: String, index: usize, arrival: Arrival) {
        let count = self.instances.len();
        if !self.agents.contains_key(&name) {
            self.outcome.started(&name, Capabilities::FULL, &[], 1);
        }
        let agent = self.agents.entry(name.clone()).or_insert_with(|| Agent::new(&name, count));
        let instance = self.instances[index].clone();
        let offers_deflate = play::offers_deflate(&arrival);
        let capabilities = Capabilities { deflate: offers_deflate, ..Capabilities::FULL };
        agent.playing += 1;
        if let Some(need) = again::unmet_need(&instance, capabilities, self.tls) {
            let reason = match need {
                Need::Deflate => "needs permessage-deflate, which the request does not offer".to_owned(),
                need => format!("needs {need}"),
            };
            let record = Box::new(Record::unplayed(instance, VerdictKind::Inapplicable, reason));
            tokio::spawn(serve_closing(arrival));
            self.tasks.spawn(async move { Done::AgentPlayed { agent: name, index, record } });
            return;
        }
        let plays = agent.plays(index) + 1;
        let terms =
            Terms { deadline: self.options.deadline, seed: self.options.seed, capabilities, asked: None };
        self.tasks.spawn(async move {
            let record = play::play(arrival, instance, &terms, plays).await;
            Done::AgentPlayed { agent: name, index, record: Box::new(record) }
        });
    }

    fn done(&mut self, done: Done) -> Result<(), ClientError> {
        self.last = Instant::now();
        match done {
            Done::Probed(probed) => {
                if let Some(unplayed) = self.schedule.probed(probed) {
                    let jobs = self.options.jobs.unwrap_or_else(default_jobs);
                    self.outcome.started(
                        &self.options.name,
                        self.schedule.capabilities(),
                        self.schedule.remarks(),
                        jobs,
                    );
                    unplayed.into_iter().for_each(|record| self.finish_one(record));
                }
            }
            Done::Played(plays) => match self.schedule.played(plays) {
                Some(record) => self.finish_one(record),
                None => self.outcome.replaying(self.schedule.again()),
            },
            Done::Unconnected { task, why } => self.unconnected(task, &why),
            Done::AgentPlayed { agent, index, record } => {
                self.outcome.played(*record.clone());
                if let Some(agent) = self.agents.get_mut(&agent) {
                    agent.playing -= 1;
                    agent.played(index, *record);
                }
                for arrival in self.asked.remove(&(agent.clone(), index)).unwrap_or_default() {
                    let record = self.agents.get(&agent).and_then(|agent| agent.record(index));
                    let saying =
                        Saying { text: Some(agent::status(record)), code: 1000, reason: String::new() };
                    self.tell(arrival, saying, After::Nothing);
                }
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

    fn finish_one(&mut self, record: Record) {
        self.finished += 1;
        self.outcome.finished(record);
    }

    /// A command that did not connect is tried again, but not for ever.
    fn unconnected(&mut self, task: Task, why: &str) {
        self.unconnected += 1;
        match task {
            Task::Probe(probe) => {
                let failed = super::schedule::Probed { probe, passed: false, offers_deflate: false };
                if let Some(unplayed) = self.schedule.probed(failed) {
                    self.outcome.started(
                        &self.options.name,
                        self.schedule.capabilities(),
                        self.schedule.remarks(),
                        1,
                    );
                    unplayed.into_iter().for_each(|record| self.finish_one(record));
                }
            }
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
    fn look_at_the_clock(&mut self) {
        if self.options.stop.load(Ordering::Relaxed) {
            self.outcome.interrupted("stopped by a signal");
            self.stopped = true;
        }
        let idle = self.tasks.is_empty() && self.held.is_empty() && self.last.elapsed() > self.options.wait;
        if idle && !self.options.keep_listening {
            let begun = self.schedule.has_begun() || !self.agents.is_empty();
            self.outcome.waited_in_vain(self.options.wait, begun);
            self.stopped = true;
        }
    }

    fn finish(mut self) -> Vec<Run> {
        let begun = self.schedule.has_begun() || self.agents.is_empty();
        if begun {
            let reason = self.outcome.why_unplayed();
            let rest = self.schedule.give_up(&reason);
            rest.into_iter().for_each(|record| self.finish_one(record));
        }
        let agents = self.agents.into_values().collect();
        self.outcome.runs(begun, agents, &self.instances)
    }
}

fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from).saturating_mul(2).min(16)
}

fn wrong(why: &str) -> Saying {
    Saying { text: None, code: 1008, reason: why.to_owned() }
}

/// A connection that there is nothing for: the run is over, or its play is.
fn refuse(arrival: Arrival) {
    tokio::spawn(serve::answer(
        arrival.stream,
        "503 Service Unavailable",
        "text/plain",
        b"Nothing is left to play.\n",
    ));
}

async fn serve_closing(arrival: Arrival) {
    let read: Vec<u8> = arrival.read.iter().flat_map(|(_, octets)| octets.iter().copied()).collect();
    let saying = Saying { text: None, code: 1000, reason: "not applicable".to_owned() };
    // A client that goes away in the middle is not judged here.
    let _ = serve::tell(arrival.stream, &read, &saying).await;
}
