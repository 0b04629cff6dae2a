//! What an agent of Autobahn's loop asks of the run.

use super::agent::{self, Agent};
use super::arrive::Arrival;
use super::play::{self, Terms};
use super::route::Question;
use super::run::State;
use super::tasks::{After, Done};
use crate::runner::retry::{self, Means};
use crate::runner::serve::{self, Saying};
use wsgauntlet_suite::case::Need;
use wsgauntlet_suite::oracle::{Record, VerdictKind};
use wsgauntlet_suite::transcript::Capabilities;

impl State<'_> {
    pub(super) fn answer(&mut self, question: Question, arrival: Arrival) {
        let find = |case| agent::find(&self.instances, &self.numbers, case);
        let say = |text: String| Saying { text: Some(text), code: 1000, reason: String::new() };
        let close = || Saying { text: None, code: 1000, reason: String::new() };
        let (saying, after) = match question {
            question if self.waits(&question) => {
                return self.waiting.push((question, arrival));
            }
            Question::CaseCount => (say(self.numbers.count().to_string()), After::Nothing),
            Question::RunCase { case, agent } if self.numbers.is_spare(&case) => {
                return self.play_again(agent, arrival);
            }
            Question::CaseInfo { case } if self.numbers.is_spare(&case) => {
                (say(agent::spare_info()), After::Nothing)
            }
            Question::CaseStatus { case, .. } if self.numbers.is_spare(&case) => {
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
                Ok(index) => return self.play_for(agent, index, Vec::new(), arrival),
                Err(why) => (wrong(&why), After::Nothing),
            },
            Question::UpdateReports { agent, stop } => (close(), After::Updated { agent, stop }),
            Question::StopServer => (close(), After::Stop),
            Question::Wrong(why) => (wrong(&why), After::Nothing),
        };
        self.tell(arrival, saying, after);
    }

    /// Whether the answer hangs on a play that is not decided yet. An agent that has asked for its reports goes away, and what it
    /// left open would end with it, before it was looked at for long enough.
    fn waits(&self, question: &Question) -> bool {
        let playing = |name: &String| self.agents.get(name).filter(|agent| agent.playing > 0);
        match question {
            // Of the suspects of a death only one is played at once.
            Question::RunCase { agent, .. } if self.is_isolating() => playing(agent).is_some(),
            Question::RunCase { case, agent } => {
                self.numbers.is_spare(case) && playing(agent).is_some_and(|agent| !agent.has_again())
            }
            Question::CaseStatus { case, agent } => playing(agent).is_some_and(|agent| {
                agent::find(&self.instances, &self.numbers, case)
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
        for (question, arrival) in std::mem::take(&mut self.waiting) {
            self.answer(question, arrival);
        }
    }

    pub(super) fn tell(&mut self, arrival: Arrival, saying: Saying, after: After) {
        self.tasks.spawn(async move {
            let read =
                arrival.read.iter().flat_map(|(_, octets)| octets.iter().copied()).collect::<Vec<u8>>();
            // A client that goes away in the middle has its answer, or does not want it.
            let _ = serve::tell(arrival.stream, &read, &saying).await;
            Done::Told(after)
        });
    }

    /// An agent asks for a number beyond the instances: it plays again what deviated.
    fn play_again(&mut self, name: String, arrival: Arrival) {
        match self.agents.get_mut(&name).and_then(Agent::next_again) {
            Some((index, plays)) => self.play_for(name, index, plays, arrival),
            None => drop(tokio::spawn(serve_closing(arrival, "nothing is to be played again"))),
        }
    }

    /// An agent asks for one case. `before`: its plays, where it deviated.
    fn play_for(&mut self, name: String, index: usize, mut before: Vec<Record>, arrival: Arrival) {
        let count = self.instances.len();
        if !self.agents.contains_key(&name) {
            self.outcome.started(&name, Capabilities::FULL, &[], 1);
        }
        let agent = self.agents.entry(name.clone()).or_insert_with(|| Agent::new(&name, count));
        let instance = self.instances[index].clone();
        let offers_deflate = play::offers_deflate(&arrival);
        let overlooked = agent.overlooked(&before);
        let capabilities = Capabilities { deflate: offers_deflate, overlooked, ..Capabilities::FULL };
        agent.playing += 1;
        if let Some(looped) = &mut self.looped {
            looped.begun(index);
        }
        self.outcome.at_once(agent.playing);
        let subprotocol = play::offers_subprotocols(&arrival);
        let means = Means { subprotocol, ..Means::new(capabilities, self.tls) };
        if let Some(need) = retry::unmet_need(&instance, means) {
            let reason = match need {
                Need::Deflate => "needs permessage-deflate, which the request does not offer".to_owned(),
                need => format!("needs {need}"),
            };
            before.push(Record::unplayed(instance, VerdictKind::Inapplicable, reason));
            tokio::spawn(serve_closing(arrival, "not applicable"));
            self.tasks.spawn(async move { Done::AgentPlayed { agent: name, index, plays: before } });
            return;
        }
        let count = agent.plays(index) + 1;
        let terms = Terms {
            // An agent plays one after another, and waits for each: only the play that decides is given more time.
            deadline: retry::patience(before.get(1..).unwrap_or_default(), self.options.deadline),
            seed: self.options.seed,
            capabilities,
            asked: None,
            volume: self.volume.clone(),
        };
        self.tasks.spawn(async move {
            before.push(play::play(arrival, instance, &terms, count).await);
            Done::AgentPlayed { agent: name, index, plays: before }
        });
    }
}

fn wrong(why: &str) -> Saying {
    Saying { text: None, code: 1008, reason: why.to_owned() }
}

async fn serve_closing(arrival: Arrival, why: &str) {
    let read: Vec<u8> = arrival.read.iter().flat_map(|(_, octets)| octets.iter().copied()).collect();
    let saying = Saying { text: None, code: 1000, reason: why.to_owned() };
    // A client that goes away in the middle is not judged here.
    let _ = serve::tell(arrival.stream, &read, &saying).await;
}
