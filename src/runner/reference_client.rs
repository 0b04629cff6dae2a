//! The reference implementation as a client: it runs the loop of Autobahn's test clients. Beside
//! `reference` and `serve` the only place of the runner that knows `protocol`.

use super::serve::{Heard, drive_for};
use super::stream::Stream;
use super::target::{Target, TargetError, Trust};
use crate::runner::reference;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::time::Duration;
use tokio::task::JoinSet;
use url::form_urlencoded;
use wsgauntlet_reference::{Config, Destination, EchoEndpoint, redirected};
use wsgauntlet_wire::Role;

/// How the loop is run.
#[derive(Clone, Debug)]
pub struct LoopOptions {
    /// The name that it gives to the fuzzing server.
    pub agent: String,
    /// Cases at once.
    pub jobs: usize,
    /// How cases are played. The loop's questions are asked without a fault.
    pub config: Config,
}

/// How long one connection may take.
const CASE_TIMEOUT: Duration = Duration::from_secs(120);

/// Plays all cases of a fuzzing server. Gives their number.
pub async fn run(target: &Target, options: &LoopOptions) -> Result<usize, TargetError> {
    let plain = reference::config(Role::Client);
    let count = connect(target, "/getCaseCount", &plain).await?.text;
    let count = count.as_deref().and_then(|text| text.trim().parse::<usize>().ok());
    let Some(count) = count else {
        let observed = "no number as the answer to /getCaseCount".to_owned();
        let (advice, finding) = (String::new(), String::new());
        return Err(TargetError::NoOpening { url: target.url.clone(), observed, advice, finding });
    };
    let agent: String = form_urlencoded::byte_serialize(options.agent.as_bytes()).collect();
    let mut plays: JoinSet<Result<(), TargetError>> = JoinSet::new();
    for case in 1..=count {
        if plays.len() >= options.jobs
            && let Some(played) = plays.join_next().await
        {
            played.unwrap_or(Ok(()))?;
        }
        let (target, resource) = (target.clone(), format!("/runCase?case={case}&agent={agent}"));
        let config = options.config.clone();
        plays.spawn(async move { connect(&target, &resource, &config).await.map(|_heard| ()) });
    }
    while let Some(played) = plays.join_next().await {
        played.unwrap_or(Ok(()))?;
    }
    connect(target, &format!("/updateReports?agent={agent}"), &plain).await?;
    Ok(count)
}

/// One connection to a URL as it stands, echoing: read as RFC 6455 §3 has it, and not as the URL Standard does.
pub async fn once(url: &str, trust: &Trust, config: &Config) -> Result<(), TargetError> {
    let mut destination = parsed(url, config)?;
    let mut config = config.clone();
    config.host.clone_from(&destination.authority);
    config.target.clone_from(&destination.resource);
    let mut left = config.redirects_max();
    loop {
        let mut target = dialled(&destination, trust)?;
        target.authority.clone_from(&config.host);
        let heard = connect(&target, &config.target, &config).await?;
        let Some(location) = heard.location.filter(|_| left > 0) else { return Ok(()) };
        left -= 1;
        let url = redirected(&destination, &location).map_err(|error| {
            TargetError::Url(String::from_utf8_lossy(&location).into_owned(), error.to_string())
        })?;
        let to = parsed(&url, &config)?;
        config.follow(&destination, to.clone());
        destination = to;
    }
}

fn parsed(url: &str, config: &Config) -> Result<Destination, TargetError> {
    config.destination(url).map_err(|error| TargetError::Url(url.to_owned(), error.to_string()))
}

/// Where a connection goes to.
fn dialled(destination: &Destination, trust: &Trust) -> Result<Target, TargetError> {
    let scheme = if destination.secure { "wss" } else { "ws" };
    let host = match destination.host.contains(':') {
        true => format!("[{}]", destination.host),
        false => destination.host.clone(),
    };
    Target::parse(&format!("{scheme}://{host}:{}/", destination.port), trust)
}

/// One connection, echoing. Gives what was heard.
async fn connect(target: &Target, resource: &str, config: &Config) -> Result<Heard, TargetError> {
    let stream = Stream::connect(target).await?;
    let mut config = config.clone();
    config.host.clone_from(&target.authority);
    config.target = resource.to_owned();
    config.seed = entropy();
    match drive_for(stream, EchoEndpoint::new(config), CASE_TIMEOUT).await {
        Ok(heard) => Ok(heard),
        // A connection that the fuzzing server breaks is what a case may be about.
        Err(error) if is_broken(&error) => Ok(Heard::default()),
        Err(source) => Err(TargetError::Unreachable { url: target.url.clone(), tried: Vec::new(), source }),
    }
}

fn is_broken(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::NotConnected
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::InvalidData
    )
}

/// A seed from the operating system, by way of the keys of the standard library's hasher.
fn entropy() -> u64 {
    RandomState::new().hash_one(std::time::Instant::now())
}
