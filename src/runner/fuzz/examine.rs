//! What is done with a session that showed something: it is played again alone, shrunk, and described. Only what comes
//! again is a finding.

use super::process::Fault;
use super::run::{Doubt, FuzzError, FuzzEvent, Fuzzer, Suspect};
use super::site::Site;
use crate::embedded;
use crate::fuzz::complaint::{self, Complaint};
use crate::fuzz::memory::Played;
use crate::fuzz::shrink::Shrinker;
use crate::fuzz::{Finding, Session};
use crate::runner::target::TargetError;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wsgauntlet_suite::case::script::{Step, Write};
use wsgauntlet_suite::case::{FrameSpec, Payload, Piece};
use wsgauntlet_suite::oracle::{self, VerdictKind};
use wsgauntlet_suite::transcript::{Capabilities, Seen, Transcript};
use wsgauntlet_wire::opening::DeflateOffer;
use wsgauntlet_wire::{Opcode, Role};

/// How often a suspect has to show the same when it is played alone.
const CONFIRMATIONS: u32 = 2;

/// Alone, silence is borne so many times as long.
const PATIENCE: u32 = 3;

/// How many proposals of the shrinker are tried, and for how long.
const SHRINK_TRIES_MAX: usize = 600;
const SHRINK_TIME_MAX: Duration = Duration::from_secs(30);

/// While a session is shrunk, silence is borne for such a share of the deadline: what comes of it is confirmed at length.
const SHRINK_HASTE: u32 = 4;

/// How many restarts a fault of the process is worth.
const RESTARTS_MAX: usize = 60;

/// How long a process may take to die of what it read.
const DEATH_WITHIN: Duration = Duration::from_millis(300);

/// After so many sessions it is looked at what the process does when nobody asks anything of it.
const IDLE_EVERY: u64 = 4096;

/// How often it is looked at in that time.
const DEATH_POLL: Duration = Duration::from_millis(10);

/// Plays a session alone.
async fn play_alone(fuzzer: &Fuzzer<'_>, session: &Arc<Session>, index: u64) -> Result<Played, TargetError> {
    play_within(fuzzer, session, index, fuzzer.options.deadline * PATIENCE).await
}

async fn play_within(
    fuzzer: &Fuzzer<'_>,
    session: &Arc<Session>,
    index: u64,
    deadline: Duration,
) -> Result<Played, TargetError> {
    fuzzer.site.play(session, fuzzer.options.seed ^ index, fuzzer.capabilities, deadline).await
}

/// Plays a session alone and gives what was asked for, and the transcript.
async fn shows(
    fuzzer: &Fuzzer<'_>,
    session: &Arc<Session>,
    index: u64,
    fingerprint: &str,
    deadline: Duration,
) -> Option<(Complaint, Transcript)> {
    let played = play_within(fuzzer, session, index, deadline).await.ok()?;
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
    let Ok(played) = play_alone(fuzzer, &doubt.session, doubt.index).await else { return };
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

fn describe(
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

/// Looks after a launched target: what is wrong with it, which session of the round brought it about, and starts it again.
pub(super) async fn process(fuzzer: &mut Fuzzer<'_>, round: &[(u64, Arc<Session>)]) -> Result<(), FuzzError> {
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

/// Which session of the round brought the fault about, or else what led up to it.
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

/// The shortest suffix of what was played that brings the fault about in a fresh process.
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

/// Plays sessions one after the other, and tells whether the process bears them. It is started again if not.
async fn kills(
    fuzzer: &mut Fuzzer<'_>,
    before: &[Arc<Session>],
    last: &Arc<Session>,
    index: u64,
) -> Result<Option<(Fault, Transcript)>, FuzzError> {
    let mut transcript = Transcript::new(fuzzer.role(), fuzzer.capabilities);
    let mut suspicious = false;
    for session in before.iter().chain([last]) {
        match play_alone(fuzzer, session, index).await {
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

/// A session that any target answers.
fn greeting(deflate: bool, opcode: Opcode) -> Arc<Session> {
    let frame = FrameSpec::new(opcode, Payload::Literal(b"wsgauntlet probe".to_vec()));
    let write = Write { pieces: vec![Piece::Frame(frame)], ..Write::default() };
    let mut session = Session { scripts: vec![vec![Step::Send(write)]], ..Session::default() };
    session.opening.deflate =
        deflate.then(|| DeflateOffer { client_max_window_bits: Some(None), ..DeflateOffer::default() });
    Arc::new(session)
}

/// Whether the target still answers.
async fn answers(fuzzer: &Fuzzer<'_>) -> bool {
    let opcode = if fuzzer.capabilities.pong { Opcode::Ping } else { Opcode::Text };
    for _ in 0..CONFIRMATIONS {
        let played = play_alone(fuzzer, &greeting(false, opcode), 0).await;
        if played.is_ok_and(|played| played.oracle.observations().len() > 1) {
            return true;
        }
    }
    false
}

/// What a client does with a ping, a text, a binary message and an offer of compression.
pub(super) async fn probe_client(site: &Site, deadline: Duration) -> Result<Capabilities, FuzzError> {
    debug_assert_eq!(site.role(), Role::Client);
    let mut seen = Vec::new();
    for opcode in [Opcode::Ping, Opcode::Text, Opcode::Binary] {
        let played = site.play(&greeting(true, opcode), 1, Capabilities::FULL, deadline * PATIENCE).await?;
        let deflate = played.oracle.agreed().is_some();
        let answered = played.oracle.observations().iter().any(|observation| match &observation.seen {
            Seen::Pong(payload) => opcode == Opcode::Ping && payload == b"wsgauntlet probe",
            Seen::Message { opcode: seen, payload, .. } => *seen == opcode && payload == b"wsgauntlet probe",
            _ => false,
        });
        seen.push((answered, deflate));
    }
    Ok(Capabilities {
        text: true,
        pong: seen[0].0,
        echo: seen[1].0,
        echo_binary: seen[2].0,
        closing: true,
        deflate: seen[0].1,
        ..Capabilities::FULL
    })
}
