//! A finding as a case: the octets that our peer sends, and what the reference expects, in the format of `cases/`.

use super::case_steps::{Form, Steps};
use super::opening::Wanted;
use super::session::Session;
use std::fmt::Write as _;
use wsgauntlet_suite::case::head_edit::{HeadEdit, NameCase};
use wsgauntlet_suite::case::script::Opening;
use wsgauntlet_suite::case::{Cut, FrameSpec, Masking};
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::{LengthForm, Opcode, Role, hex};

/// What a case says about itself.
#[derive(Clone, Debug)]
pub struct About<'a> {
    /// In kebab-case.
    pub name: &'a str,
    pub doc: &'a str,
    pub requirement: &'a str,
    /// Of the implementation under test.
    pub role: Role,
    /// Lines of comment above it.
    pub notes: &'a [String],
    /// In a word or two, what was looked at.
    pub noticed: &'a str,
    pub form: Form,
    /// How the target had to take our peer's head.
    pub wanted: Wanted,
    /// What was agreed about compression where it was found.
    pub agreed: Option<DeflateParams>,
}

/// The text of a suite with one case.
pub fn render(session: &Session, about: &About<'_>) -> String {
    let mut out = format!("doc = {}\n\n", text(about.doc.as_bytes()));
    for note in about.notes {
        let _ = writeln!(out, "# {note}");
    }
    let _ = writeln!(out, "[[case]]\nname = {}", text(about.name.as_bytes()));
    let _ = writeln!(out, "doc = {}", text(about.doc.as_bytes()));
    let _ = writeln!(out, "verifies = [{}]", text(about.requirement.as_bytes()));
    let _ = writeln!(out, "only = \"{}\"", about.role);
    let session = &without_condition(session, about);
    let steps = Steps::of(session, about);
    if steps.unsure || about.form == Form::Observed {
        out.push_str("info = true\n");
    }
    out.push_str("proof = false\n");
    if steps.ended {
        out.push_str("closing = false\n");
    }
    if let Some(opening) = opening(&session.opening) {
        let _ = writeln!(out, "opening = {opening}");
    }
    out.push_str("steps = [\n");
    for line in steps.lines {
        let _ = writeln!(out, "  {line},");
    }
    out.push_str("]\n");
    out
}

/// An offer that a server declined is sent as a field: `deflate` would make what follows depend on an agreement.
fn without_condition(session: &Session, about: &About<'_>) -> Session {
    let mut session = session.clone();
    let name = b"Sec-WebSocket-Extensions";
    let named = session.opening.request.set.iter().any(|(set, _)| set.eq_ignore_ascii_case(name));
    if about.role == Role::Server
        && about.agreed.is_none()
        && !named
        && let Some(offer) = session.opening.deflate.take()
    {
        session.opening.request.set.push((name.to_vec(), vec![offer.to_element().into_bytes()]));
    }
    session
}

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

pub(super) fn cut(cut: &Cut) -> Option<String> {
    match cut {
        Cut::Whole => None,
        Cut::Every(every) => Some(every.to_string()),
        Cut::At(positions) => Some(format!("{positions:?}")),
    }
}

/// Octets as a TOML string, each a character of U+0000 to U+00FF.
fn text(octets: &[u8]) -> String {
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

fn texts(list: &[Vec<u8>]) -> String {
    let list: Vec<String> = list.iter().map(|octets| text(octets)).collect();
    format!("[{}]", list.join(", "))
}

fn opening(opening: &Opening) -> Option<String> {
    let mut parts = Vec::new();
    if let Some(offer) = &opening.deflate {
        parts.push(format!("deflate = {}", text(offer.to_element().as_bytes())));
    }
    if opening.ignore_hint {
        parts.push("ignore-hint = true".to_owned());
    }
    for (name, edit) in [("request", &opening.request), ("response", &opening.response)] {
        if *edit != HeadEdit::default() {
            parts.push(format!("{name} = {}", head(edit)));
        }
    }
    parts.extend(cut(&opening.cut).map(|cut| format!("cut = {cut}")));
    if opening.coalesced {
        parts.push("coalesced = true".to_owned());
    }
    parts.extend(opening.stop_after.map(|len| format!("stop-after = {len}")));
    (!parts.is_empty()).then(|| format!("{{ {} }}", parts.join(", ")))
}

fn head(edit: &HeadEdit) -> String {
    let named = [
        ("raw", &edit.raw),
        ("start-line", &edit.start_line),
        ("method", &edit.method),
        ("target", &edit.target),
        ("version", &edit.version),
        ("status", &edit.status),
        ("reason", &edit.reason),
        ("line-break", &edit.line_break),
    ];
    let mut parts: Vec<String> = named
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name} = {}", text(value.as_ref()?))))
        .collect();
    if !edit.set.is_empty() {
        let set: Vec<String> =
            edit.set.iter().map(|(name, values)| format!("{} = {}", text(name), texts(values))).collect();
        parts.push(format!("set = {{ {} }}", set.join(", ")));
    }
    for (name, list) in [("remove", &edit.remove), ("first", &edit.first), ("add", &edit.add)] {
        if !list.is_empty() {
            parts.push(format!("{name} = {}", texts(list)));
        }
    }
    match edit.name_case {
        NameCase::AsIs => {}
        NameCase::Lower => parts.push("names = \"lower\"".to_owned()),
        NameCase::Upper => parts.push("names = \"upper\"".to_owned()),
    }
    if !edit.body.is_empty() {
        parts.push(format!("body = {}", text(&edit.body)));
    }
    format!("{{ {} }}", parts.join(", "))
}
