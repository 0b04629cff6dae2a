//! The front door of the library: audit a server or a client in a few lines of a test.
//!
//! ```no_run
//! # async fn my_server() -> String { String::new() }
//! # async fn test() {
//! let url = my_server().await;
//! let report = wsgauntlet::Audit::server(url).baseline("known.toml").run().await.unwrap();
//! report.assert_conforms();
//! # }
//! ```
//!
//! [`Audit`] names what is audited and gives a builder; its `run` plays the selected cases and gives an [`AuditReport`],
//! or an [`AuditError`] where nothing could be played. Start reading at [`Audit`].

mod client_source;
mod client_tls;
mod clients;
mod error;
mod fuzzing;
mod listening;
mod partition;
mod profile;
mod reached;
mod report;
mod selection;
mod servers;
mod settings;
mod today;

pub use clients::ClientAudit;
pub use error::AuditError;
pub use fuzzing::{Fuzz, FuzzRun, seeds_of};
pub use listening::ListeningServer;
pub use partition::{Partition, PartitionError};
pub use profile::{BuiltIn as AuditProfile, UnknownProfile};
pub use reached::ReachedServer;
pub use report::AuditReport;
pub use selection::{Selection, SelectionError, sources};
pub use servers::{READY_WITHIN, ServerAudit, over};
pub use today::{now, today};

pub use crate::runner::client::Browser;
pub use crate::runner::{Assumed, RunEvent};
use client_source::AuditedClient;
use reached::Place;
pub use wsgauntlet_suite::transcript::Transport;

use std::future::Future;

/// What is audited: each function gives a builder for it.
#[derive(Clone, Copy, Debug)]
pub struct Audit;

impl Audit {
    /// A server at `ws://host[:port][/path]` or `wss://..`. It is to echo messages; what needs an echo is inapplicable to one
    /// that does not.
    pub fn server(url: impl Into<String>) -> ServerAudit {
        ServerAudit::new(Place::Url(url.into()))
    }

    /// A server that `command` starts, in a shell. `{port}` in it stands for a free port, which is also in the variable
    /// `PORT`. It is started again when a case kills it, and ended with the audit.
    pub fn launched_server(command: impl Into<String>) -> ServerAudit {
        let url = "ws://127.0.0.1:{port}/".to_owned();
        ServerAudit::new(Place::Launched { command: command.into(), url })
    }

    /// The reference, in this process: to see what an audit looks like, and that nothing fails where nothing is wrong.
    pub fn reference(tls: bool) -> ServerAudit {
        ServerAudit::new(Place::BuiltIn { tls })
    }

    /// A client that `connect` runs: it opens the URL that it is given, echoes every message until the connection ends, and
    /// returns. It is called until everything was played, several at once.
    ///
    /// ```no_run
    /// # async fn my_client(url: String) {}
    /// # async fn test() {
    /// let report = wsgauntlet::Audit::client(|url| my_client(url)).run().await.unwrap();
    /// report.assert_conforms();
    /// # }
    /// ```
    pub fn client<F, C>(connect: F) -> ClientAudit
    where
        F: Fn(String) -> C + Send + Sync + 'static,
        C: Future<Output = ()> + Send + 'static,
    {
        ClientAudit::new(AuditedClient::function(connect))
    }

    /// A client that is launched for each instance: a program and its arguments, in which `{url}` stands for the address.
    pub fn launched_client<W: Into<String>>(command: impl IntoIterator<Item = W>) -> ClientAudit {
        ClientAudit::new(AuditedClient::Command(command.into_iter().map(Into::into).collect()))
    }

    /// Clients that come by themselves to `address`, `127.0.0.1:9001`: again and again, each connection the next instance, or
    /// in the loop of Autobahn's test clients.
    pub fn listen(address: impl Into<String>) -> ClientAudit {
        ClientAudit::new(AuditedClient::Listener).address(address)
    }

    /// The `WebSocket` of a browser, which a page of our server drives. `None`: somebody opens that page, which is at the
    /// address of [`ListeningServer::url`] with `http` for `ws`.
    pub fn browser(browser: Option<Browser>) -> ClientAudit {
        ClientAudit::new(AuditedClient::Browser(browser))
    }
}
