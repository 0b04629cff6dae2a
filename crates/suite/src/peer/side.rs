//! Our end of a connection, whoever decides what it does: what a transport has to call.

use super::player::{Player, Transmit};
use std::time::Duration;

/// Sans-io: octets and the time in, octets out.
pub trait Side {
    fn connected(&mut self, now: Duration);
    fn receive(&mut self, now: Duration, octets: &[u8]);
    fn receive_eof(&mut self, now: Duration);
    fn receive_reset(&mut self, now: Duration);
    /// The next thing to do with the transport. It counts as done at `now`.
    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit>;
    /// When `handle_timeout` is to be called, if nothing happens before.
    fn poll_timeout(&self) -> Option<Duration>;
    fn handle_timeout(&mut self, now: Duration);
    fn is_finished(&self) -> bool;
}

impl Side for Player {
    fn connected(&mut self, now: Duration) {
        self.connected(now);
    }

    fn receive(&mut self, now: Duration, octets: &[u8]) {
        self.receive(now, octets);
    }

    fn receive_eof(&mut self, now: Duration) {
        self.receive_eof(now);
    }

    fn receive_reset(&mut self, now: Duration) {
        self.receive_reset(now);
    }

    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        self.poll_transmit(now)
    }

    fn poll_timeout(&self) -> Option<Duration> {
        self.poll_timeout()
    }

    fn handle_timeout(&mut self, now: Duration) {
        self.handle_timeout(now);
    }

    fn is_finished(&self) -> bool {
        self.is_finished()
    }
}
