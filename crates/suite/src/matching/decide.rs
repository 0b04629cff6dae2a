//! Decides a step, or leaves it open.

use super::context::{At, Context, Ledger};
use super::sighting::Sighting;
use super::state::{Blame, Grade, MatchState};
use super::{opening, outcome};
use crate::case::Payload;
use crate::case::expectation::{CloseCodes, Expectation, HeadMatch, Outcome};
use crate::case::script::Step;
use std::borrow::Cow;
use wsgauntlet_wire::Opcode;

/// A step that was waited for is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// `None`: nothing that was expected happened.
    pub grade: Option<Grade>,
    /// What ended the step, as a report shows it.
    pub observed: Sighting,
    /// The requirement that the deviation breaks, as far as the observation tells.
    pub blame: Blame,
    /// Index of the event that decided it.
    pub event: usize,
    /// How many octets the target had sent by then: up to what was observed, or all of them where silence decided.
    pub end: usize,
    /// What was consumed.
    pub ledger: Ledger,
    /// The connection, or the attempt at one, is over: the rest of the script has no subject.
    pub ends: bool,
}

/// What a waiting step expects. `barrier` is what an `Alive` step sent, see `barrier_payload`.
pub fn expectation<'s>(step: &'s Step, context: &Context<'_>) -> Option<Cow<'s, Expectation>> {
    let outcomes = match step {
        Step::Expect(expectation) => return Some(Cow::Borrowed(expectation)),
        Step::Open => vec![Outcome::Open(HeadMatch::default())],
        Step::Alive { evidence } => {
            let payload = Payload::Literal(barrier_payload(context.step));
            vec![match barrier_opcode(*evidence, context) {
                Opcode::Ping => Outcome::Pong(payload),
                opcode => Outcome::Message { opcode, payload },
            }]
        }
        Step::Close => {
            let mut outcomes =
                vec![Outcome::Close(CloseCodes::OneOf(vec![Some(wsgauntlet_wire::CloseCode::NORMAL)]))];
            outcomes.push(Outcome::Close(CloseCodes::Any));
            outcomes
        }
        Step::IfDeflate(_)
        | Step::IfOffered(_)
        | Step::Send(_)
        | Step::HalfClose
        | Step::Answer
        | Step::Reset
        | Step::Wait(_) => return None,
    };
    Some(Cow::Owned(Expectation { outcomes, tolerate: Vec::new(), requirement: None, within: None }))
}

/// The payload of the barrier at that step: unlike any other in the script.
pub fn barrier_payload(step: usize) -> Vec<u8> {
    format!("wsgauntlet-{step}").into_bytes()
}

/// A ping proves life. A barrier is an echo where there is one: messages are answered in order,
/// so that what should have had no effect cannot come after it.
pub fn barrier_opcode(evidence: bool, context: &Context<'_>) -> Opcode {
    let capabilities = context.capabilities;
    if capabilities.pong && (evidence || !capabilities.echo) { Opcode::Ping } else { Opcode::Text }
}

/// Decides a step, or leaves it open. `expired`: its deadline passed, so it is decided now.
pub fn decide(expectation: &Expectation, context: &Context<'_>, expired: bool) -> Option<Decision> {
    let mut observed: Option<(Sighting, Blame, At)> = None;
    let mut pending = false;
    let listed = expectation
        .outcomes
        .iter()
        .enumerate()
        .map(|(index, outcome)| (if index == 0 { Grade::Ideal } else { Grade::Allowed }, outcome));
    let tolerated = expectation.tolerate.iter().map(|outcome| (Grade::Tolerated, outcome));
    let valid = expectation.outcomes.iter().any(|outcome| matches!(outcome, Outcome::Message { .. }));
    let mut best: Option<Decision> = None;
    for (listed_grade, outcome) in listed.chain(tolerated) {
        match outcome::look(outcome, valid, context, expired) {
            MatchState::Pending => pending = true,
            MatchState::Matched { grade, observed, requirement, at, ledger } => {
                let decision = Decision {
                    grade: Some(listed_grade.max(grade)),
                    observed,
                    blame: requirement.map_or(Blame::Case, Blame::Rather),
                    event: at.event,
                    end: at.end,
                    ledger,
                    ends: ends(outcome),
                };
                if best.as_ref().is_none_or(|best| decision.grade < best.grade) {
                    best = Some(decision);
                }
            }
            MatchState::Impossible { observed: seen, blame, at } => {
                // The first outcome tells what was seen instead, unless another one knows all that is missing from it.
                let knows_more = |(_, so_far, _): &(Sighting, Blame, At)| {
                    matches!(blame, Blame::Only(_)) && !matches!(so_far, Blame::Only(_))
                };
                if observed.as_ref().is_none_or(knows_more) {
                    observed = Some((seen, blame, at));
                }
            }
        }
    }
    if best.is_some() {
        return best;
    }
    if pending && !expired {
        return None;
    }
    let (observed, blame, At { event, end }) = observed
        .unwrap_or_else(|| (context.silence(), opening::silence_blame(expectation, context), context.last()));
    Some(Decision { grade: None, observed, blame, event, end, ledger: context.ledger, ends: true })
}

/// Whether nothing can follow an outcome.
fn ends(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Close(_)
        | Outcome::Fail(_)
        | Outcome::End
        | Outcome::Lingers
        | Outcome::NoRequest
        | Outcome::Unanswered
        | Outcome::Refused(..) => true,
        Outcome::Message { .. }
        | Outcome::Greeting(_)
        | Outcome::Tasks { .. }
        | Outcome::Ping(_)
        | Outcome::Pong(_)
        | Outcome::CloseFrame(..)
        | Outcome::Open(_)
        | Outcome::Response(..)
        | Outcome::Silence => false,
    }
}
