//! What an agent of Autobahn's loop asks of the run.

use super::agent::{self, Agent};
use super::arrive::Arrival;
use super::play::{self, Terms};
use super::route::Question;
use super::run::State;
use super::tasks::{After, Done};
use crate::case::Need;
use crate::oracle::{Record, VerdictKind};
use crate::runner::again::{self, Means};
use crate::runner::serve::{self, Saying};
use crate::transcript::Capabilities;

impl State<'_> {
    pub(super) fn answer(&mut self, question: Question, arrival: Arrival) {
        let find = |case| agent::find(&self.instances, case);
        let instances = self.instances.len();
        let say = |text: String| Saying { text: Some(text), code: 1000, reason: String::new() };
        let close = || Saying { text: None, code: 1000, reason: String::new() };
        let (saying, after) = match question {
            Question::CaseCount => (say(instances.to_string()), After::Nothing),
            Question::CaseInfo { case } => match find(&case) {
                Ok(index) => (say(agent::info(&self.instances[index])), After::Nothing),
                Err(why) => (wrong(&why), After::Nothing),
            },
            Question::CaseStatus { case, agent } => match find(&case) {
                Ok(index) => {
                    let found = self.agents.get(&agent);
                    let record = found.and_then(|agent| agent.record(index));
                    if record.is_none() && found.is_some_and(|agent| agent.playing > 0) {
                        self.asked.entry((agent, index)).or_default().push(arrival);
                        return;
                    }
                    (say(agent::status(record)), After::Nothing)
                }
                Err(why) => (wrong(&why), After::Nothing),
            },
            Question::RunCase { case, agent } => match find(&case) {
                Ok(index) => return self.play_for(agent, index, arrival),
                Err(why) => (wrong(&why), After::Nothing),
            },
            Question::UpdateReports { agent, stop } => (close(), After::Updated { agent, stop }),
            Question::StopServer => (close(), After::Stop),
            Question::Wrong(why) => (wrong(&why), After::Nothing),
        };
        self.tell(arrival, saying, after);
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

    /// An agent asks for one case.
    fn play_for(&mut self, name: String, index: usize, arrival: Arrival) {
        let count = self.instances.len();
        if !self.agents.contains_key(&name) {
            self.outcome.started(&name, Capabilities::FULL, &[], 1);
        }
        let agent = self.agents.entry(name.clone()).or_insert_with(|| Agent::new(&name, count));
        let instance = self.instances[index].clone();
        let offers_deflate = play::offers_deflate(&arrival);
        let capabilities = Capabilities { deflate: offers_deflate, ..Capabilities::FULL };
        agent.playing += 1;
        self.outcome.at_once(agent.playing);
        let subprotocol = play::offers_subprotocols(&arrival);
        let means = Means { subprotocol, ..Means::new(capabilities, self.tls) };
        if let Some(need) = again::unmet_need(&instance, means) {
            let reason = match need {
                Need::Deflate => "needs permessage-deflate, which the request does not offer".to_owned(),
                need => format!("needs {need}"),
            };
            let record = Box::new(Record::unplayed(instance, VerdictKind::Inapplicable, reason));
            tokio::spawn(serve_closing(arrival));
            self.tasks.spawn(async move { Done::AgentPlayed { agent: name, index, record } });
            return;
        }
        let plays = agent.plays(index) + 1;
        let terms = Terms {
            deadline: self.options.deadline,
            seed: self.options.seed,
            capabilities,
            asked: None,
            volume: self.volume.clone(),
        };
        self.tasks.spawn(async move {
            let record = play::play(arrival, instance, &terms, plays).await;
            Done::AgentPlayed { agent: name, index, record: Box::new(record) }
        });
    }
}

fn wrong(why: &str) -> Saying {
    Saying { text: None, code: 1008, reason: why.to_owned() }
}

async fn serve_closing(arrival: Arrival) {
    let read: Vec<u8> = arrival.read.iter().flat_map(|(_, octets)| octets.iter().copied()).collect();
    let saying = Saying { text: None, code: 1000, reason: "not applicable".to_owned() };
    // A client that goes away in the middle is not judged here.
    let _ = serve::tell(arrival.stream, &read, &saying).await;
}
