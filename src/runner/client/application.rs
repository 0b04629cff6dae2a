//! What is known of a client's application beside the octets of a play: how its command ended, and whether a browser hung.

use crate::embedded;
use wsgauntlet_suite::oracle::verdict::{Source, fingerprint};
use wsgauntlet_suite::oracle::{Application, Exit, Failure, Record, VerdictKind};

const VALIDATED: &str = "rfc6455/10.7/incoming-data-validated";

/// The record with what became of the command. Whether that is a failure is judged where more is known of how it ends.
pub fn with_exit(mut record: Record, exit: Exit, stderr: String) -> Record {
    record.application = Some(Application { exit: Some(exit), stderr, page: Vec::new() });
    record
}

/// The record of a play, alone, that the browser did not survive.
pub fn with_hang(mut record: Record) -> Record {
    let observed = "the browser hung: neither this connection nor its page went on";
    fail_crashed(&mut record, observed.to_owned());
    record.application = Some(Application { page: vec![observed.to_owned()], ..Application::default() });
    record
}

fn fail_crashed(record: &mut Record, observed: String) {
    if record.verdict.kind != VerdictKind::Fail
        && let Some(requirement) = embedded::catalogue().get(VALIDATED)
    {
        let crash = Failure {
            source: Source::Monitor("application"),
            requirement: requirement.id.clone(),
            expected: "the client goes on, or exits by itself".to_owned(),
            fingerprint: fingerprint(&requirement.id, "application", &observed),
            observed,
            event: record
                .transcript
                .as_ref()
                .map_or(0, |transcript| transcript.judged().len().saturating_sub(1)),
            tolerated: false,
        };
        record.verdict.kind = VerdictKind::Fail;
        record.verdict.reason = None;
        let before = record.verdict.failure.replace(crash);
        record.verdict.others.splice(0..0, before);
    }
}
