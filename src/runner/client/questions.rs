//! What an agent of Autobahn's loop asks of the run.

use super::agent::{self, Agent};
use super::handshake::Handshake;
use super::pace::{self, PlayPace};
use super::play::{self, Terms};
use super::route::Question;
use super::state::State;
use super::tasks::{After, Done};
use crate::runner::retry::{self, Provides};
use crate::runner::serve::{self, Saying};
use std::time::Duration;
use wsgauntlet_suite::case::Need;
use wsgauntlet_suite::oracle::{Record, VerdictKind};
use wsgauntlet_suite::transcript::Capabilities;

impl State<'_> {
    pub(super) fn answer(&mut self, question: Question, handshake: Handshake) {
        let find = |case| agent::find(&self.instances, &self.looping.numbers, case);
        let say = |text: String| Saying { text: Some(text), code: 1000, reason: String::new() };
        let close = || Saying { text: None, code: 1000, reason: String::new() };
        let (saying, after) = match question {
            question if self.waits(&question) => {
                return self.waiting.push((question, handshake));
            }
            Question::CaseCount => (say(self.looping.numbers.count().to_string()), After::Nothing),
            Question::RunCase { case, agent } if self.looping.numbers.is_spare(&case) => {
                return self.play_again(agent, handshake);
            }
            Question::CaseInfo { case } if self.looping.numbers.is_spare(&case) => {
                (say(agent::spare_info()), After::Nothing)
            }
            Question::CaseStatus { case, .. } if self.looping.numbers.is_spare(&case) => {
                (say(agent::spare_status()), After::Nothing)
            }
            Question::CaseInfo { case } => match find(&case) {
                Ok(index) => (say(agent::info(&self.instances[index])), After::Nothing),
                Err(why) => (wrong(&why), After::Nothing),
            },
            Question::CaseStatus { case, agent } => match find(&case) {
                Ok(index) => {
                    let record = self.agents.get(&agent).and_then(|agent| agent.record(index));
                    (say(agent::status(record)), After::Nothing)
                }
                Err(why) => (wrong(&why), After::Nothing),
            },
            Question::RunCase { case, agent } => match find(&case) {
                Ok(index) => return self.play_for(agent, index, Vec::new(), handshake),
                Err(why) => (wrong(&why), After::Nothing),
            },
            Question::UpdateReports { agent, stop } => (close(), After::Updated { agent, stop }),
            Question::StopServer => (close(), After::Stop),
            Question::Wrong(why) => (wrong(&why), After::Nothing),
        };
        self.tell(handshake, saying, after);
    }

    /// Whether the answer hangs on a play that is not decided yet. An agent that has asked for its reports goes away, and what it
    /// left open would end with it, before it was looked at for long enough.
    fn waits(&self, question: &Question) -> bool {
        let playing = |name: &String| self.agents.get(name).filter(|agent| agent.playing > 0);
        match question {
            // Of the suspects of a death only one is played at once.
            Question::RunCase { agent, .. } if self.is_isolating() => playing(agent).is_some(),
            Question::RunCase { case, agent } => {
                self.looping.numbers.is_spare(case) && playing(agent).is_some_and(|agent| !agent.has_again())
            }
            Question::CaseStatus { case, agent } => playing(agent).is_some_and(|agent| {
                agent::find(&self.instances, &self.looping.numbers, case)
                    .is_ok_and(|index| agent.record(index).is_none())
            }),
            Question::UpdateReports { agent, .. } => playing(agent).is_some(),
            Question::CaseCount | Question::CaseInfo { .. } | Question::StopServer | Question::Wrong(_) => {
                false
            }
        }
    }

    /// Something was decided: asks again what waited for it.
    pub(super) fn ask_again(&mut self) {
        for (question, handshake) in std::mem::take(&mut self.waiting) {
            self.answer(question, handshake);
        }
    }

    pub(super) fn tell(&mut self, handshake: Handshake, saying: Saying, after: After) {
        self.tasks.spawn(async move {
            let read =
                handshake.read.iter().flat_map(|(_, octets)| octets.iter().copied()).collect::<Vec<u8>>();
            // A client that goes away in the middle has its answer, or does not want it.
            let _ = serve::tell(handshake.stream, &read, &saying, serve::TELL_TIMEOUT).await;
            Done::Told(after)
        });
    }

    /// An agent asks for a number beyond the instances: it plays again what deviated.
    fn play_again(&mut self, name: String, handshake: Handshake) {
        let agent = self.agents.get_mut(&name);
        let within = agent.as_ref().map_or(serve::TELL_TIMEOUT, |agent| pace::lock(&agent.pace).farewell());
        match agent.and_then(Agent::next_again) {
            Some((index, plays)) => self.play_for(name, index, plays, handshake),
            None => drop(tokio::spawn(serve_closing(handshake, "nothing is to be played again", within))),
        }
    }

    /// An agent asks for one case. `before`: its plays, where it deviated.
    fn play_for(&mut self, name: String, index: usize, mut before: Vec<Record>, handshake: Handshake) {
        let (count, deadline) = (self.instances.len(), self.options.deadline);
        if !self.agents.contains_key(&name) {
            self.outcome.started(&name, Capabilities::FULL, &[], 1);
        }
        let agent = self.agents.entry(name.clone()).or_insert_with(|| {
            let mut agent = Agent::new(&name, count, deadline);
            let dealt = self.options.dealt(&self.instances);
            for index in (0..count).filter(|index| !dealt.contains(index)) {
                let reason = format!("needs {}", Need::Driver);
                let instance = self.instances[index].clone();
                agent.put(index, Record::unplayed(instance, VerdictKind::Inapplicable, reason));
            }
            agent
        });
        let instance = self.instances[index].clone();
        let offers_deflate = play::offers_deflate(&handshake);
        let overlooked = agent.overlooked(&before);
        let capabilities = Capabilities {
            deflate: offers_deflate,
            driver: self.options.driver,
            overlooked,
            ..Capabilities::FULL
        };
        agent.playing += 1;
        let pace = PlayPace::new(&agent.pace, before.len(), deadline, false);
        if let Some(looped) = &mut self.looping.looped {
            looped.begun(index, agent.playing - 1);
        }
        self.outcome.at_once(agent.playing);
        let subprotocol = play::offers_subprotocols(&handshake);
        let provides = Provides { subprotocol, ..Provides::new(capabilities, self.acceptor.is_some()) };
        if let Some(need) = retry::unmet_need(&instance, provides) {
            let reason = match need {
                Need::Deflate => "needs permessage-deflate, which the request does not offer".to_owned(),
                need => format!("needs {need}"),
            };
            before.push(Record::unplayed(instance, VerdictKind::Inapplicable, reason));
            let within = pace::lock(&agent.pace).farewell();
            tokio::spawn(serve_closing(handshake, "not applicable", within));
            self.tasks.spawn(async move { Done::AgentPlayed { agent: name, index, plays: before } });
            return;
        }
        let count = agent.plays(index) + 1;
        let terms =
            Terms { pace, seed: self.options.seed, capabilities, asked: None, volume: self.volume.clone() };
        self.tasks.spawn(async move {
            before.push(play::play(handshake, instance, &terms, count).await);
            Done::AgentPlayed { agent: name, index, plays: before }
        });
    }
}

fn wrong(why: &str) -> Saying {
    Saying { text: None, code: 1008, reason: why.to_owned() }
}

/// Opens and closes a connection in which nothing is played. A client that does not answer holds its own loop up: it is not
/// waited for longer than `within`.
async fn serve_closing(handshake: Handshake, why: &str, within: Duration) {
    let read: Vec<u8> = handshake.read.iter().flat_map(|(_, octets)| octets.iter().copied()).collect();
    let saying = Saying { text: None, code: 1000, reason: why.to_owned() };
    // A client that goes away in the middle is not judged here.
    let _ = serve::tell(handshake.stream, &read, &saying, within).await;
}
