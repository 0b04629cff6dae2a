//! The two ends of a connection in memory, and the link between them.

use std::collections::VecDeque;
use std::time::Duration;
use wsgauntlet_reference::{Demise, EchoEndpoint, Transmit};
use wsgauntlet_suite::peer::{Action, Player, Side};
use wsgauntlet_suite::transcript::{Death, Died, Transcript};
use wsgauntlet_wire::SplitMix64;

/// How many rounds one play may take. A play that needs more is cut, and judged as an error.
const ROUNDS_MAX: usize = 250_000;

/// How many octets an endpoint may send in one play. One that sends more is cut, as a flood.
const SENT_LEN_MAX: usize = 64 << 20;

/// How many writes of an endpoint may be under way.
const WRITES_MAX: usize = 1 << 14;

/// How octets get from one end to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// As they are written, at once, one virtual microsecond each.
    Direct,
    /// Cut at random, delayed at random, the two directions interleaved at random: all from a seed.
    Shaken(u64),
}

/// The end that is under test, as a play in memory uses it.
pub(super) trait Tested {
    fn receive(&mut self, now: Duration, octets: &[u8]);
    fn receive_eof(&mut self, now: Duration);
    fn receive_reset(&mut self, now: Duration);
    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit>;
    fn poll_timeout(&mut self) -> Option<Duration>;
    fn handle_timeout(&mut self, now: Duration);
}

impl Tested for EchoEndpoint {
    fn receive(&mut self, now: Duration, octets: &[u8]) {
        EchoEndpoint::receive(self, now, octets);
        forget_events(self);
    }

    fn receive_eof(&mut self, now: Duration) {
        EchoEndpoint::receive_eof(self, now);
        forget_events(self);
    }

    fn receive_reset(&mut self, now: Duration) {
        EchoEndpoint::receive_reset(self, now);
        forget_events(self);
    }

    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        EchoEndpoint::poll_transmit(self, now)
    }

    fn poll_timeout(&mut self) -> Option<Duration> {
        EchoEndpoint::poll_timeout(self)
    }

    fn handle_timeout(&mut self, now: Duration) {
        EchoEndpoint::handle_timeout(self, now);
    }
}

/// No application is told what happened: the octets show it.
fn forget_events(endpoint: &mut EchoEndpoint) {
    for _ in 0..WRITES_MAX {
        if endpoint.poll_event().is_none() {
            break;
        }
    }
}

#[derive(Debug)]
enum Item {
    Octets(Vec<u8>),
    ClientHello(Option<String>),
    GiveUp,
    Eof,
    Reset,
    Die(Demise),
}

pub(super) struct Pair<E> {
    player: Player,
    endpoint: E,
    now: Duration,
    to_endpoint: VecDeque<Item>,
    to_player: VecDeque<Item>,
    shake: Option<SplitMix64>,
    /// How many octets the endpoint sent.
    sent_len: usize,
    /// The endpoint ended its direction; what reaches it from then on is lost.
    endpoint_closed: bool,
    /// What the process of the endpoint would have come to.
    demise: Option<Demise>,
}

impl<E: Tested> Pair<E> {
    pub(super) fn new(player: Player, endpoint: E, link: Link) -> Pair<E> {
        let shake = match link {
            Link::Direct => None,
            Link::Shaken(seed) => Some(SplitMix64::new(seed)),
        };
        Pair {
            player,
            endpoint,
            now: Duration::ZERO,
            to_endpoint: VecDeque::new(),
            to_player: VecDeque::new(),
            shake,
            sent_len: 0,
            endpoint_closed: false,
            demise: None,
        }
    }

    /// Plays until nothing is left to happen.
    pub(super) fn run(mut self) -> (Transcript, E) {
        self.player.connected(self.now);
        for _ in 0..ROUNDS_MAX {
            if self.player.is_finished() {
                break;
            }
            self.now += Duration::from_micros(1);
            self.collect();
            if !self.deliver() && !self.wait() {
                break;
            }
        }
        let mut transcript = self.player.into_transcript();
        if let Some(demise) = self.demise {
            transcript.note_death(Died { death: death(demise), after: Vec::new() });
        }
        (transcript, self.endpoint)
    }

    /// Takes what both ends want to send.
    fn collect(&mut self) {
        while let Some(action) = self.player.poll_transmit(self.now) {
            // All segments of a TLS record but the last are reads that give the endpoint nothing.
            if let Action::Segments(count) = action {
                self.to_endpoint.extend((1..count).map(|_| Item::Octets(Vec::new())));
                continue;
            }
            self.to_endpoint.push_back(match action {
                // Here each write arrives apart.
                Action::Pause | Action::Segments(_) => continue,
                Action::Write(octets) => Item::Octets(octets),
                Action::HalfClose => Item::Eof,
                Action::Reset => Item::Reset,
            });
            if self.shake.is_none() {
                break;
            }
        }
        while self.to_player.len() < WRITES_MAX
            && self.sent_len < SENT_LEN_MAX
            && let Some(transmit) = self.endpoint.poll_transmit(self.now)
        {
            let item = match transmit {
                Transmit::Octets(octets) => Item::Octets(octets),
                Transmit::ClientHello(name) => Item::ClientHello(name),
                Transmit::GiveUp => Item::GiveUp,
                Transmit::CloseTcp => Item::Eof,
                Transmit::ResetTcp => Item::Reset,
                Transmit::Die(demise) => Item::Die(demise),
            };
            match &item {
                Item::Octets(octets) => self.sent_len += octets.len(),
                Item::ClientHello(_) => {}
                Item::Die(demise) => self.demise = Some(*demise),
                Item::GiveUp | Item::Eof | Item::Reset => self.endpoint_closed = true,
            }
            self.to_player.push_back(item);
        }
    }

    /// Hands one item over. False if there was no item.
    fn deliver(&mut self) -> bool {
        let endpoint_first = match &mut self.shake {
            None => self.to_player.is_empty(),
            Some(shake) => shake.next_u64() % 2 == 0,
        };
        if endpoint_first && let Some(item) = take(&mut self.to_endpoint, &mut self.shake) {
            self.give_endpoint(item);
            return true;
        }
        if let Some(item) = take(&mut self.to_player, &mut self.shake) {
            match item {
                Item::Octets(octets) => self.player.receive(self.now, &octets),
                Item::ClientHello(name) => self.player.client_hello(self.now, name),
                Item::GiveUp => self.player.give_up(self.now),
                Item::Eof => self.player.receive_eof(self.now),
                Item::Reset => self.player.receive_reset(self.now),
                // Our peer sees what follows from it.
                Item::Die(_) => {}
            }
            return true;
        }
        match take(&mut self.to_endpoint, &mut self.shake) {
            Some(item) => {
                self.give_endpoint(item);
                true
            }
            None => false,
        }
    }

    fn give_endpoint(&mut self, item: Item) {
        match item {
            Item::Octets(_) if self.endpoint_closed => {}
            Item::Octets(octets) => self.endpoint.receive(self.now, &octets),
            Item::ClientHello(_) | Item::GiveUp | Item::Die(_) => {
                unreachable!("our peer is a server where a client dials")
            }
            Item::Eof => self.endpoint.receive_eof(self.now),
            Item::Reset => {
                self.endpoint.receive_reset(self.now);
                self.player.receive_reset(self.now);
            }
        }
    }

    /// Lets the time pass until an end wants to do something. False when none ever will.
    fn wait(&mut self) -> bool {
        let next = [self.player.poll_timeout(), self.endpoint.poll_timeout()].into_iter().flatten().min();
        let Some(next) = next else { return false };
        self.now = self.now.max(next);
        self.endpoint.handle_timeout(self.now);
        self.player.handle_timeout(self.now);
        true
    }
}

/// The next item, or a random part of it.
fn take(queue: &mut VecDeque<Item>, shake: &mut Option<SplitMix64>) -> Option<Item> {
    let item = queue.pop_front()?;
    let (Some(shake), Item::Octets(octets)) = (shake, &item) else { return Some(item) };
    if octets.len() > 1 && shake.next_u64() % 2 == 0 {
        // Large writes are cut coarsely, so that a play stays short.
        let least = octets.len() / 64;
        let at = (1 + least + shake.next_u64() as usize % octets.len().min(64)).min(octets.len() - 1);
        queue.push_front(Item::Octets(octets[at..].to_vec()));
        return Some(Item::Octets(octets[..at].to_vec()));
    }
    Some(item)
}

/// What a watch over the process would have seen.
fn death(demise: Demise) -> Death {
    const SIGABRT: i32 = 6;
    match demise {
        Demise::Abort | Demise::AbortLate => Death::Signal(SIGABRT),
        Demise::Panic => Death::Crashed("panicked at".to_owned()),
        Demise::Hang => Death::Hung,
        Demise::Spin => Death::Spins,
    }
}
