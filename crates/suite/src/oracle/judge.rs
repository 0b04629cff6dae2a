//! The verdict of one play.

use super::monitor;
use super::scene::Scene;
use super::script::{self, Played};
use super::verdict::{Failure, Source, Verdict, VerdictKind, fingerprint};
use crate::case::Instance;
use crate::requirement::{Catalogue, Level, RequirementId};
use crate::transcript::Transcript;

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
    let played = script::play(instance, transcript, catalogue);
    let scene = Scene::new(transcript);
    let mut notes = monitor::Notes::default();
    for monitor in monitor::ALL.iter().filter(|monitor| watches(monitor.name)) {
        notes.begin(monitor.name);
        (monitor.check)(&scene, &mut notes);
    }
    // The instances that are about a fault of all openings report it, and no others.
    let overlooked = transcript.capabilities.overlooked;
    let judged = notes.complaints.iter().filter(|complaint| !overlooked.breaks(complaint.requirement));
    let complaints = judged.filter_map(|complaint| {
        let requirement = catalogue.get(complaint.requirement)?;
        Some(Failure {
            source: Source::Monitor(complaint.monitor),
            requirement: requirement.id.clone(),
            expected: complaint.expected.clone(),
            observed: complaint.observed.clone(),
            fingerprint: fingerprint(&requirement.id, complaint.monitor, &complaint.observed),
            event: complaint.event,
            tolerated: requirement.level != Level::Must,
        })
    });
    let complaints: Vec<Failure> = complaints.collect();
    let mut met: Vec<RequirementId> = notes
        .met
        .iter()
        .filter_map(|id| catalogue.get(id))
        .map(|requirement| requirement.id.clone())
        .collect();
    conclude(instance, played, complaints, &mut met)
}

fn conclude(
    instance: &Instance,
    played: Played,
    complaints: Vec<Failure>,
    met: &mut Vec<RequirementId>,
) -> Verdict {
    let (complete, skipped) = (played.complete, played.skipped);
    let skipped_any = skipped.is_some();
    let mut failures = played.failures;
    failures.extend(complaints);
    // A MUST before a SHOULD; else in the order in which they were noticed, steps first.
    failures.sort_by_key(|failure| failure.tolerated);
    let mut distinct: Vec<Failure> = Vec::new();
    for failure in failures {
        if !distinct.iter().any(|seen| seen.requirement == failure.requirement) {
            distinct.push(failure);
        }
    }
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
        return observed(instance, &played.observed, played.event, distinct);
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
fn observed(instance: &Instance, observed: &str, event: usize, failures: Vec<Failure>) -> Verdict {
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
    let seen = Failure {
        source: Source::Step(0),
        requirement: instance.verifies[0].clone(),
        expected: "nothing binds".to_owned(),
        observed: observed.to_owned(),
        fingerprint: fingerprint(&instance.verifies[0], "info", observed),
        event,
        tolerated: true,
    };
    Verdict {
        kind: VerdictKind::Info,
        failure: Some(seen),
        others: by_monitor,
        met: Vec::new(),
        reason: None,
    }
}
