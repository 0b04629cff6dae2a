//! What is done with a session that showed something: it is played again alone, shrunk, and described. Only what comes
//! again is a finding.

use super::fuzzer::{Doubt, Fuzzer, PATIENCE, Suspect};
use super::report::{FuzzError, FuzzEvent};
use crate::embedded;
use crate::fuzz::complaint::Complaint;
use crate::fuzz::shrink::Shrinker;
use crate::fuzz::{Finding, Session};
use std::sync::Arc;
use std::time::{Duration, Instant};
use wsgauntlet_suite::oracle::{self, VerdictKind};
use wsgauntlet_suite::transcript::Transcript;

/// How often a suspect has to show the same when it is played alone.
const CONFIRMATIONS: u32 = 2;

/// How many proposals of the shrinker are tried, and for how long.
pub(super) const SHRINK_TRIES_MAX: usize = 600;
const SHRINK_TIME_MAX: Duration = Duration::from_secs(30);

/// While a session is shrunk, the target is waited for during this part of the deadline: what comes of it is confirmed with
/// the whole one.
const SHRINK_HASTE: u32 = 4;

/// Plays a session alone and gives what was asked for, and the transcript.
async fn shows(
    fuzzer: &Fuzzer<'_>,
    session: &Arc<Session>,
    index: u64,
    fingerprint: &str,
    deadline: Duration,
) -> Option<(Complaint, Transcript)> {
    let played = fuzzer.play_within(session, index, deadline).await.ok()?;
    let mut complaints = played.complaints.into_iter().filter(|complaint| !complaint.tolerated);
    let complaint = complaints.find(|complaint| complaint.fingerprint() == fingerprint)?;
    Some((complaint, played.transcript))
}

/// Looks into a deviation.
pub(super) async fn suspect(fuzzer: &mut Fuzzer<'_>, suspect: Suspect) -> Result<(), FuzzError> {
    (fuzzer.events)(FuzzEvent::Examining(suspect.complaint.observed.clone()));
    let Suspect { index, session, fingerprint, .. } = &suspect;
    let patience = fuzzer.options.deadline * PATIENCE;
    for _ in 0..CONFIRMATIONS {
        if shows(fuzzer, session, *index, fingerprint, patience).await.is_none() {
            fuzzer.unconfirmed(&suspect);
            return Ok(());
        }
    }
    let best = shrink(fuzzer, session, *index, fingerprint).await;
    // Haste can mistake delay for silence. Then the session as it was stays.
    for session in [&best, session] {
        if let Some((complaint, transcript)) = shows(fuzzer, session, *index, fingerprint, patience).await {
            let mut finding =
                describe(fuzzer, complaint, *index, (**session).clone(), Vec::new(), transcript);
            finding.case = failing_case(fuzzer, &finding).await;
            fuzzer.found(finding);
            return Ok(());
        }
    }
    fuzzer.unconfirmed(&suspect);
    Ok(())
}

/// Looks again, at length, whether a difference was one.
pub(super) async fn doubt(fuzzer: &mut Fuzzer<'_>, doubt: Doubt) {
    let Ok(played) = fuzzer.play_alone(&doubt.session, doubt.index).await else { return };
    let mut complaints = played.complaints.into_iter().filter(|complaint| complaint.tolerated);
    match complaints.find(|complaint| complaint.fingerprint() == doubt.fingerprint) {
        Some(complaint) => drop(fuzzer.report.differences.insert(doubt.fingerprint, (complaint, 1))),
        None => fuzzer.doubted_in_haste(&doubt.fingerprint),
    }
}

/// The smallest session found that shows the same. When the time of the run is over, nothing is shrunk any more.
async fn shrink(fuzzer: &Fuzzer<'_>, session: &Arc<Session>, index: u64, fingerprint: &str) -> Arc<Session> {
    let haste = fuzzer.options.deadline / SHRINK_HASTE;
    let began = Instant::now();
    let mut shrinker = Shrinker::new((**session).clone());
    while shrinker.tries < SHRINK_TRIES_MAX
        && began.elapsed() < SHRINK_TIME_MAX
        && !fuzzer.is_over()
        && let Some(smaller) = shrinker.propose()
    {
        let smaller = Arc::new(smaller);
        let kept = shows(fuzzer, &smaller, index, fingerprint, haste).await.is_some();
        shrinker.report((*smaller).clone(), kept);
    }
    Arc::new(shrinker.best().clone())
}

pub(super) fn describe(
    fuzzer: &Fuzzer<'_>,
    complaint: Complaint,
    index: u64,
    session: Session,
    history: Vec<Session>,
    transcript: Transcript,
) -> Finding {
    let fingerprint = complaint.fingerprint();
    Finding {
        name: Finding::name_of(&complaint, &fingerprint),
        role: fuzzer.role(),
        fingerprint,
        complaint,
        session,
        history,
        transcript,
        seed: fuzzer.options.seed,
        index,
        target: fuzzer.options.name.clone(),
        first_seen: fuzzer.options.today.clone(),
        case: None,
    }
}

/// The form of a finding's case that fails on the target, played alone: the first that fails by the same requirement, or else
/// the first that fails. What passes there is worth nothing as a gate.
async fn failing_case(fuzzer: &Fuzzer<'_>, finding: &Finding) -> Option<String> {
    let (seed, patience) = (fuzzer.options.seed ^ finding.index, fuzzer.options.deadline * PATIENCE);
    let mut failing = None;
    for (text, instance) in finding.forms() {
        let played = fuzzer.site.play_case(&instance, seed, fuzzer.capabilities, patience).await;
        let Ok(transcript) = played else { continue };
        let verdict = oracle::judge(&instance, &transcript, embedded::catalogue());
        if verdict.kind != VerdictKind::Fail {
            continue;
        }
        if verdict.failures().any(|failure| failure.requirement.as_str() == finding.complaint.requirement) {
            return Some(text);
        }
        failing = failing.or(Some(text));
    }
    failing
}
