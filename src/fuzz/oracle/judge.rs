//! The judgement of a connection that is over.

use super::Oracle;
use crate::fuzz::complaint::Complaint;
use wsgauntlet_suite::oracle::decoded::DecodedTranscript;
use wsgauntlet_suite::oracle::monitor::{self, Notes};
use wsgauntlet_suite::oracle::{Place, legacy_fingerprint};
use wsgauntlet_suite::transcript::{Event, Transcript};
use wsgauntlet_wire::Role;

/// Judges a connection of the fuzzer. Pure: a stored transcript judged again gives the same complaints.
pub fn judge(transcript: &Transcript, payload_len: usize) -> Vec<Complaint> {
    let mut oracle = Oracle::new(transcript, payload_len);
    for (index, Event { kind, .. }) in transcript.judged().iter().enumerate() {
        oracle.take(index, kind);
    }
    all_complaints(&mut oracle, transcript)
}

/// All complaints about a connection that is over: those of the oracle that followed it, and those of the monitors.
pub fn all_complaints(oracle: &mut Oracle, transcript: &Transcript) -> Vec<Complaint> {
    let mut complaints = std::mem::take(&mut oracle.complaints);
    if oracle.hasty {
        complaints.clear();
    } else {
        complaints.extend(monitored(transcript));
    }
    complaints
}

/// The complaints of the monitors about a transcript.
fn monitored(transcript: &Transcript) -> Vec<Complaint> {
    let decoded = DecodedTranscript::new(transcript);
    if transcript.role == Role::Server && decoded.request.is_none() {
        // Our own head is malformed: nobody can say what it offered.
        return Vec::new();
    }
    let mut notes = Notes::default();
    for monitor in monitor::ALL {
        notes.begin(monitor.name);
        (monitor.check)(&decoded, &mut notes);
    }
    let complaints = notes.complaints.into_iter();
    complaints
        .map(|noted| {
            let (expected, observed) = (noted.expected.to_string(), noted.observed.to_string());
            let signature = legacy_fingerprint::words(Place::Monitor(noted.monitor), &noted.observed);
            Complaint::new(noted.requirement, noted.monitor, expected, observed, noted.at.event)
                .signed(signature)
        })
        .collect()
}
