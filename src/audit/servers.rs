//! Audits of servers.

use super::settings::{Settings, settings_methods};
use super::{AuditError, AuditReport, now};
use crate::report::StoredRun;
use crate::report::stored::Circumstances;
use crate::runner::launch::{self, Launched};
use crate::runner::target::Trust;
use crate::runner::{Assumed, RunOptions, Target, run_server};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
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
        let (target, launched) = self.target().await?;
        let options = RunOptions {
            deadline: self.settings.deadline(),
            jobs: self.settings.jobs,
            seed: self.settings.seed,
            name: self.settings.name.clone().unwrap_or_else(|| target.authority.clone()),
            assumed: Assumed::default(),
            memory: None,
            stop: Arc::new(AtomicBool::new(false)),
        };
        let circumstances = Circumstances {
            started: Some(now()),
            seed: self.settings.seed,
            selection: self.settings.selection.stored(),
            built_in: false,
        };
        let run = run_server(target, instances, options, &mut |_| {}).await;
        if let Some(launched) = launched {
            launched.end().await;
        }
        let stored = StoredRun::of(&run?, crate::embedded::catalogue(), &circumstances);
        AuditReport::judged(stored, &self.settings, baseline.as_ref())
    }

    async fn target(&self) -> Result<(Target, Option<Launched>), AuditError> {
        let (url, port) = match (&self.url, &self.command) {
            (Some(url), _) => (url.clone(), None),
            (None, _) => {
                let port = launch::free_port().await?;
                (format!("ws://127.0.0.1:{port}/"), Some(port))
            }
        };
        let mut target = Target::parse(&url, &self.trust)?;
        for field in &self.headers {
            target.add_header(field)?;
        }
        target.subprotocols.clone_from(&self.subprotocols);
        let launched = match (&self.command, port) {
            (Some(command), Some(port)) => {
                Some(launch::launch(command, &target.host, port, READY_WITHIN).await?)
            }
            _ => None,
        };
        Ok((target, launched))
    }
}
