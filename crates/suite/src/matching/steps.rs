//! Which steps wait for the target, and where in a transcript they are.

use crate::case::script::Step;
use crate::transcript::{Capabilities, EventKind, Observation, Seen, Transcript};

/// Whether a step waits for the target.
pub fn waits(step: &Step) -> bool {
    match step {
        Step::Open | Step::Alive { .. } | Step::Expect(_) | Step::Close => true,
        Step::IfDeflate(_)
        | Step::IfOffered(_)
        | Step::Send(_)
        | Step::HalfClose
        | Step::Reset
        | Step::Wait(_) => false,
    }
}

/// The step that follows when the condition at `step` does not hold: the closing handshake at the end, where the script
/// has one and the connection opened.
pub fn after_skipping(
    steps: &[Step],
    step: usize,
    observations: &[Observation],
    capabilities: Capabilities,
) -> usize {
    match steps.last() {
        Some(Step::Close) if step + 1 < steps.len() && !is_refused(observations, capabilities) => {
            steps.len() - 1
        }
        _ => steps.len(),
    }
}

/// Whether a server refused to open.
pub fn is_refused(observations: &[Observation], capabilities: Capabilities) -> bool {
    observations.iter().any(|o| match &o.seen {
        Seen::Response(head) => !capabilities.overlooked.switches(head),
        Seen::NotAHead(_) => true,
        _ => false,
    })
}

/// The event before which no end of the connection counts at `step`: where the first octets of the
/// `send` steps right before it went out. 0 where there are none.
pub fn since(steps: &[Step], step: usize, transcript: &Transcript) -> usize {
    let own = matches!(steps.get(step), Some(Step::Close)).then_some(step);
    let first_send = steps[..step.min(steps.len())]
        .iter()
        .enumerate()
        .rev()
        .take_while(|(_, step)| !waits(step))
        .filter(|(_, step)| matches!(step, Step::Send(_)))
        .last()
        .map(|(index, _)| index);
    let Some(wanted) = first_send.or(own) else { return 0 };
    let sent = EventKind::StepSent(wanted);
    // Octets that did not go out yet cannot have brought anything about.
    transcript.events.iter().position(|event| event.kind == sent).unwrap_or(usize::MAX)
}
