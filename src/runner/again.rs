//! What the runs against servers and against clients share: needs, seeds, and playing again. No
//! deviation is reported that was seen once.

use crate::case::{Instance, Need};
use crate::oracle::{Record, Verdict, VerdictKind};
use crate::transcript::{Capabilities, EventKind, Transcript};
use std::time::Duration;

/// A play that was waited for in vain is repeated with this many times the deadline.
const PATIENCE: u32 = 3;

/// What follows from the plays of an instance.
#[derive(Debug)]
pub enum Next {
    Final(Box<Record>),
    /// It deviates, and is to be played once more.
    Again(Vec<Record>),
}

/// Decides whether the plays so far, at least one, are enough. Three are.
pub fn conclude(mut plays: Vec<Record>) -> Next {
    let last = plays.pop().expect("an instance that is concluded was played");
    match plays.as_slice() {
        [] if deviates(&last) => Next::Again(vec![last]),
        [] => Next::Final(Box::new(last)),
        [first] if same(&first.verdict, &last.verdict) => Next::Final(Box::new(last)),
        [_] => {
            plays.push(last);
            Next::Again(plays)
        }
        [first, second, ..] => {
            // Silence under load that two plays alone do not repeat was the load's, and a refused
            // connection says nothing about the instance.
            let load = waited_in_vain(first) || first.verdict.kind == VerdictKind::Blocked;
            let all_fail = [first, second, &last].iter().all(|play| play.verdict.kind == VerdictKind::Fail);
            // What was borne in a crowd, and did not come back twice, is no deviation.
            let alone = first.verdict.kind == VerdictKind::Lenient && last.verdict.kind == VerdictKind::Pass;
            // A target that fails each time, in one way or another, fails.
            if all_fail || (load || alone) && same(&second.verdict, &last.verdict) {
                return Next::Final(Box::new(last));
            }
            Next::Final(Box::new(flaky(&plays, last)))
        }
    }
}

/// How long silence is borne in the next play.
pub fn patience(plays: &[Record], deadline: Duration) -> Duration {
    match plays {
        [] => deadline,
        [first] if !waited_in_vain(first) => deadline,
        _ => deadline * PATIENCE,
    }
}

fn deviates(record: &Record) -> bool {
    match record.verdict.kind {
        VerdictKind::Fail | VerdictKind::Lenient | VerdictKind::Error | VerdictKind::Blocked => true,
        VerdictKind::Pass | VerdictKind::Info | VerdictKind::Inapplicable | VerdictKind::Flaky => false,
    }
}

/// Whether the verdict rests on a deadline.
pub fn waited_in_vain(record: &Record) -> bool {
    let expired = |transcript: &Transcript| {
        transcript.events.iter().any(|event| matches!(event.kind, EventKind::StepExpired(_)))
    };
    record.transcript.as_ref().is_some_and(expired)
}

/// Whether two plays came to the same, for the same cause.
pub fn same(a: &Verdict, b: &Verdict) -> bool {
    // What else was seen on the way may differ: octets behind a failing frame race with its end.
    a.kind == b.kind
        && a.failure.as_ref().map(|failure| &failure.requirement)
            == b.failure.as_ref().map(|failure| &failure.requirement)
}

/// The record of an instance whose plays, `before` and `last`, differ.
pub fn flaky(before: &[Record], last: Record) -> Record {
    let seen = |record: &Record| match &record.verdict.failure {
        Some(failure) => format!("{} ({})", record.verdict.kind, failure.observed),
        None => record.verdict.kind.to_string(),
    };
    let all: Vec<&Record> = before.iter().chain([&last]).collect();
    let observed: Vec<String> = all.iter().map(|record| seen(record)).collect();
    let times = match all.len() {
        2 => "twice".to_owned(),
        3 => "three times".to_owned(),
        times => format!("{times} times"),
    };
    let reason = format!("played {times}: {}", observed.join("; "));
    let failure = all.iter().rev().find_map(|record| record.verdict.failure.clone());
    Record {
        verdict: Verdict {
            kind: VerdictKind::Flaky,
            failure,
            others: Vec::new(),
            met: Vec::new(),
            reason: Some(reason),
        },
        ..last
    }
}

/// The first need that the target does not meet.
pub fn unmet_need(instance: &Instance, capabilities: Capabilities, tls: bool) -> Option<Need> {
    instance.needs.iter().copied().find(|need| !match need {
        Need::Echo => capabilities.echo,
        Need::EchoBinary => capabilities.echo_binary,
        Need::Alive => capabilities.pong || capabilities.echo,
        Need::Deflate => capabilities.deflate,
        Need::NoDeflate => !capabilities.deflate,
        Need::Tls => tls,
        Need::Subprotocol => true,
    })
}

/// Every instance draws its own masking keys, the same in each run of one seed.
pub fn instance_seed(seed: u64, instance: &Instance) -> u64 {
    let mix = |hash: u64, octet: u8| (hash ^ u64::from(octet)).wrapping_mul(0x0000_0100_0000_01b3);
    seed ^ instance.id.as_str().bytes().fold(0xcbf2_9ce4_8422_2325, mix)
}
