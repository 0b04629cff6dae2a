//! Sessions made of sessions: one thing changed, or two spliced.

use super::generate;
use super::rng::Rng;
use super::session::Session;
use wsgauntlet_suite::case::script::{Step, Write};
use wsgauntlet_suite::case::{Cut, FrameSpec, Masking, Payload, Piece};
use wsgauntlet_wire::Opcode;

/// How many changes are made at once, at the most.
const CHANGES_MAX: usize = 3;

/// The most steps of a session that is changed further.
const STEPS_MAX: usize = 64;

/// A session like that one. `other` is what may be spliced into it.
pub(super) fn mutate(rng: &mut Rng, session: &Session, other: &Session) -> Session {
    let mut changed = session.clone();
    for _ in 0..=rng.below(CHANGES_MAX) {
        if changed.steps_len() == 0 || rng.once_in(6) {
            splice(rng, &mut changed, other);
        } else {
            change(rng, &mut changed);
        }
    }
    for script in &mut changed.scripts {
        script.truncate(STEPS_MAX);
    }
    changed.scripts.retain(|script| !script.is_empty());
    changed
}

/// The start of one, and scripts or steps of the other behind it.
fn splice(rng: &mut Rng, session: &mut Session, other: &Session) {
    let Some(from) = other.scripts.get(rng.below(other.scripts.len())) else { return };
    if rng.once_in(2) || session.scripts.is_empty() {
        let at = rng.below(session.scripts.len() + 1);
        session.scripts.insert(at, from.clone());
        return;
    }
    let into = rng.below(session.scripts.len());
    let script = &mut session.scripts[into];
    let at = rng.below(script.len() + 1);
    let tail = from[rng.below(from.len().max(1)).min(from.len())..].to_vec();
    script.truncate(at);
    script.extend(tail);
}

fn change(rng: &mut Rng, session: &mut Session) {
    let filled: Vec<usize> =
        (0..session.scripts.len()).filter(|at| !session.scripts[*at].is_empty()).collect();
    let Some(&at) = filled.get(rng.below(filled.len())) else { return };
    if rng.once_in(12) {
        session.scripts.remove(at);
        return;
    }
    let deflate = session.opening.deflate.is_some();
    let script = &mut session.scripts[at];
    let step = rng.below(script.len());
    match rng.below(10) {
        0 => {
            script.remove(step);
        }
        1 => script.insert(step, script[step].clone()),
        2 => {
            let other = rng.below(script.len());
            script.swap(step, other);
        }
        3 => {
            let (steps, _) = generate::script(rng, deflate);
            let at = rng.below(script.len() + 1);
            script.splice(at..at, steps);
        }
        4 => join(script, step),
        _ => {
            if let Step::Send(write) = &mut script[step] {
                change_write(rng, write);
            }
        }
    }
}

/// Two writes become one.
fn join(script: &mut Vec<Step>, step: usize) {
    if let (Some(Step::Send(_)), Some(Step::Send(second))) = (script.get(step), script.get(step + 1).cloned())
    {
        script.remove(step + 1);
        if let Step::Send(first) = &mut script[step] {
            first.pieces.extend(second.pieces);
            first.coalesced = true;
        }
    }
}

fn change_write(rng: &mut Rng, write: &mut Write) {
    if write.pieces.is_empty() {
        return;
    }
    let at = rng.below(write.pieces.len());
    match rng.below(8) {
        0 => {
            let count = 1 + rng.below(3);
            write.cut =
                if rng.once_in(3) { Cut::Every(1) } else { Cut::At(generate::positions(rng, 40, count)) };
        }
        1 => write.cut = Cut::Whole,
        2 => write.coalesced = !write.coalesced,
        3 => write.pieces.insert(at, write.pieces[at].clone()),
        4 if write.pieces.len() > 1 => {
            write.pieces.remove(at);
        }
        _ => match &mut write.pieces[at] {
            Piece::Frame(frame) => change_frame(rng, frame),
            Piece::Compressed(message) => change_frame(rng, &mut message.frame),
            Piece::Raw(octets) => change_octets(rng, octets),
        },
    }
}

fn change_frame(rng: &mut Rng, frame: &mut FrameSpec) {
    match rng.below(10) {
        0 => frame.fin = !frame.fin,
        1 => frame.rsv ^= 1 << rng.below(3),
        2 => {
            let bits = frame.opcode.bits() ^ (1 << rng.below(4));
            frame.opcode = if rng.once_in(2) { Opcode::from_bits(bits) } else { *rng.pick(USUAL) };
        }
        3 => frame.masking = Masking::Wrong,
        4 => frame.key = Some([rng.octet(), rng.octet(), rng.octet(), rng.octet()]),
        5 | 6 => {
            let len =
                if frame.opcode.is_control() { generate::control_length(rng) } else { generate::length(rng) };
            let mut octets = frame.payload.octets();
            let filler = octets.last().copied().unwrap_or(b'x');
            octets.resize(len, filler);
            frame.payload = Payload::Literal(octets);
        }
        7 => {
            let len = frame.payload.len();
            frame.payload = Payload::Literal(generate::text(rng, len.min(4096)));
        }
        8 if frame.opcode == Opcode::Close => {
            let mut octets = frame.payload.octets();
            octets.resize(octets.len().max(2), 0);
            octets[..2].copy_from_slice(&generate::close_code(rng).to_be_bytes());
            frame.payload = Payload::Literal(octets);
        }
        _ => {
            let mut octets = frame.payload.octets();
            change_octets(rng, &mut octets);
            frame.payload = Payload::Literal(octets);
        }
    }
}

const USUAL: &[Opcode] =
    &[Opcode::Continuation, Opcode::Text, Opcode::Binary, Opcode::Close, Opcode::Ping, Opcode::Pong];

fn change_octets(rng: &mut Rng, octets: &mut Vec<u8>) {
    if octets.is_empty() {
        octets.push(rng.octet());
        return;
    }
    let at = rng.below(octets.len());
    match rng.below(5) {
        0 => octets[at] ^= 1 << rng.below(8),
        1 => octets[at] = *rng.pick(&[0x00, 0x7f, 0x80, 0xc0, 0xed, 0xf4, 0xff]),
        2 => octets.insert(at, rng.octet()),
        3 => {
            octets.remove(at);
        }
        _ => octets.truncate(at),
    }
}
