//! A finding as a case: the octets that our peer sends, and what the reference expects, in the format of `cases/`.

use super::case_notation::{cut, text, texts};
use super::case_steps::{About, Form, Steps};
use super::session::Session;
use std::fmt::Write as _;
use wsgauntlet_suite::case::head_edit::{HeadEdit, NameCase};
use wsgauntlet_suite::case::script::Opening;
use wsgauntlet_wire::Role;

/// The text of a suite with one case.
pub(super) fn render(session: &Session, about: &About<'_>) -> String {
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
