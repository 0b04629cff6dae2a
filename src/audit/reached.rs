//! A server that an audit has reached: one that runs, one that was launched for it, or the reference in this process.

use super::AuditError;
use crate::runner::crash_signs::CrashSigns;
use crate::runner::death::{Process, Spec};
use crate::runner::serve::{Acceptor, ReferenceServer};
use crate::runner::target::Trust;
use crate::runner::usage::MemoryBound;
use crate::runner::{RunEvent, RunOptions, Target, launch, reference, run_server};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use wsgauntlet_suite::case::prelude::Prelude;
use wsgauntlet_suite::case::{DriverWords, Instance};
use wsgauntlet_suite::oracle::Run;
use wsgauntlet_suite::transcript::Transport;
use wsgauntlet_wire::Role;

/// Where a server is.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// It runs at this URL.
    Url(String),
    /// This command starts it. `{port}` in the URL is a free port, in which case a restarted server may get another one.
    Launched { command: String, url: String },
    /// The reference in this process, over TLS or not.
    BuiltIn { tls: bool },
}

/// How a server is reached.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    pub place: Place,
    pub trust: Trust,
    pub transport: Transport,
    /// Fields of every opening request, `Name: value`.
    pub headers: Vec<String>,
    pub subprotocols: Vec<String>,
    pub prelude: Vec<Prelude>,
    pub words: DriverWords,
    /// How long a launched server may take until it listens.
    pub ready_within: Duration,
    pub crash_signs: CrashSigns,
}

/// A server that is ready to be audited, as often as one likes. [`super::ServerAudit::reach`] makes one.
pub struct ReachedServer {
    target: Target,
    /// What was launched. It is shared with the run, which starts it again when it dies.
    process: Option<Arc<Mutex<Process>>>,
    options: RunOptions,
    /// How much memory a launched server may use, in octets.
    memory_max: Option<u64>,
}

impl ReachedServer {
    pub(super) async fn new(
        reach: &Reach,
        name: Option<String>,
        options: RunOptions,
        memory_max: Option<u64>,
    ) -> Result<ReachedServer, AuditError> {
        let url = match &reach.place {
            Place::Url(url) => url.clone(),
            Place::Launched { url, .. } => url.replace("{port}", &launch::free_port().await?.to_string()),
            Place::BuiltIn { tls } => Reach::built_in(*tls).await?,
        };
        let target = reach.target(&url)?;
        let process = match &reach.place {
            Place::Launched { command, url } => {
                let spec = Spec {
                    command: command.clone(),
                    ready_within: reach.ready_within,
                    signs: reach.crash_signs.clone(),
                    moves: url.contains("{port}"),
                };
                Some(Arc::new(Mutex::new(Process::start(spec, target.clone()).await?)))
            }
            Place::Url(_) | Place::BuiltIn { .. } => None,
        };
        let name = name.unwrap_or_else(|| target.authority.clone());
        let options = RunOptions { name, process: process.clone(), ..options };
        Ok(ReachedServer { target, process, options, memory_max })
    }

    /// The address that is audited.
    pub fn url(&self) -> &str {
        &self.target.url
    }

    /// Plays these instances, and reports to `events` what happens.
    ///
    /// # Errors
    ///
    /// The server cannot be opened, or the time budget is spent before it is known what the server can do.
    pub async fn play(
        &self,
        instances: Vec<Arc<Instance>>,
        events: &mut (dyn FnMut(RunEvent) + Send),
    ) -> Result<Run, AuditError> {
        let group = match &self.process {
            Some(process) => process.lock().await.group(),
            None => None,
        };
        let memory = group.zip(self.memory_max).map(|(group, max)| MemoryBound { group, max });
        let options = RunOptions { memory, ..self.options.clone() };
        Ok(run_server(self.target.clone(), instances, options, events).await?)
    }

    /// Ends a server that was launched, with all that it started.
    pub async fn end(self) {
        if let Some(process) = self.process {
            process.lock().await.end().await;
        }
    }
}

impl fmt::Debug for ReachedServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReachedServer").field("url", &self.target.url).finish_non_exhaustive()
    }
}

impl Reach {
    /// Starts the reference, and gives its URL.
    pub(super) async fn built_in(tls: bool) -> Result<String, AuditError> {
        let acceptor = tls.then(Acceptor::self_signed).transpose().map_err(AuditError::Certificate)?;
        let address = "127.0.0.1:0";
        let server = ReferenceServer::bind(address, reference::config(Role::Server), acceptor)
            .await
            .map_err(|source| AuditError::Listen { address: address.to_owned(), source })?;
        let scheme = if tls { "wss" } else { "ws" };
        let url = format!("{scheme}://{}", server.address);
        tokio::spawn(server.serve());
        Ok(url)
    }

    /// The server at `url`, which may be that of [`Place`] with a port put in.
    pub(super) fn target(&self, url: &str) -> Result<Target, AuditError> {
        // The certificate of the built-in reference is signed by nobody else.
        let insecure = self.trust.insecure || matches!(self.place, Place::BuiltIn { tls: true });
        let trust = Trust { insecure, ca: self.trust.ca.clone() };
        let mut target = Target::parse_over(url, &trust, self.transport)?;
        for field in &self.headers {
            target.add_header(field)?;
        }
        target.subprotocols.clone_from(&self.subprotocols);
        target.prelude.clone_from(&self.prelude);
        target.words.clone_from(&self.words);
        Ok(target)
    }
}
