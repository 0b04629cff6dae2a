//! What a transport calls.

use super::{Player, Side};
use crate::case::script::Step;
use crate::peer::action::Action;
use crate::peer::outgoing::Output;
use crate::transcript::EventKind;
use std::time::Duration;
use wsgauntlet_wire::Role;

impl Side for Player {
    fn connected(&mut self, now: Duration) {
        self.record(now, EventKind::Connected);
        if self.endpoint.role() == Role::Client {
            self.endpoint.connect(&self.script.opening, &self.config);
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
        loop {
            match self.endpoint.poll()? {
                Output::StepBegins(step) => self.record(now, EventKind::StepSent(step)),
                Output::Act(action) => {
                    match &action {
                        Action::Write(octets) => {
                            self.postpone(now);
                            self.record(now, EventKind::Sent(octets.clone()));
                        }
                        Action::Pause | Action::Segments(_) => {}
                        Action::HalfClose => self.record(now, EventKind::SentEof),
                        Action::Reset => self.record(now, EventKind::SentReset),
                    }
                    return Some(action);
                }
            }
        }
    }

    fn poll_timeout(&self) -> Option<Duration> {
        if self.finished { None } else { self.deadline.and_then(|deadline| deadline.at()) }
    }

    fn handle_timeout(&mut self, now: Duration) {
        if self.finished || !self.deadline.as_mut().is_some_and(|deadline| deadline.expires(now)) {
            return;
        }
        if matches!(self.cursor.step(&self.script.steps), Some(Step::Wait(_))) {
            self.next_step();
        } else {
            self.record(now, EventKind::StepExpired(self.cursor.index()));
            self.decide(now, true);
        }
        self.advance(now);
    }

    fn is_finished(&self) -> bool {
        self.finished
    }
}
