//! What was found, and the file that keeps it.

use super::case_file::{self, About};
use super::complaint::Complaint;
use super::memory;
use super::session::Session;
use crate::embedded;
use wsgauntlet_suite::case::load::Source;
use wsgauntlet_suite::case::{Instance, Library};
use wsgauntlet_suite::oracle::{self, VerdictKind};
use wsgauntlet_suite::peer::{PlayConfig, Player};
use wsgauntlet_suite::transcript::{Observer, Transcript, notation};
use wsgauntlet_wire::Role;
use wsgauntlet_wire::opening::DeflateParams;

/// The area of cases that were found.
pub const AREA: &str = "found";

/// A deviation that was seen again in connections of its own.
#[derive(Clone, Debug)]
pub struct Finding {
    /// In kebab-case, unique to its kind and cause.
    pub name: String,
    pub role: Role,
    /// `None`: the target died, hung, or outgrew its limits, and no connection says so.
    pub complaint: Complaint,
    pub fingerprint: String,
    /// The smallest that shows it.
    pub session: Session,
    /// What is played before it in connections of their own, where it takes more than one.
    pub history: Vec<Session>,
    pub transcript: Transcript,
    pub seed: u64,
    /// The number of the session that first showed it.
    pub index: u64,
    pub target: String,
    /// The day, as ISO 8601 writes it.
    pub first_seen: String,
}

impl Finding {
    /// `rfc6455/5.1/server-closes-on-unmasked` and a fingerprint make `server-closes-on-unmasked-0123abcd`.
    pub fn name_of(complaint: &Complaint, fingerprint: &str) -> String {
        let rule = complaint.requirement.rsplit('/').next().unwrap_or_default();
        format!("{rule}-{}", fingerprint.get(..8).unwrap_or(fingerprint))
    }

    /// The text of the case file.
    pub fn to_case_file(&self) -> String {
        let text = self.render(false);
        match holds(&self.name, &text, self.role) {
            true => text,
            // What the steps of a case cannot say is observed only; the monitors judge all the same.
            false => self.render(true),
        }
    }

    fn agreed(&self) -> Option<DeflateParams> {
        let mut observer = Observer::new(self.role, self.session.payload_len());
        for (index, event) in self.transcript.events.iter().enumerate() {
            observer.take(index, &event.kind);
        }
        observer.agreed().copied()
    }

    fn render(&self, info: bool) -> String {
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
                info,
                agreed: self.agreed(),
            },
        )
    }
}

/// A comment of TOML holds no control characters.
fn printable(line: &str) -> String {
    line.chars().map(|c| if c.is_ascii() && !c.is_ascii_control() { c } else { '.' }).collect()
}

/// Whether the reference passes the case of that text.
fn holds(name: &str, text: &str, role: Role) -> bool {
    let source =
        Source { path: format!("{AREA}/{name}"), file: format!("{name}.toml"), text: text.to_owned() };
    let Ok(library) = Library::parse(&[source], embedded::catalogue()) else { return false };
    let instances: Vec<&Instance> = library.instances(role).collect();
    !instances.is_empty()
        && instances.iter().all(|instance| {
            let mut player = Player::new(instance, PlayConfig::new("localhost"));
            memory::join(&mut player, memory::config(role));
            let verdict = oracle::judge(instance, player.transcript(), embedded::catalogue());
            matches!(verdict.kind, VerdictKind::Pass | VerdictKind::Info)
        })
}
