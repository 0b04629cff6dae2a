//! Openings: plain ones, lawful ones that look different, and defective ones.

use super::values;
use crate::fuzz::rng::Rng;
use wsgauntlet_suite::case::Cut;
use wsgauntlet_suite::case::head_edit::{HeadEdit, NameCase};
use wsgauntlet_suite::case::script::Opening;
use wsgauntlet_wire::Role;
use wsgauntlet_wire::opening::DeflateOffer;

/// An opening towards a target in `role`.
pub fn opening(rng: &mut Rng, role: Role) -> Opening {
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
        2 => set("Upgrade", *rng.pick(&["WebSocket", "WEBSOCKET", "websocket ", "\twebsocket"])),
        3 => set(
            "Connection",
            *rng.pick(&["upgrade", "UPGRADE", "keep-alive, Upgrade", "Upgrade, keep-alive", "a,b ,Upgrade"]),
        ),
        4 => {
            let line =
                *rng.pick(&["X-Note: one", "X-Empty:", "X-Note:one", "X-Note: \tone \t", "Cookie: a=b; c=d"]);
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
        _ => set(
            "Sec-WebSocket-Extensions",
            *rng.pick(&[
                "x-unknown",
                "x-unknown; a=b, permessage-deflate",
                "permessage-deflate; client_max_window_bits, permessage-deflate",
            ]),
        ),
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
    let fields = ["Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version"];
    match rng.below(14) {
        0..=2 => remove(fields[rng.below(fields.len())]),
        3 => set(
            "Upgrade",
            *rng.pick(&["", "web", "websocket2", "h2c", "websockets", "xwebsocket", "web socket"]),
        ),
        4 => set("Connection", *rng.pick(&["", "keep-alive", "close", "Upgraded", "xUpgrade", "Up grade"])),
        5 => set(
            "Sec-WebSocket-Version",
            *rng.pick(&[
                "", "0", "8", "12", "14", "130", "013", "1 3", "13, 8", "8, 13", "255", "-13", "13.0",
            ]),
        ),
        6 => set(
            "Sec-WebSocket-Key",
            *rng.pick(&[
                "",
                "x",
                "AAAAAAAAAAAAAAAAAAAAAA",
                "AAAAAAAAAAAAAAAAAAAAAA=",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "dGhlIHNhbXBsZSBub25jZQ== x",
                "A===",
                "!!!!!!!!!!!!!!!!!!!!!!==",
            ]),
        ),
        7 => HeadEdit {
            method: Some(
                rng.pick(&["POST", "HEAD", "PUT", "get", "OPTIONS", "GETT", "G", "CONNECT"])
                    .as_bytes()
                    .to_vec(),
            ),
            ..HeadEdit::default()
        },
        8 => HeadEdit {
            version: Some(
                rng.pick(&[
                    "HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.2", "http/1.1", "HTTP/1", "HTTP/11", "",
                ])
                .as_bytes()
                .to_vec(),
            ),
            ..HeadEdit::default()
        },
        9 => HeadEdit {
            add: vec![
                rng.pick(&[
                    "Host: other",
                    "Upgrade: websocket",
                    "Sec-WebSocket-Key: {key}",
                    "Sec-WebSocket-Version: 13",
                    "No colon",
                    " folded: x",
                    "Bad Name: x",
                    "X-Nul: a\0b",
                    ": empty",
                    "X-Cr: a\rb",
                    "Content-Length: 5",
                    "Transfer-Encoding: chunked",
                ])
                .as_bytes()
                .to_vec(),
            ],
            ..HeadEdit::default()
        },
        10 => {
            HeadEdit { line_break: Some(rng.pick(&["\n", "\r"]).as_bytes().to_vec()), ..HeadEdit::default() }
        }
        11 => HeadEdit {
            target: Some(
                rng.pick(&["", "x", "*", "/a b", "/#f", "http://", "//", "/%", "/\u{7f}"])
                    .as_bytes()
                    .to_vec(),
            ),
            ..HeadEdit::default()
        },
        12 => set(
            "Sec-WebSocket-Extensions",
            *rng.pick(&[
                "",
                ",",
                "permessage-deflate; server_max_window_bits=7",
                "permessage-deflate; server_max_window_bits=16",
                "permessage-deflate; client_max_window_bits=0",
                "permessage-deflate; x",
                "permessage-deflate; server_no_context_takeover=1",
                "=;",
                "a b",
                "permessage-deflate; server_max_window_bits=\"10\"",
            ]),
        ),
        _ => set(
            "Sec-WebSocket-Protocol",
            *rng.pick(&["", ",", "chat", "chat, chat", "a b", "chat,superchat", "CHAT"]),
        ),
    }
}

fn defective_response(rng: &mut Rng) -> HeadEdit {
    match rng.below(9) {
        0 | 1 => remove(["Upgrade", "Connection", "Sec-WebSocket-Accept"][rng.below(3)]),
        2 => set("Upgrade", *rng.pick(&["", "web", "h2c", "websocket2"])),
        3 => set("Connection", *rng.pick(&["", "keep-alive", "close", "Upgraded"])),
        4 => set(
            "Sec-WebSocket-Accept",
            *rng.pick(&["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "{accept}x", "{key}"]),
        ),
        5 => HeadEdit {
            status: Some(
                rng.pick(&["200", "100", "102", "301", "400", "404", "500", "1010", "10"])
                    .as_bytes()
                    .to_vec(),
            ),
            ..HeadEdit::default()
        },
        6 => set("Sec-WebSocket-Protocol", *rng.pick(&["x-nobody-asked", "", "a, b"])),
        7 => set(
            "Sec-WebSocket-Extensions",
            *rng.pick(&[
                "x-nobody-asked",
                "permessage-deflate; x",
                "permessage-deflate, permessage-deflate",
                "permessage-deflate; server_max_window_bits=16",
            ]),
        ),
        _ => HeadEdit {
            version: Some(rng.pick(&["HTTP/1.0", "HTTP/2.0", "http/1.1"]).as_bytes().to_vec()),
            ..HeadEdit::default()
        },
    }
}
