//! How heads are written that differ from the usual only in form: lawful variants of both roles.

use super::variant::Variant;
use wsgauntlet_wire::opening::head::{HeadDraft, Line};

/// Rewrites the lines of a head.
pub(crate) fn vary(variant: Option<Variant>, draft: &mut HeadDraft) {
    match variant {
        Some(Variant::FieldNamesLowercase) => each_field(draft, |name, value| {
            let name = name.to_ascii_lowercase();
            Line::Field { name, value }
        }),
        Some(Variant::FieldsReversed) => draft.lines.reverse(),
        Some(Variant::FieldValuesInOtherCase) => each_field(draft, |name, value| {
            let value = match name.as_slice() {
                b"Upgrade" => b"WebSocket".to_vec(),
                b"Connection" => value.to_ascii_lowercase(),
                _ => value,
            };
            Line::Field { name, value }
        }),
        Some(Variant::ConnectionList) => each_field(draft, |name, value| {
            let value = match name.as_slice() {
                b"Connection" => [b"keep-alive, ", &value[..]].concat(),
                _ => value,
            };
            Line::Field { name, value }
        }),
        Some(Variant::FieldsAdded) => {
            draft
                .field("Cache-Control", "no-cache")
                .field("Via", "1.1 example")
                .field("X-Note", "one")
                .field("X-Note", "two; q=0.5, \"three\"")
                .field("X-Empty", "")
                .field("X-Obs-Text", b"\xe9".to_vec());
        }
        Some(Variant::FieldsSpaced) => {
            let mut wide = false;
            each_field(draft, |name, value| {
                wide = !wide;
                let (before, after): (&[u8], &[u8]) = if wide { (b":\t  ", b" \t") } else { (b":", b"") };
                Line::Raw([&name, before, &value, after].concat())
            });
        }
        Some(_) | None => {}
    }
}

fn each_field(draft: &mut HeadDraft, mut change: impl FnMut(Vec<u8>, Vec<u8>) -> Line) {
    for line in &mut draft.lines {
        if let Line::Field { name, value } = line {
            *line = change(std::mem::take(name), std::mem::take(value));
        }
    }
}
