//! Launched commands that turn out to be Autobahn's loop: the loop is launched once for all instances, and again when its
//! process ends before it asked for all of them. `looped` decides what each process plays.

use super::agent::Agent;
use super::application;
use super::handshake::Handshake;
use super::looped::{End, Kill, Looped, Settled, Step};
use super::numbers::Numbers;
use super::options::ClientError;
use super::route::Question;
use super::schedule::Schedule;
use super::state::State;
use super::tasks::loop_task;
use crate::runner::event::RunEvent;
use crate::runner::retry::Provides;
use tokio::sync::oneshot;
use wsgauntlet_suite::oracle::{Exit, Record};
use wsgauntlet_suite::transcript::{Capabilities, EventKind};

impl State<'_> {
    /// A launched command asked a question of Autobahn's loop: it is launched again, once for all instances.
    pub(super) fn becomes_loop(&mut self) {
        self.tasks.abort_all();
        self.tickets.clear();
        self.schedule =
            Schedule::new(&self.instances, Provides::new(Capabilities::FULL, self.acceptor.is_some()));
        self.looping.looped = Some(Looped::default());
    }

    pub(super) fn is_isolating(&self) -> bool {
        self.looping.looped.as_ref().is_some_and(Looped::is_isolating)
    }

    /// Whether a loop that we launched has nothing left to play.
    pub(super) fn loop_is_done(&self) -> bool {
        self.looping.done
    }

    /// Launches the next process, if none runs.
    pub(super) fn launch_loop(&mut self) -> Result<(), ClientError> {
        if self.looping.running || self.looping.done {
            return Ok(());
        }
        let numbers = loop {
            let Some(looped) = &mut self.looping.looped else { return Ok(()) };
            match looped.step() {
                Step::Launch(numbers) => break numbers,
                Step::Isolated(kills) => self.isolated(kills),
                Step::Rest => match self.rest_of_loop() {
                    Some(numbers) => break numbers,
                    None => {
                        self.looping.done = true;
                        return Ok(());
                    }
                },
                Step::GiveUp(why) => {
                    self.outcome.died(&why);
                    self.outcome.interrupted(&why);
                    self.stopped = true;
                    return Ok(());
                }
            }
        };
        let Some(launcher) = &self.launcher else { return Ok(()) };
        let launched = launcher
            .launch(&self.url)
            .map_err(|source| ClientError::CannotStart { program: launcher.program().to_owned(), source })?;
        if let Some(looped) = &mut self.looping.looped {
            looped.launched(&numbers);
        }
        self.looping.numbers = numbers;
        let (end, ends) = oneshot::channel();
        self.looping.end = Some(end);
        self.looping.running = true;
        self.clock.heard();
        self.tasks.spawn(loop_task(launched, ends));
        Ok(())
    }

    /// What no process has played yet, and what deviated.
    fn rest_of_loop(&self) -> Option<Numbers> {
        let all = self.options.dealt(&self.instances);
        let count = all.len();
        let Some(agent) = self.loop_agent() else { return Some(Numbers::all(all)) };
        let rest = agent.unplayed();
        (!rest.is_empty() || agent.has_again()).then(|| Numbers::some(rest, count))
    }

    fn loop_agent(&self) -> Option<&Agent> {
        self.looping.agent.as_ref().and_then(|name| self.agents.get(name))
    }

    /// Answers a question of the loop that we launched. That it asks shows that it has survived what it played.
    pub(super) fn answer_loop(&mut self, mut question: Question, handshake: Handshake) {
        match &mut question {
            Question::CaseStatus { agent, .. }
            | Question::RunCase { agent, .. }
            | Question::UpdateReports { agent, .. } => {
                let name = self.looping.agent.get_or_insert_with(|| agent.clone());
                agent.clone_from(name);
            }
            Question::CaseCount | Question::CaseInfo { .. } | Question::StopServer | Question::Wrong(_) => {}
        }
        if self.looping.looped.as_ref().is_some_and(Looped::asks_when_it_lives) {
            self.keep_survived();
        }
        self.answer(question, handshake);
    }

    /// A play of the loop has ended.
    pub(super) fn loop_played(&mut self, name: &str, index: usize, plays: Vec<Record>) {
        if let Some(agent) = self.agents.get_mut(name) {
            agent.playing -= 1;
            agent.learn(plays.last());
        }
        let answered = plays.last().is_some_and(is_answered);
        let Some(looped) = &mut self.looping.looped else { return };
        let survived = if answered { looped.survived_before(index) } else { Vec::new() };
        looped.played(index, plays);
        let asks_when_it_lives = looped.asks_when_it_lives();
        self.keep(survived);
        // Who asks for a status, or for the reports, does so when its connection has ended.
        let asked = |question: &Question| !matches!(question, Question::RunCase { .. });
        let lives = asks_when_it_lives && self.looping.ended.is_none();
        if lives && self.waiting.iter().any(|(question, _)| asked(question)) {
            self.keep_survived();
        }
        self.settle_loop();
        self.ask_again();
    }

    /// The loop asked for its reports: all that it wants to do is done.
    pub(super) fn loop_is_through(&mut self) {
        if let Some(looped) = &mut self.looping.looped {
            looped.is_through();
        }
        self.end_loop();
    }

    pub(super) fn loop_ended(&mut self, exit: Exit, stderr: String) {
        self.looping.ended = Some((exit, stderr));
        self.settle_loop();
    }

    /// Ends a loop that is silent for too long.
    pub(super) fn look_at_the_loop(&mut self) {
        let playing = self.loop_agent().map_or(0, |agent| agent.playing);
        if self.looping.running && playing == 0 && self.clock.silent_for() > self.options.wait {
            self.looping.silence = Some(self.options.wait);
            self.clock.heard();
            self.end_loop();
        }
    }

    fn end_loop(&mut self) {
        if let Some(end) = self.looping.end.take() {
            // It may have ended by itself.
            let _ = end.send(());
        }
    }

    /// Keeps what was played, since the process lives.
    pub(super) fn keep_survived(&mut self) {
        let survived = self.looping.looped.as_mut().map(Looped::survived).unwrap_or_default();
        self.keep(survived);
    }

    fn keep(&mut self, survived: Vec<(usize, Vec<Record>)>) {
        let isolating = self.is_isolating();
        let Some(agent) = self.looping.agent.as_ref().and_then(|name| self.agents.get_mut(name)) else {
            return;
        };
        for (index, plays) in survived {
            if let Some(last) = plays.last() {
                self.customs.survived(last);
            }
            // A suspect that was judged before stays as it is, unless it is the culprit.
            if isolating && agent.record(index).is_some() {
                continue;
            }
            if let Some(record) = agent.played(index, plays) {
                self.outcome.played(record);
            }
        }
    }

    /// What follows when the process has ended, and its plays.
    fn settle_loop(&mut self) {
        if self.loop_agent().is_some_and(|agent| agent.playing > 0) {
            return;
        }
        let Some((exit, stderr)) = self.looping.ended.take() else { return };
        let silence = self.looping.silence.take();
        self.looping.running = false;
        self.waiting.clear();
        let how = exit.to_string();
        let Some(looped) = &mut self.looping.looped else { return };
        match looped.ended(End { exit, stderr, silence }) {
            Settled::InOrder => {
                self.keep_survived();
                self.looping.done = self.loop_agent().is_none_or(|agent| !agent.has_again());
            }
            Settled::Suspected(suspects) => {
                self.forget_pending();
                self.outcome.tell(RunEvent::Isolating { death: how, suspects });
            }
            Settled::Survived => self.keep_survived(),
            // What ended with the process may have ended by its death.
            Settled::Noted => self.forget_pending(),
        }
    }

    /// What was under way when the process ended is played again.
    fn forget_pending(&mut self) {
        let Some(looped) = &mut self.looping.looped else { return };
        let pending = looped.survived();
        if let Some(agent) = self.looping.agent.as_ref().and_then(|name| self.agents.get_mut(name)) {
            for (index, plays) in pending {
                agent.without_last(index, plays);
            }
        }
    }

    /// All suspects of a death were played.
    fn isolated(&mut self, kills: Vec<Kill>) {
        if kills.is_empty() {
            self.outcome
                .died("the loop ended, and none of the instances that it played last brings that about");
        }
        for mut kill in kills {
            kill.record = application::with_exit(kill.record, kill.end.exit, kill.end.stderr.clone());
            kill.record.plays = 2;
            self.customs.learn(&kill.record);
            let record = self.judged(&kill);
            self.outcome.tell(RunEvent::Isolated {
                culprit: record.instance.id.to_string(),
                how: kill.end.exit.to_string(),
            });
            self.put(kill.index, record);
            self.looping.kills.push(kill);
        }
    }

    fn judged(&self, kill: &Kill) -> Record {
        let mut record = kill.record.clone();
        let after = kill.before.iter().map(|index| self.instances[*index].id.to_string()).collect();
        self.customs.judge_loop(&mut record, after, kill.end.silence);
        record
    }

    fn put(&mut self, index: usize, record: Record) {
        let Some(agent) = self.looping.agent.as_ref().and_then(|name| self.agents.get_mut(name)) else {
            return;
        };
        agent.put(index, record.clone());
        self.outcome.played(record);
    }

    /// At the end it is known what the loop uses to do.
    pub(super) fn judge_ends_of_loop(&mut self) {
        self.keep_survived();
        let kills = std::mem::take(&mut self.looping.kills);
        for kill in &kills {
            let record = self.judged(kill);
            let known = self.loop_agent().and_then(|agent| agent.record(kill.index));
            if known.is_none_or(|known| known.verdict.kind != record.verdict.kind) {
                self.put(kill.index, record);
            }
        }
        if let Some(first) = kills.first() {
            let remark = format!(
                "the loop's process ended before it was through, and was launched again, for {} instances, first for {}: {}",
                kills.len(),
                first.record.instance.id,
                first.end.exit
            );
            self.outcome.remark(vec![remark]);
        }
    }
}

/// Whether the client sent octets in a play after ours: the process lived when the play was under way.
fn is_answered(record: &Record) -> bool {
    let events = record.transcript.iter().flat_map(|transcript| &transcript.events);
    let mut after_ours = events.skip_while(|event| !matches!(event.kind, EventKind::Sent(_)));
    after_ours.any(|event| matches!(event.kind, EventKind::Received(_)))
}
