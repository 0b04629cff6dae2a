//! What every script implies: the opening, the evidence of life, the closing handshake.

use super::parts::Parts;
use crate::case::expectation::{DeflateMatch, Expectation, Outcome};
use crate::case::script::{Script, Step};
use crate::case::surface::CaseSurface;

/// The script of an instance, with what it implies put in.
pub(super) fn complete(surface: &CaseSurface, parts: Parts) -> Script {
    let mut steps = parts.steps;
    let judges_opening = steps.iter().any(judges_opening);
    let sends_first = parts.opening.coalesced && matches!(steps.first(), Some(Step::Send(_)));
    if !judges_opening {
        let opens_at = usize::from(sends_first);
        steps.insert(opens_at, Step::Open);
        if parts.opening.deflate.is_some() {
            steps.insert(opens_at + 1, Step::IfDeflate(DeflateMatch::agreed()));
        }
    }
    let must_end = expectations(&steps).any(|expectation| {
        matches!(expectation.outcomes.first(), Some(Outcome::Close(_) | Outcome::Fail(_) | Outcome::End))
    });
    // Where a refusal is tolerated, a ping that has to be answered would ask for more.
    let tolerates_refusal = expectations(&steps).any(|expectation| {
        expectation.tolerate.iter().any(|outcome| matches!(outcome, Outcome::Refused(..)))
    });
    let proof = surface.proof.unwrap_or(!judges_opening && !tolerates_refusal);
    if must_end && proof && !sends_first {
        steps.insert(after_opening(&steps), Step::Alive { evidence: true });
    }
    let closing_added = surface.closing.unwrap_or(!steps.iter().any(ends));
    if closing_added {
        steps.push(Step::Close);
    }
    let holds_answers = surface.answers == Some(false);
    Script { opening: parts.opening, steps, closing_added, holds_answers }
}

fn expectations(steps: &[Step]) -> impl Iterator<Item = &Expectation> {
    steps.iter().filter_map(|step| match step {
        Step::Expect(expectation) => Some(expectation),
        _ => None,
    })
}

/// Whether the step decides what becomes of the opening.
fn judges_opening(step: &Step) -> bool {
    match step {
        Step::Open => true,
        Step::Expect(expectation) => expectation.outcomes.iter().any(|outcome| {
            matches!(
                outcome,
                Outcome::Open(_) | Outcome::NoRequest | Outcome::Refused(..) | Outcome::Response(..)
            )
        }),
        _ => false,
    }
}

/// The index behind the opening, and behind the conditions that follow it.
fn after_opening(steps: &[Step]) -> usize {
    let opened_at = steps.iter().position(Step::opens).map_or(0, |at| at + 1);
    let conditions =
        steps[opened_at..].iter().take_while(|step| matches!(step, Step::IfDeflate(_) | Step::IfOffered(_)));
    opened_at + conditions.count()
}

/// Whether the connection has ended after the step, whichever of its outcomes happens.
fn ends(step: &Step) -> bool {
    match step {
        Step::Close | Step::Reset => true,
        Step::Expect(Expectation { outcomes, .. }) => {
            let ends = |outcome: &Outcome| {
                matches!(
                    outcome,
                    Outcome::Close(_)
                        | Outcome::Fail(_)
                        | Outcome::End
                        | Outcome::Lingers
                        | Outcome::NoRequest
                        | Outcome::Unanswered
                        | Outcome::Refused(..)
                        | Outcome::Response(..)
                )
            };
            let goes_on = |outcome: &Outcome| {
                matches!(
                    outcome,
                    Outcome::Open(_)
                        | Outcome::Message { .. }
                        | Outcome::Greeting(_)
                        | Outcome::Ping(_)
                        | Outcome::Pong(_)
                )
            };
            outcomes.iter().any(ends) && !outcomes.iter().any(goes_on)
        }
        _ => false,
    }
}
