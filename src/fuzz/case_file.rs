//! A finding as a case: the octets that our peer sends, and what the reference expects, in the format of `cases/`.

use super::predict::{Ending, Predictor};
use super::session::Session;
use std::fmt::Write as _;
use wsgauntlet_reference::Violation;
use wsgauntlet_suite::case::head_edit::{HeadEdit, NameCase};
use wsgauntlet_suite::case::script::{Opening, Step, Write};
use wsgauntlet_suite::case::{CompressedSpec, Cut, FrameSpec, Masking, Payload, Piece};
use wsgauntlet_suite::peer::compression::Compression;
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::{LengthForm, Opcode, Role, hex};

/// The key of frames that name none: what is expected does not depend on it.
const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

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
    /// Nothing is expected, what happens is observed.
    pub info: bool,
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
    let mut steps = Steps::new(session, about.role, about.agreed);
    for script in &session.scripts {
        for step in script {
            steps.step(step);
        }
        steps.prove();
        steps.flush();
    }
    if session.scripts.is_empty() && session.opening.request == HeadEdit::default() {
        steps.prove();
        steps.flush();
    }
    if about.info || steps.unsure {
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

/// The steps so far, and what they ask for.
struct Steps {
    role: Role,
    predictor: Predictor,
    compression: Compression,
    lines: Vec<String>,
    /// What is expected already.
    messages: usize,
    pings: usize,
    ended: bool,
    /// The RFC, or an end of our own, leaves open what follows.
    unsure: bool,
}

impl Steps {
    fn new(session: &Session, role: Role, agreed: Option<DeflateParams>) -> Steps {
        Steps {
            role,
            predictor: Predictor::new(role, agreed),
            compression: Compression::new(agreed.as_ref(), role.peer(), session.compresses_ordinarily()),
            lines: Vec::new(),
            messages: 0,
            pings: 0,
            ended: false,
            unsure: false,
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Send(write) => self.send(write),
            Step::Alive { .. } => self.flush(),
            Step::HalfClose => {
                self.lines.push("\"half-close\"".to_owned());
                self.unsure = true;
            }
            Step::Reset => {
                self.lines.push("\"reset\"".to_owned());
                self.unsure = true;
            }
            Step::Wait(pause) => self.lines.push(format!("{{ wait = \"{}ms\" }}", pause.as_millis().max(1))),
            Step::Open | Step::IfDeflate(_) | Step::IfOffered(_) | Step::Expect(_) | Step::Close => {}
        }
    }

    fn send(&mut self, write: &Write) {
        let mut sends = Vec::new();
        for piece in &write.pieces {
            let frames = match piece {
                Piece::Raw(octets) => {
                    self.predictor.push(octets);
                    sends.push(format!("{{ raw = {} }}", payload(octets)));
                    continue;
                }
                Piece::Frame(frame) => vec![frame.clone()],
                Piece::Compressed(message) => self.compressed(message),
            };
            for frame in frames {
                self.predictor.push(&frame.encode(self.role.peer(), KEY));
                sends.push(send(&frame));
            }
        }
        let cut = match cut(&write.cut) {
            Some(cut) => format!(", cut = {cut}"),
            None => String::new(),
        };
        match &sends[..] {
            [] => {}
            [one] => self.lines.push(format!("{{ send = {one}{cut} }}")),
            many if write.coalesced => self.lines.push(format!("{{ send = [{}]{cut} }}", many.join(", "))),
            many => self.lines.extend(many.iter().map(|one| format!("{{ send = {one}{cut} }}"))),
        }
    }

    fn compressed(&mut self, message: &CompressedSpec) -> Vec<FrameSpec> {
        self.compression.frames(message)
    }

    /// Asks for an answer where nothing else does, as the driver does.
    fn prove(&mut self) {
        let open = self.predictor.ending == Ending::Open && self.predictor.at_boundary();
        if open && !self.predictor.asks_last && !self.unsure {
            let ping = FrameSpec::new(Opcode::Ping, Payload::Literal(b"wsgauntlet-1".to_vec()));
            self.predictor.push(&ping.encode(self.role.peer(), KEY));
            self.lines.push(format!("{{ send = {} }}", send(&ping)));
        }
    }

    /// Expects what was asked for since the last time.
    fn flush(&mut self) {
        if self.ended {
            return;
        }
        let or = match &self.predictor.ending {
            Ending::Open => None,
            Ending::Closed => Some("{ close = \"any\" }".to_owned()),
            Ending::Failed { violation, due } => {
                self.unsure |= !due;
                Some(fails(*violation))
            }
            Ending::Free(_) => {
                self.unsure = true;
                Some("\"end\"".to_owned())
            }
        };
        let list = |outcome: &str| match &or {
            Some(or) => format!("{{ expect = [{outcome}, {or}] }}"),
            None => format!("{{ expect = {outcome} }}"),
        };
        for (opcode, octets) in &self.predictor.messages[self.messages..] {
            self.lines.push(list(&format!("{{ {opcode} = {} }}", payload(octets))));
        }
        self.messages = self.predictor.messages.len();
        if let Some(ping) = self.predictor.pings[self.pings..].last() {
            self.lines.push(list(&format!("{{ pong = {} }}", payload(ping))));
        }
        self.pings = self.predictor.pings.len();
        match or {
            Some(or) => {
                self.ended = true;
                self.lines.push(format!("{{ expect = {or} }}"));
            }
            None if !self.predictor.at_boundary() => {
                self.ended = true;
                self.unsure = true;
            }
            None => {}
        }
    }
}

fn fails(violation: Violation) -> String {
    let wanted = match violation {
        Violation::CloseReasonNotUtf8 => "[1007, 1002]".to_owned(),
        Violation::NotDeflate | Violation::CloseCode(_) => "\"any\"".to_owned(),
        violation => violation.close_code().to_string(),
    };
    format!("{{ fail = {wanted} }}")
}

fn send(frame: &FrameSpec) -> String {
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
fn payload(octets: &[u8]) -> String {
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

fn cut(cut: &Cut) -> Option<String> {
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
