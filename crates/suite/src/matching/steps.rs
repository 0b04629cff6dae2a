//! Where the steps of a script are in a transcript.

use crate::transcript::{Capabilities, EventKind, Observation, Seen, Transcript};

/// Whether a server refused to open.
pub fn is_refused(observations: &[Observation], capabilities: Capabilities) -> bool {
    observations.iter().any(|o| match &o.seen {
        Seen::Response(head) => !capabilities.overlooked.switches(head),
        Seen::NotAHead(_) => true,
        _ => false,
    })
}

/// The event before which no end of the connection counts: where the first octets of the step `cause` went out. 0 if no
/// step is to bring the end about.
pub fn since(cause: Option<usize>, transcript: &Transcript) -> usize {
    let Some(cause) = cause else { return 0 };
    let sent = EventKind::StepSent(cause);
    // Octets that did not go out yet cannot have brought anything about.
    transcript.events.iter().position(|event| event.kind == sent).unwrap_or(usize::MAX)
}
