//! Where the clients of an audit come from.

use crate::runner::client::{Browser, ClientSource};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tokio::task::JoinSet;

/// The default number of clients that a function runs at once.
const FUNCTIONS_AT_ONCE: usize = 8;

type Connect = Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Where the connections of a client come from.
#[derive(Clone)]
pub(super) enum AuditedClient {
    Function(Connect),
    /// A program and its arguments.
    Command(Vec<String>),
    /// A browser that is launched, or one that somebody opens.
    Browser(Option<Browser>),
    /// From elsewhere.
    Listener,
}

impl AuditedClient {
    pub(super) fn function<F, C>(connect: F) -> AuditedClient
    where
        F: Fn(String) -> C + Send + Sync + 'static,
        C: Future<Output = ()> + Send + 'static,
    {
        AuditedClient::Function(Arc::new(move |url| Box::pin(connect(url))))
    }

    /// How the runner gets its connections.
    pub(super) fn source(&self) -> ClientSource {
        match self {
            AuditedClient::Command(words) => ClientSource::Command(words.clone()),
            AuditedClient::Browser(browser) => ClientSource::Browser(*browser),
            AuditedClient::Function(_) | AuditedClient::Listener => ClientSource::Connections,
        }
    }

    /// The calls of a function, `jobs` at once. They end when this is dropped.
    pub(super) fn calls(&self, url: &str, jobs: Option<usize>) -> JoinSet<()> {
        let mut calls = JoinSet::new();
        if let AuditedClient::Function(connect) = self {
            for _ in 0..jobs.unwrap_or(FUNCTIONS_AT_ONCE) {
                calls.spawn(call(connect.clone(), url.to_owned()));
            }
        }
        calls
    }
}

impl fmt::Debug for AuditedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AuditedClient::Function(_) => f.write_str("Function"),
            AuditedClient::Command(words) => f.debug_tuple("Command").field(words).finish(),
            AuditedClient::Browser(browser) => f.debug_tuple("Browser").field(browser).finish(),
            AuditedClient::Listener => f.write_str("Listener"),
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
