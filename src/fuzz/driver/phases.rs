//! What the driver does next, and what it waits for.

use super::{Driver, Phase, Wait};
use crate::fuzz::predict::Ending;
use std::sync::Arc;
use std::time::Duration;
use wsgauntlet_suite::case::script::Step;
use wsgauntlet_suite::peer::Deadline;
use wsgauntlet_suite::transcript::{EventKind, Seen};
use wsgauntlet_wire::Opcode;

/// How long to wait for an end of the connection that the target does not owe.
const LINGER: Duration = Duration::from_millis(30);

/// The longest pause of a script.
const PAUSE_MAX: Duration = Duration::from_millis(20);

impl Driver {
    /// Goes on until something has to be waited for.
    pub(super) fn advance(&mut self, now: Duration) {
        while self.phase != Phase::Done && self.endpoint.is_idle() {
            if self.oracle.is_over() || (self.oracle.is_ended() && self.phase != Phase::Opening) {
                return self.finish(now);
            }
            let goes_on = match self.phase {
                Phase::Opening => self.opening(now),
                Phase::Sending => self.send_step(now),
                Phase::Settling => self.settle(now),
                Phase::Proving => self.prove(now),
                Phase::Closing => self.close(now),
                Phase::Pausing | Phase::Done => false,
            };
            if !goes_on {
                return;
            }
        }
    }

    /// Waits, if it does not wait for the same already. Always false: nothing else goes on.
    fn wait(&mut self, now: Duration, wait: Wait) -> bool {
        if self.wait.is_none_or(|(current, _)| current != wait) {
            let patience = match wait {
                Wait::Owed => self.config.deadline,
                Wait::Linger => LINGER.min(self.config.deadline),
            };
            self.wait = Some((wait, Deadline::of_silence(now, patience)));
        }
        false
    }

    fn enter(&mut self, phase: Phase) -> bool {
        self.phase = phase;
        self.wait = None;
        true
    }

    fn opening(&mut self, now: Duration) -> bool {
        if self.oracle.is_open() {
            return self.enter(Phase::Sending);
        }
        let owed = self.oracle.awaited().is_some();
        self.wait(now, if owed { Wait::Owed } else { Wait::Linger })
    }

    /// Does the next step of the script.
    fn send_step(&mut self, now: Duration) -> bool {
        let session = Arc::clone(&self.session);
        let steps = session.scripts.get(self.script).map_or(&[][..], Vec::as_slice);
        let Some(step) = self.cursor.step(steps) else {
            return self.enter(Phase::Settling);
        };
        if self.cursor.index() == 0 {
            self.scripts_played += 1;
        }
        match step {
            // Behind the end of the connection nothing is waited for.
            Step::Alive { .. } if *self.oracle.ending() == Ending::Open => {
                if self.oracle.awaited().is_some() {
                    return self.wait(now, Wait::Owed);
                }
                self.wait = None;
            }
            Step::Send(write) => {
                let agreed = self.endpoint.agreed(self.oracle.agreed().as_ref());
                self.endpoint.write(write, None, agreed);
            }
            Step::HalfClose => self.endpoint.half_close(),
            Step::Reset => self.endpoint.reset(),
            Step::Wait(pause) => {
                self.phase = Phase::Pausing;
                self.wait = Some((Wait::Linger, Deadline::of_pause(now, (*pause).min(PAUSE_MAX))));
                self.cursor.advance();
                return false;
            }
            // What a case expects, the oracle knows.
            Step::Alive { .. }
            | Step::Open
            | Step::IfDeflate(_)
            | Step::IfOffered(_)
            | Step::Expect(_)
            | Step::Answer
            | Step::Close => {}
        }
        self.cursor.advance();
        true
    }

    /// Waits for what the script asked for, then decides what follows.
    fn settle(&mut self, now: Duration) -> bool {
        if self.oracle.awaited().is_some() {
            return self.wait(now, Wait::Owed);
        }
        let Some(predictor) = self.oracle.predictor() else {
            return self.finish_here(now);
        };
        let (at_boundary, asks_last) = (predictor.at_boundary(), predictor.asks_last);
        if self.endpoint.half_closed() {
            return self.wait(now, Wait::Linger);
        }
        match self.oracle.ending() {
            Ending::Open if !at_boundary => self.finish_here(now),
            Ending::Open if asks_last => self.next_script(),
            Ending::Open => self.barrier(),
            Ending::Free(_) if at_boundary => self.barrier(),
            Ending::Free(_) | Ending::Failed { .. } => self.wait(now, Wait::Linger),
            Ending::Closed => self.finish_here(now),
        }
    }

    /// Sends what only a connection that lives answers.
    fn barrier(&mut self) -> bool {
        self.barriers += 1;
        let payload = format!("wsgauntlet-{}", self.barriers).into_bytes();
        self.endpoint.send(Opcode::Ping, payload);
        self.enter(Phase::Proving)
    }

    fn prove(&mut self, now: Duration) -> bool {
        let answered =
            |seen: &Seen| matches!(seen, Seen::Pong(payload) if payload.starts_with(b"wsgauntlet-"));
        if *self.oracle.ending() != Ending::Open {
            // Whether the target went on shows in an answer; that it did not, only in the end.
            let last = self.oracle.observations().last();
            if last.is_some_and(|observation| answered(&observation.seen)) {
                return self.finish_here(now);
            }
            return self.wait(now, Wait::Linger);
        }
        if self.oracle.awaited().is_some() {
            return self.wait(now, Wait::Owed);
        }
        self.next_script()
    }

    fn next_script(&mut self) -> bool {
        if self.script + 1 < self.session.scripts.len() {
            self.script += 1;
            self.cursor = Default::default();
            return self.enter(Phase::Sending);
        }
        self.endpoint.close(None);
        self.enter(Phase::Closing)
    }

    fn close(&mut self, now: Duration) -> bool {
        if self.oracle.awaited().is_some() { self.wait(now, Wait::Owed) } else { self.finish_here(now) }
    }

    /// Finishes. Always false: nothing goes on.
    fn finish_here(&mut self, now: Duration) -> bool {
        self.finish(now);
        false
    }

    pub(super) fn finish(&mut self, now: Duration) {
        if self.phase != Phase::Done {
            self.phase = Phase::Done;
            self.wait = None;
            self.record(now, EventKind::Frozen);
        }
    }
}
