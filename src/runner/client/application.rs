//! What is known of a client's application beside the octets of a play: how its command ended, and whether a browser hung.

use crate::embedded;
use wsgauntlet_suite::oracle::observed::ApplicationEnd;
use wsgauntlet_suite::oracle::{Application, Exit, Failure, Record, VerdictKind};
use wsgauntlet_suite::transcript::Transcript;

const VALIDATED: &str = "rfc6455/10.7/incoming-data-validated";

/// The record with what became of the command. Whether that is a failure is judged where more is known of how it ends.
pub(super) fn with_exit(mut record: Record, exit: Exit, stderr: String) -> Record {
    record.application = Some(Application { exit: Some(exit), stderr, page: Vec::new() });
    record
}

/// The record of a play, alone, that the browser did not survive.
pub(super) fn with_hang(mut record: Record) -> Record {
    let page = vec![ApplicationEnd::BrowserHung.to_string()];
    fail_crashed(&mut record, ApplicationEnd::BrowserHung);
    record.application = Some(Application { page, ..Application::default() });
    record
}

fn fail_crashed(record: &mut Record, observed: ApplicationEnd) {
    if record.verdict.kind != VerdictKind::Fail
        && let Some(requirement) = embedded::catalogue().get(VALIDATED)
    {
        let last = |transcript: &Transcript| transcript.judged().len().saturating_sub(1);
        let expected = "the client goes on, or exits by itself";
        let crash = Failure::by_monitor("application", requirement.id.clone(), expected, observed)
            .at_event(record.transcript.as_ref().map_or(0, last));
        record.verdict.kind = VerdictKind::Fail;
        record.verdict.reason = None;
        let before = record.verdict.failure.replace(crash);
        record.verdict.others.splice(0..0, before);
    }
}
