//! Instances that are about the address that a client is told to open: each has a listener of its own, so that whatever
//! comes there is known to be its client's, and a client that comes to nothing is seen to end.

use super::arrive::{Arrival, Knock, Listener};
use super::command::{Launched, Launcher};
use super::play::{self, Terms};
use super::schedule::Task;
use super::tasks::{self, Done, play_task};
use crate::runner::authority::Authority;
use crate::runner::serve::Acceptor;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::case::address::Address;
use wsgauntlet_suite::oracle::{Record, VerdictKind};
use wsgauntlet_wire::opening::certificate::Certificate;

/// How long a connection of a command that has exited may take to show: the kernel accepted it before.
const SETTLE_TIMEOUT: Duration = Duration::from_millis(200);

/// Where a client is sent.
#[derive(Debug)]
pub struct Visit {
    pub address: Address,
    /// Of the run's own listener, as it stands in a URL.
    pub host: String,
    /// That of the run, for valid certificates.
    pub acceptor: Option<Acceptor>,
    /// For the others.
    pub authority: Option<Authority>,
    pub launcher: Launcher,
    /// How long the connection is awaited.
    pub wait: Duration,
}

/// What came of sending it there.
enum Came {
    Request(Box<Arrival>),
    /// It ended, or refused our certificate, without a request.
    GaveUp,
    /// It does neither.
    Neither,
}

/// Plays an instance about an address.
pub async fn address_task(visit: Visit, task: Task, mut terms: Terms) -> Done {
    let Task::Play { instance, plays } = task else { unreachable!("a probe is about no address") };
    let listener = match visit.listen().await {
        Ok(listener) => listener,
        Err(error) => {
            return undecided(instance, plays, format!("cannot listen for {}: {error}", visit.address.url));
        }
    };
    let port = listener.address.port();
    terms.asked = Some((visit.address.authority(&visit.host, port), String::new()));
    let (sender, mut knocks) = mpsc::channel(16);
    let serving = tokio::spawn(listener.serve(terms.deadline, sender));
    let started = Instant::now();
    let mut launched = match visit.launcher.launch(&visit.address.url(&visit.host, port)) {
        Ok(launched) => launched,
        Err(error) => {
            return undecided(instance, plays, format!("cannot start {}: {error}", visit.launcher.program()));
        }
    };
    let came = first(&mut launched, &mut knocks, visit.wait, terms.deadline).await;
    let done = match came {
        Came::Request(arrival) => play_task(*arrival, Task::Play { instance, plays }, terms).await,
        Came::GaveUp if visit.address.may_refuse => {
            undecided(instance, plays, format!("no request for {}", visit.address.url))
        }
        Came::GaveUp => gave_up(instance, plays, &terms, started.elapsed()),
        Came::Neither => {
            undecided(instance, plays, "the command neither asked for anything nor ended".to_owned())
        }
    };
    serving.abort();
    let (exit, stderr) = launched.end().await;
    tasks::ended(done, exit, stderr)
}

impl Visit {
    async fn listen(&self) -> io::Result<Listener> {
        let acceptor = match (self.address.is_secure(), self.address.certificate) {
            (false, _) => None,
            (true, Certificate::Valid) => self.acceptor.clone(),
            (true, certificate) => {
                let authority = self.authority.as_ref().ok_or_else(|| io::Error::other("no authority"))?;
                Some(authority.issue(certificate)?)
            }
        };
        let port = self.address.fixed_port().unwrap_or_default();
        Listener::bind(&format!("{}:{port}", self.host), acceptor).await
    }
}

/// Waits for the first request, or for the end of the command.
#[expect(clippy::disallowed_methods, reason = "the deadline until which a client may begin")]
async fn first(
    launched: &mut Launched,
    knocks: &mut mpsc::Receiver<Knock>,
    wait: Duration,
    deadline: Duration,
) -> Came {
    let mut until = tokio::time::Instant::now() + wait;
    let (mut exited, mut refused) = (false, false);
    loop {
        tokio::select! {
            biased;
            Some(knock) = knocks.recv() => match knock {
                Knock::Arrived(arrival) => return Came::Request(arrival),
                // It may come again, such as with another version of TLS.
                Knock::Silent | Knock::TlsFailed(_) => {
                    refused = true;
                    until = until.min(tokio::time::Instant::now() + deadline);
                }
                Knock::Incomplete => return Came::Neither,
            },
            () = launched.exited(), if !exited => {
                exited = true;
                until = until.min(tokio::time::Instant::now() + SETTLE_TIMEOUT);
            }
            () = tokio::time::sleep_until(until) => {
                return if exited || refused { Came::GaveUp } else { Came::Neither };
            }
        }
    }
}

fn gave_up(instance: Arc<Instance>, mut plays: Vec<Record>, terms: &Terms, at: Duration) -> Done {
    let count = plays.len() as u32 + 1;
    plays.push(play::without_request(instance, terms, count, at));
    Done::Played(plays)
}

fn undecided(instance: Arc<Instance>, mut plays: Vec<Record>, why: String) -> Done {
    let mut record = Record::unplayed(instance, VerdictKind::Inapplicable, why);
    record.plays = plays.len() as u32 + 1;
    plays.push(record);
    Done::Played(plays)
}
