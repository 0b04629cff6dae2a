//! What a transport calls.

use super::{Driver, Phase, Wait};
use std::time::Duration;
use wsgauntlet_suite::peer::{Side, Transmit, greet};
use wsgauntlet_suite::transcript::EventKind;
use wsgauntlet_wire::Role;

impl Side for Driver {
    fn connected(&mut self, now: Duration) {
        self.record(now, EventKind::Connected);
        if self.role == Role::Server {
            let mut nonce = [0; 16];
            nonce[..8].copy_from_slice(&self.random.next_u64().to_be_bytes());
            nonce[8..].copy_from_slice(&self.random.next_u64().to_be_bytes());
            let head = greet::request(&self.session.opening, &self.config, nonce);
            self.greet(head);
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

    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        let transmit = self.outbox.pop_front()?;
        self.postpone(now);
        match &transmit {
            Transmit::Octets(octets) => self.record(now, EventKind::Sent(octets.clone())),
            Transmit::Apart | Transmit::Segments(_) => {}
            Transmit::HalfClose => self.record(now, EventKind::SentEof),
            Transmit::Reset => self.record(now, EventKind::SentReset),
        }
        if transmit == Transmit::Reset {
            self.finish(now);
        } else if self.outbox.is_empty() {
            self.advance(now);
        }
        Some(transmit)
    }

    fn poll_timeout(&self) -> Option<Duration> {
        match self.phase {
            Phase::Done => None,
            _ if !self.outbox.is_empty() => None,
            _ => self.waits.map(|(_, _, deadline)| deadline),
        }
    }

    fn handle_timeout(&mut self, now: Duration) {
        let Some((wait, _, deadline)) = self.waits else { return };
        if self.phase == Phase::Done || now < deadline || !self.outbox.is_empty() {
            return;
        }
        self.waits = None;
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
