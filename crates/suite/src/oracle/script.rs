//! The script's own expectations, decided again from the stored transcript.

use super::verdict::{Failure, Source, fingerprint};
use crate::case::Instance;
use crate::case::expectation::{Expectation, Outcome};
use crate::case::script::Step;
use crate::matching::{self, Blame, Context, Decision, Grade, Ledger};
use crate::requirement::{Catalogue, Level, RequirementId};
use crate::transcript::{EventKind, Observer, Transcript};
use wsgauntlet_wire::Role;

/// What the steps came to.
#[derive(Debug)]
pub struct Played {
    /// The deviations, in the order of the steps. A MUST broken is the last of them.
    pub failures: Vec<Failure>,
    /// Every step that waits was decided as was expected or tolerated.
    pub complete: bool,
    /// Why the rest could not be decided, where a condition of the script did not hold.
    pub skipped: Option<String>,
    /// What was observed at the last decision.
    pub observed: String,
    pub event: usize,
}

/// Decides the steps of `instance` from the events of `transcript`.
pub fn play(instance: &Instance, transcript: &Transcript, catalogue: &Catalogue) -> Played {
    let steps = &instance.script.steps;
    let pings = instance.script.ping_payloads();
    let accept = matching::expected_accept(transcript);
    let mut played = Played {
        failures: Vec::new(),
        complete: false,
        skipped: None,
        observed: "nothing".to_owned(),
        event: 0,
    };
    let mut resumed = 0;
    let capabilities = transcript.capabilities;
    let mut observer =
        Observer::new(instance.role, instance.script.payload_len()).overlooking(capabilities.overlooked);
    let (mut ledger, mut next_event) = (Ledger::default(), 0);
    for (index, step) in steps.iter().enumerate() {
        if let Step::IfDeflate(wanted) | Step::IfOffered(wanted) = step
            && index >= resumed
            && let Some((decided_at, _)) = decided(transcript, index)
        {
            for (at, event) in transcript.events.iter().enumerate().take(decided_at).skip(next_event) {
                observer.take(at, &event.kind);
            }
            next_event = next_event.max(decided_at);
            played.skipped = Some(format!("not so here: {wanted}"));
            resumed = matching::after_skipping(steps, index, observer.observations(), capabilities);
        }
        if index < resumed || !matching::waits(step) {
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
            since: matching::since(steps, index, transcript),
            pings: &pings,
            accept: accept.as_deref(),
        };
        let Some(expectation) = matching::expectation(step, &context) else { return played };
        let Some(decision) = matching::decide(&expectation, &context, expired) else { return played };
        ledger = decision.ledger;
        let ends = decision.ends;
        played.observed.clone_from(&decision.observed);
        played.event = decision.event;
        match decision.grade {
            Some(Grade::Ideal | Grade::Allowed) => {}
            Some(Grade::Tolerated) => {
                let at = At { instance, index, step, expectation: &expectation };
                played.failures.push(at.failure(decision, true, catalogue));
            }
            None => {
                let at = At { instance, index, step, expectation: &expectation };
                played.failures.push(at.failure(decision, false, catalogue));
                return played;
            }
        }
        if ends {
            break;
        }
    }
    played.complete = true;
    played
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
}

impl At<'_> {
    fn failure(&self, decision: Decision, tolerated: bool, catalogue: &Catalogue) -> Failure {
        let requirement = blamed(self.instance, self.step, &decision, tolerated, catalogue);
        let fingerprint = fingerprint(&requirement, noticed(self.step), &decision.observed);
        let level = catalogue.get(requirement.as_str()).map(|requirement| requirement.level);
        Failure {
            source: Source::Step(self.index),
            requirement,
            expected: self.expectation.to_string(),
            observed: decision.observed,
            fingerprint,
            event: decision.event,
            tolerated: tolerated || level.is_some_and(|level| level != Level::Must),
        }
    }
}

/// The kind of expectation, without its parameters.
fn noticed(step: &Step) -> &'static str {
    match step {
        Step::Open => "open",
        Step::Alive { evidence: true } => "evidence of life",
        Step::Alive { evidence: false } => "barrier",
        Step::Close => "closing handshake",
        Step::Expect(expectation) => match expectation.outcomes.first() {
            Some(Outcome::Message { .. }) => "message",
            Some(Outcome::Greeting(_)) => "greeting",
            Some(Outcome::Pong(_)) => "pong",
            Some(Outcome::Close(_)) => "close",
            Some(Outcome::Fail(_)) => "fail",
            Some(Outcome::End) => "end",
            Some(Outcome::NoRequest) => "no request",
            Some(Outcome::Lingers) => "lingers",
            Some(Outcome::Unanswered) => "unanswered",
            Some(Outcome::Open(_)) => "open",
            Some(Outcome::Refused(..)) => "refused",
            Some(Outcome::Response(..)) => "response",
            Some(Outcome::Silence) | None => "silence",
        },
        Step::IfDeflate(_)
        | Step::IfOffered(_)
        | Step::Send(_)
        | Step::HalfClose
        | Step::Reset
        | Step::Wait(_) => "nothing",
    }
}

/// The requirement that a deviation breaks: the only one that the observation leaves, else what the
/// step names, what the observation tells, what the step stands for, or the first MUST that the case
/// verifies.
fn blamed(
    instance: &Instance,
    step: &Step,
    decision: &Decision,
    tolerated: bool,
    catalogue: &Catalogue,
) -> RequirementId {
    let known = |id: &str| catalogue.get(id).map(|requirement| requirement.id.clone());
    let by_step = match step {
        Step::Open => Some(match instance.role {
            Role::Server => "rfc6455/4.2.2/valid-opening-accepted",
            Role::Client => "rfc6455/4.1/client-sends-opening-handshake",
        }),
        Step::Close => Some("rfc6455/5.5.1/close-is-answered"),
        Step::Alive { evidence: true } => Some("rfc6455/5.5.2/pong-in-response"),
        _ => None,
    };
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
        .unwrap_or_else(|| instance.verifies[0].clone())
}
