//! What a transport calls.

use super::{Player, Side};
use crate::carrier::LaneEvent;
use crate::case::script::Step;
use crate::peer::action::Action;
use crate::peer::outgoing::Output;
use crate::transcript::EventKind;
use std::time::Duration;
use wsgauntlet_wire::Role;

impl Side for Player {
    fn connected(&mut self, now: Duration) {
        self.record(now, EventKind::Connected);
        if let Some(carrier) = &mut self.carrier {
            carrier.start();
        }
        if self.endpoint.role() == Role::Client {
            self.endpoint.connect(&self.script.opening, &self.config);
        }
        self.advance(now);
    }

    fn receive(&mut self, now: Duration, octets: &[u8]) {
        let Some(carrier) = &mut self.carrier else {
            return self.take(now, EventKind::Received(octets.to_vec()));
        };
        let events = carrier.receive(octets);
        if !self.finished {
            self.record(now, EventKind::CarrierReceived(octets.to_vec()));
        }
        for event in events {
            self.take_from_lane(now, event);
        }
    }

    fn receive_eof(&mut self, now: Duration) {
        match &mut self.carrier {
            None => self.take(now, EventKind::ReceivedEof),
            Some(carrier) => {
                let ended = carrier.receive_end(true);
                ended.into_iter().for_each(|event| self.take_from_lane(now, event));
            }
        }
    }

    fn receive_reset(&mut self, now: Duration) {
        match &mut self.carrier {
            None => self.take(now, EventKind::ReceivedReset),
            Some(carrier) => {
                let ended = carrier.receive_end(false);
                ended.into_iter().for_each(|event| self.take_from_lane(now, event));
            }
        }
    }

    fn poll_transmit(&mut self, now: Duration) -> Option<Action> {
        loop {
            if let Some(carrier) = &mut self.carrier {
                if let Some(octets) = carrier.poll() {
                    self.record(now, EventKind::CarrierSent(octets.clone()));
                    return Some(Action::Write(octets));
                }
                if let Some(action) = self.after_carrier.take() {
                    return Some(action);
                }
                // What waits for credit is not read from the lane: a flood would be held in memory.
                if carrier.is_blocked() {
                    return None;
                }
            }
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
                    if let Some(action) = self.through_carrier(action) {
                        return Some(action);
                    }
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

impl Player {
    /// Takes what the carrier read of the lane.
    fn take_from_lane(&mut self, now: Duration, event: LaneEvent) {
        self.take(
            now,
            match event {
                LaneEvent::Octets(octets) => EventKind::Received(octets),
                LaneEvent::End => EventKind::ReceivedEof,
                LaneEvent::Reset => EventKind::ReceivedReset,
            },
        );
    }

    /// What is left of an action for the connection, once the carrier has taken its part of it.
    fn through_carrier(&mut self, action: Action) -> Option<Action> {
        let Some(carrier) = &mut self.carrier else { return Some(action) };
        match action {
            Action::Write(octets) => carrier.write(octets),
            Action::HalfClose => carrier.end(),
            Action::Reset => {
                carrier.reset();
                self.after_carrier = Some(Action::Reset);
            }
            Action::Pause | Action::Segments(_) => return Some(action),
        }
        None
    }
}
