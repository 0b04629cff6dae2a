//! What a transport calls.

use super::{Driver, Phase, Wait};
use std::time::Duration;
use wsgauntlet_suite::peer::{Action, Output, Side};
use wsgauntlet_suite::transcript::EventKind;
use wsgauntlet_wire::Role;

impl Side for Driver {
    fn connected(&mut self, now: Duration) {
        self.record(now, EventKind::Connected);
        if self.endpoint.role() == Role::Client {
            self.endpoint.connect(&self.session.opening, &self.config);
            self.send_with_head();
        }
        self.advance(now);
    }

    fn receive(&mut self, now: Duration, octets: &[u8]) {
        self.take(now, EventKind::Received(octets.to_vec()));
    }

    fn receive_eof(&mut self, now: Duration) {
        self.take(now, EventKind::ReceivedEof);
    }

    fn receive_reset(&mut self, now: Duration) {
        self.take(now, EventKind::ReceivedReset);
    }

    fn poll_transmit(&mut self, now: Duration) -> Option<Action> {
        let action = loop {
            match self.endpoint.poll()? {
                Output::StepBegins(step) => self.record(now, EventKind::StepSent(step)),
                Output::Act(action) => break action,
            }
        };
        match &action {
            Action::Write(octets) => {
                self.postpone(now);
                self.record(now, EventKind::Sent(octets.clone()));
            }
            Action::Pause | Action::Segments(_) => {}
            Action::HalfClose => self.record(now, EventKind::SentEof),
            Action::Reset => self.record(now, EventKind::SentReset),
        }
        if action == Action::Reset {
            self.finish(now);
        } else if self.endpoint.is_idle() {
            self.advance(now);
        }
        Some(action)
    }

    fn poll_timeout(&self) -> Option<Duration> {
        if self.phase == Phase::Done || !self.endpoint.is_idle() {
            return None;
        }
        self.wait.and_then(|(_, deadline)| deadline.at())
    }

    fn handle_timeout(&mut self, now: Duration) {
        if self.phase == Phase::Done || !self.endpoint.is_idle() {
            return;
        }
        let Some((wait, deadline)) = &mut self.wait else { return };
        let wait = *wait;
        if !deadline.expires(now) {
            return;
        }
        self.wait = None;
        match (self.phase, wait) {
            (Phase::Pausing, _) => {
                self.phase = Phase::Sending;
                self.advance(now);
            }
            (_, Wait::Owed) => {
                self.record(now, EventKind::StepExpired(self.script));
                self.finish(now);
            }
            (_, Wait::Linger) => self.finish(now),
        }
    }

    fn is_finished(&self) -> bool {
        self.phase == Phase::Done
    }
}
