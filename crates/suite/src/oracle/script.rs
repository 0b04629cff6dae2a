//! The script's own expectations, decided again from the stored transcript.

use super::expected::Expected;
use super::masked;
use super::observed::Observed;
use super::place::StepKind;
use super::verdict::Failure;
use crate::case::cursor::Cursor;
use crate::case::expectation::{Expectation, Outcome};
use crate::case::script::Step;
use crate::case::{Instance, Need};
use crate::matching::{self, Blame, Context, Decision, Grade, Ledger};
use crate::requirement::{Catalogue, Level, RequirementId};
use crate::transcript::{EventKind, Observation, Observer, Seen, Transcript};
use wsgauntlet_wire::{CloseCode, Role};

/// How the steps of a play were decided.
#[derive(Debug)]
pub(super) struct DecidedSteps {
    /// The deviations, in the order of the steps. A MUST broken is the last of them.
    pub deviations: Vec<Deviation>,
    /// What the steps showed to be met, whatever came after them.
    pub shown: Vec<RequirementId>,
    /// Every step that waits was decided as was expected or tolerated.
    pub complete: bool,
    /// Why the rest could not be decided, where a condition of the script did not hold.
    pub skipped: Option<String>,
    /// What was observed at the last decision.
    pub observed: Observed,
    pub event: usize,
}

/// A deviation from a step, and the octets of the target that the step was decided by.
#[derive(Debug)]
pub(super) struct Deviation {
    pub failure: Failure,
    /// What the target had sent, in octets, when an earlier step used up the last message or pong, and when this step was
    /// decided.
    pub octets: (usize, usize),
    /// The step waited for something that did not come as expected: not for an end, or a refusal.
    pub missed: bool,
}

impl Deviation {
    /// Whether the step was decided by what was complete after `end` octets.
    pub(super) fn rests_on(&self, end: usize) -> bool {
        let (before, decided) = self.octets;
        end > 0 && end <= decided && (end > before || end == decided)
    }
}

/// Decides the steps of `instance` from the events of `transcript`.
pub(super) fn decide_steps(
    instance: &Instance,
    transcript: &Transcript,
    catalogue: &Catalogue,
) -> DecidedSteps {
    let steps = &instance.script.steps;
    let pings = instance.script.ping_payloads();
    let accept = matching::expected_accept(transcript);
    let mut played = DecidedSteps {
        deviations: Vec::new(),
        shown: Vec::new(),
        complete: false,
        skipped: None,
        observed: Observed::NOTHING,
        event: 0,
    };
    let mut cursor = Cursor::default();
    let capabilities = transcript.capabilities;
    let mut observer =
        Observer::new(instance.role, instance.script.payload_len()).overlooking(capabilities.overlooked);
    let (mut ledger, mut next_event) = (Ledger::default(), 0);
    while let Some(step) = cursor.step(steps) {
        let index = cursor.index();
        if let Step::IfDeflate(wanted) | Step::IfOffered(wanted) = step
            && let Some((decided_at, _)) = decided(transcript, index)
        {
            for (at, event) in transcript.events.iter().enumerate().take(decided_at).skip(next_event) {
                observer.take(at, &event.kind);
            }
            next_event = next_event.max(decided_at);
            played.skipped = Some(format!("precondition not met: {wanted}"));
            cursor.skip(steps, !matching::is_refused(observer.observations(), capabilities));
            continue;
        }
        let here = cursor;
        cursor.advance();
        if !step.waits() {
            continue;
        }
        let Some((decided_at, expired)) = decided(transcript, index) else { return played };
        for (at, event) in transcript.events.iter().enumerate().take(decided_at).skip(next_event) {
            observer.take(at, &event.kind);
        }
        next_event = next_event.max(decided_at);
        let context = Context {
            role: instance.role,
            capabilities,
            observations: observer.observations(),
            ledger,
            step: index,
            since: matching::since(here.cause(steps), transcript),
            pings: &pings,
            accept: accept.as_deref(),
        };
        let Some(expectation) = matching::expectation(step, &context) else { return played };
        let Some(decision) = matching::decide(&expectation, &context, expired) else { return played };
        if decision.grade.is_none()
            && instance.needs.contains(&Need::Driver)
            && let Some(why) = matching::declined(&context)
        {
            played.skipped = Some(why.to_owned());
            // What later steps sent may still be answered: nothing more is judged.
            break;
        }
        let octets = (used_up(&expectation, ledger, observer.observations()), decision.end);
        ledger = decision.ledger;
        let ends = decision.ends;
        played.observed = decision.observed.clone().into();
        played.event = decision.event;
        let observations = observer.observations();
        let at = At { instance, index, step, expectation: &expectation, observations };
        let Some(grade) = decision.grade else {
            if played.skipped.is_none() {
                played.shown.extend(at.shown_all_the_same(&decision));
            }
            let observed = masked::noted(&decision, observations, transcript);
            let failure = at.failure(Decision { observed, ..decision }, false, catalogue);
            let missed = matches!(step, Step::Alive { .. } | Step::Close) || at.waits_for_frames();
            played.deviations.push(Deviation { failure, octets, missed });
            return played;
        };
        if grade == Grade::Tolerated {
            let failure = at.failure(decision, true, catalogue);
            played.deviations.push(Deviation { failure, octets, missed: false });
        } else {
            played.shown.extend(at.shown(catalogue));
        }
        if ends {
            break;
        }
    }
    played.complete = true;
    played
}

/// How many octets the target had sent with the last message, or pong, that an earlier step used up. Messages and pongs
/// are matched apart, whatever their order.
fn used_up(expectation: &Expectation, ledger: Ledger, observations: &[Observation]) -> usize {
    let end = |used: usize| used.checked_sub(1).and_then(|last| observations.get(last)).map_or(0, |o| o.end);
    match expectation.outcomes.first() {
        Some(Outcome::Message { .. } | Outcome::Greeting(_) | Outcome::Tasks { .. }) => end(ledger.data),
        Some(Outcome::Ping(_)) => end(ledger.pings),
        Some(Outcome::Pong(_)) => end(ledger.pongs),
        _ => end(ledger.data).max(end(ledger.pongs)),
    }
}

/// Where a step was decided, and whether its deadline had passed.
fn decided(transcript: &Transcript, step: usize) -> Option<(usize, bool)> {
    let judged = transcript.judged();
    let at = judged.iter().position(|event| event.kind == EventKind::StepDecided(step))?;
    let expired = judged[..at].iter().any(|event| event.kind == EventKind::StepExpired(step));
    Some((at, expired))
}

/// The step that deviated.
struct At<'a> {
    instance: &'a Instance,
    index: usize,
    step: &'a Step,
    expectation: &'a Expectation,
    observations: &'a [Observation],
}

impl At<'_> {
    /// What the step shows when it is decided as was expected.
    fn shown(&self, catalogue: &Catalogue) -> Vec<RequirementId> {
        let stands_for = match self.step {
            Step::Alive { evidence: true } => vec![PONG_SENT, PONG_ECHOES],
            step => stands_for(step, self.instance.role).into_iter().collect(),
        };
        let named = match self.step {
            Step::Expect(expectation) => expectation.requirement.clone(),
            _ => None,
        };
        let known = stands_for.into_iter().filter_map(|id| catalogue.get(id)).map(|found| found.id.clone());
        known.chain(named).collect()
    }

    /// What the case is about was shown when only the closing handshake is missing that was added to it.
    fn shown_all_the_same(&self, decision: &Decision) -> Vec<RequirementId> {
        let script = &self.instance.script;
        let is_added = script.closing_added && self.index + 1 == script.steps.len();
        if is_added && decision.blame != Blame::Unasked { self.instance.verifies.clone() } else { Vec::new() }
    }

    /// Whether what decided was a Close with 1007: only that says that text is not UTF-8. An end, or a message with other
    /// octets, does not.
    fn refuses_text(&self, decision: &Decision) -> bool {
        self.observations.iter().filter(|o| o.end == decision.end).any(|o| match &o.seen {
            Seen::Close(payload) => payload.starts_with(&CloseCode::INVALID_PAYLOAD.0.to_be_bytes()),
            _ => false,
        })
    }

    fn waits_for_frames(&self) -> bool {
        matches!(
            self.expectation.outcomes.first(),
            Some(
                Outcome::Message { .. }
                    | Outcome::Greeting(_)
                    | Outcome::Tasks { .. }
                    | Outcome::Ping(_)
                    | Outcome::Pong(_)
                    | Outcome::Close(_)
                    | Outcome::CloseFrame(..)
            )
        )
    }

    fn failure(&self, decision: Decision, tolerated: bool, catalogue: &Catalogue) -> Failure {
        let refuses_text = self.refuses_text(&decision);
        let requirement = blamed(self.instance, self.step, &decision, refuses_text, tolerated, catalogue);
        let level = catalogue.get(requirement.as_str()).map(|requirement| requirement.level);
        let step = (self.index, StepKind::of(self.step));
        let expected = Expected::Outcomes(self.expectation.clone());
        Failure::at_step(step, requirement, expected, decision.observed)
            .at_event(decision.event)
            .tolerated(tolerated || level.is_some_and(|level| level != Level::Must))
    }
}

const TEXT_IS_UTF8: &str = "rfc6455/5.6/text-is-utf8";
const PARSED: &str = "rfc6455/6.2/incoming-parsed-as-frames";
const PONG_SENT: &str = "rfc6455/5.5.2/pong-in-response";
const PONG_ECHOES: &str = "rfc6455/5.5.3/pong-echoes-application-data";

/// The requirement that a step stands for, whatever the case.
fn stands_for(step: &Step, role: Role) -> Option<&'static str> {
    match (step, role) {
        (Step::Open, Role::Server) => Some("rfc6455/4.2.2/valid-opening-accepted"),
        (Step::Open, Role::Client) => Some("rfc6455/4.1/client-sends-opening-handshake"),
        (Step::Close, _) => Some("rfc6455/5.5.1/close-is-answered"),
        (Step::Alive { evidence: true }, _) => Some(PONG_SENT),
        _ => None,
    }
}

/// The requirement that a deviation breaks: the only one that the observation leaves, else what the
/// step names, what the observation tells, what the step stands for, or the first MUST that the case
/// verifies.
fn blamed(
    instance: &Instance,
    step: &Step,
    decision: &Decision,
    refuses_text: bool,
    tolerated: bool,
    catalogue: &Catalogue,
) -> RequirementId {
    let known = |id: &str| catalogue.get(id).map(|requirement| requirement.id.clone());
    let by_step = stands_for(step, instance.role).filter(|_| decision.blame != Blame::Unasked);
    if let Blame::Only(id) = decision.blame
        && let Some(id) = known(id)
    {
        return id;
    }
    if let Step::Expect(expectation) = step
        && let Some(id) = &expectation.requirement
        && !tolerated
    {
        return id.clone();
    }
    decision
        .blame
        .requirement()
        .and_then(known)
        .or_else(|| by_step.and_then(known))
        .or_else(|| {
            let wanted = if tolerated { Level::Should } else { Level::Must };
            let level = |id: &&RequirementId| catalogue.get(id.as_str()).map(|r| r.level) == Some(wanted);
            instance.verifies.iter().find(level).cloned()
        })
        .map(|id| match known(PARSED) {
            Some(parsed) if id.as_str() == TEXT_IS_UTF8 && !refuses_text => parsed,
            _ => id,
        })
        .unwrap_or_else(|| instance.verifies[0].clone())
}
