//! The run: one task that owns all state. Connections and finished plays come to it one after
//! another; it gives every connection its purpose, and ends when all is played.

use super::agent::Agent;
use super::arrivals::refuse;
use super::handshake::Listener;
use super::options::{ClientError, ClientOptions, ClientSource};
use super::pace;
use super::state::State;
use super::tasks::play_task;
use super::watch::Watched;
use crate::runner::event::RunEvent;
use crate::runner::retry;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{Record, Run, VerdictKind};

/// How often a signal that asks for the end is looked for.
const STOP_INTERVAL: Duration = Duration::from_millis(50);

/// How long a page that was served everything may take to ask whether there is more.
const PAGE_PATIENCE: Duration = Duration::from_secs(2);

/// A client that has begun may take this many times as long to come back: its loop may hang at one instance, and go on when
/// its own timeout has passed.
const COMES_BACK_WITHIN: u32 = 4;

/// Plays `instances` with the clients that come to `listener`, and tells `events` what happens. Gives
/// a run for each agent of Autobahn's loop, and one for all other connections.
pub async fn run_client(
    listener: Listener,
    instances: Vec<Arc<Instance>>,
    options: ClientOptions,
    events: &mut (dyn FnMut(RunEvent) + Send),
) -> Result<Vec<Run>, ClientError> {
    let (sender, mut accepted) = mpsc::channel(64);
    let (url, acceptor) = (listener.url(), listener.acceptor());
    let watched = match &options.source {
        ClientSource::Browser(Some(browser)) => Some(Watched::launch(*browser, &url)?),
        ClientSource::Browser(None) | ClientSource::Connections | ClientSource::Command(_) => None,
    };
    let mut serving = tokio::spawn(listener.serve(options.deadline, sender));
    let mut state = State::new(url, acceptor, instances, options, events);
    state.pages.watched = watched;
    let slots = state.slots.clone();
    let mut tick = tokio::time::interval(STOP_INTERVAL);
    while !state.is_over() {
        state.assign()?;
        let budget = state.clock.budget();
        tokio::select! {
            Some(accepted) = accepted.recv() => state.take_accepted(accepted),
            Some(done) = state.tasks.join_next(), if !state.tasks.is_empty() => {
                // A task that was aborted or panicked has no record; its instance is reported at the end.
                if let Ok(done) = done {
                    state.done(done)?;
                }
            }
            served = &mut serving => {
                let error = match served {
                    Ok(Err(error)) => error,
                    Ok(Ok(())) => std::io::Error::other("the listener ended"),
                    Err(error) => std::io::Error::other(error),
                };
                return Err(ClientError::Accept(error));
            }
            () = slots.freed() => {}
            () = budget.spent(), if !state.stopped => state.budget_is_spent(),
            _ = tick.tick() => state.look_at_the_clock()?,
        }
    }
    serving.abort();
    state.tasks.shutdown().await;
    Ok(state.finish())
}

impl State<'_> {
    fn is_over(&self) -> bool {
        if self.stopped {
            return true;
        }
        if self.looping.looped.is_some() {
            return self.loop_is_done() && self.tasks.is_empty();
        }
        let agents_done = self.agents.values().all(Agent::is_done);
        if self.pages.drive
            && self.schedule.is_over()
            && !self.pages.know_the_end
            && self.clock.silent_for() < PAGE_PATIENCE
        {
            return false;
        }
        let played = self.schedule.is_over() || (!self.agents.is_empty() && !self.schedule.has_begun());
        played && agents_done && !self.options.keep_listening && self.tasks.is_empty()
    }

    /// Gives held connections, or new commands, what is to be played next.
    fn assign(&mut self) -> Result<(), ClientError> {
        if self.looping.looped.is_some() {
            return self.launch_loop();
        }
        if let Some(launcher) = self.launcher.clone() {
            self.clock.begin();
            return self.launch(&launcher);
        }
        if self.pages.drive {
            return Ok(());
        }
        while !self.held.is_empty() {
            let Some(task) = self.schedule.next() else { break };
            let Some(handshake) = self.held.pop_front() else { break };
            let terms = self.terms(&task, None);
            self.tasks.spawn(play_task(handshake, task, terms));
        }
        if self.schedule.is_over() && !self.held.is_empty() {
            for handshake in std::mem::take(&mut self.held) {
                refuse(handshake);
            }
        }
        Ok(())
    }

    /// Ends the run when it was asked to, or when nobody comes any more.
    fn look_at_the_clock(&mut self) -> Result<(), ClientError> {
        self.look_at_the_browser()?;
        if self.options.stop.load(Ordering::Relaxed) {
            self.outcome.interrupted(Run::STOPPED);
            self.stopped = true;
        }
        self.look_at_the_loop();
        let begun = self.schedule.has_begun() || !self.agents.is_empty();
        let wait = if begun { self.options.wait * COMES_BACK_WITHIN } else { self.options.wait };
        let idle = self.tasks.is_empty() && self.held.is_empty() && self.clock.silent_for() > wait;
        if idle && !self.options.keep_listening {
            self.outcome.timed_out(wait, begun);
            self.stopped = true;
        }
        Ok(())
    }

    /// Launches a browser that hangs anew. What it played is lost.
    fn look_at_the_browser(&mut self) -> Result<(), ClientError> {
        let play_max = retry::patience_max(self.options.deadline);
        if let Some(watched) = self.pages.watched.as_mut().filter(|watched| watched.hangs(play_max)) {
            watched.launch_again(&self.url)?;
            self.outcome.unused.hangs = watched.hangs_count();
            self.tickets.clear();
            self.pages.reports.clear();
            self.clock.heard();
        }
        Ok(())
    }

    /// Ends the run, whatever is still to be played.
    fn budget_is_spent(&mut self) {
        self.outcome.budget_is_spent(self.clock.budget());
        self.stopped = true;
    }

    fn finish(mut self) -> Vec<Run> {
        let begun = self.schedule.has_begun() || self.agents.is_empty();
        let reason = self.outcome.why_unplayed();
        if begun {
            let rest = self.schedule.give_up(&reason);
            rest.into_iter().for_each(|record| self.finish_one(record));
            // Their plays were under way when the run ended.
            let missing: Vec<Arc<Instance>> = self.outcome.missing(&self.instances);
            for instance in missing {
                self.finish_one(Record::unplayed(instance, VerdictKind::Blocked, reason.as_str()));
            }
        }
        self.judge_ends_of_loop();
        if self.outcome.ended_early() {
            self.agents.values_mut().for_each(|agent| agent.give_up(&reason));
        }
        self.outcome.remark(self.customs.remarks());
        self.outcome.remark(pace::lock(&self.pace).remarks());
        for record in self.agents.values().flat_map(Agent::undecided) {
            self.outcome.played(record.clone());
        }
        let agents = self.agents.into_values().collect();
        self.outcome.runs(begun, agents, &self.instances)
    }
}
