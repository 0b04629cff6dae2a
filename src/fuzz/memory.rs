//! Our peer against the reference in memory, octets handed over, under a virtual clock.

use super::complaint::Complaint;
use super::driver::Driver;
use super::oracle::{self, Oracle};
use super::session::Session;
use std::sync::Arc;
use std::time::Duration;
use wsgauntlet_reference::{Config, DeflateConfig, EchoEndpoint, Transmit};
use wsgauntlet_suite::peer::{Action, PlayConfig, Side};
use wsgauntlet_suite::transcript::Transcript;
use wsgauntlet_wire::Role;

/// How many rounds one connection may take.
const ROUNDS_MAX: usize = 20_000;

/// How many octets an endpoint may send in one connection. One that sends more is cut, as a flood.
const SENT_LEN_MAX: usize = 4 << 20;

/// How many writes of an endpoint are taken at once.
const WRITES_MAX: usize = 1 << 12;

/// One connection, played and judged.
#[derive(Debug)]
pub struct Played {
    /// What was sent and received, and when.
    pub transcript: Transcript,
    /// What the target did that it may not do, in the order of its events.
    pub complaints: Vec<Complaint>,
    /// The oracle after its last event.
    pub oracle: Oracle,
    /// The scripts of the session that were begun.
    pub scripts: usize,
}

impl Played {
    /// What became of the session of a driver that is finished.
    pub fn of(driver: Driver) -> Played {
        let scripts = driver.scripts_played();
        let (transcript, mut oracle) = driver.into_parts();
        let complaints = oracle::all_complaints(&mut oracle, &transcript);
        Played { transcript, complaints, oracle, scripts }
    }
}

/// The configuration of an endpoint that is fuzzed.
pub fn config(role: Role) -> Config {
    let mut config = Config::new(role);
    config.deflate = Some(DeflateConfig::default());
    config
}

/// Plays a session against an endpoint of that configuration.
pub fn play(session: &Arc<Session>, play: &PlayConfig, mut config: Config) -> Played {
    let mut play = play.clone();
    address(&mut play, &mut config);
    let mut driver = Driver::new(session.clone(), config.role, play);
    play_against_reference(&mut driver, config);
    Played::of(driver)
}

/// Gives a client an address with all its parts, so that it is noticed if it leaves one out.
pub fn address(play: &mut PlayConfig, config: &mut Config) {
    if config.role == Role::Client {
        play.host = format!("{}:9001", play.host);
        play.target = "/gauntlet?instance=1".to_owned();
        config.host.clone_from(&play.host);
        config.target.clone_from(&play.target);
    }
}

/// Plays `peer` against an endpoint of that configuration until it is finished, or nothing happens any more.
pub fn play_against_reference(peer: &mut impl Side, config: Config) {
    let mut endpoint = EchoEndpoint::new(config);
    let mut now = Duration::ZERO;
    let (mut sent_len, mut closed) = (0, false);
    peer.connected(now);
    for _ in 0..ROUNDS_MAX {
        if peer.is_finished() {
            return;
        }
        now += Duration::from_micros(1);
        let mut idle = true;
        if let Some(action) = next_action(peer, now) {
            idle = false;
            match action {
                Action::Write(octets) if !closed => endpoint.receive(now, &octets),
                Action::Write(_) | Action::Pause | Action::Segments(_) => {}
                Action::HalfClose => endpoint.receive_eof(now),
                Action::Reset => {
                    endpoint.receive_reset(now);
                    closed = true;
                    peer.receive_reset(now);
                }
            }
            while endpoint.poll_event().is_some() {}
        }
        for _ in 0..WRITES_MAX {
            if closed || sent_len > SENT_LEN_MAX {
                break;
            }
            let Some(transmit) = endpoint.poll_transmit(now) else { break };
            idle = false;
            match transmit {
                Transmit::Octets(octets) => {
                    sent_len += octets.len();
                    peer.receive(now, &octets);
                }
                // No endpoint gets an address of its own here.
                Transmit::ClientHello(_) | Transmit::GiveUp => closed = true,
                // What it did to its process does not show in the octets.
                Transmit::Die(_) => {}
                Transmit::CloseTcp => {
                    closed = true;
                    peer.receive_eof(now);
                }
                Transmit::ResetTcp => {
                    closed = true;
                    peer.receive_reset(now);
                }
            }
        }
        if idle {
            let next = [peer.poll_timeout(), endpoint.poll_timeout()].into_iter().flatten().min();
            let Some(next) = next else { return };
            now = now.max(next);
            endpoint.handle_timeout(now);
            while endpoint.poll_event().is_some() {}
            peer.handle_timeout(now);
        }
    }
}

/// What our peer does next, but for what only paces its writes: here each write arrives apart from the others.
fn next_action(peer: &mut impl Side, now: Duration) -> Option<Action> {
    loop {
        match peer.poll_transmit(now)? {
            Action::Pause | Action::Segments(_) => {}
            action => return Some(action),
        }
    }
}
