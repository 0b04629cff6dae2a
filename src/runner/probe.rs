//! What a target can do, found out before the run: whether it opens, answers pings, echoes, closes,
//! and how many connections at once it takes.

use super::answer_times::AnswerTimes;
use super::execute;
use super::no_opening;
use super::stream::Stream;
use super::target::{Target, TargetError};
use super::wrong_opening::{self, WrongOpening};
use crate::embedded;
use std::time::{Duration, Instant};
use wsgauntlet_suite::case::driver;
use wsgauntlet_suite::case::expectation::{Expectation, Outcome};
use wsgauntlet_suite::case::script::{FrameSpec, Opening, Piece, Script, Step, Write};
use wsgauntlet_suite::case::{self, Instance, InstanceId, Payload, Profile};
use wsgauntlet_suite::matching::describe;
use wsgauntlet_suite::oracle::verdict::Source;
use wsgauntlet_suite::oracle::{self, VerdictKind};
use wsgauntlet_suite::peer::{PlayConfig, Player};
use wsgauntlet_suite::transcript::trouble::trouble;
use wsgauntlet_suite::transcript::{Capabilities, Observer, OpeningFault, Seen, Transcript, Transport};
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::opening::{DeflateOffer, DeflateParams};
use wsgauntlet_wire::{CloseCode, Opcode, Role};

/// What the probe found.
#[derive(Clone, Debug)]
pub struct Probe {
    /// What it can do.
    pub capabilities: Capabilities,
    /// What was not as a conforming echo server does it.
    pub remarks: Vec<String>,
    /// How many connections at once it serves: as many as were asked for, or up to `JOBS`.
    pub jobs: usize,
    /// What is wrong with its openings.
    pub wrong: WrongOpening,
    /// How long it took to answer.
    pub answer_times: AnswerTimes,
}

impl Probe {
    /// What makes a client that follows RFC 6455 §4.1 refuse the openings at their fields, if anything does. What was not
    /// offered is another matter: it hinders no frame.
    pub fn refused_by_clients(&self) -> Option<String> {
        let hinders = |fault: &OpeningFault| match fault {
            OpeningFault::Status
            | OpeningFault::Upgrade
            | OpeningFault::Connection
            | OpeningFault::Accept => true,
            OpeningFault::Subprotocol
            | OpeningFault::Extension
            | OpeningFault::ResponseForm
            | OpeningFault::RequestForm
            | OpeningFault::RequestLine
            | OpeningFault::RequestTarget
            | OpeningFault::RequestHost
            | OpeningFault::RequestUpgrade
            | OpeningFault::RequestConnection
            | OpeningFault::RequestKey
            | OpeningFault::RequestVersion
            | OpeningFault::RequestSubprotocols
            | OpeningFault::RequestExtensions => false,
        };
        // A remark for each fault, in their order.
        self.wrong
            .faults
            .iter()
            .zip(&self.wrong.remarks)
            .find(|(fault, _)| hinders(fault))
            .map(|(_, said)| said.clone())
    }
}

/// What is wrong with the openings of a server.
pub async fn wrong_opening(target: &Target, deadline: Duration) -> Result<WrongOpening, TargetError> {
    let opened = try_play(target, deadline, &open()).await?;
    Ok(wrong_opening::look(&open(), &opened, embedded::catalogue()))
}

/// Probes a server. The first connection must open; everything else is a capability.
pub async fn probe(target: &Target, deadline: Duration, jobs: Option<usize>) -> Result<Probe, TargetError> {
    let mut prober = Prober { target: target.clone(), deadline, times: AnswerTimes::default() };
    let wrong = prober.opens().await?;
    prober.keeps_to_prelude().await?;
    let mut remarks = wrong.remarks.clone();
    let capabilities = prober.capabilities(&mut remarks).await;
    let answers = capabilities.pong || capabilities.echo || capabilities.echo_binary || capabilities.closing;
    if wrong.faults.contains(OpeningFault::Status) && !answers {
        // A page with odd fields: nothing shows that frames follow.
        let opened = prober.play(&open()).await?;
        return Err(prober.no_opening(&opened));
    }
    let jobs = match jobs {
        Some(jobs) => jobs,
        None => prober.bearable(capabilities.closing).await,
    };
    Ok(Probe { capabilities, remarks, jobs, wrong, answer_times: prober.times })
}

/// The default number of connections at once, before the probe.
pub const JOBS: usize = 32;

/// This many plays alone show that a target which fails beside others does so because of them.
const PLAYS_ALONE: usize = 3;

/// Plays against a server to find out what it can do.
struct Prober {
    /// Overlooks the faults of its openings, once they are known.
    target: Target,
    deadline: Duration,
    times: AnswerTimes,
}

impl Prober {
    /// Whether the server opens a connection, and what is wrong with that.
    async fn opens(&mut self) -> Result<WrongOpening, TargetError> {
        let mut opened = self.play(&open()).await?;
        let wrong = wrong_opening::look(&open(), &opened, embedded::catalogue());
        self.target.capabilities.overlooked = wrong.faults;
        if !wrong.faults.is_empty() {
            opened = self.play(&open()).await?;
        }
        if !satisfied(&open(), &opened) {
            return Err(self.no_opening(&opened));
        }
        Ok(wrong)
    }

    fn no_opening(&self, opened: &Transcript) -> TargetError {
        let target = &self.target;
        let observed = seen(opened).first().map_or_else(|| "silence".to_owned(), describe);
        if let Some(trouble) = self.carrier_trouble(opened) {
            return trouble;
        }
        let advice = no_opening::advice(opened, &target.resource, target.tls.is_some());
        let finding = no_opening::finding(&open(), opened, embedded::catalogue());
        TargetError::NoOpening { url: target.url.clone(), observed, advice, finding }
    }

    /// What hindered an opening over HTTP/2, apart from the response.
    fn carrier_trouble(&self, opened: &Transcript) -> Option<TargetError> {
        if self.target.transport == Transport::Http1 {
            return None;
        }
        let trouble = trouble(opened)?;
        Some(TargetError::Carrier { url: self.target.url.clone(), trouble })
    }

    /// Only now it is known that what fails below is not the opening.
    async fn keeps_to_prelude(&mut self) -> Result<(), TargetError> {
        let greeted = open().with_prelude(&self.target.prelude);
        let transcript = self.play(&greeted).await?;
        if satisfied(&greeted, &transcript) {
            return Ok(());
        }
        let observed = seen(&transcript).iter().skip(1).map(describe).collect::<Vec<_>>().join(", ");
        Err(TargetError::NoPrelude { url: self.target.url.clone(), observed })
    }

    async fn capabilities(&mut self, remarks: &mut Vec<String>) -> Capabilities {
        let mut remark = |holds: bool, text: &str| {
            if !holds {
                remarks.push(text.to_owned());
            }
            holds
        };
        let pong = remark(self.exchange(Opcode::Ping).await, "pings are not answered");
        let echo = remark(self.exchange(Opcode::Text).await, "text messages are not echoed");
        let refuses = !echo && self.refuses_text().await;
        let text = remark(!refuses, "text messages are refused with Close 1003");
        let echo_binary = remark(self.exchange(Opcode::Binary).await, "binary messages are not echoed");
        let closing = remark(self.passes(close()).await, "the closing handshake is not completed");
        let deflate = self.agrees_to_deflate().await;
        let driver = echo && self.passes(script(None, [vec![Step::Open], hello_steps()].concat())).await;
        let overlooked = self.target.capabilities.overlooked;
        Capabilities { text, echo, echo_binary, pong, closing, deflate, driver, overlooked }
    }

    async fn exchange(&mut self, opcode: Opcode) -> bool {
        self.passes(script(None, [vec![Step::Open], exchange_steps(opcode)].concat())).await
    }

    /// RFC 6455 §7.4.1: 1003 tells that "it has received a type of data it cannot accept".
    async fn refuses_text(&mut self) -> bool {
        let steps = [vec![Step::Open], exchange_steps(Opcode::Text)].concat();
        let instance = script(None, steps).with_prelude(&self.target.prelude);
        let refuses = |seen: &Seen| match seen {
            Seen::Close(payload) => ClosePayload::decode(payload)
                .is_ok_and(|payload| payload.code == Some(CloseCode::UNSUPPORTED_DATA)),
            _ => false,
        };
        self.play(&instance).await.is_ok_and(|transcript| seen(&transcript).iter().any(refuses))
    }

    async fn agrees_to_deflate(&mut self) -> bool {
        let offer = DeflateOffer { client_max_window_bits: Some(None), ..DeflateOffer::default() };
        let overlooked = self.target.capabilities.overlooked;
        let agrees = |seen: &Seen| match seen {
            Seen::Response(head) => {
                overlooked.switches(head) && DeflateParams::agreed_in(&head.fields).is_some()
            }
            _ => false,
        };
        let offered = self.play(&script(Some(offer), vec![Step::Open])).await;
        offered.is_ok_and(|transcript| seen(&transcript).iter().any(agrees))
    }

    /// The most connections at once, up to `JOBS`, that the target serves side by side.
    async fn bearable(&mut self, closing: bool) -> usize {
        let mut jobs = JOBS;
        while jobs > 1 {
            let mut plays = tokio::task::JoinSet::new();
            for _ in 0..jobs {
                let (target, deadline) = (self.target.clone(), self.deadline);
                let instance = close().with_prelude(&target.prelude);
                plays.spawn(async move {
                    let transcript = try_play(&target, deadline, &instance).await;
                    (transcript.as_ref().is_ok_and(|made| satisfied(&instance, made)), transcript)
                });
            }
            // What holds for one connection is to hold for all of them.
            let alone = self.passes(open()).await;
            let mut served = 0;
            while let Some(played) = plays.join_next().await {
                let Ok((passed, transcript)) = played else { continue };
                served += usize::from(passed);
                if let Ok(transcript) = transcript {
                    self.times.learn(&transcript);
                }
            }
            if !alone || served == jobs || !closing {
                return jobs;
            }
            jobs /= 4;
        }
        for _ in 0..PLAYS_ALONE {
            // What fails alone as well does not fail because of the others.
            if !self.passes(close()).await {
                return JOBS;
            }
        }
        1
    }

    async fn passes(&mut self, instance: Instance) -> bool {
        let instance = instance.with_prelude(&self.target.prelude);
        self.play(&instance).await.is_ok_and(|transcript| satisfied(&instance, &transcript))
    }

    async fn play(&mut self, instance: &Instance) -> Result<Transcript, TargetError> {
        let transcript = try_play(&self.target, self.deadline, instance).await?;
        self.times.learn(&transcript);
        Ok(transcript)
    }
}

fn open() -> Instance {
    script(None, vec![Step::Open])
}

fn close() -> Instance {
    script(None, vec![Step::Open, Step::Close])
}

/// Our peer sends one message or ping, and it comes back.
pub(super) fn exchange_steps(opcode: Opcode) -> Vec<Step> {
    let payload = Payload::Literal(b"wsgauntlet probe".to_vec());
    let send = Step::Send(Write {
        pieces: vec![Piece::Frame(FrameSpec::new(opcode, payload.clone()))],
        ..Write::default()
    });
    let outcome = match opcode {
        Opcode::Ping => Outcome::Pong(payload),
        opcode => Outcome::Message { opcode, payload },
    };
    let expect = Step::Expect(Expectation {
        outcomes: vec![outcome],
        tolerate: Vec::new(),
        requirement: None,
        within: None,
    });
    vec![send, expect]
}

/// Our peer asks whether the target is a driver (docs/drivers.md).
fn hello_steps() -> Vec<Step> {
    let payload = Payload::Literal(driver::HELLO_ANSWER.as_bytes().to_vec());
    asked(Outcome::Message { opcode: Opcode::Text, payload })
}

/// The same, where the answer decides nothing: an echo sends the question back.
pub(super) fn question_steps() -> Vec<Step> {
    asked(Outcome::Greeting(driver::GREETS.to_owned()))
}

fn asked(outcome: Outcome) -> Vec<Step> {
    let question = FrameSpec::new(Opcode::Text, Payload::Literal(driver::HELLO.as_bytes().to_vec()));
    vec![
        Step::Send(Write { pieces: vec![Piece::Frame(question)], ..Write::default() }),
        Step::Expect(Expectation {
            outcomes: vec![outcome],
            tolerate: Vec::new(),
            requirement: None,
            within: None,
        }),
    ]
}

/// Whether every step came out as expected. What monitors say is for the run.
pub(super) fn satisfied(instance: &Instance, transcript: &Transcript) -> bool {
    satisfied_before(instance, transcript, usize::MAX)
}

/// Whether every step of a lower index than `end` came out as expected.
pub(super) fn satisfied_before(instance: &Instance, transcript: &Transcript, end: usize) -> bool {
    let verdict = oracle::judge(instance, transcript, embedded::catalogue());
    let counts = |source: Source| matches!(source, Source::Step(step) if step < end);
    verdict.kind != VerdictKind::Error && !verdict.failures().any(|failure| counts(failure.source))
}

/// Whether the target said that it is a driver.
pub(super) fn is_driver(transcript: &Transcript) -> bool {
    let answers = |seen: &Seen| match seen {
        Seen::Message { opcode: Opcode::Text, payload, .. } => payload == driver::HELLO_ANSWER.as_bytes(),
        _ => false,
    };
    seen(transcript).iter().any(answers)
}

fn seen(transcript: &Transcript) -> Vec<Seen> {
    let mut observer = Observer::new(transcript.role, 0).overlooking(transcript.capabilities.overlooked);
    for (index, event) in transcript.events.iter().enumerate() {
        observer.take(index, &event.kind);
    }
    observer.observations().iter().map(|observation| observation.seen.clone()).collect()
}

async fn try_play(
    target: &Target,
    deadline: Duration,
    instance: &Instance,
) -> Result<Transcript, TargetError> {
    let started = Instant::now();
    let stream = Stream::connect(target).await?;
    let player = Player::new(instance, play_config(target, deadline, 0));
    Ok(execute::play(player, stream, started).await)
}

/// The player's configuration for a target.
pub fn play_config(target: &Target, deadline: Duration, seed: u64) -> PlayConfig {
    PlayConfig {
        host: target.authority.clone(),
        target: target.resource.clone(),
        headers: target.headers.clone(),
        subprotocols: target.subprotocols.clone(),
        deadline,
        seed,
        capabilities: target.capabilities,
        transport: target.transport,
        secure: target.tls.is_some(),
    }
}

fn script(deflate: Option<DeflateOffer>, steps: Vec<Step>) -> Instance {
    instance(
        Role::Server,
        Script {
            opening: Opening { deflate, ..Opening::default() },
            steps,
            closing_added: false,
            holds_answers: false,
        },
    )
}

/// A play that belongs to no case.
pub(super) fn instance(role: Role, script: Script) -> Instance {
    let requirement = match role {
        Role::Server => "rfc6455/4.2.2/valid-opening-accepted",
        Role::Client => "rfc6455/4.1/client-sends-opening-handshake",
    };
    let requirement = embedded::catalogue().get(requirement).map(|requirement| requirement.id.clone());
    Instance {
        id: InstanceId::new("probe/probe/probe", &[], role),
        case: "probe/probe/probe".to_owned(),
        doc: "What the target can do.".to_owned(),
        verifies: requirement.into_iter().collect(),
        role,
        autobahn: Vec::new(),
        origin: None,
        profile: Profile::Default,
        info: false,
        needs: Vec::new(),
        script: case::made(script),
        plain: None,
    }
}
