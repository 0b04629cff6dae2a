//! Audits of servers.

use super::settings::{Settings, settings_methods};
use super::{AuditError, AuditReport, now};
use crate::report::StoredRun;
use crate::report::stored::Circumstances;
use crate::runner::crash_signs::CrashSigns;
use crate::runner::death::{Process, Spec};
use crate::runner::launch;
use crate::runner::target::Trust;
use crate::runner::{Assumed, RunOptions, Target, run_server};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::sync::Mutex;
use wsgauntlet_wire::Role;

/// How long a launched server may take until it listens.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// An audit of a server that is yet to be run. [`crate::Audit::server`] makes one.
#[derive(Clone, Debug)]
#[must_use]
pub struct ServerAudit {
    settings: Settings,
    url: Option<String>,
    command: Option<String>,
    trust: Trust,
    headers: Vec<String>,
    subprotocols: Vec<String>,
}

impl ServerAudit {
    settings_methods!();

    pub(super) fn new(url: Option<String>, command: Option<String>) -> ServerAudit {
        ServerAudit {
            settings: Settings::default(),
            url,
            command,
            trust: Trust::default(),
            headers: Vec::new(),
            subprotocols: Vec::new(),
        }
    }

    /// Sends this field, `Name: value`, with every opening request.
    pub fn header(mut self, field: impl Into<String>) -> ServerAudit {
        self.headers.push(field.into());
        self
    }

    /// Offers this subprotocol with every opening request.
    pub fn subprotocol(mut self, name: impl Into<String>) -> ServerAudit {
        self.subprotocols.push(name.into());
        self
    }

    /// Takes any certificate.
    pub fn insecure(mut self) -> ServerAudit {
        self.trust.insecure = true;
        self
    }

    /// Trusts the authorities of this PEM file, too.
    pub fn ca(mut self, path: impl Into<PathBuf>) -> ServerAudit {
        self.trust.ca = Some(path.into());
        self
    }

    /// Plays the selected cases. Needs a tokio runtime with time and I/O.
    ///
    /// # Errors
    ///
    /// The selection or the baseline is wrong, or the server cannot be launched, reached or opened.
    pub async fn run(self) -> Result<AuditReport, AuditError> {
        let instances = self.settings.selection.instances(Role::Server)?;
        let baseline = AuditReport::baseline(&self.settings)?;
        let (target, process) = self.target().await?;
        let options = RunOptions {
            deadline: self.settings.deadline(),
            budget: Some(self.settings.budget()),
            jobs: self.settings.jobs,
            seed: self.settings.seed,
            name: self.settings.name.clone().unwrap_or_else(|| target.authority.clone()),
            assumed: Assumed::default(),
            memory: None,
            process: process.clone(),
            stop: Arc::new(AtomicBool::new(false)),
        };
        let circumstances = Circumstances {
            started: Some(now()),
            seed: self.settings.seed,
            selection: self.settings.selection.stored(),
            timeout_ms: Some(self.settings.deadline().as_millis() as u64),
            ..Circumstances::default()
        };
        let run = run_server(target, instances, options, &mut |_| {}).await;
        if let Some(process) = process {
            process.lock().await.end().await;
        }
        let stored = StoredRun::from_run(run?, crate::embedded::catalogue(), &circumstances);
        AuditReport::judged(stored, &self.settings, baseline.as_ref())
    }

    async fn target(&self) -> Result<(Target, Option<Arc<Mutex<Process>>>), AuditError> {
        let url = match &self.url {
            Some(url) => url.clone(),
            None => format!("ws://127.0.0.1:{}/", launch::free_port().await?),
        };
        let mut target = Target::parse(&url, &self.trust)?;
        for field in &self.headers {
            target.add_header(field)?;
        }
        target.subprotocols.clone_from(&self.subprotocols);
        let Some(command) = &self.command else { return Ok((target, None)) };
        let spec = Spec {
            command: command.clone(),
            ready_within: READY_WITHIN,
            moves: true,
            signs: CrashSigns::default(),
        };
        let process = Process::start(spec, target.clone()).await?;
        Ok((target, Some(Arc::new(Mutex::new(process)))))
    }
}
