//! What a driver does of its own accord: pings, Closes and messages that answer nothing, and its answer that it cannot do
//! something.

use super::context::At;
use super::context::{Context, Ledger};
use super::outcome::{is, is_listed, or_ended};
use super::sighting::Sighting;
use super::state::{Blame, Grade, MatchState};
use crate::case::Payload;
use crate::case::driver;
use crate::case::expectation::CloseCodes;
use crate::transcript::Seen;
use wsgauntlet_wire::Opcode;
use wsgauntlet_wire::close::ClosePayload;

/// Why a command was not obeyed, and nothing is wrong with that: the next message says that it is not supported, or shows that the
/// target is no driver.
pub fn declined(context: &Context<'_>) -> Option<&'static str> {
    let (_, next) = context.data().next()?;
    let Seen::Message { opcode: Opcode::Text, payload, .. } = &next.seen else { return None };
    if payload.starts_with(driver::UNSUPPORTED.as_bytes()) {
        Some("the driver does not support this command")
    } else if driver::is_command(payload) {
        Some("the target echoes commands: it is no driver")
    } else {
        None
    }
}

/// The next of the target's own pings.
pub(super) fn ping(expected: &Payload, context: &Context<'_>) -> MatchState {
    match context.own_pings().next() {
        Some((index, o)) => match &o.seen {
            Seen::Ping(payload) if is(payload, expected) => {
                MatchState::matched(Grade::Ideal, o, Ledger { pings: index + 1, ..context.ledger })
            }
            _ => MatchState::impossible(o),
        },
        // A driver that cannot says so.
        None => match context.data().next() {
            Some((_, o)) => MatchState::impossible(o),
            None => or_ended(context),
        },
    }
}

/// A Close frame, whatever messages were sent before it.
pub(super) fn close_frame(codes: &CloseCodes, reason: Option<&Payload>, context: &Context<'_>) -> MatchState {
    // Who does not obey may answer a Close all the same, in the same segment.
    if declined(context).is_some()
        && let Some((_, o)) = context.data().next()
    {
        return MatchState::Impossible {
            observed: Sighting::from(&o.seen),
            blame: Blame::Case,
            at: At::of(o),
        };
    }
    let Some((index, o)) = context.close() else {
        let over = context.end().or(context.opaque());
        return over.map_or(MatchState::Pending, |(_, o)| MatchState::impossible(o));
    };
    let Seen::Close(payload) = &o.seen else { return MatchState::Pending };
    let decoded = ClosePayload::decode(payload).ok();
    let has_reason = reason
        .is_none_or(|reason| decoded.as_ref().is_some_and(|decoded| is(decoded.reason.as_bytes(), reason)));
    if o.event < context.since || !has_reason || !is_listed(codes, decoded.as_ref()) {
        return MatchState::impossible(o);
    }
    MatchState::matched(Grade::Ideal, o, Ledger { data: index.max(context.ledger.data), ..context.ledger })
}

/// §5.4 and §6.1: the messages of several tasks, each whole, those of one task in the order in which it sent them.
pub(super) fn tasks(
    tasks: usize,
    count: usize,
    size: usize,
    mut beside: Option<&Payload>,
    context: &Context<'_>,
) -> MatchState {
    let mut sent = vec![0; tasks];
    let mut left = tasks * count + usize::from(beside.is_some());
    for (index, o) in context.data() {
        let Seen::Message { opcode, payload, .. } = &o.seen else { return MatchState::impossible(o) };
        let is_beside = |beside: &mut &Payload| *opcode == Opcode::Binary && is(payload, beside);
        if beside.take_if(is_beside).is_none() {
            let fits = |task: &usize| *payload == driver::numbered_text(*task, sent[*task], size);
            let mut open = (0..tasks).filter(|task| *opcode == Opcode::Text && sent[*task] < count);
            let Some(task) = open.find(fits) else { return MatchState::impossible(o) };
            sent[task] += 1;
        }
        left -= 1;
        if left == 0 {
            return MatchState::matched(Grade::Ideal, o, Ledger { data: index + 1, ..context.ledger });
        }
    }
    or_ended(context)
}
