//! The failure of a play that the target did not survive. It goes before all others, which follow from it.

use super::expected::Expected;
use super::observed::Observed;
use super::verdict::{Failure, Verdict, VerdictKind};
use crate::requirement::Catalogue;
use crate::transcript::{Death, Transcript};
use wsgauntlet_wire::Role;

/// The watch over the process, as failures name it.
pub const PROCESS: &str = "process";

/// RFC 6455 §10.1: "a server should not trust that any input is valid." It says should. Who dies of an input serves nobody
/// any more, whatever else the text leaves to a server: that is a failure.
const SERVER: &str = "rfc6455/10.1/server-distrusts-input";

/// RFC 6455 §10.7 is its counterpart for both roles: "Incoming data MUST always be validated by both clients and servers."
const CLIENT: &str = "rfc6455/10.7/incoming-data-validated";

/// The death that a transcript tells of, if it does.
pub(super) fn failure(transcript: &Transcript, catalogue: &Catalogue) -> Option<Failure> {
    let (event, died) = transcript.death()?;
    let id = match transcript.role {
        Role::Server => SERVER,
        Role::Client => CLIENT,
    };
    let requirement = catalogue.get(id)?.id.clone();
    let observed = Observed::Death { died: died.clone(), exit_status: None };
    let expected = Expected::Survives(transcript.role);
    Some(Failure::by_monitor(PROCESS, requirement, expected, observed).at_event(event))
}

/// The verdict of a play of which it became known later that the target did not survive it: `transcript` tells of that, and
/// `verdict` does not.
pub fn died(mut verdict: Verdict, transcript: &Transcript, catalogue: &Catalogue) -> Verdict {
    let Some(death) = failure(transcript, catalogue) else { return verdict };
    let before = verdict.failure.take();
    match explains(transcript) {
        true => verdict.others.clear(),
        false => verdict.others.splice(0..0, before).for_each(drop),
    }
    verdict.others.retain(|other| other.requirement != death.requirement);
    verdict.met.retain(|id| *id != death.requirement);
    Verdict { kind: VerdictKind::Fail, failure: Some(death), reason: None, ..verdict }
}

/// Whether what else went wrong in the play follows from the death. One that spins answers all the same.
pub(super) fn explains(transcript: &Transcript) -> bool {
    transcript.death().is_some_and(|(_, died)| died.death != Death::Spins)
}
