//! What the runs against servers and against clients share: needs, seeds, and playing again. No
//! deviation is reported that was seen once.

use super::answer_times::exceeds;
use super::reference;
use super::usage::Outgrown;
use crate::embedded;
use std::sync::Arc;
use std::time::Duration;
use wsgauntlet_suite::case::{Instance, Need, Profile};
use wsgauntlet_suite::oracle::verdict::{Failure, Source};
use wsgauntlet_suite::oracle::{self, Expected, Observed, Record, Verdict, VerdictKind};
use wsgauntlet_suite::transcript::{Capabilities, EventKind, Transcript};
use wsgauntlet_wire::hash::fnv1a;

/// A play that timed out is repeated with this many times the deadline.
const PATIENCE: u32 = 3;

/// How many plays of the volume profile run side by side: each keeps both ends busy, and its octets in memory.
pub(crate) const VOLUME_JOBS: usize = 2;

/// How many octets of a transcript are kept of a play that passed.
const PASSED_OCTETS_KEPT: usize = 64 * 1024;

/// The watch over memory, as failures name it.
const MEMORY: &str = "memory";

/// RFC 6455 §10.4, of endpoints that have limits. One without them takes whatever is sent.
const LIMITS: &str = "rfc6455/10.4/limits-protected";

/// The record of a play in which a launched target outgrew its bound of memory.
pub(crate) fn outgrown(mut record: Record, outgrown: Outgrown) -> Record {
    let Some(requirement) = embedded::catalogue().get(LIMITS).map(|requirement| requirement.id.clone())
    else {
        return record;
    };
    const MIB: u64 = 1 << 20;
    let verdict = &mut record.verdict;
    let expected = Expected::Memory { max_mib: outgrown.max / MIB };
    let observed = Observed::Memory { peak_mib: outgrown.peak / MIB };
    let failure = Failure::by_monitor(MEMORY, requirement, expected, observed);
    verdict.met.retain(|id| *id != failure.requirement);
    verdict.others.extend(verdict.failure.take());
    verdict.failure = Some(failure);
    verdict.kind = VerdictKind::Fail;
    record
}

pub(crate) fn is_outgrown(record: &Record) -> bool {
    record.verdict.failure.as_ref().is_some_and(|failure| failure.source == Source::Monitor(MEMORY))
}

/// What follows from the plays of an instance.
#[derive(Debug)]
pub(crate) enum RetryDecision {
    Final(Box<Record>),
    /// It deviates, and is to be played once more.
    Again(Vec<Record>),
}

/// The record of a play. What passes at great length is kept in part.
pub(crate) fn judged(instance: Arc<Instance>, transcript: Transcript, plays: u32) -> Record {
    let verdict = oracle::judge(&instance, &transcript, embedded::catalogue());
    let mut record = Record {
        instance,
        verdict,
        transcript: Some(transcript),
        kept_close_code: None,
        plays,
        reference: None,
        application: None,
    };
    if record.verdict.kind == VerdictKind::Pass {
        record.shorten(PASSED_OCTETS_KEPT);
    }
    record
}

/// Whether reports show the octets of a play.
fn is_shown(record: &Record) -> bool {
    !matches!(record.verdict.kind, VerdictKind::Pass | VerdictKind::Inapplicable)
}

/// Leaves out of a record that is final what no report shows.
pub(crate) fn keep_what_is_shown(record: &mut Record) {
    if !is_shown(record) {
        record.drop_octets();
    }
}

/// Plays the reference beside a record that is final, where a report shows it. What passed needs no second opinion: the
/// self-test has proven that the reference passes, too.
pub(crate) fn beside_reference(record: &mut Record) {
    // A second opinion of the volume profile's length shows nothing that a person would read.
    if is_shown(record) && record.reference.is_none() && record.instance.profile != Profile::Volume {
        record.reference = Some(reference::beside(&record.instance, "localhost", 1, embedded::catalogue()));
    }
}

/// Decides whether the plays so far, at least one, are enough. Three are.
pub(crate) fn decide_retry(mut plays: Vec<Record>) -> RetryDecision {
    let last = plays.pop().expect("an instance that is concluded was played");
    match plays.as_slice() {
        [] if deviates(&last) => RetryDecision::Again(vec![last]),
        [] => RetryDecision::Final(Box::new(last)),
        [first] if same(&first.verdict, &last.verdict) => RetryDecision::Final(Box::new(last)),
        [_] => {
            plays.push(last);
            RetryDecision::Again(plays)
        }
        [first, second, ..] => {
            // A timeout beside other plays that two plays alone do not repeat was due to the others. A refused connection is
            // no evidence about the instance.
            let load = timed_out(first) || first.verdict.kind == VerdictKind::Blocked;
            if load && same(&second.verdict, &last.verdict) {
                return RetryDecision::Final(Box::new(last));
            }
            let kinds = [first, second, &last].map(|play| play.verdict.kind);
            if kinds == [VerdictKind::Fail; 3] {
                // It fails each time, in one way or another.
                return RetryDecision::Final(Box::new(last));
            }
            if kinds.iter().all(|kind| matches!(kind, VerdictKind::Pass | VerdictKind::Lenient)) {
                // One lenient play out of three counts as a pass.
                let twice = kinds.iter().filter(|kind| **kind == VerdictKind::Lenient).count() > 1;
                plays.push(last);
                let kind = if twice { VerdictKind::Lenient } else { VerdictKind::Pass };
                let found = plays.into_iter().rev().find(|play| play.verdict.kind == kind);
                return RetryDecision::Final(Box::new(found.expect("two of three are of that kind")));
            }
            RetryDecision::Final(Box::new(flaky(&plays, last)))
        }
    }
}

/// How long a step of the next play waits for the target.
pub(crate) fn patience(plays: &[Record], deadline: Duration) -> Duration {
    match plays {
        [] => deadline,
        [first] if !timed_out(first) => deadline,
        _ => deadline * PATIENCE,
    }
}

/// How long a step of any play waits for the target at most.
pub(crate) fn patience_max(deadline: Duration) -> Duration {
    deadline * PATIENCE
}

pub(crate) fn deviates(record: &Record) -> bool {
    match record.verdict.kind {
        VerdictKind::Fail | VerdictKind::Lenient | VerdictKind::Error | VerdictKind::Blocked => true,
        VerdictKind::Pass | VerdictKind::Info | VerdictKind::Inapplicable | VerdictKind::Flaky => false,
    }
}

/// Whether the verdict rests on a deadline.
pub(crate) fn timed_out(record: &Record) -> bool {
    let expired = |transcript: &Transcript| {
        transcript.events.iter().any(|event| matches!(event.kind, EventKind::StepExpired(_)))
    };
    record.transcript.as_ref().is_some_and(expired)
}

/// Whether a play timed out only because its deadline, `guess`, was too short: the next play, `next`, with a longer one, is as
/// good as can be, and the target took longer for something than `guess`, and not longer than `full`, the configured deadline.
/// It then counts as the first play.
pub(crate) fn was_wrong_guess(first: &Record, guess: Duration, full: Duration, next: &Record) -> bool {
    let came_later = |transcript| exceeds(transcript, guess) && !exceeds(transcript, full);
    timed_out(first) && !deviates(next) && next.transcript.as_ref().is_some_and(came_later)
}

/// The verdict of a first play that cannot be confirmed, since the target is dead. Octets that were received are evidence; a
/// timeout may be due to a busy machine, or to the death.
pub(crate) fn unconfirmed(first: Record, reason: &str) -> Record {
    match timed_out(&first) {
        true => Record::unplayed(first.instance, VerdictKind::Blocked, reason),
        false => first,
    }
}

/// Whether two plays came to the same, for the same cause.
pub(crate) fn same(a: &Verdict, b: &Verdict) -> bool {
    // What else was seen on the way may differ: octets behind a failing frame race with its end.
    a.kind == b.kind
        && a.failure.as_ref().map(|failure| &failure.requirement)
            == b.failure.as_ref().map(|failure| &failure.requirement)
}

/// How much a play says against the target: what is worst is kept to be looked at.
fn gravity(record: &Record) -> u8 {
    match record.verdict.kind {
        VerdictKind::Fail => 3,
        VerdictKind::Lenient => 2,
        VerdictKind::Error | VerdictKind::Blocked | VerdictKind::Flaky => 1,
        VerdictKind::Pass | VerdictKind::Info | VerdictKind::Inapplicable => 0,
    }
}

/// The record of an instance whose plays, `before` and `last`, differ. Octets and failure are those of the worst of
/// them, the last of these.
pub(crate) fn flaky(before: &[Record], last: Record) -> Record {
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
    let worst = all.iter().max_by_key(|record| gravity(record)).copied().unwrap_or(&last).clone();
    Record {
        verdict: Verdict {
            kind: VerdictKind::Flaky,
            failure: worst.verdict.failure,
            others: Vec::new(),
            met: Vec::new(),
            reason: Some(reason),
        },
        transcript: worst.transcript,
        kept_close_code: worst.kept_close_code,
        application: worst.application,
        ..last
    }
}

/// What a run and its target have of what instances need.
#[derive(Clone, Copy, Debug)]
pub struct Provides {
    pub capabilities: Capabilities,
    pub tls: bool,
    /// Connections are upgrades in HTTP/1.1.
    pub http_1: bool,
    /// Clients are launched with the address that they are to open.
    pub launches: bool,
    /// Clients were given the certificate to trust.
    pub verifies: bool,
    /// Clients offer subprotocols.
    pub subprotocol: bool,
}

impl Provides {
    /// Of a server, or of clients that come by themselves.
    pub fn new(capabilities: Capabilities, tls: bool) -> Provides {
        Provides { capabilities, tls, http_1: true, launches: false, verifies: false, subprotocol: true }
    }
}

/// The first need that is not met.
pub(crate) fn unmet_need(instance: &Instance, provides: Provides) -> Option<Need> {
    let capabilities = provides.capabilities;
    instance.needs.iter().copied().find(|need| !match need {
        Need::Text => capabilities.text,
        Need::Echo => capabilities.echo,
        Need::EchoBinary => capabilities.echo_binary,
        Need::Alive => capabilities.pong || capabilities.echo,
        Need::Deflate => capabilities.deflate,
        Need::NoDeflate => !capabilities.deflate,
        Need::Tls => provides.tls,
        Need::Subprotocol => provides.subprotocol,
        Need::Launch => provides.launches,
        Need::Verification => provides.verifies,
        Need::Http1 => provides.http_1,
        Need::Driver => capabilities.driver,
    })
}

/// Every instance draws its own masking keys, the same in each run of one seed.
pub(crate) fn instance_seed(seed: u64, instance: &Instance) -> u64 {
    seed ^ fnv1a(instance.id.as_str().bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wsgauntlet_wire::Role;

    fn play(kind: VerdictKind) -> Record {
        let instance = embedded::library().instances(Role::Server).next().expect("a case");
        Record::unplayed(Arc::new(instance.clone()), kind, "")
    }

    fn verdict(kinds: &[VerdictKind]) -> Option<VerdictKind> {
        match decide_retry(kinds.iter().map(|kind| play(*kind)).collect()) {
            RetryDecision::Final(record) => Some(record.verdict.kind),
            RetryDecision::Again(_) => None,
        }
    }

    /// A deviation is seen twice alike, or three times in any way.
    #[test]
    fn plays_are_concluded() {
        use VerdictKind::{Blocked, Fail, Flaky, Lenient, Pass};
        for (kinds, expected) in [
            (&[Pass][..], Some(Pass)),
            (&[Fail], None),
            (&[Fail, Fail], Some(Fail)),
            (&[Fail, Pass], None),
            (&[Fail, Pass, Pass], Some(Flaky)),
            (&[Fail, Lenient, Fail], Some(Flaky)),
            (&[Lenient, Pass, Pass], Some(Pass)),
            (&[Lenient, Pass, Lenient], Some(Lenient)),
            (&[Blocked, Pass, Pass], Some(Pass)),
            (&[Blocked, Pass, Fail], Some(Flaky)),
        ] {
            assert_eq!(verdict(kinds), expected, "{kinds:?}");
        }
    }

    /// websocket-node died beside two plays that had waited a second for a busy machine: both were called failures.
    #[test]
    fn silence_that_nobody_can_confirm_is_no_failure() {
        let deviating = |kind: EventKind| {
            let mut record = play(VerdictKind::Fail);
            let mut transcript = Transcript::new(Role::Server, Capabilities::FULL);
            transcript.push(Duration::ZERO, kind);
            record.transcript = Some(transcript);
            unconfirmed(record, "the target is dead").verdict.kind
        };
        assert_eq!(deviating(EventKind::StepExpired(0)), VerdictKind::Blocked);
        assert_eq!(deviating(EventKind::StepDecided(0)), VerdictKind::Fail);
    }
}
