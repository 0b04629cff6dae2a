//! Instances that are about the address that a client has to open: each has a listener of its own, so that every connection
//! there is known to be its client's, and a client that never connects is seen to end.

use super::command::{Launched, Launcher};
use super::handshake::{Accepted, Handshake, Listener};
use super::play::{self, Terms};
use super::route::{Route, route};
use super::schedule::Task;
use super::slots::Slot;
use super::tasks::{self, Done, play_task};
use crate::runner::authority::Authority;
use crate::runner::execute;
use crate::runner::serve::Acceptor;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::case::address::{Address, OTHER_HOST, Redirect};
use wsgauntlet_suite::oracle::{Record, VerdictKind};
use wsgauntlet_wire::opening::certificate::Certificate;

/// How long a connection of a command that has exited may take to show: the kernel accepted it before.
const SETTLE_TIMEOUT: Duration = Duration::from_millis(200);

/// So often a client may ask for the same again that was redirected.
const RETRIES_MAX: usize = 8;

/// How long a connection may take to end on which a redirection was sent.
const PART_TIMEOUT: Duration = Duration::from_secs(2);

/// Where a client is sent.
#[derive(Debug)]
pub(super) struct Visit {
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
    Request(Box<Handshake>),
    /// It ended, or refused our certificate, without a request.
    GaveUp,
    /// It does neither.
    Neither,
}

/// Plays an instance about an address.
pub(super) async fn address_task(visit: Visit, task: Task, terms: Terms, slot: Slot) -> Done {
    // It starts its command in its slot.
    slot.hold(play_at_address(visit, task, terms)).await
}

async fn play_at_address(visit: Visit, task: Task, mut terms: Terms) -> Done {
    let Task::Play { instance, plays } = task else { unreachable!("a probe is about no address") };
    let listener = match visit.listen().await {
        Ok(listener) => listener,
        Err(error) => {
            let at = visit.address.host(&visit.host);
            return undecided(
                instance,
                plays,
                format!("cannot listen at {at} for {}: {error}", visit.address.url),
            );
        }
    };
    let other = match visit.listen_elsewhere().await {
        Ok(other) => other,
        Err(error) => {
            return undecided(
                instance,
                plays,
                format!("cannot listen at {OTHER_HOST} for another origin: {error}"),
            );
        }
    };
    let port = listener.address.port();
    let here = visit.address.authority(&visit.host, port);
    let other_address = other.as_ref().map(|other| other.address);
    terms.asked = Some((here.clone(), String::new()));
    let (sender, mut accepted) = mpsc::channel(16);
    let mut serving = JoinSet::new();
    for listener in [Some(listener), other].into_iter().flatten() {
        serving.spawn(listener.serve(terms.pace.deadline, sender.clone()));
    }
    let started = Instant::now();
    let mut launched = match visit.launcher.launch(&visit.address.url(&visit.host, port)) {
        Ok(launched) => launched,
        Err(error) => {
            return undecided(instance, plays, format!("cannot start {}: {error}", visit.launcher.program()));
        }
    };
    let mut came = first(&mut launched, &mut accepted, visit.wait, terms.pace.deadline).await;
    if let (Some(redirect), Came::Request(_)) = (&visit.address.redirect, &came) {
        let hop =
            Hop { redirect, here, other: other_address.map(|other| other.to_string()).unwrap_or_default() };
        came = hop.follow(came, &mut launched, &mut accepted, terms.pace.deadline).await;
        let away =
            |handshake: &Handshake| handshake.stream.local_port() == other_address.map(|other| other.port());
        if matches!(&came, Came::Request(handshake) if away(handshake)) {
            terms.asked = Some((hop.other, String::new()));
        }
    }
    let done = match came {
        Came::Request(handshake) => play_task(*handshake, Task::Play { instance, plays }, terms).await,
        Came::GaveUp if visit.address.may_refuse && visit.address.redirect.is_none() => {
            undecided(instance, plays, format!("no request for {}", visit.address.url))
        }
        Came::GaveUp => gave_up(instance, plays, &terms, started.elapsed()),
        Came::Neither => {
            undecided(instance, plays, "the command neither asked for anything nor ended".to_owned())
        }
    };
    serving.abort_all();
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
        Listener::bind(&format!("{}:{port}", self.address.host(&self.host)), acceptor).await
    }

    /// Another origin, where the address redirects to one.
    async fn listen_elsewhere(&self) -> io::Result<Option<Listener>> {
        let Some(redirect) = self.address.redirect.as_ref().filter(|redirect| redirect.leads_away()) else {
            return Ok(None);
        };
        let acceptor = if redirect.is_secure() { self.acceptor.clone() } else { None };
        Listener::bind(&format!("{OTHER_HOST}:0"), acceptor).await.map(Some)
    }
}

/// Redirections, from one origin to another or the same.
struct Hop<'a> {
    redirect: &'a Redirect,
    /// What stands in `Host` at each.
    here: String,
    other: String,
}

impl Hop<'_> {
    /// Sends the client on, and waits for what comes of it.
    async fn follow(
        &self,
        mut came: Came,
        launched: &mut Launched,
        accepted: &mut mpsc::Receiver<Accepted>,
        deadline: Duration,
    ) -> Came {
        let mut left = self.redirect.times;
        for _ in 0..self.redirect.times + RETRIES_MAX {
            let Came::Request(handshake) = came else { return came };
            if left == 0 {
                return Came::Request(handshake);
            }
            let (port, target) = (handshake.stream.local_port(), handshake.target());
            let response = self.redirect.response(&self.here, &self.other);
            tokio::spawn(tokio::time::timeout(
                PART_TIMEOUT,
                execute::end_in_order(handshake.stream, response),
            ));
            came = match first(launched, accepted, deadline * 2, deadline).await {
                // What neither ends nor asks for anything more did not follow. What asks by HTTP alone has left WebSocket:
                // RFC 9110 §15.4 has it remove the fields that belong to a connection.
                Came::Neither => Came::GaveUp,
                Came::Request(next) if next.request.as_ref().is_ok_and(|head| route(head) == Route::Http) => {
                    Came::GaveUp
                }
                came => came,
            };
            // Whoever asks for the same again did not follow, unless that is what it was sent to.
            let again = |next: &Handshake| next.stream.local_port() == port && next.target() == target;
            if self.redirect.times > 1 || !matches!(&came, Came::Request(next) if again(next)) {
                left -= 1;
            }
        }
        Came::GaveUp
    }
}

/// Waits for the first request, or for the end of the command.
#[expect(clippy::disallowed_methods, reason = "the deadline until which a client may begin")]
async fn first(
    launched: &mut Launched,
    accepted: &mut mpsc::Receiver<Accepted>,
    wait: Duration,
    deadline: Duration,
) -> Came {
    let mut until = tokio::time::Instant::now() + wait;
    let (mut exited, mut refused) = (false, false);
    loop {
        tokio::select! {
            biased;
            Some(accepted) = accepted.recv() => match accepted {
                Accepted::Request(handshake) => return Came::Request(handshake),
                // It may come again, such as with another version of TLS.
                Accepted::Silent | Accepted::TlsFailed(_) => {
                    refused = true;
                    until = until.min(tokio::time::Instant::now() + deadline);
                }
                Accepted::Incomplete => return Came::Neither,
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
