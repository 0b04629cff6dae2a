//! What is done when a launched target dies, hangs or outgrows its limits: the session that brings it about is looked for, or
//! else the shortest row of sessions.

use super::examine::{SHRINK_TRIES_MAX, describe};
use super::fuzzer::Fuzzer;
use super::greeting::answers;
use super::process::Fault;
use super::report::{FuzzError, FuzzEvent};
use crate::fuzz::Session;
use crate::fuzz::complaint::{self, Complaint};
use crate::fuzz::shrink::Shrinker;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wsgauntlet_suite::transcript::Transcript;

/// How many restarts a fault of the process is worth.
const RESTARTS_MAX: usize = 60;

/// How long a process may take to die of what it read.
const DEATH_WITHIN: Duration = Duration::from_millis(300);

/// How often the process is looked at in that time.
const DEATH_POLL: Duration = Duration::from_millis(10);

/// After this many sessions the process is checked while no connection is open.
const IDLE_EVERY: u64 = 4096;

/// Checks a launched target. Where something is wrong with it, starts it again, and looks for the session of the round that
/// caused it.
pub(super) async fn look(fuzzer: &mut Fuzzer<'_>, round: &[(u64, Arc<Session>)]) -> Result<(), FuzzError> {
    let Some(process) = &mut fuzzer.process else { return Ok(()) };
    let mut fault = process.fault();
    if fault.is_none() && fuzzer.report.progress.sessions.is_multiple_of(IDLE_EVERY) {
        fault = process.idle_fault().await;
    }
    let fault = match fault {
        Some(fault) => fault,
        None if answers(fuzzer).await => return Ok(()),
        None => Fault::Hang,
    };
    let output = fuzzer.process.as_ref().map(|process| process.output()).unwrap_or_default();
    (fuzzer.events)(FuzzEvent::Restarted(format!("{fault}; the target is started again{output}")));
    restart(fuzzer).await?;
    let words = format!("{fault} {}", without_numbers(&output));
    if fuzzer.faults.contains(&words) {
        fuzzer.report.alike += 1;
        return Ok(());
    }
    let findings = fuzzer.report.findings.len();
    blame(fuzzer, round, fault).await?;
    // To look for the cause takes minutes. What left no words behind can be something else the next time.
    if fuzzer.report.findings.len() > findings && !output.is_empty() {
        fuzzer.faults.insert(words);
    }
    Ok(())
}

/// Looks for the session of the round that causes the fault, or else for the row of sessions that does.
async fn blame(
    fuzzer: &mut Fuzzer<'_>,
    round: &[(u64, Arc<Session>)],
    fault: Fault,
) -> Result<(), FuzzError> {
    for (index, session) in round {
        if fuzzer.stopped() {
            return Ok(());
        }
        if let Some((found, transcript)) = kills(fuzzer, &[], session, *index).await?
            && found.confirms(&fault)
        {
            let fault = found;
            let session = shrink_killer(fuzzer, session, *index, &fault).await?;
            keep_fault(fuzzer, fault, *index, session, Vec::new(), transcript);
            return Ok(());
        }
    }
    history(fuzzer, round, fault).await
}

/// Looks for the shortest suffix of what was played that causes the fault in a fresh process.
async fn history(
    fuzzer: &mut Fuzzer<'_>,
    round: &[(u64, Arc<Session>)],
    fault: Fault,
) -> Result<(), FuzzError> {
    let all: Vec<Arc<Session>> =
        fuzzer.recent.iter().cloned().chain(round.iter().map(|(_, session)| session.clone())).collect();
    let Some(index) = round.last().map(|(index, _)| *index) else { return Ok(()) };
    let mut len = 2;
    loop {
        let from = all.len().saturating_sub(len);
        restart(fuzzer).await?;
        let Some((last, before)) = all[from..].split_last() else { return Ok(()) };
        if let Some((found, transcript)) = kills(fuzzer, before, last, index).await?
            && found.confirms(&fault)
        {
            let fault = found;
            let mut needed: Vec<Arc<Session>> = before.to_vec();
            let mut restarts = 0;
            let mut at = 0;
            while at < needed.len() && restarts < RESTARTS_MAX && !fuzzer.stopped() {
                let mut fewer = needed.clone();
                fewer.remove(at);
                restart(fuzzer).await?;
                restarts += 1;
                match kills(fuzzer, &fewer, last, index).await? {
                    Some((found, _)) if found.confirms(&fault) => needed = fewer,
                    Some(_) | None => at += 1,
                }
            }
            let needed = needed.iter().map(|session| (**session).clone()).collect();
            keep_fault(fuzzer, fault, index, (**last).clone(), needed, transcript);
            return restart(fuzzer).await;
        }
        if from == 0 || fuzzer.stopped() {
            break;
        }
        len *= 2;
    }
    *fuzzer.report.unconfirmed.entry(fault.to_string()).or_default() += 1;
    (fuzzer.events)(FuzzEvent::Unconfirmed(fault.to_string()));
    restart(fuzzer).await
}

fn keep_fault(
    fuzzer: &mut Fuzzer<'_>,
    fault: Fault,
    index: u64,
    session: Session,
    history: Vec<Session>,
    transcript: Transcript,
) {
    let observed = match &fault {
        // Addresses and process ids differ from run to run.
        Fault::Alarm(line) => format!("the process wrote: {}", without_numbers(line)),
        fault => fault.to_string(),
    };
    let expected = "the target lives, and answers";
    let complaint = Complaint::new(complaint::ECHO, complaint::PROCESS, expected, observed, 0);
    let mut finding = describe(fuzzer, complaint, index, session, history, transcript);
    // Whether the process lives, a play does not tell.
    finding.case = finding.forms().into_iter().next().map(|(text, _)| text);
    fuzzer.found(finding);
}

fn without_numbers(line: &str) -> String {
    let words = line.split_whitespace().filter(|word| !word.contains(|c: char| c.is_ascii_digit()));
    words.collect::<Vec<_>>().join(" ")
}

async fn restart(fuzzer: &mut Fuzzer<'_>) -> Result<(), FuzzError> {
    if let Some(process) = &mut fuzzer.process {
        process.restart().await?;
        // What the next connection shows is to be that session's doing, not the start's.
        answers(fuzzer).await;
    }
    Ok(())
}

/// Plays sessions one after the other. Returns what became of the process, where it did not survive; it is started again then.
async fn kills(
    fuzzer: &mut Fuzzer<'_>,
    before: &[Arc<Session>],
    last: &Arc<Session>,
    index: u64,
) -> Result<Option<(Fault, Transcript)>, FuzzError> {
    let mut transcript = Transcript::new(fuzzer.role(), fuzzer.capabilities);
    let mut suspicious = false;
    for session in before.iter().chain([last]) {
        match fuzzer.play_alone(session, index).await {
            Ok(played) => {
                suspicious |= !played.complaints.is_empty();
                transcript = played.transcript;
            }
            Err(_) => suspicious = true,
        }
    }
    let mut fault = fuzzer.process.as_mut().and_then(|process| process.fault());
    let until = Instant::now() + DEATH_WITHIN;
    let mut ticks = tokio::time::interval(DEATH_POLL);
    while suspicious && fault.is_none() && Instant::now() < until {
        ticks.tick().await;
        fault = fuzzer.process.as_mut().and_then(|process| process.fault());
    }
    if fault.is_none() && suspicious && !answers(fuzzer).await {
        fault = Some(Fault::Hang);
    }
    if fault.is_some() {
        restart(fuzzer).await?;
    }
    Ok(fault.map(|fault| (fault, transcript)))
}

async fn shrink_killer(
    fuzzer: &mut Fuzzer<'_>,
    session: &Arc<Session>,
    index: u64,
    fault: &Fault,
) -> Result<Session, FuzzError> {
    let mut shrinker = Shrinker::new((**session).clone());
    let mut restarts = 0;
    while shrinker.tries < SHRINK_TRIES_MAX
        && restarts < RESTARTS_MAX
        && !fuzzer.stopped()
        && let Some(smaller) = shrinker.propose()
    {
        let smaller = Arc::new(smaller);
        let same = match kills(fuzzer, &[], &smaller, index).await? {
            Some((seen, _)) => {
                restarts += 1;
                seen.confirms(fault)
            }
            None => false,
        };
        shrinker.report((*smaller).clone(), same);
    }
    Ok(shrinker.best().clone())
}
