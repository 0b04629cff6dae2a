//! What a target can do, found out before the run: whether it opens, answers pings, echoes, closes,
//! and how many connections at once it takes.

use super::execute;
use super::no_opening;
use super::stream::Stream;
use super::target::{Target, TargetError};
use super::wrong_opening::{self, WrongOpening};
use crate::embedded;
use std::time::{Duration, Instant};
use wsgauntlet_suite::case::expectation::{Expectation, Outcome};
use wsgauntlet_suite::case::script::{FrameSpec, Opening, Piece, Script, Step, Write};
use wsgauntlet_suite::case::{self, Instance, InstanceId, Payload, Profile};
use wsgauntlet_suite::matching::describe;
use wsgauntlet_suite::oracle::verdict::Source;
use wsgauntlet_suite::oracle::{self, VerdictKind};
use wsgauntlet_suite::peer::{PlayConfig, Player};
use wsgauntlet_suite::transcript::{Capabilities, Observer, OpeningFault, Seen, Transcript};
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::opening::{DeflateOffer, DeflateParams};
use wsgauntlet_wire::{CloseCode, Opcode, Role};

/// What the probe found.
#[derive(Clone, Debug)]
pub struct Probe {
    pub capabilities: Capabilities,
    /// What was not as a conforming echo server does it.
    pub remarks: Vec<String>,
    pub jobs: usize,
    /// What is wrong with its openings.
    pub wrong: WrongOpening,
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
    overlook(target, deadline, &script(None, vec![Step::Open])).await.map(|(wrong, _)| wrong)
}

/// The faults of the openings of a server, found by one opening, which is given too.
async fn overlook(
    target: &Target,
    deadline: Duration,
    opening: &Instance,
) -> Result<(WrongOpening, Transcript), TargetError> {
    let opened = try_play(target, deadline, opening).await?;
    Ok((wrong_opening::look(opening, &opened, embedded::catalogue()), opened))
}

/// Probes a server. The first connection must open; everything else is a capability.
pub async fn probe(target: &Target, deadline: Duration, jobs: Option<usize>) -> Result<Probe, TargetError> {
    let mut found = Probe {
        capabilities: Capabilities::NONE,
        remarks: Vec::new(),
        jobs: 1,
        wrong: WrongOpening::default(),
    };
    let opening = script(None, vec![Step::Open]);
    let (wrong, opened) = overlook(target, deadline, &opening).await?;
    let none = || {
        let observed = seen(&opened).first().map_or_else(|| "silence".to_owned(), describe);
        let advice = no_opening::advice(&opened, &target.resource, target.tls.is_some());
        TargetError::NoOpening { url: target.url.clone(), observed, advice }
    };
    let mut overlooking = target.clone();
    overlooking.capabilities.overlooked = wrong.faults;
    let target = &overlooking;
    if !wrong.faults.is_empty() && !satisfied(&opening, &try_play(target, deadline, &opening).await?)
        || wrong.faults.is_empty() && !satisfied(&opening, &opened)
    {
        return Err(none());
    }
    found.remarks.clone_from(&wrong.remarks);
    found.capabilities.overlooked = wrong.faults;
    found.wrong = wrong;
    // Only now it is known that what fails below is not the opening.
    let greeted = opening.with_prelude(&target.prelude);
    let transcript = try_play(target, deadline, &greeted).await?;
    if !satisfied(&greeted, &transcript) {
        let observed = seen(&transcript).iter().skip(1).map(describe).collect::<Vec<_>>().join(", ");
        return Err(TargetError::NoPrelude { url: target.url.clone(), observed });
    }
    let capabilities = &mut found.capabilities;
    capabilities.pong =
        exchange(target, deadline, Opcode::Ping, &mut found.remarks, "pings are not answered").await;
    capabilities.echo =
        exchange(target, deadline, Opcode::Text, &mut found.remarks, "text messages are not echoed").await;
    if !capabilities.echo && refuses_text(target, deadline).await {
        capabilities.text = false;
        found.remarks.push("text messages are refused with Close 1003".to_owned());
    }
    capabilities.echo_binary =
        exchange(target, deadline, Opcode::Binary, &mut found.remarks, "binary messages are not echoed")
            .await;
    let closed = script(None, vec![Step::Open, Step::Close]);
    capabilities.closing = passes(target, deadline, closed).await;
    if !capabilities.closing {
        found.remarks.push("the closing handshake is not completed".to_owned());
    }
    let answers = capabilities.pong || capabilities.echo || capabilities.echo_binary || capabilities.closing;
    if capabilities.overlooked.contains(OpeningFault::Status) && !answers {
        // A page with odd fields: nothing shows that frames follow.
        return Err(none());
    }
    let offer = DeflateOffer { client_max_window_bits: Some(None), ..DeflateOffer::default() };
    let offered = try_play(target, deadline, &script(Some(offer), vec![Step::Open])).await;
    capabilities.deflate = offered.is_ok_and(|transcript| {
        seen(&transcript).iter().any(|seen| match seen {
            Seen::Response(head) => {
                target.capabilities.overlooked.switches(head)
                    && DeflateParams::agreed_in(&head.fields).is_some()
            }
            _ => false,
        })
    });
    found.jobs = match jobs {
        Some(jobs) => jobs,
        None => bearable(target, deadline).await,
    };
    Ok(found)
}

/// The default number of connections at once, before the probe.
const JOBS: usize = 32;

/// So many plays alone show that a target which fails beside others does so for their sake.
const PLAYS_ALONE: usize = 3;

/// The most connections at once, up to `JOBS`, that the target serves side by side.
async fn bearable(target: &Target, deadline: Duration) -> usize {
    let mut jobs = JOBS;
    while jobs > 1 {
        let mut plays = tokio::task::JoinSet::new();
        for _ in 0..jobs {
            let target = target.clone();
            plays.spawn(async move {
                passes(&target, deadline, script(None, vec![Step::Open, Step::Close])).await
            });
        }
        // What holds for one connection is to hold for all of them.
        let alone = passes(target, deadline, script(None, vec![Step::Open])).await;
        let mut served = 0;
        while let Some(passed) = plays.join_next().await {
            served += usize::from(passed.unwrap_or(false));
        }
        if !alone || served == jobs || !target.capabilities.closing {
            return jobs;
        }
        jobs /= 4;
    }
    for _ in 0..PLAYS_ALONE {
        // What fails alone as well does not fail because of the others.
        if !passes(target, deadline, script(None, vec![Step::Open, Step::Close])).await {
            return JOBS;
        }
    }
    1
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

/// RFC 6455 §7.4.1: 1003 tells that "it has received a type of data it cannot accept".
async fn refuses_text(target: &Target, deadline: Duration) -> bool {
    let steps = [vec![Step::Open], exchange_steps(Opcode::Text)].concat();
    let instance = script(None, steps).with_prelude(&target.prelude);
    try_play(target, deadline, &instance).await.is_ok_and(|transcript| {
        seen(&transcript).iter().any(|seen| match seen {
            Seen::Close(payload) => ClosePayload::decode(payload)
                .is_ok_and(|payload| payload.code == Some(CloseCode::UNSUPPORTED_DATA)),
            _ => false,
        })
    })
}

async fn exchange(
    target: &Target,
    deadline: Duration,
    opcode: Opcode,
    remarks: &mut Vec<String>,
    remark: &str,
) -> bool {
    let steps = [vec![Step::Open], exchange_steps(opcode)].concat();
    let passed = passes(target, deadline, script(None, steps)).await;
    if !passed {
        remarks.push(remark.to_owned());
    }
    passed
}

async fn passes(target: &Target, deadline: Duration, instance: Instance) -> bool {
    let instance = instance.with_prelude(&target.prelude);
    try_play(target, deadline, &instance).await.is_ok_and(|transcript| satisfied(&instance, &transcript))
}

/// Whether every step came out as expected. What monitors say is for the run.
pub(super) fn satisfied(instance: &Instance, transcript: &Transcript) -> bool {
    let verdict = oracle::judge(instance, transcript, embedded::catalogue());
    verdict.kind != VerdictKind::Error
        && verdict.failures().all(|failure| matches!(failure.source, Source::Monitor(_)))
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
    }
}

fn script(deflate: Option<DeflateOffer>, steps: Vec<Step>) -> Instance {
    instance(
        Role::Server,
        Script { opening: Opening { deflate, ..Opening::default() }, steps, closing_added: false },
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
