//! How the fuzzer gets a connection to the target: it connects to a server, or accepts a client.

use crate::fuzz::memory::Played;
use crate::fuzz::{Driver, Session};
use crate::runner::execute;
use crate::runner::guard;
use crate::runner::probe::play_config;
use crate::runner::stream::Stream;
use crate::runner::target::{Target, TargetError};
use rustix::process::Pid;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::peer::{PlayConfig, Player, Side};
use wsgauntlet_suite::transcript::{Capabilities, Transcript};
use wsgauntlet_wire::Role;

/// How long a client may take to come.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(30);

/// Where connections come from.
#[derive(Clone)]
pub(super) enum Site {
    Server(Arc<Mutex<Target>>),
    Client(Arc<ClientSite>),
}

/// Clients that come to us, by themselves or launched one by one.
pub(super) struct ClientSite {
    pub listener: TcpListener,
    pub url: String,
    pub host: String,
    /// The program and its arguments, `{url}` among them.
    pub command: Vec<String>,
}

impl Site {
    pub(super) fn role(&self) -> Role {
        match self {
            Site::Server(_) => Role::Server,
            Site::Client(_) => Role::Client,
        }
    }

    /// Plays a session in a connection of its own.
    pub(super) async fn play(
        &self,
        session: &Arc<Session>,
        seed: u64,
        capabilities: Capabilities,
        deadline: Duration,
    ) -> Result<Played, TargetError> {
        let make = |config| Driver::new(session.clone(), self.role(), config);
        Ok(Played::of(self.meet(make, seed, capabilities, deadline).await?))
    }

    /// Plays a case in a connection of its own.
    pub(super) async fn play_case(
        &self,
        instance: &Instance,
        seed: u64,
        capabilities: Capabilities,
        deadline: Duration,
    ) -> Result<Transcript, TargetError> {
        let instance = &match self {
            Site::Server(target) => instance.with_prelude(&held(target).prelude),
            Site::Client(_) => instance.clone(),
        };
        let player = self.meet(|config| Player::new(instance, config), seed, capabilities, deadline).await?;
        Ok(player.into_transcript())
    }

    /// Lets our peer and the target talk in a connection of their own.
    async fn meet<S: Side>(
        &self,
        make: impl FnOnce(PlayConfig) -> S,
        seed: u64,
        capabilities: Capabilities,
        deadline: Duration,
    ) -> Result<S, TargetError> {
        match self {
            Site::Server(target) => {
                let target = held(target);
                let mut config = play_config(&target, deadline, seed);
                config.capabilities = capabilities;
                let started = Instant::now();
                let stream = Stream::connect(&target).await?;
                let (side, _stream) = execute::drive(make(config), stream, started, Vec::new()).await;
                Ok(side)
            }
            Site::Client(site) => {
                let mut config = PlayConfig::new(&site.host);
                (config.seed, config.capabilities, config.deadline) = (seed, capabilities, deadline);
                site.meet(make(config)).await
            }
        }
    }
}

fn held(target: &Mutex<Target>) -> Target {
    target.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

impl ClientSite {
    async fn meet<S: Side>(&self, side: S) -> Result<S, TargetError> {
        let unreachable =
            |source| TargetError::Unreachable { url: self.url.clone(), tried: Vec::new(), source };
        let child = self.launch().map_err(unreachable)?;
        let _guarded = guard::watch(child.as_ref().and_then(|child| Pid::from_raw(child.id()? as i32)));
        let arrived = tokio::time::timeout(CLIENT_TIMEOUT, self.listener.accept()).await;
        let (tcp, _) = arrived
            .map_err(|_| unreachable(std::io::Error::new(std::io::ErrorKind::TimedOut, "no client came")))?
            .map_err(unreachable)?;
        let started = Instant::now();
        let stream = Stream::accept(tcp, None).await.map_err(unreachable)?;
        let (side, _stream) = execute::drive(side, stream, started, Vec::new()).await;
        if let Some(mut child) = child {
            // It may have ended by itself.
            let _ = child.start_kill();
            let _ = child.wait().await;
        }
        Ok(side)
    }

    fn launch(&self) -> std::io::Result<Option<Child>> {
        let mut words = self.command.iter().map(|word| word.replace("{url}", &self.url));
        let Some(program) = words.next() else { return Ok(None) };
        Command::new(program)
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map(Some)
    }
}
