//! Audits of clients.

use super::settings::{Settings, settings_methods};
use super::{AuditError, AuditReport, now};
use crate::report::StoredRun;
use crate::report::stored::Circumstances;
use crate::runner::client::{ClientOptions, ClientSource, Listener, run_client};
use crate::runner::crash_signs::CrashSigns;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::task::JoinSet;
use wsgauntlet_wire::Role;

/// How long the next connection is waited for.
const WAIT: Duration = Duration::from_secs(10);

/// The default number of clients that a function runs at once.
const FUNCTIONS_AT_ONCE: usize = 8;

type Connect = Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// An audit of a client that is yet to be run. [`crate::Audit::client`] and its neighbours make one.
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientAudit {
    settings: Settings,
    source: AuditedClient,
    address: String,
    wait: Duration,
}

/// Where the connections of a client come from.
#[derive(Clone)]
enum AuditedClient {
    Function(Connect),
    Command(Vec<String>),
    /// From elsewhere.
    Listener,
}

impl fmt::Debug for AuditedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AuditedClient::Function(_) => f.write_str("Function"),
            AuditedClient::Command(words) => f.debug_tuple("Command").field(words).finish(),
            AuditedClient::Listener => f.write_str("Listener"),
        }
    }
}

impl ClientAudit {
    settings_methods!();

    pub(super) fn function<F, C>(connect: F) -> ClientAudit
    where
        F: Fn(String) -> C + Send + Sync + 'static,
        C: Future<Output = ()> + Send + 'static,
    {
        ClientAudit::new(AuditedClient::Function(Arc::new(move |url| Box::pin(connect(url)))))
    }

    pub(super) fn command(words: Vec<String>) -> ClientAudit {
        ClientAudit::new(AuditedClient::Command(words))
    }

    pub(super) fn listen(address: String) -> ClientAudit {
        ClientAudit { address, ..ClientAudit::new(AuditedClient::Listener) }
    }

    fn new(source: AuditedClient) -> ClientAudit {
        ClientAudit { settings: Settings::default(), source, address: "127.0.0.1:0".to_owned(), wait: WAIT }
    }

    /// How long the next connection is waited for, before the audit ends.
    pub fn wait(mut self, wait: Duration) -> ClientAudit {
        self.wait = wait;
        self
    }

    /// Plays the selected cases. Needs a tokio runtime with time and I/O. Of several agents of Autobahn's loop, the first one
    /// is reported.
    ///
    /// # Errors
    ///
    /// The selection or the baseline is wrong, the client cannot be launched, or nothing connected.
    pub async fn run(self) -> Result<AuditReport, AuditError> {
        let instances = self.settings.selection.instances(Role::Client)?;
        let baseline = AuditReport::baseline(&self.settings)?;
        let listener = Listener::bind(&self.address, None)
            .await
            .map_err(|source| AuditError::Listen { address: self.address.clone(), source })?;
        let circumstances = Circumstances {
            started: Some(now()),
            seed: self.settings.seed,
            selection: self.settings.selection.stored(),
            timeout_ms: Some(self.settings.deadline().as_millis() as u64),
            ..Circumstances::default()
        };
        let mut callers = JoinSet::new();
        if let AuditedClient::Function(connect) = &self.source {
            for _ in 0..self.settings.jobs.unwrap_or(FUNCTIONS_AT_ONCE) {
                callers.spawn(call(connect.clone(), listener.url()));
            }
        }
        let mut ignored = |_| {};
        let runs = run_client(listener, instances, self.options(), &mut ignored).await?;
        callers.abort_all();
        let run = runs.first().ok_or(AuditError::NoClient)?;
        let stored = StoredRun::of(run, crate::embedded::catalogue(), &circumstances);
        AuditReport::judged(stored, &self.settings, baseline.as_ref())
    }

    fn options(&self) -> ClientOptions {
        ClientOptions {
            source: match &self.source {
                AuditedClient::Command(words) => ClientSource::Command(words.clone()),
                AuditedClient::Function(_) | AuditedClient::Listener => ClientSource::Connections,
            },
            deadline: self.settings.deadline(),
            wait: self.wait,
            jobs: self.settings.jobs,
            seed: self.settings.seed,
            name: self.settings.name.clone().unwrap_or_else(|| "client".to_owned()),
            keep_listening: false,
            statistics: true,
            authority: None,
            crash_signs: CrashSigns::default(),
            ok_statuses: Vec::new(),
            driver: false,
            budget: Some(self.settings.client_budget()),
            stop: Arc::new(AtomicBool::new(false)),
        }
    }
}

/// Runs the client again and again, until it is aborted. A panic of the client ends one call, not the audit.
async fn call(connect: Connect, url: String) {
    loop {
        let called = tokio::spawn(connect(url.clone()));
        // The panic message is on stderr. The connection is judged by its octets.
        let _ = called.await;
        tokio::task::yield_now().await;
    }
}
