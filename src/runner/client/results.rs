//! What follows from a task that has ended.

use super::ending;
use super::options::ClientError;
use super::probes::Probed;
use super::schedule::Task;
use super::state::State;
use super::tasks::{After, Done};
use std::sync::Arc;
use wsgauntlet_suite::oracle::{Record, VerdictKind};

/// This many commands that never connected, one after another, end the run.
const UNCONNECTED_MAX: usize = 4;

impl State<'_> {
    /// A task has ended.
    pub(super) fn done(&mut self, done: Done) -> Result<(), ClientError> {
        self.clock.heard();
        match done {
            Done::Probed(probed, record) => {
                self.customs.learn(&record);
                if let Some(unplayed) = self.schedule.probed(probed) {
                    let jobs = self.slots.busy_max();
                    self.outcome.started(
                        &self.options.name,
                        self.schedule.capabilities(),
                        self.schedule.remarks(),
                        jobs,
                    );
                    unplayed.into_iter().for_each(|record| self.finish_one(record));
                }
            }
            Done::Calibrated(record) => {
                self.customs.learn(&record);
                self.schedule.calibrated();
            }
            Done::Played(plays) => {
                let plays = self.customs.judge(plays);
                self.calibrate(&plays);
                match self.schedule.played(plays) {
                    Some(record) => self.finish_one(record),
                    None => self.outcome.replaying(self.schedule.again()),
                }
            }
            Done::Lost { instance, plays, last } => {
                if let Some(record) = self.schedule.lost(instance, plays, last.map(|last| *last)) {
                    self.finish_one(record);
                }
            }
            Done::Unconnected { task, why } => self.unconnected(task, &why),
            Done::AgentPlayed { agent, index, plays } if self.looping.looped.is_some() => {
                self.loop_played(&agent, index, plays);
            }
            Done::LoopEnded { exit, stderr } => self.loop_ended(exit, stderr),
            Done::Told(After::Updated { .. } | After::Stop) if self.looping.looped.is_some() => {
                self.loop_is_through()
            }
            Done::AgentPlayed { agent, index, plays } => {
                let playing = self.agents.get_mut(&agent);
                let played = playing.and_then(|agent| {
                    agent.playing -= 1;
                    agent.learn(plays.last());
                    agent.played(index, plays)
                });
                if let Some(record) = played {
                    self.outcome.played(record);
                }
                self.ask_again();
            }
            Done::Told(After::Nothing) => {}
            Done::Told(After::Updated { agent, stop }) => {
                if let Some(agent) = self.agents.get_mut(&agent) {
                    agent.updated = true;
                }
                self.stopped |= stop;
            }
            Done::Told(After::Stop) => self.stopped = true,
        }
        Ok(())
    }

    /// Where a command seems to have crashed, and little is known of how it ends, more is played to learn that.
    fn calibrate(&mut self, plays: &[Record]) {
        let suspicious = |record: &Record| self.customs.is_judged(record) && self.customs.is_thin(record);
        if !self.calibrated && plays.last().is_some_and(suspicious) {
            self.calibrated = true;
            self.schedule.calibrate(ending::calibrations().into_iter().cloned().map(Arc::new));
        }
    }

    /// A command that did not connect is tried again, but not for ever.
    fn unconnected(&mut self, task: Task, why: &str) {
        self.tickets.unconnected += 1;
        match task {
            Task::Probe(probe) => {
                if let Some(unplayed) = self.schedule.probed(Probed::failed(probe)) {
                    self.outcome.started(
                        &self.options.name,
                        self.schedule.capabilities(),
                        self.schedule.remarks(),
                        1,
                    );
                    unplayed.into_iter().for_each(|record| self.finish_one(record));
                }
            }
            Task::Calibrate(_) => self.schedule.calibrated(),
            Task::Play { instance, mut plays } => {
                let mut record = Record::unplayed(instance, VerdictKind::Blocked, why);
                record.plays = plays.len() as u32 + 1;
                plays.push(record);
                if let Some(record) = self.schedule.played(plays) {
                    self.finish_one(record);
                }
            }
        }
        if self.tickets.unconnected >= UNCONNECTED_MAX {
            let unplayed = self.schedule.give_up(why);
            self.outcome.died(why);
            unplayed.into_iter().for_each(|record| self.finish_one(record));
        }
    }
}
