//! The player, the reference, and the fuzzer's own oracle.

use crate::halves;
use crate::inputs::{PlayedFrames, read};
use std::sync::Arc;
use std::time::Duration;
use wsgauntlet::embedded;
use wsgauntlet::fuzz::{Rng, generate, memory};
use wsgauntlet_reference::{Endpoint, Event, Transmit};
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle;
use wsgauntlet_suite::peer::{PlayConfig, Player, Side};
use wsgauntlet_suite::transcript::notation;
use wsgauntlet_wire::Role;

/// How many octets of payload an instance may send, so that thousands are played a second.
const SCRIPT_LEN_MAX: usize = 4096;

/// A request that the reference accepts.
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";

fn events(pieces: &[&[u8]]) -> (Vec<Event>, Vec<u8>) {
    let mut endpoint = Endpoint::new(memory::config(Role::Server));
    let mut events = Vec::new();
    let mut sent = Vec::new();
    for piece in [REQUEST].iter().chain(pieces) {
        endpoint.receive(Duration::ZERO, piece);
        while let Some(event) = endpoint.poll_event() {
            events.push(event);
        }
        while let Some(transmit) = endpoint.poll_transmit(Duration::ZERO) {
            match transmit {
                Transmit::Octets(octets) => sent.extend(octets),
                Transmit::CloseTcp => sent.extend_from_slice(b"FIN"),
                Transmit::ClientHello(_) | Transmit::GiveUp => unreachable!("a server dials nothing"),
                Transmit::Die(_) => unreachable!("an endpoint without a quirk survives"),
                Transmit::ResetTcp => sent.extend_from_slice(b"RST"),
            }
        }
    }
    (events, sent)
}

/// The same octets in any segmentation give the same events, and are answered the same.
pub fn run_reference_cuts(octets: &[u8]) {
    let (first, second) = halves(octets);
    let whole = [first, second].concat();
    assert_eq!(events(&[first, second]), events(&[&whole]));
}

/// Whatever a target sends leads the player to a verdict, and its notation is written.
pub fn run_player(octets: &[u8]) {
    let PlayedFrames { instance, sent } = read(octets);
    let library = embedded::library();
    let light = |instance: &&Instance| instance.script.payload_len() <= SCRIPT_LEN_MAX;
    let instances: Vec<&Instance> = library.instances(Role::Server).filter(light).take(256).collect();
    play_against(instances[usize::from(instance) % instances.len()], &sent.octets());
}

/// Plays an instance against a target that answers the request and then sends these octets, cut by the first of them.
pub(crate) fn play_against(instance: &Instance, sent: &[u8]) {
    let (first, second) = halves(sent);
    let mut player = Player::new(instance, PlayConfig::new("localhost"));
    let mut now = Duration::ZERO;
    player.connected(now);
    let head: &[u8] = match instance.role {
        Role::Server => {
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Accept: x\r\n\r\n"
        }
        Role::Client => REQUEST,
    };
    for piece in [head, first, second] {
        now += Duration::from_millis(1);
        player.receive(now, piece);
        while player.poll_transmit(now).is_some() {}
    }
    for _ in 0..10_000 {
        if player.is_finished() {
            break;
        }
        let Some(at) = player.poll_timeout() else { break };
        now = now.max(at);
        player.handle_timeout(now);
        while player.poll_transmit(now).is_some() {}
    }
    assert!(player.is_finished());
    let transcript = player.into_transcript();
    let verdict = oracle::judge(instance, &transcript, embedded::catalogue());
    assert_eq!(verdict, oracle::judge(instance, &transcript, embedded::catalogue()));
    let _lines = notation::lines(&transcript);
}

/// Nothing is said against the reference: the octets are the choices of the generator.
pub fn run_session(octets: &[u8]) {
    let Some((&role, rest)) = octets.split_first() else { return };
    let role = if role & 1 == 0 { Role::Server } else { Role::Client };
    let session = Arc::new(generate::session(&mut Rng::of_octets(rest), role));
    let played = memory::play(&session, &PlayConfig::new("localhost"), memory::config(role));
    assert!(played.complaints.is_empty(), "{:#?}\n{session:#?}", played.complaints);
}
