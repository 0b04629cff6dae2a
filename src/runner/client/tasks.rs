//! The tasks of a run: each plays over one connection and ends with a result.

use super::application;
use super::browser;
use super::command::Launched;
use super::handshake::Handshake;
use super::play::{self, Terms};
use super::probes::Probed;
use super::schedule::Task;
use super::slots::Slot;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{Exit, Record};

/// How long a page may take to report after the verdict on its octets.
const REPORT_TIMEOUT: Duration = Duration::from_secs(15);

/// What a task came to.
pub(super) enum Done {
    /// With the record of the play, which has no verdict.
    Probed(Probed, Box<Record>),
    /// A play by which is learned how the client ends.
    Calibrated(Box<Record>),
    Played(Vec<Record>),
    /// The command did not connect; what is known of it.
    Unconnected {
        task: Task,
        why: String,
    },
    /// The browser hung, or ended, before its page reported the play.
    Lost {
        instance: Arc<Instance>,
        /// The plays before.
        plays: Vec<Record>,
        /// What its octets came to, if it connected.
        last: Option<Box<Record>>,
    },
    AgentPlayed {
        agent: String,
        index: usize,
        /// The plays, the last one new.
        plays: Vec<Record>,
    },
    /// The process of a loop that we launched has ended.
    LoopEnded {
        exit: Exit,
        stderr: String,
    },
    Told(After),
}

/// What follows from a question that was answered.
pub(super) enum After {
    Nothing,
    Updated { agent: String, stop: bool },
    Stop,
}

pub(super) async fn play_task(handshake: Handshake, task: Task, terms: Terms) -> Done {
    match task {
        Task::Probe(probe) => {
            let (probed, record) = play::play_probe(handshake, probe, &terms).await;
            Done::Probed(probed, Box::new(record))
        }
        Task::Calibrate(instance) => {
            Done::Calibrated(Box::new(play::play(handshake, instance, &terms, 1).await))
        }
        Task::Play { instance, mut plays } => {
            let count = plays.len() as u32 + 1;
            plays.push(play::play(handshake, instance, &terms, count).await);
            Done::Played(plays)
        }
    }
}

pub(super) async fn command_task(
    mut launched: Launched,
    mut handshake: oneshot::Receiver<Handshake>,
    wait: Duration,
    task: Task,
    terms: Terms,
    slot: Slot,
) -> Done {
    let connected = async {
        tokio::select! {
            biased;
            arrived = &mut handshake => arrived.ok(),
            // What it sent before it exited may still be on its way to us.
            () = launched.exited() => {
                tokio::time::timeout(terms.pace.deadline, &mut handshake).await.ok().and_then(Result::ok)
            }
        }
    };
    let arrived = tokio::time::timeout(wait, connected).await.ok().flatten();
    let Some(arrived) = arrived else {
        let (exit, stderr) = launched.end().await;
        let said = stderr.lines().last().map(|line| format!(", stderr: {}", line.trim())).unwrap_or_default();
        return Done::Unconnected { task, why: format!("the command did not connect: {exit}{said}") };
    };
    let done = slot.hold(play_task(arrived, task, terms)).await;
    let (exit, stderr) = launched.end().await;
    ended(done, exit, stderr)
}

/// Waits until a loop exits by itself, or is to be ended.
pub(super) async fn loop_task(mut launched: Launched, end: oneshot::Receiver<()>) -> Done {
    tokio::select! {
        () = launched.exited() => {}
        // If it was dropped, the run is over.
        _ = end => {}
    }
    let (exit, stderr) = launched.end().await;
    Done::LoopEnded { exit, stderr }
}

/// What was played, the last play with what became of the command.
pub(super) fn ended(done: Done, exit: Exit, stderr: String) -> Done {
    match done {
        Done::Played(mut plays) => {
            let last = plays.pop().map(|record| application::with_exit(record, exit, stderr));
            plays.extend(last);
            Done::Played(plays)
        }
        Done::Probed(probed, record) => {
            Done::Probed(probed, Box::new(application::with_exit(*record, exit, stderr)))
        }
        Done::Calibrated(record) => Done::Calibrated(Box::new(application::with_exit(*record, exit, stderr))),
        other => other,
    }
}

/// What a page did first.
enum Opened {
    Connected(Handshake),
    /// It reports without a connection.
    Refused(Handshake),
    /// The browser was given up.
    Gone,
}

/// The same without the last play as one of those that count.
fn lost(done: Done) -> Done {
    match done {
        Done::Played(mut plays) => match plays.pop() {
            Some(last) => Done::Lost { instance: last.instance.clone(), plays, last: Some(Box::new(last)) },
            None => Done::Played(plays),
        },
        other => other,
    }
}

/// A page opens the connection, and reports when it has ended.
pub(super) async fn page_task(
    connected: oneshot::Receiver<Handshake>,
    mut reported: oneshot::Receiver<Handshake>,
    wait: Duration,
    task: Task,
    terms: Terms,
) -> Done {
    let unconnected = |task| Done::Unconnected { task, why: "the page opened no connection".to_owned() };
    let opened = async {
        tokio::select! {
            biased;
            arrived = connected => arrived.map_or(Opened::Gone, Opened::Connected),
            // A report before any connection: the browser refused to make one.
            report = &mut reported => report.map_or(Opened::Gone, Opened::Refused),
        }
    };
    let arrived = match tokio::time::timeout(wait, opened).await {
        Ok(Opened::Connected(arrived)) => arrived,
        Ok(Opened::Refused(report)) => {
            browser::serve_json(report, &json!({}));
            return unconnected(task);
        }
        Ok(Opened::Gone) => {
            return match task {
                Task::Play { instance, plays } => Done::Lost { instance, plays, last: None },
                Task::Probe(_) | Task::Calibrate(_) => unconnected(task),
            };
        }
        Err(_elapsed) => return unconnected(task),
    };
    let done = play_task(arrived, task, terms).await;
    let mut handshake = match tokio::time::timeout(REPORT_TIMEOUT, reported).await {
        Ok(Ok(handshake)) => handshake,
        Ok(Err(_gone)) => return lost(done),
        Err(_elapsed) => return done,
    };
    let Done::Played(mut plays) = done else {
        browser::serve_json(handshake, &json!({}));
        return done;
    };
    let report = browser::read_report(&mut handshake).await;
    let last = plays.pop().map(|record| match &report {
        Ok(report) => browser::with_report(record, report),
        Err(_) => record,
    });
    let answer = match (&report, &last) {
        (Ok(_), Some(record)) => browser::shown(record),
        (Err(why), _) => json!({ "mistake": why }),
        (Ok(_), None) => json!({}),
    };
    browser::serve_json(handshake, &answer);
    plays.extend(last);
    Done::Played(plays)
}
