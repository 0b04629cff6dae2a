//! The verdict of one play.

use super::death;
use super::decoded::DecodedTranscript;
use super::expected::Expected;
use super::monitor;
use super::observed::Observed;
use super::place::StepKind;
use super::script::{self, DecidedSteps, Deviation};
use super::verdict::{Failure, Source, Verdict, VerdictKind};
use crate::case::Instance;
use crate::requirement::{Catalogue, RequirementId};
use crate::transcript::{Transcript, Transport};

/// Judges a play. Pure: a stored transcript judged again gives the same verdict.
pub fn judge(instance: &Instance, transcript: &Transcript, catalogue: &Catalogue) -> Verdict {
    judge_with(instance, transcript, catalogue, &|_| true)
}

/// Judges a play with those monitors only whose name `watches` says yes to.
pub fn judge_with(
    instance: &Instance,
    transcript: &Transcript,
    catalogue: &Catalogue,
    watches: &dyn Fn(&str) -> bool,
) -> Verdict {
    let played = script::decide_steps(instance, transcript, catalogue);
    let decoded = DecodedTranscript::new(transcript);
    let mut notes = monitor::Notes::default();
    let of_transport =
        |name: &str| transcript.transport == Transport::Http1 || !monitor::OF_HTTP_1.contains(&name);
    for monitor in monitor::ALL.iter().filter(|monitor| of_transport(monitor.name) && watches(monitor.name)) {
        notes.begin(monitor.name);
        (monitor.check)(&decoded, &mut notes);
    }
    // The instances that are about a fault of all openings report it, and no others.
    let overlooked = transcript.capabilities.overlooked;
    let judged = notes.complaints.iter().filter(|complaint| !overlooked.breaks(complaint.requirement));
    let complaints = judged.filter_map(|complaint| {
        let requirement = catalogue.get(complaint.requirement)?;
        Some(Complained { end: complaint.at.end, failure: complaint.failure(requirement) })
    });
    let mut complaints: Vec<Complained> = complaints.collect();
    let mut played = played;
    let death = death::failure(transcript, catalogue);
    if death.is_some() && death::explains(transcript) {
        complaints.clear();
        played.deviations.clear();
    }
    let misread = decoded.received.frames.iter().filter(|frame| decoded.is_misread(frame));
    let misread: Vec<usize> = misread.map(|frame| decoded.received.moment_of(frame).end).collect();
    let mut met: Vec<RequirementId> = notes
        .met
        .iter()
        .filter_map(|id| catalogue.get(id))
        .map(|requirement| requirement.id.clone())
        .collect();
    met.extend(played.shown.iter().cloned());
    let observed = (played.observed.clone(), played.event);
    let (complete, skipped) = (played.complete, played.skipped.clone());
    let mut failures = ordered(played, complaints, &misread);
    if let Some(death) = death {
        failures.retain(|failure| failure.requirement != death.requirement);
        failures.insert(0, death);
    }
    conclude(instance, Ended { observed, complete, skipped }, failures, &mut met)
}

/// What a monitor complains of, and how many octets the target had sent by then; 0 where it is no matter of frames.
struct Complained {
    failure: Failure,
    end: usize,
}

/// All deviations, each requirement once: a MUST before a SHOULD, what explains a step's failure before it, else in the
/// order in which they were noticed, steps first. `misread`: where frames end that a server masked.
fn ordered(played: DecidedSteps, complaints: Vec<Complained>, misread: &[usize]) -> Vec<Failure> {
    let is_misread = |deviation: &Deviation| misread.iter().any(|end| deviation.rests_on(*end));
    // What a masked frame seems to say tells nothing; that it is masked is a monitor's finding.
    let follows = |deviation: &Deviation| {
        (deviation.missed || deviation.failure.tolerated)
            && is_misread(deviation)
            && complains_of_mask(&complaints)
    };
    let mut deviations = played.deviations;
    deviations.retain(|deviation| !follows(deviation));
    let explains = |complaint: &Complained| {
        let Source::Monitor(name) = complaint.failure.source else { return false };
        monitor::OF_FRAMES.contains(&name)
            && !complaint.failure.tolerated
            && deviations.iter().any(|deviation| deviation.missed && deviation.rests_on(complaint.end))
    };
    let (first, last): (Vec<Complained>, Vec<Complained>) = complaints.into_iter().partition(explains);
    let failure = |complaint: Complained| complaint.failure;
    let mut failures: Vec<Failure> = first.into_iter().map(failure).collect();
    failures.extend(deviations.into_iter().map(|deviation| deviation.failure));
    failures.extend(last.into_iter().map(failure));
    failures.sort_by_key(|failure| failure.tolerated);
    let mut distinct: Vec<Failure> = Vec::new();
    for failure in failures {
        if !distinct.iter().any(|seen| seen.requirement == failure.requirement) {
            distinct.push(failure);
        }
    }
    distinct
}

fn complains_of_mask(complaints: &[Complained]) -> bool {
    let masking = Source::Monitor(monitor::OF_FRAMES[0]);
    complaints.iter().any(|complaint| complaint.failure.source == masking && !complaint.failure.tolerated)
}

/// How the steps of a play ended.
struct Ended {
    /// What was observed at the last decision, and in which event.
    observed: (Observed, usize),
    complete: bool,
    skipped: Option<String>,
}

fn conclude(
    instance: &Instance,
    ended: Ended,
    distinct: Vec<Failure>,
    met: &mut Vec<RequirementId>,
) -> Verdict {
    let Ended { observed, complete, skipped } = ended;
    let skipped_any = skipped.is_some();
    if let Some(reason) = skipped
        && complete
        && distinct.is_empty()
    {
        return Verdict {
            met: std::mem::take(met),
            ..Verdict::without_play(VerdictKind::Inapplicable, reason)
        };
    }
    if instance.info {
        return informed(instance, observed, distinct);
    }
    let kind = match distinct.first() {
        Some(failure) if !failure.tolerated => VerdictKind::Fail,
        Some(_) => VerdictKind::Lenient,
        None if complete => VerdictKind::Pass,
        None => VerdictKind::Error,
    };
    if complete && !skipped_any {
        met.extend(instance.verifies.iter().cloned());
    }
    met.sort();
    met.dedup();
    met.retain(|id| !distinct.iter().any(|failure| failure.requirement == *id));
    let reason =
        (kind == VerdictKind::Error).then(|| "the play ended before the script was decided".to_owned());
    let mut distinct = distinct.into_iter();
    Verdict { kind, failure: distinct.next(), others: distinct.collect(), met: std::mem::take(met), reason }
}

/// Nothing binds, but a monitor's MUST does, whatever the case.
fn informed(instance: &Instance, (observed, event): (Observed, usize), failures: Vec<Failure>) -> Verdict {
    let by_monitor: Vec<Failure> =
        failures.into_iter().filter(|failure| matches!(failure.source, Source::Monitor(_))).collect();
    if let Some(failure) = by_monitor.iter().find(|failure| !failure.tolerated).cloned() {
        return Verdict {
            kind: VerdictKind::Fail,
            failure: Some(failure),
            others: Vec::new(),
            met: Vec::new(),
            reason: None,
        };
    }
    let requirement = instance.verifies[0].clone();
    let seen = Failure::at_step((0, StepKind::Info), requirement, Expected::Anything, observed)
        .at_event(event)
        .tolerated(true);
    Verdict {
        kind: VerdictKind::Info,
        failure: Some(seen),
        others: by_monitor,
        met: Vec::new(),
        reason: None,
    }
}
