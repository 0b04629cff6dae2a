//! Frames, payloads, cuts and texts in the notation of `cases/`.

use std::fmt::Write as _;
use wsgauntlet_suite::case::{Cut, FrameSpec, Masking};
use wsgauntlet_wire::{LengthForm, Opcode, hex};

/// What `send` holds for a frame.
pub(super) fn send(frame: &FrameSpec) -> String {
    let octets = payload(&frame.payload.octets());
    let mut out = match frame.opcode {
        Opcode::Continuation
        | Opcode::Text
        | Opcode::Binary
        | Opcode::Close
        | Opcode::Ping
        | Opcode::Pong => {
            format!("{{ {} = {octets}", frame.opcode)
        }
        Opcode::ReservedData(bits) | Opcode::ReservedControl(bits) => {
            format!("{{ opcode = {bits}, payload = {octets}")
        }
    };
    if !frame.fin {
        out.push_str(", fin = false");
    }
    if frame.rsv != 0 {
        let _ = write!(out, ", rsv = {}", frame.rsv);
    }
    if frame.masking == Masking::Wrong {
        out.push_str(", mask = \"wrong\"");
    }
    if let Some(key) = frame.key {
        let _ = write!(out, ", key = \"{}\"", hex::encode(&key));
    }
    if let Some(form) = frame.length_form {
        let bits = match form {
            LengthForm::Seven => 7,
            LengthForm::Sixteen => 16,
            LengthForm::SixtyFour => 64,
        };
        let _ = write!(out, ", form = {bits}");
    }
    if let Some(len) = frame.declared_len {
        let _ = write!(out, ", declare = \"{len:#x}\"");
    }
    out.push_str(" }");
    out
}

/// A payload: a short text as it stands, octets that repeat as such, all else in hexadecimal.
pub(super) fn payload(octets: &[u8]) -> String {
    let printable = |octet: &u8| (0x20..0x7f).contains(octet) && *octet != b'$';
    if let [first, .., last] = octets
        && octets.len() > 16
        && first == last
        && octets.iter().all(|octet| octet == first)
    {
        return format!("{{ fill = {{ hex = \"{first:02x}\" }}, len = {} }}", octets.len());
    }
    if octets.iter().all(printable) {
        return text(octets);
    }
    format!("{{ hex = \"{}\" }}", hex::encode(octets))
}

/// The value of `cut`. `None`: nothing is cut.
pub(super) fn cut(cut: &Cut) -> Option<String> {
    match cut {
        Cut::Whole => None,
        Cut::Every(every) => Some(every.to_string()),
        Cut::At(positions) => Some(format!("{positions:?}")),
    }
}

/// Octets as a TOML string, each a character of U+0000 to U+00FF.
pub(super) fn text(octets: &[u8]) -> String {
    let mut out = String::from("\"");
    for octet in octets {
        match octet {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            0x20..=0x7e => out.push(char::from(*octet)),
            octet => {
                let _ = write!(out, "\\u{octet:04X}");
            }
        }
    }
    out.push('"');
    out
}

/// A list of TOML strings.
pub(super) fn texts(list: &[Vec<u8>]) -> String {
    let list: Vec<String> = list.iter().map(|octets| text(octets)).collect();
    format!("[{}]", list.join(", "))
}
