//! The plays whose clients were launched, or sent by a page, and did not connect yet: each has a number, which is part of the
//! target that its client asks for.

use super::handshake::Handshake;
use super::route::PLAY;
use std::collections::BTreeMap;
use tokio::sync::oneshot;

/// Plays that wait for their connections.
#[derive(Debug, Default)]
pub(super) struct Tickets {
    waiting: BTreeMap<u64, oneshot::Sender<Handshake>>,
    /// How many numbers were drawn.
    drawn: u64,
    /// How many commands did not connect, one after another.
    pub unconnected: usize,
}

impl Tickets {
    /// The number of the next play, and the target that its client has to ask for.
    pub(super) fn draw(&mut self) -> (u64, String) {
        self.drawn += 1;
        (self.drawn, format!("{PLAY}{}", self.drawn))
    }

    pub(super) fn insert(&mut self, ticket: u64, play: oneshot::Sender<Handshake>) {
        self.waiting.insert(ticket, play);
    }

    /// The play of that number.
    pub(super) fn claim(&mut self, ticket: u64) -> Option<oneshot::Sender<Handshake>> {
        self.waiting.remove(&ticket)
    }

    /// The play that waits longest.
    pub(super) fn claim_any(&mut self) -> Option<oneshot::Sender<Handshake>> {
        self.waiting.pop_first().map(|(_, play)| play)
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }
}
