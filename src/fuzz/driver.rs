//! Our peer in one connection of the fuzzer: it plays a session through [`Endpoint`], as `peer::Player` plays a case, and
//! records a transcript. It waits for what the oracle says that the target owes, and for nothing else. `phases` decides what
//! comes next, `side` is what a transport calls.

mod phases;
mod side;

use super::oracle::Oracle;
use super::session::Session;
use std::sync::Arc;
use std::time::Duration;
use wsgauntlet_suite::case::Cursor;
use wsgauntlet_suite::case::script::Step;
use wsgauntlet_suite::peer::{AfterClose, Deadline, Endpoint, EndpointConfig, PlayConfig};
use wsgauntlet_suite::transcript::{Asked, EventKind, Transcript};
use wsgauntlet_wire::Role;

/// Where the driver is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Opening,
    Sending,
    /// A pause of the script.
    Pausing,
    /// Waits for what the script asked for.
    Settling,
    /// Waits for the pong that shows that the connection lives.
    Proving,
    Closing,
    Done,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    /// The target owes something.
    Owed,
    /// The target may end the connection, or go on.
    Linger,
}

/// Plays one session over one connection.
#[derive(Debug)]
pub struct Driver {
    session: Arc<Session>,
    config: PlayConfig,
    endpoint: Endpoint,
    transcript: Transcript,
    oracle: Oracle,
    /// The number of observations that our endpoint was shown.
    shown: usize,
    phase: Phase,
    /// The script of the session that is played, and the place in it.
    script: usize,
    cursor: Cursor,
    wait: Option<(Wait, Deadline)>,
    barriers: u32,
    scripts_played: usize,
}

impl Driver {
    /// `role`: that of the target.
    pub fn new(session: Arc<Session>, role: Role, config: PlayConfig) -> Driver {
        let payload_len = session.payload_len();
        let mut transcript = Transcript::new(role, config.capabilities);
        if !config.host.is_empty() {
            transcript.asked = Some(Asked { host: config.host.clone(), target: Some(config.target.clone()) });
        }
        let endpoint = Endpoint::new(EndpointConfig {
            role: role.peer(),
            seed: config.seed,
            holds_head: session.opening.coalesced && matches!(session.first_step(), Some(Step::Send(_))),
            compresses_ordinarily: session.compresses_ordinarily(),
            holds_answers: false,
        });
        Driver {
            oracle: Oracle::new(&transcript, payload_len),
            endpoint,
            transcript,
            session,
            shown: 0,
            phase: Phase::Opening,
            script: 0,
            cursor: Cursor::default(),
            wait: None,
            barriers: 0,
            scripts_played: 0,
            config,
        }
    }

    /// What was seen and judged so far.
    pub fn oracle(&self) -> &Oracle {
        &self.oracle
    }

    /// How many scripts of the session were begun.
    pub fn scripts_played(&self) -> usize {
        self.scripts_played
    }

    /// What was recorded, and the oracle that followed it.
    pub fn into_parts(self) -> (Transcript, Oracle) {
        (self.transcript, self.oracle)
    }

    fn record(&mut self, now: Duration, kind: EventKind) {
        self.oracle.take(self.transcript.events.len(), &kind);
        self.transcript.push(now, kind);
    }

    /// Takes what the target did.
    fn take(&mut self, now: Duration, kind: EventKind) {
        if self.phase == Phase::Done {
            return;
        }
        self.postpone(now);
        self.record(now, kind);
        self.show();
        self.advance(now);
    }

    fn postpone(&mut self, now: Duration) {
        if let Some((Wait::Owed, deadline)) = &mut self.wait {
            deadline.postpone(now);
        }
    }

    /// Shows our endpoint what was seen since the last time.
    fn show(&mut self) {
        for observation in &self.oracle.observations()[self.shown..] {
            self.endpoint.see(&observation.seen, &self.session.opening, AfterClose::EndTcp);
        }
        self.shown = self.oracle.observations().len();
        self.send_with_head();
    }

    /// Begins the first script where its first step goes out with the opening head.
    fn send_with_head(&mut self) {
        if self.endpoint.holds_head()
            && let Some(Step::Send(write)) = self.session.first_step()
        {
            self.scripts_played = 1;
            self.cursor.advance();
            self.endpoint.write(write, None, self.endpoint.agreed(None));
        }
    }
}
