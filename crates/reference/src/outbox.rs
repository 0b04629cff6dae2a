//! What waits to be transmitted: in order, and some of it not before its time.

use super::event::Transmit;
use std::collections::VecDeque;
use std::time::Duration;

#[derive(Debug, Default)]
pub(crate) struct Outbox {
    ready: VecDeque<Transmit>,
    /// In the order of their times.
    delayed: Vec<(Duration, Transmit)>,
}

impl Outbox {
    pub(crate) fn push(&mut self, transmit: Transmit) {
        self.ready.push_back(transmit);
    }

    /// Transmits at `due`, after what is due before.
    pub(crate) fn push_at(&mut self, due: Duration, transmit: Transmit) {
        let at = self.delayed.partition_point(|(other, _)| *other <= due);
        self.delayed.insert(at, (due, transmit));
    }

    /// Transmits after all that waits.
    pub(crate) fn push_last(&mut self, transmit: Transmit) {
        match self.delayed.last() {
            Some((due, _)) => self.push_at(*due, transmit),
            None => self.push(transmit),
        }
    }

    /// When something is due next.
    pub(crate) fn next_due(&self) -> Option<Duration> {
        self.delayed.first().map(|(due, _)| *due)
    }

    /// Whatever is due now becomes ready.
    pub(crate) fn release(&mut self, now: Duration) {
        let due = self.delayed.partition_point(|(due, _)| *due <= now);
        self.ready.extend(self.delayed.drain(..due).map(|(_, transmit)| transmit));
    }

    pub(crate) fn pop(&mut self) -> Option<Transmit> {
        self.ready.pop_front()
    }

    /// The next thing, all octets that are ready in one.
    pub(crate) fn pop_joined(&mut self) -> Option<Transmit> {
        let mut first = self.ready.pop_front()?;
        if let Transmit::Octets(octets) = &mut first {
            while let Some(Transmit::Octets(more)) = self.ready.front() {
                octets.extend_from_slice(more);
                self.ready.pop_front();
            }
        }
        Some(first)
    }

    /// The first octets that are ready: a third of what is long, seven of what is short.
    pub(crate) fn pop_piece(&mut self) -> Option<Transmit> {
        const SHORT_LEN: usize = 256;
        const PIECE_LEN: usize = 7;
        match self.ready.pop_front()? {
            Transmit::Octets(mut octets) if octets.len() > PIECE_LEN => {
                let short = octets.len() <= SHORT_LEN;
                let rest = octets.split_off(if short { PIECE_LEN } else { octets.len() / 3 });
                self.ready.push_front(Transmit::Octets(rest));
                Some(Transmit::Octets(octets))
            }
            transmit => Some(transmit),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.delayed.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.ready.clear();
        self.delayed.clear();
    }
}
