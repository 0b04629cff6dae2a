//! Probes: what a peer does, each a chance for a quirk to show.

mod deflate;
mod driven;
mod frames;
mod openings;

use super::run::{REQUEST, Run};
use std::time::Duration;
use wsgauntlet_reference::Config;
use wsgauntlet_wire::Role;

pub struct Probe {
    pub config: Box<dyn Fn(Config) -> Config>,
    pub play: Box<dyn Fn(&mut Run)>,
}

fn probe(play: impl Fn(&mut Run) + 'static) -> Probe {
    Probe { config: Box::new(|config| config), play: Box::new(play) }
}

pub fn probes(role: Role) -> Vec<Probe> {
    let mut probes = match role {
        Role::Server => openings::requests(),
        Role::Client => openings::responses(),
    };
    for script in frames::scripts(role).into_iter().chain(driven::scripts(role)) {
        probes.push(probe(move |run| {
            open(run, "");
            play(run, &script);
        }));
    }
    probes.extend(deflate::probes(role));
    if role == Role::Client {
        probes.extend(openings::addresses());
    }
    probes
}

/// The segments that are received after the opening handshake, and what else happens.
type Script = Vec<Step>;

#[derive(Clone)]
enum Step {
    Receive(Vec<u8>),
    Eof,
    Pass(Duration),
}

fn play(run: &mut Run, script: &Script) {
    for step in script {
        match step {
            Step::Receive(octets) => run.receive(octets),
            Step::Eof => run.receive_eof(),
            Step::Pass(time) => run.pass(*time),
        }
    }
}

/// Opens with further lines in our head.
pub fn open(run: &mut Run, lines: &str) {
    let head = match run.role {
        Role::Server => REQUEST.replace("Host", &format!("{lines}Host")).into_bytes(),
        Role::Client => response(&run.output.octets, lines),
    };
    run.receive(&head);
}

fn response(request: &[u8], lines: &str) -> Vec<u8> {
    let key = String::from_utf8_lossy(request)
        .lines()
        .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ").map(str::to_owned));
    let accept = wsgauntlet_wire::opening::key::accept(key.unwrap_or_default().as_bytes());
    format!("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{lines}\r\n").into_bytes()
}
