//! The fuzzer as a builder.

use super::{AuditError, now};
use crate::embedded;
use crate::fuzz::Session;
use crate::runner::Target;
use crate::runner::fuzz::{FuzzOptions, FuzzReport, fuzz_server};
use crate::runner::target::Trust;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use wsgauntlet_suite::case::Profile;
use wsgauntlet_wire::Role;

/// Cases that send more octets, or have more steps, are no seeds: they would slow the fuzzer down.
const SEED_LEN_MAX: usize = 8 * 1024;
const SEED_STEPS_MAX: usize = 24;

/// How many connections at once.
const JOBS: usize = 8;

/// What is fuzzed: each function gives a builder for it.
#[derive(Clone, Copy, Debug)]
pub struct Fuzz;

impl Fuzz {
    /// A server at `ws://host[:port][/path]`. Fuzz only what is yours: it may go down.
    pub fn server(url: impl Into<String>) -> ServerFuzz {
        ServerFuzz {
            url: url.into(),
            seed: 1,
            runs: None,
            time: None,
            jobs: JOBS,
            timeout: Duration::from_secs(1),
        }
    }
}

/// A run of the fuzzer against a server that is yet to be made.
#[derive(Clone, Debug)]
#[must_use]
pub struct ServerFuzz {
    url: String,
    seed: u64,
    runs: Option<u64>,
    time: Option<Duration>,
    jobs: usize,
    timeout: Duration,
}

impl ServerFuzz {
    /// The same seed makes the same scripts, as long as the target answers the same.
    pub fn seed(mut self, seed: u64) -> ServerFuzz {
        self.seed = seed;
        self
    }

    /// Ends after this number of scripts.
    pub fn runs(mut self, runs: u64) -> ServerFuzz {
        self.runs = Some(runs);
        self
    }

    /// Ends after this time.
    pub fn time(mut self, time: Duration) -> ServerFuzz {
        self.time = Some(time);
        self
    }

    /// The most connections at once.
    pub fn jobs(mut self, jobs: usize) -> ServerFuzz {
        self.jobs = jobs.max(1);
        self
    }

    /// How long to wait for the target before silence counts.
    pub fn timeout(mut self, timeout: Duration) -> ServerFuzz {
        self.timeout = timeout;
        self
    }

    /// Fuzzes. Without [`ServerFuzz::runs`] or [`ServerFuzz::time`] it goes on until the target is gone.
    ///
    /// # Errors
    ///
    /// The server cannot be reached or opened.
    pub async fn run(self) -> Result<FuzzReport, AuditError> {
        let target = Target::parse(&self.url, &Trust::default())?;
        let options = FuzzOptions {
            seed: self.seed,
            runs: self.runs,
            time: self.time,
            jobs: self.jobs,
            deadline: self.timeout,
            name: target.authority.clone(),
            today: now().get(..10).unwrap_or_default().to_owned(),
            seeds: seeds(Role::Server),
            benign: Vec::new(),
            stop: Arc::new(AtomicBool::new(false)),
        };
        Ok(fuzz_server(target, None, options, &mut |_| {}).await?)
    }
}

/// The cases as sessions, one of each kind.
fn seeds(role: Role) -> Vec<Session> {
    let mut seeds: Vec<Session> = Vec::new();
    let cases = embedded::library().instances(role).filter(|instance| instance.profile == Profile::Default);
    for instance in cases {
        let Some(session) = Session::from_case(&instance.script) else { continue };
        let small = session.payload_len() <= SEED_LEN_MAX && session.steps_len() <= SEED_STEPS_MAX;
        if small && seeds.last() != Some(&session) {
            seeds.push(session);
        }
    }
    seeds
}
