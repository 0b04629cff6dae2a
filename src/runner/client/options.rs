//! How a run against a client is made, and why one cannot be.

use super::browser::Browser;
use crate::runner::authority::Authority;
use crate::runner::crash_signs::CrashSigns;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use wsgauntlet_suite::case::{Instance, Need};

/// How a run is made.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Where clients come from.
    pub source: ClientSource,
    /// How long to wait for the client in a step.
    pub deadline: Duration,
    /// How long the next connection is awaited.
    pub wait: Duration,
    /// Commands at once. `None`: by the number of processors.
    pub jobs: Option<usize>,
    /// The seed of the run.
    pub seed: u64,
    /// What reports call the target. An agent of Autobahn's loop has its own name.
    pub name: String,
    /// Serve on when everything was played.
    pub keep_listening: bool,
    /// Judge what only shows over all connections together.
    pub statistics: bool,
    /// What signs the certificates of this run, if clients trust it.
    pub authority: Option<Authority>,
    /// What tells in the stderr of a command that it crashed.
    pub crash_signs: CrashSigns,
    /// The exit statuses of a command that are in order. None: they are learned.
    pub ok_statuses: Vec<i32>,
    /// Clients are drivers (docs/drivers.md), whatever the probe shows.
    pub driver: bool,
    /// The time that the whole run may take, from its first connection or command on. `None`: as long as it needs.
    pub budget: Option<Duration>,
    /// Stops the run in order.
    pub stop: Arc<AtomicBool>,
}

impl ClientOptions {
    /// The indices of what an agent of Autobahn's loop is dealt. It is not probed before its loop, so that commands to a driver are
    /// for those who demand them.
    pub(super) fn dealt(&self, instances: &[Arc<Instance>]) -> Vec<usize> {
        let is_dealt = |instance: &Instance| self.driver || !instance.needs.contains(&Need::Driver);
        (0..instances.len()).filter(|index| is_dealt(&instances[*index])).collect()
    }
}

/// How clients come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientSource {
    /// By themselves, again and again; or in Autobahn's loop.
    Connections,
    /// Launched for each instance: a program and its arguments, `{url}` to be put in.
    Command(Vec<String>),
    /// A page drives a browser, which is launched or comes by itself.
    Browser(Option<Browser>),
}

/// Why a run cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The listener failed.
    #[error("cannot accept connections: {0}")]
    Accept(std::io::Error),
    /// The command of the client cannot be started.
    #[error("cannot start {program:?}: {source}")]
    CannotStart {
        /// The program.
        program: String,
        /// Why not.
        source: std::io::Error,
    },
}
