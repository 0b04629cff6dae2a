//! Plays one instance: `script` goes through the steps, `side` is what the transport calls.

mod script;
mod side;

use super::deadline::Deadline;
use super::endpoint::{Endpoint, EndpointConfig};
use super::{Action, PlayConfig, Side};
use crate::carrier::Http2Client;
use crate::case::cursor::Cursor;
use crate::case::script::Step;
use crate::case::{Instance, LazyScript, Need};
use crate::matching::Ledger;
use crate::transcript::{Asked, EventKind, Observer, Transcript, Transport};
use std::sync::Arc;
use std::time::Duration;
use wsgauntlet_wire::Role;

/// The response to a client whose request was judged and not answered: some would wait for a response for ever.
const UNANSWERED: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// Plays the script of one instance over one connection, and records the transcript.
#[derive(Debug)]
pub struct Player {
    script: Arc<LazyScript>,
    config: PlayConfig,
    endpoint: Endpoint,
    /// What carries the lane of the endpoint, unless that is the connection itself.
    carrier: Option<Box<Http2Client>>,
    /// What follows once the carrier has written.
    after_carrier: Option<Action>,
    transcript: Transcript,
    observer: Observer,
    /// The number of observations that our endpoint was shown.
    shown: usize,
    ledger: Ledger,
    cursor: Cursor,
    /// That of the current step, once it is entered. Before a client's request came, that of the first step.
    deadline: Option<Deadline>,
    /// Index of the event before which no end of the connection counts at the current step.
    since: usize,
    /// The payloads of the script's own pings.
    pings: Vec<Vec<u8>>,
    /// The script commands a driver.
    is_driven: bool,
    /// The accept value that our key asks for.
    accept: Option<String>,
    finished: bool,
}

impl Player {
    /// A player before the opening of its connection.
    pub fn new(instance: &Instance, mut config: PlayConfig) -> Player {
        let about = instance.verifies.iter().map(|id| id.as_str());
        config.capabilities.overlooked = config.capabilities.overlooked.beside(about);
        let mut transcript = Transcript::new(instance.role, config.capabilities);
        if instance.role == Role::Client && !config.host.is_empty() {
            let target = Some(config.target.clone()).filter(|target| !target.is_empty());
            transcript.asked = Some(Asked { host: config.host.clone(), target });
        }
        transcript.transport = config.transport;
        let carrier =
            (config.transport == Transport::Http2).then(|| Box::new(Http2Client::new(config.secure)));
        let script = &instance.script;
        let endpoint = Endpoint::new(EndpointConfig {
            role: instance.role.peer(),
            seed: config.seed,
            holds_head: script.opening.coalesced && matches!(script.steps.first(), Some(Step::Send(_))),
            compresses_ordinarily: script.compresses_ordinarily(),
            holds_answers: script.holds_answers,
        });
        Player {
            endpoint,
            carrier,
            after_carrier: None,
            transcript,
            observer: Observer::new(instance.role, script.payload_len())
                .overlooking(config.capabilities.overlooked),
            shown: 0,
            ledger: Ledger::default(),
            cursor: Cursor::default(),
            deadline: None,
            since: 0,
            pings: script.ping_payloads(),
            is_driven: instance.needs.contains(&Need::Driver),
            accept: None,
            finished: false,
            script: script.clone(),
            config,
        }
    }

    /// A client begins TLS, and names a server.
    pub fn client_hello(&mut self, now: Duration, server_name: Option<String>) {
        self.record(now, EventKind::ClientHello(server_name));
    }

    /// A client makes no request.
    pub fn give_up(&mut self, now: Duration) {
        self.take(now, EventKind::GaveUp);
    }

    /// The step that waits for the target now, if one does.
    pub fn waiting_step(&self) -> Option<usize> {
        let step = self.cursor.step(&self.script.steps)?;
        (!self.finished && step.waits()).then(|| self.cursor.index())
    }

    /// Ends the wait of the current step now, before its deadline.
    pub fn expire(&mut self, now: Duration) {
        if let Some(deadline) = &mut self.deadline {
            deadline.bring_forward(now);
        }
        self.handle_timeout(now);
    }

    /// What happened so far.
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// What happened, once the play is over.
    pub fn into_transcript(self) -> Transcript {
        self.transcript
    }

    /// The transcript, and what a client still has to get before the connection ends: the answer to its Close where the
    /// script was decided before it, or any response at all.
    pub fn finish_with_farewell(self) -> (Transcript, Vec<u8>) {
        let sent = self.transcript.events.iter().any(|event| matches!(event.kind, EventKind::Sent(_)));
        if self.target() == Role::Client && !sent {
            return (self.transcript, UNANSWERED.to_vec());
        }
        (self.transcript, self.endpoint.into_close_answer().unwrap_or_default())
    }

    /// The role of the target.
    fn target(&self) -> Role {
        self.transcript.role
    }

    fn record(&mut self, now: Duration, kind: EventKind) {
        if let EventKind::Sent(_) = kind {
            self.observer.take(self.transcript.events.len(), &kind);
        }
        self.transcript.push(now, kind);
    }

    /// Takes what the target did.
    fn take(&mut self, now: Duration, kind: EventKind) {
        if self.finished {
            return;
        }
        self.postpone(now);
        self.observer.take(self.transcript.events.len(), &kind);
        self.record(now, kind);
        self.show();
        self.advance(now);
    }

    fn postpone(&mut self, now: Duration) {
        if let Some(deadline) = &mut self.deadline {
            deadline.postpone(now);
        }
    }
}
