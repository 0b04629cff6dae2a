//! Audits of clients.

use super::client_source::AuditedClient;
use super::client_tls::ClientTls;
use super::listening::ListeningServer;
use super::settings::{Settings, settings_methods};
use super::{AuditError, AuditReport, now};
use crate::report::StoredRun;
use crate::report::stored::Circumstances;
use crate::runner::client::{ClientOptions, Listener};
use crate::runner::crash_signs::CrashSigns;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use wsgauntlet_wire::Role;

/// How long the next connection is waited for.
const WAIT: Duration = Duration::from_secs(10);

/// An audit of a client that is yet to be run. [`crate::Audit::client`] and its neighbours make one.
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientAudit {
    settings: Settings,
    client: AuditedClient,
    address: String,
    wait: Duration,
    tls: ClientTls,
    crash_signs: CrashSigns,
    ok_statuses: Vec<i32>,
    driver: bool,
    statistics: bool,
    keep_listening: bool,
    stop: Arc<AtomicBool>,
}

impl ClientAudit {
    settings_methods!();

    pub(super) fn new(client: AuditedClient) -> ClientAudit {
        ClientAudit {
            settings: Settings::default(),
            client,
            address: "127.0.0.1:0".to_owned(),
            wait: WAIT,
            tls: ClientTls::None,
            crash_signs: CrashSigns::default(),
            ok_statuses: Vec::new(),
            driver: false,
            statistics: true,
            keep_listening: false,
            stop: Arc::new(AtomicBool::new(false)),
        }
    }

    /// Where our server listens, `127.0.0.1:9001`. Without it: a free port of this machine.
    pub fn address(mut self, address: impl Into<String>) -> ClientAudit {
        self.address = address.into();
        self
    }

    /// How long the next connection is waited for, before the audit ends.
    pub fn wait(mut self, wait: Duration) -> ClientAudit {
        self.wait = wait;
        self
    }

    /// Clients connect over TLS, and accept any certificate.
    pub fn tls(mut self) -> ClientAudit {
        self.tls = ClientTls::Own { trusted: false };
        self
    }

    /// Clients connect over TLS, and trust [`ListeningServer::certificate_pem`]. Some cases show them certificates that they
    /// must refuse.
    pub fn tls_trusted(mut self) -> ClientAudit {
        self.tls = ClientTls::Own { trusted: true };
        self
    }

    /// Clients connect over TLS, and are shown this certificate, with its key in another file, both in PEM.
    pub fn certificate(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> ClientAudit {
        self.tls = ClientTls::Files { certificate: certificate.into(), key: key.into() };
        self
    }

    /// Lines that hold one of these texts, on the standard error of a launched client, say that it crashed; beside those that
    /// are known.
    pub fn crash_signs(mut self, texts: Vec<String>) -> ClientAudit {
        self.crash_signs = CrashSigns::new(texts);
        self
    }

    /// The exit statuses of a launched client that are in order. Without them they are learned from the run.
    pub fn ok_statuses(mut self, statuses: Vec<i32>) -> ClientAudit {
        self.ok_statuses = statuses;
        self
    }

    /// The client obeys commands, whatever its probe shows: see docs/drivers.md.
    pub fn driver(mut self) -> ClientAudit {
        self.driver = true;
        self
    }

    /// Does not judge what only shows over all connections together, such as nonces and masking keys: a few instances show too
    /// little of that.
    pub fn without_statistics(mut self) -> ClientAudit {
        self.statistics = false;
        self
    }

    /// Serves on when everything was played, until [`ClientAudit::stop_when`] says so. Such an audit has no time budget.
    pub fn keep_listening(mut self) -> ClientAudit {
        self.keep_listening = true;
        self
    }

    /// Ends the audit early, in order, once this is true.
    pub fn stop_when(mut self, stop: Arc<AtomicBool>) -> ClientAudit {
        self.stop = stop;
        self
    }

    /// Starts our server. Needs a tokio runtime with time and I/O.
    ///
    /// # Errors
    ///
    /// The address cannot be used, or the certificate cannot be made or read.
    pub async fn listen(&self) -> Result<ListeningServer, AuditError> {
        let (acceptor, authority) = self.tls.make()?;
        let certificate_pem = acceptor.as_ref().map(|acceptor| acceptor.certificate_pem.clone());
        let listener = Listener::bind(&self.address, acceptor)
            .await
            .map_err(|source| AuditError::Listen { address: self.address.clone(), source })?;
        let budget = self.settings.client_budget();
        let options = ClientOptions {
            source: self.client.source(),
            deadline: self.settings.deadline(),
            wait: self.wait,
            jobs: self.settings.jobs,
            seed: self.settings.seed,
            name: self.settings.name.clone().unwrap_or_else(|| "client".to_owned()),
            keep_listening: self.keep_listening,
            statistics: self.statistics,
            authority,
            crash_signs: self.crash_signs.clone(),
            ok_statuses: self.ok_statuses.clone(),
            driver: self.driver,
            budget: Some(budget).filter(|budget| *budget != Duration::MAX && !self.keep_listening),
            stop: self.stop.clone(),
        };
        Ok(ListeningServer { listener, client: self.client.clone(), options, certificate_pem })
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
        let circumstances = Circumstances {
            started: Some(now()),
            seed: self.settings.seed,
            selection: self.settings.selection.stored(),
            timeout_ms: Some(self.settings.deadline().as_millis() as u64),
            ..Circumstances::default()
        };
        let runs = self.listen().await?.play(instances, &mut |_| {}).await?;
        let run = runs.first().ok_or(AuditError::NoClient)?;
        let stored = StoredRun::of(run, crate::embedded::catalogue(), &circumstances);
        AuditReport::judged(stored, &self.settings, baseline.as_ref())
    }
}
