//! The reference implementation in memory: the player and the endpoint, octets handed over, under
//! a virtual clock. The only place of the runner that knows `protocol`, beside `serve`.

use crate::case::Instance;
use crate::case::payload::SplitMix64;
use crate::oracle::{self, Reference};
use crate::peer::{PlayConfig, Player, Transmit};
use crate::protocol::{Config, DeflateConfig, EchoEndpoint, Transmit as EndpointTransmit};
use crate::requirement::Catalogue;
use crate::transcript::Transcript;
use crate::wire::Role;
use std::collections::VecDeque;
use std::time::Duration;

/// How many rounds one play may take. A play that needs more is cut, and judged as an error.
const ROUNDS_MAX: usize = 250_000;

/// How many writes an endpoint may make in one round, and how many may be under way.
const WRITES_MAX: usize = 1 << 14;

/// How octets get from one end to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// As they are written, at once, one virtual microsecond each.
    Direct,
    /// Cut at random, delayed at random, the two directions interleaved at random: all from a seed.
    Shaken(u64),
}

/// The subprotocols that the reference selects from.
pub const SUBPROTOCOLS: [&str; 3] = ["chat", "superchat", "echo"];

/// The configuration under which the reference is audited.
pub fn config(role: Role) -> Config {
    let mut config = Config::new(role);
    config.deflate = Some(DeflateConfig::default());
    config.subprotocols = match role {
        Role::Server => SUBPROTOCOLS.iter().map(|name| (*name).to_owned()).collect(),
        Role::Client => Vec::new(),
    };
    config
}

/// Plays one instance against the reference.
pub fn play(instance: &Instance, play: &PlayConfig, mut config: Config, link: Link) -> Transcript {
    let mut play = play.clone();
    if instance.role == Role::Client {
        // An address with all its parts, so that none can be missing unnoticed.
        play.host = format!("{}:9001", play.host);
        play.target = "/gauntlet?instance=1".to_owned();
        config.host.clone_from(&play.host);
        config.target.clone_from(&play.target);
    }
    let mut pair = Pair::new(Player::new(instance, play), EchoEndpoint::new(config), link);
    pair.run();
    pair.player.into_transcript()
}

/// The reference's verdict beside a target's.
pub fn beside(instance: &Instance, host: &str, seed: u64, catalogue: &Catalogue) -> Reference {
    let mut play_config = PlayConfig::new(host);
    play_config.seed = seed;
    let transcript = play(instance, &play_config, config(instance.role), Link::Direct);
    let kind = oracle::judge(instance, &transcript, catalogue).kind;
    Reference { kind, transcript }
}

#[derive(Debug)]
enum Item {
    Octets(Vec<u8>),
    Eof,
    Reset,
}

struct Pair {
    player: Player,
    endpoint: EchoEndpoint,
    now: Duration,
    to_endpoint: VecDeque<Item>,
    to_player: VecDeque<Item>,
    shake: Option<SplitMix64>,
    /// The endpoint ended its direction; what reaches it from then on is lost.
    endpoint_closed: bool,
}

impl Pair {
    fn new(player: Player, endpoint: EchoEndpoint, link: Link) -> Pair {
        let shake = match link {
            Link::Direct => None,
            Link::Shaken(seed) => Some(SplitMix64(seed)),
        };
        Pair {
            player,
            endpoint,
            now: Duration::ZERO,
            to_endpoint: VecDeque::new(),
            to_player: VecDeque::new(),
            shake,
            endpoint_closed: false,
        }
    }

    fn run(&mut self) {
        self.player.connected(self.now);
        for _ in 0..ROUNDS_MAX {
            if self.player.is_finished() {
                return;
            }
            self.now += Duration::from_micros(1);
            self.collect();
            if !self.deliver() && !self.wait() {
                return;
            }
        }
    }

    /// Takes what both ends want to send.
    fn collect(&mut self) {
        while let Some(transmit) = self.player.poll_transmit(self.now) {
            self.to_endpoint.push_back(match transmit {
                Transmit::Octets(octets) => Item::Octets(octets),
                Transmit::HalfClose => Item::Eof,
                Transmit::Reset => Item::Reset,
            });
            if self.shake.is_none() {
                break;
            }
        }
        while self.to_player.len() < WRITES_MAX
            && let Some(transmit) = self.endpoint.poll_transmit(self.now)
        {
            let item = match transmit {
                EndpointTransmit::Octets(octets) => Item::Octets(octets),
                EndpointTransmit::CloseTcp => Item::Eof,
                EndpointTransmit::ResetTcp => Item::Reset,
            };
            self.endpoint_closed |= !matches!(item, Item::Octets(_));
            self.to_player.push_back(item);
        }
    }

    /// Hands one item over. False when there is none.
    fn deliver(&mut self) -> bool {
        let endpoint_first = match &mut self.shake {
            None => self.to_player.is_empty(),
            Some(shake) => shake.draw() % 2 == 0,
        };
        if endpoint_first && let Some(item) = take(&mut self.to_endpoint, &mut self.shake) {
            self.give_endpoint(item);
            return true;
        }
        if let Some(item) = take(&mut self.to_player, &mut self.shake) {
            match item {
                Item::Octets(octets) => self.player.receive(self.now, &octets),
                Item::Eof => self.player.receive_eof(self.now),
                Item::Reset => self.player.receive_reset(self.now),
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
            Item::Eof => self.endpoint.receive_eof(self.now),
            Item::Reset => {
                self.endpoint.receive_reset(self.now);
                self.player.receive_reset(self.now);
            }
        }
        while self.endpoint.poll_event().is_some() {}
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
    if octets.len() > 1 && shake.draw() % 2 == 0 {
        // Large writes are cut coarsely, so that a play stays short.
        let least = octets.len() / 64;
        let at = (1 + least + shake.draw() as usize % octets.len().min(64)).min(octets.len() - 1);
        queue.push_front(Item::Octets(octets[at..].to_vec()));
        return Some(Item::Octets(octets[..at].to_vec()));
    }
    Some(item)
}
