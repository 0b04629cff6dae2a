//! Sessions from a seed, aware of the structure of what is sent. Nothing here knows what is lawful: the oracle does.

mod messages;
mod openings;
mod values;
mod violations;

use super::rng::Rng;
use super::session::Session;
use std::time::Duration;
use wsgauntlet_suite::case::script::{Step, Write};
use wsgauntlet_suite::case::{Cut, Piece};
use wsgauntlet_wire::Role;

pub use values::{close_code, control_length, length, positions, text};

/// The most scripts of one connection.
const SCRIPTS_MAX: usize = 16;

/// How many units (a message, a control frame) one script has, before what ends the connection.
const UNITS: &[usize] = &[1, 1, 2, 3];

/// About the most writes that one is cut into: each costs the target a wakeup, and longer ones show no more.
const WRITES_MAX: usize = 16;

/// A session against a target in `role`.
pub fn session(rng: &mut Rng, role: Role) -> Session {
    let opening = openings::opening(rng, role);
    let deflate = opening.deflate.is_some();
    let mut session = Session { opening, scripts: Vec::new() };
    for _ in 0..SCRIPTS_MAX {
        let (script, goes_on) = script(rng, deflate);
        session.scripts.push(script);
        if !goes_on {
            break;
        }
    }
    session
}

/// One script, and whether another one can be expected to follow it.
pub fn script(rng: &mut Rng, deflate: bool) -> (Vec<Step>, bool) {
    let mut pieces = Vec::new();
    for _ in 0..*rng.pick(UNITS) {
        pieces.extend(lawful(rng, deflate));
    }
    let mut goes_on = true;
    let mut last = None;
    match rng.below(16) {
        // Each ends the connection, and an opening costs as much as a script.
        0..=2 => {
            pieces.extend(violations::violation(rng, deflate));
            goes_on = false;
            while rng.once_in(3) {
                pieces.extend(lawful(rng, deflate));
            }
        }
        4 if rng.once_in(2) => {
            pieces.push(Piece::Frame(messages::close(rng)));
            goes_on = false;
            if rng.once_in(4) {
                pieces.extend(lawful(rng, deflate));
            }
        }
        5 if rng.once_in(8) => {
            last = Some(if rng.once_in(2) { Step::HalfClose } else { Step::Reset });
            goes_on = false;
        }
        _ => {}
    }
    let mut steps = arrange(rng, pieces);
    steps.extend(last);
    (steps, goes_on)
}

fn lawful(rng: &mut Rng, deflate: bool) -> Vec<Piece> {
    match rng.below(8) {
        0..=2 => vec![Piece::Frame(messages::control(rng))],
        3 | 4 if deflate => vec![messages::compressed(rng)],
        _ => messages::message(rng),
    }
}

/// Puts pieces into writes, cut and joined.
pub fn arrange(rng: &mut Rng, pieces: Vec<Piece>) -> Vec<Step> {
    let mut steps = Vec::new();
    let joined = rng.below(6);
    let mut group: Vec<Piece> = Vec::new();
    for piece in pieces {
        group.push(piece);
        let ends = match joined {
            0 => true,
            1..=3 => false,
            _ => rng.once_in(2),
        };
        if ends {
            flush(rng, &mut group, &mut steps);
        }
    }
    flush(rng, &mut group, &mut steps);
    steps
}

fn flush(rng: &mut Rng, group: &mut Vec<Piece>, steps: &mut Vec<Step>) {
    if group.is_empty() {
        return;
    }
    match rng.below(32) {
        0 => steps.push(Step::Wait(Duration::from_millis(1))),
        1..=8 if !steps.is_empty() => steps.push(Step::Alive { evidence: true }),
        _ => {}
    }
    let pieces = std::mem::take(group);
    let coalesced = pieces.len() > 1;
    let len = pieces.iter().map(payload_len).sum();
    steps.push(Step::Send(Write { pieces, coalesced, cut: cut(rng, len), ..Write::default() }));
}

/// About how many octets a piece has; compression makes them fewer.
fn payload_len(piece: &Piece) -> usize {
    match piece {
        Piece::Frame(frame) => frame.payload.len(),
        Piece::Compressed(message) => message.frame.payload.len(),
        Piece::Raw(octets) => octets.len(),
    }
}

/// Cuts a write of about `len` octets.
fn cut(rng: &mut Rng, len: usize) -> Cut {
    match rng.below(12) {
        0 => {
            let each = *rng.pick(&[1, 1, 2, 3, 5, 7, 16]);
            if len <= each * WRITES_MAX {
                Cut::Every(each)
            } else {
                let start = if rng.once_in(2) { 0 } else { rng.below(len) };
                Cut::At((1..WRITES_MAX).map(|number| start + number * each).collect())
            }
        }
        1 | 2 => {
            let count = 1 + rng.below(3);
            Cut::At(values::positions(rng, 16, count))
        }
        3 => {
            let count = 1 + rng.below(3);
            Cut::At(values::positions(rng, 400, count))
        }
        _ => Cut::Whole,
    }
}
