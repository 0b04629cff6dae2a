//! The state of a run against clients, which one task owns. `run` turns the wheel; `launches`, `arrivals`, `results`, `questions`,
//! `play_loop` and `page_requests` are what happens.

use super::agent::Agent;
use super::clock::Clock;
use super::command::Launcher;
use super::ending::Customs;
use super::handshake::Handshake;
use super::loop_process::Looping;
use super::options::{ClientOptions, ClientSource};
use super::outcome::Outcome;
use super::pace::{Pace, SharedPace};
use super::pages::Pages;
use super::route::Question;
use super::schedule::Schedule;
use super::slots::Slots;
use super::tasks::Done;
use super::tickets::Tickets;
use crate::runner::event::RunEvent;
use crate::runner::retry::{self, Provides};
use crate::runner::serve::Acceptor;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::Record;
use wsgauntlet_suite::transcript::Capabilities;

/// The state of a run.
pub(super) struct State<'e> {
    pub url: String,
    /// What accepts TLS, if clients connect over it.
    pub acceptor: Option<Acceptor>,
    pub instances: Vec<Arc<Instance>>,
    pub options: ClientOptions,
    /// What is to be played when.
    pub schedule: Schedule,
    pub outcome: Outcome<'e>,
    /// How many records are final.
    pub finished: usize,
    pub clock: Clock,
    pub stopped: bool,
    /// What is under way.
    pub tasks: JoinSet<Done>,
    /// How many may be under way at once.
    pub slots: Slots,
    /// Plays of the volume profile, which are heavy.
    pub volume: Arc<Semaphore>,
    /// How long connections that are no agent's are waited for.
    pub pace: SharedPace,
    /// Connections that wait for something to play.
    pub held: VecDeque<Handshake>,
    pub launcher: Option<Launcher>,
    pub tickets: Tickets,
    /// How launched commands end.
    pub customs: Customs,
    /// What is played to learn that was asked for.
    pub calibrated: bool,
    pub pages: Pages,
    /// Agents of Autobahn's loop, by their names.
    pub agents: BTreeMap<String, Agent>,
    /// Questions of agents whose answers need plays that are not decided.
    pub waiting: Vec<(Question, Handshake)>,
    /// A loop that we launched.
    pub looping: Looping,
}

impl<'e> State<'e> {
    pub(super) fn new(
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
        let drive = matches!(options.source, ClientSource::Browser(_));
        State {
            schedule: Schedule::new(&instances, provides).demanding_driver(options.driver),
            outcome: Outcome::new(&url, &instances, &options, events),
            finished: 0,
            clock: Clock::new(options.budget),
            stopped: false,
            tasks: JoinSet::new(),
            slots: Slots::new(options.jobs),
            volume: Arc::new(Semaphore::new(retry::VOLUME_JOBS)),
            pace: Arc::new(Mutex::new(Pace::new(options.deadline))),
            held: VecDeque::new(),
            launcher,
            tickets: Tickets::default(),
            customs: Customs::new(options.crash_signs.clone(), options.ok_statuses.clone()),
            calibrated: false,
            pages: Pages { drive, ..Pages::default() },
            agents: BTreeMap::new(),
            waiting: Vec::new(),
            looping: Looping::new(options.dealt(&instances)),
            url,
            acceptor,
            instances,
            options,
        }
    }

    /// The address of our listener, `127.0.0.1:9001`.
    pub(super) fn host(&self) -> String {
        self.url.split_once("://").map_or(self.url.as_str(), |(_, host)| host).to_owned()
    }

    /// A record is final.
    pub(super) fn finish_one(&mut self, record: Record) {
        self.finished += 1;
        self.outcome.finished(record);
    }
}
