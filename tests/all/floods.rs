//! Floods of hundreds of thousands of frames: the reference bears them, a fault shows, and our own end holds no more than a
//! write of them at once.

use std::time::Duration;
use wsgauntlet::embedded;
use wsgauntlet::runner::reference::{self, Link};
use wsgauntlet_reference::quirk::catalogue::Pongs;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{self, VerdictKind};
use wsgauntlet_suite::peer::{Action, PlayConfig, Player, Side};
use wsgauntlet_suite::transcript::observe::OBSERVATIONS_MAX;
use wsgauntlet_suite::transcript::{Observer, Seen};
use wsgauntlet_wire::Role;

const FRAMES: usize = 200_000;

fn instances(role: Role) -> Vec<&'static Instance> {
    let all = embedded::library().instances(role);
    let chosen: Vec<&Instance> =
        all.filter(|instance| instance.case.starts_with("control/flood/very-many")).collect();
    assert_eq!(chosen.len(), 5);
    chosen
}

fn verdict(instance: &Instance, quirk: Option<Pongs>) -> (VerdictKind, usize) {
    let mut config = reference::config(Role::Server);
    config.quirks = quirk.into_iter().collect();
    let transcript = reference::play(instance, &PlayConfig::new("localhost"), config, Link::Direct);
    let mut observer = Observer::new(Role::Server, instance.script.payload_len());
    for (index, event) in transcript.events.iter().enumerate() {
        observer.take(index, &event.kind);
    }
    let observations = observer.observations();
    assert!(observations.iter().all(|observation| observation.seen != Seen::Flood), "{}", instance.id);
    (oracle::judge(instance, &transcript, embedded::catalogue()).kind, observations.len())
}

#[test]
fn the_reference_bears_two_hundred_thousand_frames() {
    for instance in instances(Role::Server) {
        let (kind, observations) = verdict(instance, None);
        assert_eq!(kind, VerdictKind::Pass, "{}", instance.id);
        assert!(observations < OBSERVATIONS_MAX, "{}: {observations}", instance.id);
    }
}

/// An endpoint that answers no more after some hundred pings fails where pings are what comes.
#[test]
fn whoever_gives_up_fails() {
    for instance in instances(Role::Server) {
        let pings = instance.id.as_str().contains("pings");
        let (kind, _) = verdict(instance, Some(Pongs::First400));
        assert_eq!(kind == VerdictKind::Fail, pings, "{}: {kind:?}", instance.id);
    }
}

/// A flood is made write by write: each is short, and all of them hold every frame.
#[test]
fn writes_are_short() {
    const WRITE_LEN_MAX: usize = 64 * 1024 + 256;
    for instance in instances(Role::Client) {
        let mut player = Player::new(instance, PlayConfig::new("localhost"));
        player.connected(Duration::ZERO);
        player.receive(Duration::ZERO, REQUEST);
        let (mut sent, mut writes) = (0, 0);
        while let Some(action) = player.poll_transmit(Duration::ZERO) {
            let Action::Write(octets) = action else { continue };
            assert!(octets.len() <= WRITE_LEN_MAX, "{}: {}", instance.id, octets.len());
            sent += octets.len();
            writes += 1;
        }
        assert!(sent >= FRAMES * 2 && writes > 5, "{}: {sent} octets in {writes} writes", instance.id);
    }
}

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
