//! The loop of the fuzzer: rounds of sessions, many at once. The campaign gets what they show in the order of their numbers, so
//! that the same seed and target give the same scripts.

use super::fuzzer::Fuzzer;
use super::process::{Launch, Process};
use super::report::{FuzzError, FuzzEvent, FuzzOptions, FuzzReport};
use super::site::{ClientSite, Site};
use super::{examine, faults, greeting};
use crate::fuzz::Session;
use crate::fuzz::memory::Played;
use crate::runner::probe;
use crate::runner::target::{Target, TargetError};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use wsgauntlet_suite::transcript::{Capabilities, OpeningFaults};

/// This many rounds without a connection show that a target is gone.
const ROUNDS_LOST_MAX: u32 = 3;

/// Fuzzes a server, launched for it or not.
pub async fn fuzz_server(
    mut target: Target,
    launch: Option<Launch>,
    options: FuzzOptions,
    events: &mut (dyn FnMut(FuzzEvent) + Send),
) -> Result<FuzzReport, FuzzError> {
    let process = match launch {
        Some(launch) => Some(Process::start(launch, &target.host, target.port).await?),
        None => None,
    };
    let probe = probe::probe(&target, options.deadline.max(Duration::from_secs(1)), Some(1)).await?;
    // The oracle of the fuzzer judges each opening: one that is wrong each time would be all that it finds.
    if let Some(fault) = probe.refused_by_clients() {
        return Err(TargetError::WrongOpening { url: target.url.clone(), fault }.into());
    }
    target.capabilities = Capabilities { overlooked: OpeningFaults::NONE, ..probe.capabilities };
    let (capabilities, url) = (target.capabilities, target.url.clone());
    let site = Site::Server(Arc::new(Mutex::new(target)));
    run(site, process, capabilities, url, options, events).await
}

/// Fuzzes a client that connects to `listen` again and again, or that `command` launches for each connection.
pub async fn fuzz_client(
    listen: &str,
    command: Vec<String>,
    options: FuzzOptions,
    events: &mut (dyn FnMut(FuzzEvent) + Send),
) -> Result<FuzzReport, FuzzError> {
    let failed = |error| FuzzError::Listen(listen.to_owned(), error);
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let url = format!("ws://{address}/");
    let site =
        Site::Client(Arc::new(ClientSite { listener, host: address.to_string(), url: url.clone(), command }));
    events(FuzzEvent::Started { capabilities: Capabilities::FULL, url: url.clone() });
    let capabilities = greeting::probe_client(&site, options.deadline).await?;
    run(site, None, capabilities, url, options, events).await
}

async fn run(
    site: Site,
    process: Option<Process>,
    capabilities: Capabilities,
    url: String,
    options: FuzzOptions,
    events: &mut (dyn FnMut(FuzzEvent) + Send),
) -> Result<FuzzReport, FuzzError> {
    if !capabilities.pong && !capabilities.echo {
        return Err(FuzzError::Mute);
    }
    events(FuzzEvent::Started { capabilities, url });
    let mut fuzzer = Fuzzer::new(site, process, capabilities, options, events);
    rounds(&mut fuzzer).await?;
    if let Some(process) = &mut fuzzer.process {
        process.end().await;
    }
    fuzzer.count();
    Ok(fuzzer.report)
}

/// Plays and examines rounds until the run is over.
async fn rounds(fuzzer: &mut Fuzzer<'_>) -> Result<(), FuzzError> {
    let mut lost = 0;
    while !fuzzer.is_over() {
        let round = fuzzer.round();
        let played = play_all(fuzzer, &round).await;
        let connected = played.iter().filter(|(_, played)| played.is_ok()).count();
        let mut suspects = Vec::new();
        for (at, played) in played {
            let (index, session) = &round[at];
            if let Ok(played) = played {
                suspects.extend(fuzzer.take(*index, session, played));
            }
        }
        if fuzzer.process.is_some() {
            faults::look(fuzzer, &round).await?;
        }
        for doubt in fuzzer.take_doubts() {
            if !fuzzer.stopped() {
                examine::doubt(fuzzer, doubt).await;
            }
        }
        for suspect in suspects {
            if !fuzzer.stopped() {
                examine::suspect(fuzzer, suspect).await?;
            }
        }
        fuzzer.remember(round);
        lost = if connected == 0 && !fuzzer.is_over() { lost + 1 } else { 0 };
        if lost >= ROUNDS_LOST_MAX {
            fuzzer.report.lost = Some("the target does not take connections any more".to_owned());
            return Ok(());
        }
        fuzzer.count();
        (fuzzer.events)(FuzzEvent::Progress(fuzzer.report.progress.clone()));
    }
    Ok(())
}

/// Plays the sessions of a round, as many at once as the run has jobs, and gives what came of each by its place in the round,
/// in their order. No session is begun when the time is over.
async fn play_all(
    fuzzer: &Fuzzer<'_>,
    round: &[(u64, Arc<Session>)],
) -> Vec<(usize, Result<Played, TargetError>)> {
    let work = Arc::new(round.to_vec());
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..fuzzer.options.jobs {
        let (work, next, site) = (work.clone(), next.clone(), fuzzer.site.clone());
        let (capabilities, deadline, seed) = (fuzzer.capabilities, fuzzer.patience(), fuzzer.options.seed);
        let (stop, ends_at) = (fuzzer.options.stop.clone(), fuzzer.ends_at());
        workers.spawn(async move {
            let mut done = Vec::new();
            loop {
                if stop.load(Ordering::Relaxed) || ends_at.is_some_and(|end| Instant::now() >= end) {
                    return done;
                }
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some((index, session)) = work.get(at) else { return done };
                let played = site.play(session, seed ^ index, capabilities, deadline).await;
                done.push((at, played));
            }
        });
    }
    let mut played: Vec<(usize, Result<Played, TargetError>)> = Vec::new();
    while let Some(done) = workers.join_next().await {
        // A worker that panicked is a fault of the harness, and must not pass for silence.
        played.extend(done.expect("no worker panics"));
    }
    played.sort_by_key(|(at, _)| *at);
    played
}
