//! Our server, ready for the clients of an audit.

use super::AuditError;
use super::client_source::AuditedClient;
use crate::runner::client::{ClientOptions, Listener, run_client};
use crate::runner::event::RunEvent;
use std::fmt;
use std::sync::Arc;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::Run;

/// Our server, which clients can connect to. [`super::ClientAudit::listen`] makes one.
pub struct ListeningServer {
    pub(super) listener: Listener,
    pub(super) client: AuditedClient,
    pub(super) options: ClientOptions,
    pub(super) certificate_pem: Option<String>,
}

impl ListeningServer {
    /// The address that clients connect to: `ws://127.0.0.1:9001`, or `wss`.
    pub fn url(&self) -> String {
        self.listener.url()
    }

    /// The certificate that clients are shown, in PEM: to be trusted by the client. `None` without TLS.
    pub fn certificate_pem(&self) -> Option<&str> {
        self.certificate_pem.as_deref()
    }

    /// Plays these instances, and reports to `events` what happens. A run for each client: the agents of Autobahn's loop have
    /// names of their own.
    ///
    /// # Errors
    ///
    /// The client cannot be launched, or connections cannot be accepted.
    pub async fn play(
        self,
        instances: Vec<Arc<Instance>>,
        events: &mut (dyn FnMut(RunEvent) + Send),
    ) -> Result<Vec<Run>, AuditError> {
        let calls = self.client.calls(&self.listener.url(), self.options.jobs);
        let runs = run_client(self.listener, instances, self.options, events).await;
        drop(calls);
        Ok(runs?)
    }
}

impl fmt::Debug for ListeningServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListeningServer").field("url", &self.url()).finish_non_exhaustive()
    }
}
