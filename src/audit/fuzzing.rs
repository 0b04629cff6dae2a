//! The fuzzer as a builder.

use super::reached::{Place, Reach};
use super::{Audit, AuditError, ServerAudit, now};
use crate::embedded;
use crate::fuzz::Session;
use crate::runner::fuzz::{Benign, FuzzEvent, FuzzOptions, FuzzReport, Launch, fuzz_client, fuzz_server};
use crate::runner::launch;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use wsgauntlet_suite::case::{Instance, Profile};
use wsgauntlet_wire::Role;

/// Cases that send more octets, or have more steps, are no seeds: they would slow the fuzzer down.
const SEED_LEN_MAX: usize = 8 * 1024;
const SEED_STEPS_MAX: usize = 24;

/// How many connections at once.
const JOBS: usize = 8;

/// How much memory a launched server may use, in octets, unless the audit says otherwise.
const MEMORY_MAX: u64 = 1 << 30;

/// What is fuzzed: each function gives a builder for it. Fuzz only what is yours: it may go down.
#[derive(Clone, Copy, Debug)]
pub struct Fuzz;

impl Fuzz {
    /// A server at `ws://host[:port][/path]`.
    pub fn server(url: impl Into<String>) -> FuzzRun {
        Fuzz::reached_as(Audit::server(url))
    }

    /// A server that is reached as an audit reaches it: with fields in its requests, over TLS, or launched. Selection, baseline
    /// and time of the audit do not matter.
    pub fn reached_as(audit: ServerAudit) -> FuzzRun {
        FuzzRun::new(Fuzzed::Server(Box::new(audit)))
    }

    /// A client that connects to `address` again and again, `127.0.0.1:9001`, and echoes.
    pub fn client(address: impl Into<String>) -> FuzzRun {
        FuzzRun::new(Fuzzed::Client { address: address.into(), command: Vec::new() })
    }

    /// A client that is launched for each connection: a program and its arguments, in which `{url}` stands for the address.
    pub fn launched_client<W: Into<String>>(command: impl IntoIterator<Item = W>) -> FuzzRun {
        let command = command.into_iter().map(Into::into).collect();
        FuzzRun::new(Fuzzed::Client { address: "127.0.0.1:0".to_owned(), command })
    }
}

#[derive(Clone, Debug)]
enum Fuzzed {
    Server(Box<ServerAudit>),
    Client { address: String, command: Vec<String> },
}

/// A run of the fuzzer that is yet to be made.
#[derive(Clone, Debug)]
#[must_use]
pub struct FuzzRun {
    fuzzed: Fuzzed,
    seed: u64,
    runs: Option<u64>,
    time: Option<Duration>,
    jobs: usize,
    timeout: Duration,
    name: Option<String>,
    seeds: Option<Vec<Session>>,
    benign: Vec<Benign>,
    stop: Arc<AtomicBool>,
}

impl FuzzRun {
    fn new(fuzzed: Fuzzed) -> FuzzRun {
        FuzzRun {
            fuzzed,
            seed: 1,
            runs: None,
            time: None,
            jobs: JOBS,
            timeout: Duration::from_secs(1),
            name: None,
            seeds: None,
            benign: Vec::new(),
            stop: Arc::new(AtomicBool::new(false)),
        }
    }

    /// Where our server listens for a client, `127.0.0.1:9001`. Without it: a free port of this machine. A server has an address
    /// of its own.
    pub fn address(mut self, listen: impl Into<String>) -> FuzzRun {
        if let Fuzzed::Client { address, .. } = &mut self.fuzzed {
            *address = listen.into();
        }
        self
    }

    /// The same seed makes the same scripts, as long as the target answers the same.
    pub fn seed(mut self, seed: u64) -> FuzzRun {
        self.seed = seed;
        self
    }

    /// Ends after this number of scripts.
    pub fn runs(mut self, runs: u64) -> FuzzRun {
        self.runs = Some(runs);
        self
    }

    /// Ends after this time.
    pub fn time(mut self, time: Duration) -> FuzzRun {
        self.time = Some(time);
        self
    }

    /// The most connections at once.
    pub fn jobs(mut self, jobs: usize) -> FuzzRun {
        self.jobs = jobs.max(1);
        self
    }

    /// How long to wait for the target before silence counts.
    pub fn timeout(mut self, timeout: Duration) -> FuzzRun {
        self.timeout = timeout;
        self
    }

    /// What findings call the target. Without it: its address, or its command.
    pub fn name(mut self, name: impl Into<String>) -> FuzzRun {
        self.name = Some(name.into());
        self
    }

    /// What the run begins with. Without it: the cases of the default profile.
    pub fn seeds(mut self, seeds: Vec<Session>) -> FuzzRun {
        self.seeds = Some(seeds);
        self
    }

    /// Known differences that are not reported.
    pub fn benign(mut self, benign: Vec<Benign>) -> FuzzRun {
        self.benign = benign;
        self
    }

    /// Ends the run early, in order, once this is true.
    pub fn stop_when(mut self, stop: Arc<AtomicBool>) -> FuzzRun {
        self.stop = stop;
        self
    }

    /// Fuzzes. Without [`FuzzRun::runs`] or [`FuzzRun::time`] it goes on until the target is gone. Needs a tokio runtime with time
    /// and I/O.
    ///
    /// # Errors
    ///
    /// The target cannot be reached, opened or launched, or does nothing that a fuzzer could observe.
    pub async fn run(self) -> Result<FuzzReport, AuditError> {
        self.run_reporting(&mut |_| {}).await
    }

    /// The same, and reports to `events` what happens.
    ///
    /// # Errors
    ///
    /// As for [`FuzzRun::run`].
    pub async fn run_reporting(
        self,
        events: &mut (dyn FnMut(FuzzEvent) + Send),
    ) -> Result<FuzzReport, AuditError> {
        match self.fuzzed.clone() {
            Fuzzed::Server(audit) => {
                let (reach, memory_max) = audit.into_reach();
                let (url, launch) = match &reach.place {
                    Place::Url(url) => (url.clone(), None),
                    Place::Launched { command, url } => {
                        let port = launch::free_port().await?.to_string();
                        let memory_max = memory_max.unwrap_or(MEMORY_MAX);
                        let launch =
                            Launch { command: command.clone(), ready_within: reach.ready_within, memory_max };
                        (url.replace("{port}", &port), Some(launch))
                    }
                    Place::BuiltIn { tls } => (Reach::built_in(*tls).await?, None),
                };
                let target = reach.target(&url)?;
                let options = self.options(Role::Server, &url);
                Ok(fuzz_server(target, launch, options, events).await?)
            }
            Fuzzed::Client { address, command } => {
                let name = command.first().map_or("a client", String::as_str);
                let options = self.options(Role::Client, name);
                Ok(fuzz_client(&address, command, options, events).await?)
            }
        }
    }

    fn options(self, role: Role, name: &str) -> FuzzOptions {
        FuzzOptions {
            seed: self.seed,
            runs: self.runs,
            time: self.time,
            jobs: self.jobs,
            deadline: self.timeout,
            name: self.name.unwrap_or_else(|| name.to_owned()),
            today: now().get(..10).unwrap_or_default().to_owned(),
            seeds: self.seeds.unwrap_or_else(|| {
                let instances = embedded::library().instances(role);
                seeds_of(instances.filter(|instance| instance.profile == Profile::Default), false)
            }),
            benign: self.benign,
            stop: self.stop,
        }
    }
}

/// Instances as sessions that the fuzzer can begin with, one of each kind; `large` ones too, or not.
pub fn seeds_of<'i>(instances: impl Iterator<Item = &'i Instance>, large: bool) -> Vec<Session> {
    let mut seeds: Vec<Session> = Vec::new();
    for instance in instances {
        let Some(session) = Session::from_case(&instance.script) else { continue };
        let small = session.payload_len() <= SEED_LEN_MAX && session.steps_len() <= SEED_STEPS_MAX;
        if (small || large) && seeds.last() != Some(&session) {
            seeds.push(session);
        }
    }
    seeds
}
