//! Audits of servers.

use super::reached::{Place, Reach, ReachedServer};
use super::settings::{Settings, settings_methods};
use super::{AuditError, AuditReport, now};
use crate::report::StoredRun;
use crate::report::stored::Circumstances;
use crate::runner::crash_signs::CrashSigns;
use crate::runner::target::Trust;
use crate::runner::{Assumed, RunOptions};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use wsgauntlet_suite::case::prelude::Prelude;
use wsgauntlet_suite::case::{DriverWords, Instance};
use wsgauntlet_suite::transcript::Transport;
use wsgauntlet_wire::Role;

/// How long a launched server may take until it listens, unless it is said otherwise.
pub const READY_WITHIN: Duration = Duration::from_secs(30);

/// An audit of a server that is yet to be run. [`crate::Audit::server`] makes one.
#[derive(Clone, Debug)]
#[must_use]
pub struct ServerAudit {
    settings: Settings,
    reach: Reach,
    assumed: Assumed,
    memory_max: Option<u64>,
    stop: Arc<AtomicBool>,
}

impl ServerAudit {
    settings_methods!();

    pub(super) fn new(place: Place) -> ServerAudit {
        let reach = Reach {
            place,
            trust: Trust::default(),
            transport: Transport::Http1,
            headers: Vec::new(),
            subprotocols: Vec::new(),
            prelude: Vec::new(),
            words: DriverWords::default(),
            ready_within: READY_WITHIN,
            crash_signs: CrashSigns::default(),
        };
        ServerAudit {
            settings: Settings::default(),
            reach,
            assumed: Assumed::default(),
            memory_max: None,
            stop: Arc::new(AtomicBool::new(false)),
        }
    }

    /// The address of a launched server, in which `{port}` stands for a free port; `ws://127.0.0.1:{port}/` without this.
    /// Of a server that is not launched: its address.
    pub fn url(mut self, address: impl Into<String>) -> ServerAudit {
        match &mut self.reach.place {
            Place::Launched { url, .. } | Place::Url(url) => *url = address.into(),
            Place::BuiltIn { .. } => self.reach.place = Place::Url(address.into()),
        }
        self
    }

    /// Sends this field, `Name: value`, with every opening request.
    pub fn header(mut self, field: impl Into<String>) -> ServerAudit {
        self.reach.headers.push(field.into());
        self
    }

    /// Offers this subprotocol with every opening request.
    pub fn subprotocol(mut self, name: impl Into<String>) -> ServerAudit {
        self.reach.subprotocols.push(name.into());
        self
    }

    /// What goes before each play, once the connection is open: messages that the server sends of its own accord, and ours.
    pub fn prelude(mut self, line: Prelude) -> ServerAudit {
        self.reach.prelude.push(line);
        self
    }

    /// Opens connections over this transport. Cases about another one are inapplicable.
    pub fn over(mut self, transport: Transport) -> ServerAudit {
        self.reach.transport = transport;
        self
    }

    /// The application's own words for a command to a driver: for `close`, `"close-me {code}"`. See docs/drivers.md.
    pub fn driver_words(mut self, command: impl Into<String>, words: impl Into<String>) -> ServerAudit {
        self.reach.words.0.insert(command.into(), words.into());
        self
    }

    /// Takes any certificate.
    pub fn insecure(mut self) -> ServerAudit {
        self.reach.trust.insecure = true;
        self
    }

    /// Trusts the authorities of this PEM file, too.
    pub fn ca(mut self, path: impl Into<PathBuf>) -> ServerAudit {
        self.reach.trust.ca = Some(path.into());
        self
    }

    /// How long a launched server may take until it listens.
    pub fn ready_within(mut self, time: Duration) -> ServerAudit {
        self.reach.ready_within = time;
        self
    }

    /// Lines that hold one of these texts, on the standard error of a launched server, say that it crashed; beside those that
    /// are known.
    pub fn crash_signs(mut self, texts: Vec<String>) -> ServerAudit {
        self.reach.crash_signs = CrashSigns::new(texts);
        self
    }

    /// How much memory a launched server may use, in octets, while cases are played that make careless ones use much.
    pub fn memory_max(mut self, octets: u64) -> ServerAudit {
        self.memory_max = Some(octets);
        self
    }

    /// What is known of the server, whatever the first connections show.
    pub fn assume(mut self, assumed: Assumed) -> ServerAudit {
        self.assumed = assumed;
        self
    }

    /// Ends the audit early, in order, once this is true.
    pub fn stop_when(mut self, stop: Arc<AtomicBool>) -> ServerAudit {
        self.stop = stop;
        self
    }

    /// How the server is reached, and how much memory it may use.
    pub(super) fn into_reach(self) -> (Reach, Option<u64>) {
        (self.reach, self.memory_max)
    }

    /// The instances that the selection chooses, in the order of the library.
    ///
    /// # Errors
    ///
    /// The selection names something that does not exist, or selects nothing.
    pub fn instances(&self) -> Result<Vec<Arc<Instance>>, AuditError> {
        let instances = self.settings.selection.instances(Role::Server)?;
        Ok(over(instances, self.reach.transport))
    }

    /// Launches the server where there is a command for that. Needs a tokio runtime with time and I/O.
    ///
    /// # Errors
    ///
    /// The server cannot be launched, or its address is invalid.
    pub async fn reach(&self) -> Result<ReachedServer, AuditError> {
        let options = RunOptions {
            deadline: self.settings.deadline(),
            budget: Some(self.settings.budget()).filter(|budget| *budget != Duration::MAX),
            jobs: self.settings.jobs,
            seed: self.settings.seed,
            name: String::new(),
            assumed: self.assumed,
            memory: None,
            process: None,
            stop: self.stop.clone(),
        };
        let name = self.settings.name.clone().or_else(|| self.default_name());
        ReachedServer::new(&self.reach, name, options, self.memory_max).await
    }

    /// Plays the selected cases. Needs a tokio runtime with time and I/O.
    ///
    /// # Errors
    ///
    /// The selection or the baseline is wrong, or the server cannot be launched, reached or opened.
    pub async fn run(self) -> Result<AuditReport, AuditError> {
        let instances = self.instances()?;
        let baseline = AuditReport::baseline(&self.settings)?;
        let server = self.reach().await?;
        let circumstances = Circumstances {
            started: Some(now()),
            seed: self.settings.seed,
            selection: self.settings.selection.stored(),
            timeout_ms: Some(self.settings.deadline().as_millis() as u64),
            built_in: matches!(self.reach.place, Place::BuiltIn { .. }),
            ..Circumstances::default()
        };
        let run = server.play(instances, &mut |_| {}).await;
        server.end().await;
        let stored = StoredRun::from_run(run?, crate::embedded::catalogue(), &circumstances);
        AuditReport::judged(stored, &self.settings, baseline.as_ref())
    }

    /// A launched server has a new port each time, so that the port is not part of its name. `None`: its authority.
    fn default_name(&self) -> Option<String> {
        match &self.reach.place {
            Place::Launched { command, .. } => {
                let program = command.split_whitespace().next().unwrap_or_default();
                Some(program.rsplit('/').next().unwrap_or(program).to_owned())
            }
            Place::Url(_) => None,
            Place::BuiltIn { .. } => Some("wsgauntlet reference".to_owned()),
        }
    }
}

/// The same instances over a transport.
pub fn over(instances: Vec<Arc<Instance>>, transport: Transport) -> Vec<Arc<Instance>> {
    match transport {
        Transport::Http1 => instances,
        Transport::Http2 => {
            instances.into_iter().map(|instance| Arc::new(instance.over(transport))).collect()
        }
    }
}
