//! The steps of a found case: what our peer sent in the session, and what the target owes for it. `case_notation` has the notation.

use super::case_notation::{cut, payload, send};
use super::opening::Wanted;
use super::predict::{Ending, Predictor};
use super::session::Session;
use wsgauntlet_reference::Violation;
use wsgauntlet_suite::case::head_edit::HeadEdit;
use wsgauntlet_suite::case::script::{Step, Write};
use wsgauntlet_suite::case::{CompressedSpec, FrameSpec, Payload, Piece};
use wsgauntlet_suite::peer::compression::Compression;
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::{Header, Opcode, Role, hex, mask};

/// The key of frames that name none: what is expected does not depend on it.
const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// What asks for an answer where nothing else does.
const PROOF: &[u8] = b"wsgauntlet-1";

/// The most octets that complete a frame that was sent in part.
const COMPLETION_LEN_MAX: u64 = 1 << 20;

/// In which form a session becomes a case. What a session shows does not show in each of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As it was played.
    Plain,
    /// What a frame asks for is awaited before the next one goes out: so equal pings have a pong each.
    Lockstep,
    /// The octets `first` go out first; their last frame is not complete. The target may not react to that; then the frame is
    /// completed.
    InPieces { first: Vec<u8>, rest: Vec<u8> },
    /// Nothing is expected. What happens is observed, and the monitors judge.
    Observed,
}

/// What a case says about itself.
#[derive(Clone, Debug)]
pub(super) struct About<'a> {
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

/// The steps so far, and what they ask for.
pub(super) struct Steps<'a> {
    about: &'a About<'a>,
    predictor: Predictor,
    compression: Compression,
    pub lines: Vec<String>,
    /// What is expected already.
    messages: usize,
    pings: usize,
    /// What is expected ends the connection.
    pub ended: bool,
    /// The RFC, or an end of our own, leaves open what follows.
    pub unsure: bool,
    /// What is as good in place of everything that is expected.
    instead: Option<&'static str>,
}

impl<'a> Steps<'a> {
    /// The steps of the whole session.
    pub(super) fn of(session: &Session, about: &'a About<'a>) -> Steps<'a> {
        let (role, agreed) = (about.role, about.agreed);
        let mut steps = Steps {
            about,
            predictor: Predictor::new(role, agreed),
            compression: Compression::new(agreed.as_ref(), role.peer(), session.compresses_ordinarily()),
            lines: Vec::new(),
            messages: 0,
            pings: 0,
            ended: false,
            unsure: false,
            instead: None,
        };
        if steps.open(session) {
            match &about.form {
                Form::InPieces { first, rest } => steps.in_pieces(first, rest),
                Form::Plain | Form::Lockstep | Form::Observed => steps.scripts(session),
            }
        }
        steps
    }

    /// What is expected of the opening, where it is not to be accepted. Whether frames follow.
    fn open(&mut self, session: &Session) -> bool {
        match self.about.wanted {
            Wanted::Refused(_) => {
                // What goes out in one write with our head is not held back.
                if let (true, Some(Step::Send(write))) =
                    (session.opening.coalesced, session.scripts.first().and_then(|script| script.first()))
                {
                    self.send(write);
                }
                self.lines.push("{ expect = \"refused\" }".to_owned());
                self.ended = true;
                false
            }
            Wanted::Either if self.about.role == Role::Server && self.about.form != Form::Observed => {
                self.lines.push("{ expect = [\"open\", \"refused\"] }".to_owned());
                self.instead = Some("\"refused\"");
                self.ended = self.about.noticed == "opening";
                !self.ended
            }
            Wanted::Open | Wanted::Either | Wanted::Incomplete => true,
        }
    }

    fn scripts(&mut self, session: &Session) {
        for script in &session.scripts {
            for step in script {
                self.step(step);
            }
            self.prove();
            self.flush();
        }
        if session.scripts.is_empty()
            && (session.opening.request == HeadEdit::default() || self.instead.is_some())
        {
            self.prove();
            self.flush();
        }
        if self.about.noticed == "close reply" && self.predictor.ending == Ending::Open && !self.ended {
            // The closing handshake that is added to a case does not look at the code.
            self.send_frame(&FrameSpec::new(Opcode::Close, Payload::Literal(vec![0x03, 0xe8])));
            self.flush();
        }
    }

    fn in_pieces(&mut self, first: &[u8], rest: &[u8]) {
        let (whole, part) = first.split_at(boundary(first));
        if !whole.is_empty() {
            self.raw(whole, &payload(whole));
            self.flush();
        }
        self.raw(part, &payload(part));
        self.lines.push("{ expect = \"silence\", within = \"100ms\" }".to_owned());
        let begun = [part, rest].concat();
        let filler = completion(&begun, |octets| {
            let mut predictor = Predictor::new(self.about.role, self.about.agreed);
            predictor.push(&[whole, octets].concat());
            predictor.ending == Ending::Open || predictor.ending == Ending::Closed
        });
        let mut sent = rest.to_vec();
        let mut written = payload(rest);
        if let Some((unit, len)) = filler {
            sent.extend(unit.iter().cycle().take(len));
            written = format!(
                "{{ concat = [{written}, {{ fill = {{ hex = \"{}\" }}, len = {len} }}] }}",
                hex::encode(&unit)
            );
        }
        self.raw(&sent, &written);
        self.flush();
    }

    /// Sends octets, which the case has in the notation `written`.
    fn raw(&mut self, octets: &[u8], written: &str) {
        self.predictor.push(octets);
        self.lines.push(format!("{{ send = {{ raw = {written} }} }}"));
    }

    fn send_frame(&mut self, frame: &FrameSpec) {
        self.predictor.push(&frame.encode(self.about.role.peer(), KEY));
        self.lines.push(format!("{{ send = {} }}", send(frame)));
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
            Step::Open
            | Step::IfDeflate(_)
            | Step::IfOffered(_)
            | Step::Expect(_)
            | Step::Answer
            | Step::Close => {}
        }
    }

    fn send(&mut self, write: &Write) {
        let cut = match cut(&write.cut) {
            Some(cut) => format!(", cut = {cut}"),
            None => String::new(),
        };
        let lockstep = self.about.form == Form::Lockstep && !write.coalesced;
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
                self.predictor.push(&frame.encode(self.about.role.peer(), KEY));
                sends.push(send(&frame));
                if lockstep && self.predictor.at_boundary() {
                    self.lines.extend(sends.drain(..).map(|one| format!("{{ send = {one}{cut} }}")));
                    self.flush();
                }
            }
        }
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
            self.send_frame(&FrameSpec::new(Opcode::Ping, Payload::Literal(PROOF.to_vec())));
        }
    }

    /// Expects what was asked for since the last time.
    fn flush(&mut self) {
        if self.ended {
            return;
        }
        let or = match &self.predictor.ending {
            Ending::Open => None,
            Ending::Closed if self.about.noticed == "close reply" => return self.close_echoed(),
            Ending::Closed => Some("{ close = \"any\" }".to_owned()),
            Ending::Failed { violation: Violation::CloseCode(_), .. } if self.about.noticed == "failing" => {
                self.lines.push("{ expect = { close = \"any\" }, tolerate = { fail = \"any\" } }".to_owned());
                self.ended = true;
                return;
            }
            Ending::Failed { violation, due } => {
                // Whoever judges late waits for more.
                self.instead = self.instead.or((!due).then_some("\"silence\""));
                Some(fails(*violation))
            }
            Ending::Free(Violation::LengthNotMinimal) if self.about.noticed == "leniency" => {
                return self.not_minimal();
            }
            Ending::Free(_) => {
                self.unsure = true;
                Some("\"end\"".to_owned())
            }
        };
        let instead = self.instead;
        let list = |outcome: &str| {
            let outcomes: Vec<&str> = [Some(outcome), or.as_deref(), instead].into_iter().flatten().collect();
            match &outcomes[..] {
                [one] => format!("{{ expect = {one} }}"),
                several => format!("{{ expect = [{}] }}", several.join(", ")),
            }
        };
        for (opcode, octets) in &self.predictor.messages[self.messages..] {
            self.lines.push(list(&format!("{{ {opcode} = {} }}", payload(octets))));
        }
        self.messages = self.predictor.messages.len();
        if let Some(ping) = self.predictor.pings[self.pings..].last() {
            self.lines.push(list(&format!("{{ pong = {} }}", payload(ping))));
        }
        self.pings = self.predictor.pings.len();
        match &or {
            Some(or) => {
                self.ended = true;
                let line = match instead {
                    Some(instead) => format!("{{ expect = [{or}, {instead}] }}"),
                    None => format!("{{ expect = {or} }}"),
                };
                self.lines.push(line);
            }
            None if !self.predictor.at_boundary() => {
                self.ended = true;
                self.unsure = true;
            }
            None => {}
        }
    }

    /// §5.5.1: "typically echos the status code it received". Another code breaks no MUST.
    fn close_echoed(&mut self) {
        let fine: Vec<String> = match self.predictor.close_code {
            Some(code) => vec![code.to_string(), "\"none\"".to_owned(), "1000".to_owned(), "1001".to_owned()],
            None => vec!["\"none\"".to_owned(), "1000".to_owned(), "1001".to_owned()],
        };
        let line =
            format!("{{ expect = {{ close = [{}] }}, tolerate = {{ close = \"any\" }} }}", fine.join(", "));
        self.lines.push(line);
        self.ended = true;
    }

    /// §5.2: the minimal length binds the sender, and a receiver may be lenient. Then an answer shows it.
    fn not_minimal(&mut self) {
        let ping = FrameSpec::new(Opcode::Ping, Payload::Literal(PROOF.to_vec()));
        self.lines.push(format!("{{ send = {} }}", send(&ping)));
        let lenient = format!("{{ pong = {} }}", payload(PROOF));
        self.lines
            .push(format!("{{ expect = {}, tolerate = {lenient} }}", fails(Violation::LengthNotMinimal)));
        self.ended = true;
    }
}

/// Where the last frame of the octets begins, unless it is complete.
pub(super) fn boundary(octets: &[u8]) -> usize {
    let mut at = 0;
    while let Some((header, len)) = Header::decode(&octets[at..]) {
        match usize::try_from(header.payload_len) {
            Ok(payload) if payload <= octets.len() - at - len => at += len + payload,
            _ => return at,
        }
    }
    at
}

/// The payload that a frame lacks, as what is repeated and how often: masked, and so that `fine` says yes.
fn completion(begun: &[u8], fine: impl Fn(&[u8]) -> bool) -> Option<(Vec<u8>, usize)> {
    let (header, header_len) = Header::decode(begun)?;
    let there = (begun.len() - header_len) as u64;
    let missing = header.payload_len.checked_sub(there).filter(|missing| *missing > 0)?;
    let len = usize::try_from(missing.min(COMPLETION_LEN_MAX)).ok().filter(|len| *len as u64 == missing)?;
    let key = header.key.unwrap_or_default();
    // One of them ends a character that is under way.
    let mut units: Vec<Vec<u8>> = [b"xxxx", &[0x80; 4]].map(|unit| unit.to_vec()).into();
    units.iter_mut().for_each(|unit| mask::apply(key, there, unit));
    let first = units[0].clone();
    let whole = |unit: &Vec<u8>| {
        fine(&[begun, &unit.iter().copied().cycle().take(len).collect::<Vec<u8>>()].concat())
    };
    Some((units.into_iter().find(whole).unwrap_or(first), len))
}

fn fails(violation: Violation) -> String {
    let wanted = match violation {
        Violation::CloseReasonNotUtf8 => "[1007, 1002]".to_owned(),
        Violation::NotDeflate | Violation::CloseCode(_) => "\"any\"".to_owned(),
        violation => violation.close_code().to_string(),
    };
    format!("{{ fail = {wanted} }}")
}
