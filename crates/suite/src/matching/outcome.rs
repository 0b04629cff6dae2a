//! One outcome against what was seen.

use super::context::{At, Context, Ledger};
use super::driven;
use super::opening;
use super::sighting::{Note, Sighting};
use super::state::{Blame, Grade, MatchState};
use crate::case::Payload;
use crate::case::expectation::{CloseCodes, FailCodes, Outcome};
use crate::transcript::{Observation, Seen};
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::{CloseCode, Opcode, Role};

/// `valid`: what was sent is valid, so that a failure can be a refusal only.
pub(super) fn look(outcome: &Outcome, valid: bool, context: &Context<'_>, expired: bool) -> MatchState {
    match outcome {
        Outcome::Message { opcode, payload } => message(*opcode, payload, context, expired),
        Outcome::Greeting(begins) => greeting(begins, context),
        Outcome::Tasks { tasks, count, size, beside } => {
            driven::tasks(*tasks, *count, *size, beside.as_ref(), context)
        }
        Outcome::Ping(payload) => driven::ping(payload, context),
        Outcome::CloseFrame(codes, reason) => driven::close_frame(codes, reason.as_ref(), context),
        Outcome::Pong(payload) => pong(payload, context, expired),
        Outcome::Close(codes) => close(codes, context, expired),
        Outcome::Fail(codes) => fail(codes, valid, context, expired),
        Outcome::End => end(context),
        Outcome::NoRequest => opening::no_request(context),
        Outcome::Lingers => lingers(context, expired),
        Outcome::Unanswered => opening::unanswered(context),
        Outcome::Open(head) => opening::open(head, context),
        Outcome::Refused(status, head) => opening::refused(status, head, context),
        Outcome::Response(status, head) => opening::response(status, head, context),
        Outcome::Silence => silence(context, expired),
    }
}

fn message(opcode: Opcode, expected: &Payload, context: &Context<'_>, expired: bool) -> MatchState {
    for (index, o) in context.data() {
        return match &o.seen {
            Seen::Message { opcode: seen, payload, .. } if *seen == opcode && is(payload, expected) => {
                let ledger = Ledger { data: index + 1, ..context.ledger };
                MatchState::matched(Grade::Ideal, o, ledger)
            }
            // An application that talks of its own accord is not held to an order.
            Seen::Message { .. } | Seen::Stray(_) if !context.capabilities.echo => continue,
            _ => MatchState::impossible(o),
        };
    }
    match or_ended(context) {
        MatchState::Pending if expired && !context.echoes(opcode) => silent(context),
        other => other,
    }
}

/// Silence is all that is seen of a message which was taken, where nothing is echoed.
fn silent(context: &Context<'_>) -> MatchState {
    MatchState::Matched {
        grade: Grade::Ideal,
        observed: context.silence(),
        requirement: None,
        at: context.last(),
        ledger: context.ledger,
    }
}

fn greeting(begins: &str, context: &Context<'_>) -> MatchState {
    match context.data().next() {
        Some((index, o)) => match &o.seen {
            Seen::Message { opcode: Opcode::Text, payload, .. } if payload.starts_with(begins.as_bytes()) => {
                MatchState::matched(Grade::Ideal, o, Ledger { data: index + 1, ..context.ledger })
            }
            _ => MatchState::impossible(o),
        },
        None => or_ended(context),
    }
}

fn pong(expected: &Payload, context: &Context<'_>, expired: bool) -> MatchState {
    let found =
        context.pongs().find(|(_, o)| matches!(&o.seen, Seen::Pong(payload) if is(payload, expected)));
    match found {
        Some((index, o)) => {
            MatchState::matched(Grade::Ideal, o, Ledger { pongs: index + 1, ..context.ledger })
        }
        None => match or_ended(context) {
            MatchState::Pending if expired && answers_wrongly(context) => MatchState::Impossible {
                observed: context.silence(),
                blame: Blame::Rather(PONG_ECHOES),
                at: context.last(),
            },
            other => other,
        },
    }
}

/// Whether a pong came that holds what no ping of the script held. §5.5.3: it "must have identical "Application data"".
fn answers_wrongly(context: &Context<'_>) -> bool {
    context.pongs().any(|(_, o)| {
        matches!(&o.seen, Seen::Pong(payload) if o.event > context.since && !context.pings.contains(payload))
    })
}

/// Whether the octets are those of the payload, which is made only when the length fits.
pub(super) fn is(octets: &[u8], expected: &Payload) -> bool {
    octets.len() == expected.len() && octets == expected.octets()
}

/// Pending, unless a Close or the end of TCP came, or nothing more can be made out.
pub(super) fn or_ended(context: &Context<'_>) -> MatchState {
    match context.close().or(context.end()).or(context.opaque()) {
        Some((_, o)) => MatchState::impossible(o),
        None => MatchState::Pending,
    }
}

/// A data message that nobody asked for. Only an echo is known to send none.
fn unexpected_data<'a>(context: &'a Context<'_>) -> Option<(usize, &'a Observation)> {
    let before_close =
        |(index, _): &(usize, &Observation)| context.close().is_none_or(|(close, _)| *index < close);
    let (index, unexpected) = context.data().next().or(context.opaque().filter(before_close))?;
    let talks = matches!(unexpected.seen, Seen::Message { .. }) && !context.capabilities.echo;
    (!talks).then_some((index, unexpected))
}

fn close(codes: &CloseCodes, context: &Context<'_>, expired: bool) -> MatchState {
    let closing = context.close();
    if let Some((_, unexpected)) = unexpected_data(context) {
        let observed = Sighting::from(&unexpected.seen);
        return MatchState::Impossible { observed, blame: Blame::Unasked, at: At::of(unexpected) };
    }
    let Some((_, o)) = closing else {
        return match context.end() {
            Some((_, end)) => {
                MatchState::blame(end, Sighting::from(&end.seen).noting(Note::NoClose), CLOSE_ANSWERED)
            }
            None => MatchState::Pending,
        };
    };
    if o.event < context.since {
        return MatchState::impossible(o);
    }
    let Seen::Close(payload) = &o.seen else { return MatchState::Pending };
    let decoded = ClosePayload::decode(payload).ok();
    let faultless = decoded.as_ref().is_some_and(|ClosePayload { code, .. }| is_faultless(*code));
    if !is_listed(codes, decoded.as_ref()) {
        return MatchState::impossible(o);
    }
    // §7.1.7: who reports a fault fails the connection, which SHOULD be done with "an appropriate status code".
    let requirement = (!faultless).then_some(CLOSE_BEFORE_FAILING);
    then_end(o, Grade::Ideal, requirement, context, expired)
}

/// Whether a Close frame is one of those. `decoded`: none, where its payload is not legal.
pub(super) fn is_listed(codes: &CloseCodes, decoded: Option<&ClosePayload>) -> bool {
    match (codes, decoded) {
        (CloseCodes::Any, _) => true,
        (CloseCodes::NoFault, decoded) => decoded.is_some_and(|payload| is_faultless(payload.code)),
        (CloseCodes::OneOf(codes), Some(payload)) => codes.contains(&payload.code),
        (CloseCodes::OneOf(_), None) => false,
    }
}

/// §5.5.1: the answer to a Close "typically echos" its code, so that any code that may be sent is lawful. A code that
/// reports a fault says more: that the connection failed.
fn is_faultless(code: Option<CloseCode>) -> bool {
    code.is_none_or(|code| code.may_be_sent() && !code.reports_fault())
}

const PONG_ECHOES: &str = "rfc6455/5.5.3/pong-echoes-application-data";
const CLOSE_ANSWERED: &str = "rfc6455/5.5.1/close-is-answered";
const TCP_CLOSED: &str = "rfc6455/5.5.1/close-tcp-after-closing-handshake";
const CLOSE_BEFORE_FAILING: &str = "rfc6455/7.1.7/close-frame-before-failing";

const STOP_PROCESSING: &str = "rfc6455/7.1.7/stop-processing-after-fail";

/// After its Close, a server ends TCP, §5.5.1. A client waits for our end of it, which follows its Close, and may leave its own
/// open: it is waited for all the same, so that what comes behind a Close is judged in whatever read it arrives.
fn then_end(
    close: &Observation,
    grade: Grade,
    requirement: Option<&'static str>,
    context: &Context<'_>,
    expired: bool,
) -> MatchState {
    let observed = Sighting::from(&close.seen);
    let matched = |o| MatchState::Matched {
        grade,
        observed: observed.clone(),
        requirement,
        at: At::of(o),
        ledger: context.ledger,
    };
    match context.end() {
        Some((_, end)) => matched(end),
        None if expired && context.role == Role::Client => matched(close),
        None if expired => MatchState::Impossible {
            observed: observed.clone().noting(Note::StaysOpen),
            // Our peer has sent its Close too, first or in answer, so that all that is missing is the end of TCP.
            blame: Blame::Only(TCP_CLOSED),
            at: At::of(close),
        },
        None => MatchState::Pending,
    }
}

fn fail(codes: &FailCodes, valid: bool, context: &Context<'_>, expired: bool) -> MatchState {
    let (closing, ending) = (context.close(), context.end());
    if let Some((_, o)) = closing.or(ending)
        && o.event < context.since
    {
        let observed = Sighting::from(&o.seen).noting(Note::TooEarly);
        return MatchState::Impossible { observed, blame: Blame::Case, at: At::of(o) };
    }
    // §5.5.3: "A Pong frame MAY be sent unsolicited", and one without payload answers nobody for certain.
    let answers = |payload: &Vec<u8>| !payload.is_empty() && context.pings.contains(payload);
    let answered = context.pongs().find(|(_, o)| matches!(&o.seen, Seen::Pong(payload) if answers(payload)));
    // The first of both is reported, whether they arrive together or not.
    let unexpected =
        unexpected_data(context).filter(|(data, _)| answered.is_none_or(|(pong, _)| data < &pong));
    if let Some((_, o)) = unexpected {
        return MatchState::impossible(o);
    }
    if let Some((_, o)) = answered {
        // Only what was failed already can go on being processed, and then the rule that failed it was kept.
        let after_close = closing.is_some_and(|(_, close)| close.event <= o.event);
        return if after_close {
            let blame = Blame::Only(STOP_PROCESSING);
            MatchState::Impossible { observed: Sighting::from(&o.seen), blame, at: At::of(o) }
        } else {
            MatchState::impossible(o)
        };
    }
    match (closing, ending) {
        (Some((_, o)), _) => {
            let Seen::Close(payload) = &o.seen else { return MatchState::Pending };
            let code = ClosePayload::decode(payload).ok().and_then(|payload| payload.code);
            // §7.4.1: 1007 says that the data was "not consistent with the type of the message".
            let accuses = |codes: &[CloseCode]| {
                code == Some(CloseCode::INVALID_PAYLOAD) && !codes.contains(&CloseCode::INVALID_PAYLOAD)
            };
            if valid && matches!(codes, FailCodes::OneOf(codes) if accuses(codes)) {
                return MatchState::impossible(o);
            }
            let ideal = match codes {
                FailCodes::Any => true,
                FailCodes::OneOf(codes) => code.is_some_and(|code| codes.contains(&code)),
            };
            let (grade, requirement) =
                if ideal { (Grade::Ideal, None) } else { (Grade::Tolerated, Some(CLOSE_BEFORE_FAILING)) };
            then_end(o, grade, requirement, context, expired)
        }
        (None, Some((_, o))) => {
            let bare_is_fine = matches!(codes, FailCodes::Any);
            MatchState::Matched {
                grade: if bare_is_fine { Grade::Ideal } else { Grade::Tolerated },
                observed: Sighting::from(&o.seen).noting(Note::NoClose),
                requirement: (!bare_is_fine).then_some(CLOSE_BEFORE_FAILING),
                at: At::of(o),
                ledger: context.ledger,
            }
        }
        (None, None) => MatchState::Pending,
    }
}

fn end(context: &Context<'_>) -> MatchState {
    match context.end() {
        Some((_, o)) if o.event < context.since => MatchState::impossible(o),
        Some((_, o)) => MatchState::Matched {
            grade: Grade::Ideal,
            observed: Sighting::from(&o.seen),
            // Where it is only tolerated.
            requirement: context.close().is_none().then_some(CLOSE_BEFORE_FAILING),
            at: At::of(o),
            ledger: context.ledger,
        },
        None => MatchState::Pending,
    }
}

/// §5.5.1: "the client SHOULD wait for the server to close the connection".
fn lingers(context: &Context<'_>, expired: bool) -> MatchState {
    match (context.close(), context.end()) {
        (_, Some((_, end))) => MatchState::impossible(end),
        (Some((_, close)), None) if expired => MatchState::matched(Grade::Ideal, close, context.ledger),
        (_, None) => MatchState::Pending,
    }
}

fn silence(context: &Context<'_>, expired: bool) -> MatchState {
    let news = context
        .data()
        .next()
        .or_else(|| context.pongs().next())
        .or_else(|| context.close())
        .or_else(|| context.end());
    match news {
        Some((_, o)) => MatchState::impossible(o),
        None if expired => MatchState::Matched {
            grade: Grade::Ideal,
            observed: Sighting::SILENCE,
            requirement: None,
            at: context.last(),
            ledger: context.ledger,
        },
        None => MatchState::Pending,
    }
}
