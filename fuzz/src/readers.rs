//! What reads files.

use std::time::Duration;
use wsgauntlet::embedded;
use wsgauntlet::report::baseline;
use wsgauntlet::report::stored::StoredRun;
use wsgauntlet_suite::case::Library;
use wsgauntlet_suite::case::load::Source;
use wsgauntlet_suite::transcript::{Capabilities, EventKind, Transcript, notation};
use wsgauntlet_wire::Role;

/// A case file is loaded, or all its mistakes are told, each with a place in it.
pub fn run_case_loader(octets: &[u8]) {
    let Ok(text) = std::str::from_utf8(octets) else { return };
    let source = Source { path: "fuzz/fuzz".to_owned(), file: "fuzz.toml".to_owned(), text: text.to_owned() };
    if let Err(mistakes) = Library::parse(&[source], embedded::catalogue()) {
        assert!(!mistakes.is_empty());
        assert!(mistakes.iter().all(|mistake| mistake.line > 0 && mistake.column > 0));
    }
}

/// Every transcript has its lines, and none of them breaks.
pub fn run_notation(octets: &[u8]) {
    let mut transcript = Transcript::new(Role::Server, Capabilities::FULL);
    let (first, second) = crate::halves(octets);
    transcript.push(Duration::ZERO, EventKind::Sent(first.to_vec()));
    transcript.push(Duration::ZERO, EventKind::Received(second.to_vec()));
    transcript.push(Duration::ZERO, EventKind::ReceivedEof);
    assert!(notation::lines(&transcript).iter().all(|line| !line.contains('\n')));
}

/// A stored run that is read is written so that it is read again; a baseline is read, or has mistakes.
pub fn run_reports(octets: &[u8]) {
    let Ok(text) = std::str::from_utf8(octets) else { return };
    if let Ok(run) = StoredRun::parse(text, embedded::catalogue()) {
        let written = wsgauntlet::report::json::render(&run);
        assert_eq!(StoredRun::parse(&written, embedded::catalogue()).as_ref(), Ok(&run));
    }
    let _mistakes = baseline::load("fuzz.toml", text);
}
