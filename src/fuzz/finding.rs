//! What was found, and the file that keeps it.

use super::case_file;
use super::case_steps::{About, Form, boundary};
use super::complaint::{self, Complaint};
use super::memory;
use super::opening::Wanted;
use super::oracle::Oracle;
use super::session::Session;
use crate::embedded;
use wsgauntlet_suite::case::load::Source;
use wsgauntlet_suite::case::{Instance, Library};
use wsgauntlet_suite::oracle::{self, VerdictKind};
use wsgauntlet_suite::peer::{PlayConfig, Player};
use wsgauntlet_suite::transcript::{Observer, Transcript, notation};
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::{Header, Role};

/// The area of cases that were found.
pub(crate) const AREA: &str = "found";

/// A deviation that was seen again in connections of its own.
#[derive(Clone, Debug)]
pub struct Finding {
    /// In kebab-case, unique to its kind and cause.
    pub name: String,
    /// The role of the target.
    pub role: Role,
    /// What the target did that it may not do.
    pub complaint: Complaint,
    /// The same for deviations of one kind and cause, 16 hexadecimal digits.
    pub fingerprint: String,
    /// The smallest that shows it.
    pub session: Session,
    /// What is played before it in connections of their own, where it takes more than one.
    pub history: Vec<Session>,
    /// The play that showed it.
    pub transcript: Transcript,
    /// The seed of the campaign.
    pub seed: u64,
    /// The number of the session that first showed it.
    pub index: u64,
    /// The name of the target.
    pub target: String,
    /// The day, as ISO 8601 writes it.
    pub first_seen: String,
    /// The text of a case that fails on the target. `None`: no form of it does.
    pub case: Option<String>,
}

impl Finding {
    /// `rfc6455/5.1/server-closes-on-unmasked` and a fingerprint make `server-closes-on-unmasked-0123abcd`.
    pub fn name_of(complaint: &Complaint, fingerprint: &str) -> String {
        let rule = complaint.requirement.rsplit('/').next().unwrap_or_default();
        format!("{rule}-{}", fingerprint.get(..8).unwrap_or(fingerprint))
    }

    /// Whether a play of the case shows it. What a process does is seen beside the connection, and what takes several
    /// connections in none of them alone.
    pub fn shows_in_a_play(&self) -> bool {
        self.complaint.noticed != complaint::PROCESS && self.history.is_empty()
    }

    /// The case in each form that the reference passes, as text and loaded, the most telling first. Which of them fails on
    /// the target, only a play of it shows.
    pub fn forms(&self) -> Vec<(String, Instance)> {
        let mut forms: Vec<(String, Instance)> = Vec::new();
        for form in [Form::Plain, Form::Lockstep].into_iter().chain(self.in_pieces()).chain([Form::Observed])
        {
            let text = self.render(form);
            if forms.iter().all(|(known, _)| *known != text)
                && let Some(instance) = load(&self.name, &text, self.role)
                && holds(&instance)
            {
                forms.push((text, instance));
            }
        }
        forms
    }

    /// Where the target ended the connection within a frame: the octets before that, and what followed of the frame.
    fn in_pieces(&self) -> Option<Form> {
        let head_end = |octets: &[u8]| memchr::memmem::find(octets, b"\r\n\r\n").map(|at| at + 4);
        let sent = self.transcript.sent();
        let before = Transcript {
            events: self.transcript.events.get(..self.complaint.event)?.to_vec(),
            ..self.transcript.clone()
        };
        let head = head_end(&sent)?;
        let (first, all) = (before.sent().get(head..)?.to_vec(), sent.get(head..)?);
        let at = boundary(&first);
        let (header, len) = Header::decode(&first[at..])?;
        let end = usize::try_from(header.payload_len).ok()?.checked_add(at + len)?;
        let rest = all.get(first.len()..end.min(all.len()))?.to_vec();
        Some(Form::InPieces { first, rest })
    }

    fn agreed(&self) -> Option<DeflateParams> {
        let mut observer = Observer::new(self.role, self.session.payload_len());
        for (index, event) in self.transcript.events.iter().enumerate() {
            observer.take(index, &event.kind);
        }
        observer.agreed().copied()
    }

    /// How the target had to take our peer's head.
    fn wanted(&self) -> Wanted {
        let mut oracle = Oracle::new(&self.transcript, self.session.payload_len());
        for (index, event) in self.transcript.judged().iter().enumerate() {
            oracle.take(index, &event.kind);
        }
        oracle.wanted()
    }

    fn render(&self, form: Form) -> String {
        let doc = format!("Found by fuzzing: expected {}.", self.complaint.expected);
        let mut notes = vec![
            format!("Target: {}", self.target),
            format!("First seen: {}, seed {}, session {}", self.first_seen, self.seed, self.index),
            format!("Fingerprint: {}", self.fingerprint),
            format!("Expected: {}", self.complaint.expected),
            format!("Observed: {}", self.complaint.observed),
        ];
        if !self.history.is_empty() {
            notes.push(format!(
                "It takes {} connections before this one; they are not in this file.",
                self.history.len()
            ));
        }
        notes.push("Transcript:".to_owned());
        notes.extend(
            notation::lines(&self.transcript).into_iter().map(|line| format!("  {}", printable(&line))),
        );
        case_file::render(
            &self.session,
            &About {
                name: &self.name,
                doc: &printable(&doc),
                requirement: self.complaint.requirement,
                role: self.role,
                notes: &notes,
                noticed: self.complaint.noticed,
                form,
                wanted: self.wanted(),
                agreed: self.agreed(),
            },
        )
    }
}

/// A comment of TOML holds no control characters.
fn printable(line: &str) -> String {
    line.chars().map(|c| if c.is_ascii() && !c.is_ascii_control() { c } else { '.' }).collect()
}

/// The case of that text, where it is one.
fn load(name: &str, text: &str, role: Role) -> Option<Instance> {
    let source =
        Source { path: format!("{AREA}/{name}"), file: format!("{name}.toml"), text: text.to_owned() };
    let library = Library::parse(&[source], embedded::catalogue()).ok()?;
    library.instances(role).next().cloned()
}

/// Whether the reference passes the case.
fn holds(instance: &Instance) -> bool {
    let mut player = Player::new(instance, PlayConfig::new("localhost"));
    memory::play_against_reference(&mut player, memory::config(instance.role));
    let verdict = oracle::judge(instance, player.transcript(), embedded::catalogue());
    matches!(verdict.kind, VerdictKind::Pass | VerdictKind::Info)
}
