//! Openings: plain ones, lawful ones that look different, and defective ones.

use super::values;
use crate::fuzz::rng::Rng;
use wsgauntlet_suite::case::Cut;
use wsgauntlet_suite::case::head_edit::{HeadEdit, NameCase};
use wsgauntlet_suite::case::script::Opening;
use wsgauntlet_wire::Role;
use wsgauntlet_wire::boundary::heads;
use wsgauntlet_wire::opening::DeflateOffer;

/// An opening towards a target in `role`.
pub(super) fn opening(rng: &mut Rng, role: Role) -> Opening {
    let mut opening = Opening::default();
    // Compression contexts cost as much time as ten scripts.
    if rng.once_in(6) {
        opening.deflate = Some(offer(rng));
    }
    match rng.below(16) {
        // A client waits for the response, §4.1.
        0 => opening.coalesced = role == Role::Client,
        1 => {
            let len = 160;
            let count = 1 + rng.below(4);
            opening.cut =
                if rng.once_in(3) { Cut::Every(1) } else { Cut::At(values::positions(rng, len, count)) };
        }
        2..=4 => {
            let edit = if rng.once_in(3) { lawful(rng) } else { defective(rng, role) };
            match role {
                Role::Server => opening.request = edit,
                Role::Client => opening.response = edit,
            }
        }
        _ => {}
    }
    opening
}

fn offer(rng: &mut Rng) -> DeflateOffer {
    let mut offer = DeflateOffer::default();
    let bits = |rng: &mut Rng| 8 + rng.below(8) as u8;
    match rng.below(4) {
        0 => {}
        1 => offer.client_max_window_bits = Some(None),
        _ => {
            offer.server_no_context_takeover = rng.once_in(3);
            offer.client_no_context_takeover = rng.once_in(3);
            offer.server_max_window_bits = rng.once_in(3).then(|| bits(rng));
            offer.client_max_window_bits = rng.once_in(2).then(|| rng.once_in(2).then(|| bits(rng)));
        }
    }
    offer
}

fn set(name: &str, value: impl Into<Vec<u8>>) -> HeadEdit {
    HeadEdit { set: vec![(name.as_bytes().to_vec(), vec![value.into()])], ..HeadEdit::default() }
}

/// An edit that makes no difference to a reader of HTTP.
fn lawful(rng: &mut Rng) -> HeadEdit {
    match rng.below(11) {
        0 => HeadEdit { name_case: NameCase::Lower, ..HeadEdit::default() },
        1 => HeadEdit { name_case: NameCase::Upper, ..HeadEdit::default() },
        2 => set("Upgrade", *rng.pick(heads::LAWFUL_UPGRADES)),
        3 => set("Connection", *rng.pick(heads::LAWFUL_CONNECTIONS)),
        4 => {
            let line = *rng.pick(heads::LAWFUL_LINES);
            HeadEdit { add: vec![line.as_bytes().to_vec()], ..HeadEdit::default() }
        }
        7 => HeadEdit {
            set: vec![(b"Connection".to_vec(), vec![b"keep-alive".to_vec(), b"Upgrade".to_vec()])],
            ..HeadEdit::default()
        },
        8 => HeadEdit {
            remove: vec![b"Upgrade".to_vec()],
            add: vec![b"Upgrade:websocket".to_vec()],
            ..HeadEdit::default()
        },
        9 => {
            let lines = vec![b"x-unknown".to_vec(), b"permessage-deflate".to_vec()];
            HeadEdit { set: vec![(b"Sec-WebSocket-Extensions".to_vec(), lines)], ..HeadEdit::default() }
        }
        5 => HeadEdit { first: vec![b"X-First: 1".to_vec()], ..HeadEdit::default() },
        6 => {
            let value = "x".repeat(values::length(rng).min(2000));
            HeadEdit { add: vec![format!("X-Long: {value}").into_bytes()], ..HeadEdit::default() }
        }
        _ => set("Sec-WebSocket-Extensions", *rng.pick(heads::LAWFUL_EXTENSIONS)),
    }
}

fn remove(name: &str) -> HeadEdit {
    HeadEdit { remove: vec![name.as_bytes().to_vec()], ..HeadEdit::default() }
}

fn defective(rng: &mut Rng, role: Role) -> HeadEdit {
    match role {
        Role::Server => defective_request(rng),
        Role::Client => defective_response(rng),
    }
}

fn defective_request(rng: &mut Rng) -> HeadEdit {
    match rng.below(14) {
        0..=2 => remove(rng.pick::<&str>(heads::REQUEST_FIELDS)),
        3 => set("Upgrade", *rng.pick(heads::BAD_UPGRADES)),
        4 => set("Connection", *rng.pick(heads::BAD_CONNECTIONS)),
        5 => set("Sec-WebSocket-Version", *rng.pick(heads::BAD_VERSIONS)),
        6 => set("Sec-WebSocket-Key", *rng.pick(heads::BAD_KEYS)),
        7 => {
            HeadEdit { method: Some(rng.pick(heads::BAD_METHODS).as_bytes().to_vec()), ..HeadEdit::default() }
        }
        8 => HeadEdit {
            version: Some(rng.pick(heads::BAD_HTTP_VERSIONS).as_bytes().to_vec()),
            ..HeadEdit::default()
        },
        9 => HeadEdit { add: vec![rng.pick(heads::BAD_LINES).as_bytes().to_vec()], ..HeadEdit::default() },
        10 => HeadEdit {
            line_break: Some(rng.pick(heads::BAD_LINE_BREAKS).as_bytes().to_vec()),
            ..HeadEdit::default()
        },
        11 => {
            HeadEdit { target: Some(rng.pick(heads::BAD_TARGETS).as_bytes().to_vec()), ..HeadEdit::default() }
        }
        12 => set("Sec-WebSocket-Extensions", *rng.pick(heads::BAD_EXTENSIONS)),
        _ => set("Sec-WebSocket-Protocol", *rng.pick(heads::PROTOCOLS)),
    }
}

fn defective_response(rng: &mut Rng) -> HeadEdit {
    match rng.below(9) {
        0 | 1 => remove(rng.pick::<&str>(heads::RESPONSE_FIELDS)),
        2 => set("Upgrade", *rng.pick(heads::BAD_RESPONSE_UPGRADES)),
        3 => set("Connection", *rng.pick(heads::BAD_RESPONSE_CONNECTIONS)),
        4 => set("Sec-WebSocket-Accept", *rng.pick(heads::BAD_ACCEPTS)),
        5 => HeadEdit {
            status: Some(rng.pick(heads::BAD_STATUSES).as_bytes().to_vec()),
            ..HeadEdit::default()
        },
        6 => set("Sec-WebSocket-Protocol", *rng.pick(heads::BAD_RESPONSE_PROTOCOLS)),
        7 => set("Sec-WebSocket-Extensions", *rng.pick(heads::BAD_RESPONSE_EXTENSIONS)),
        _ => HeadEdit {
            version: Some(rng.pick(heads::BAD_RESPONSE_VERSIONS).as_bytes().to_vec()),
            ..HeadEdit::default()
        },
    }
}
