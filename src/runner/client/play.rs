//! One play over one connection of a client, and the record of it.

use super::arrive::Arrival;
use super::schedule::{Probe, Probed};
use crate::embedded;
use crate::runner::{again, execute, probe, wrong_opening};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use wsgauntlet_suite::case::{Instance, Profile};
use wsgauntlet_suite::oracle::verdict::{Source, fingerprint};
use wsgauntlet_suite::oracle::{self, Application, Exit, Failure, Record, VerdictKind};
use wsgauntlet_suite::peer::{PlayConfig, Player};
use wsgauntlet_suite::transcript::{Capabilities, Transcript};
use wsgauntlet_wire::opening::deflate_params;

/// What a play depends on beside its instance.
#[derive(Clone, Debug)]
pub struct Terms {
    pub deadline: Duration,
    pub seed: u64,
    pub capabilities: Capabilities,
    /// The address that the client was given, where it was: what stands in `Host`, and the target.
    pub asked: Option<(String, String)>,
    /// Who may play an instance of the volume profile.
    pub volume: Arc<Semaphore>,
}

/// Plays `instance`; `count` is the number of its plays with this one.
pub async fn play(arrival: Arrival, instance: Arc<Instance>, terms: &Terms, count: u32) -> Record {
    // A client may come with as many connections as it likes: those for great volumes wait for their response.
    let volume = instance.profile == Profile::Volume;
    let _permit = if volume { terms.volume.clone().acquire_owned().await.ok() } else { None };
    let transcript = transcript(arrival, &instance, terms).await;
    // To judge may take long, and the other plays watch their deadlines meanwhile.
    let of = instance.clone();
    let judged = tokio::task::spawn_blocking(move || retry::judged(of, transcript, count)).await;
    judged.unwrap_or_else(|error| {
        Record::unplayed(instance, VerdictKind::Error, format!("the play could not be judged: {error}"))
    })
}

/// What a probe found, and the record of its play, which has no verdict.
pub async fn play_probe(arrival: Arrival, probe: Probe, terms: &Terms) -> (Probed, Record) {
    let (offers_deflate, offers_subprotocols) = (offers_deflate(&arrival), offers_subprotocols(&arrival));
    let instance = probe.instance();
    let transcript = transcript(arrival, &instance, terms).await;
    let passed = probe::satisfied(&instance, &transcript);
    let wrong = Some(wrong_opening::look_at_request(&instance, &transcript, embedded::catalogue()));
    let mut record = Record::unplayed(Arc::new(instance), VerdictKind::Info, "");
    record.transcript = Some(transcript);
    (Probed { probe, passed, offers_deflate, offers_subprotocols, wrong }, record)
}

/// Whether the request offers permessage-deflate.
pub fn offers_deflate(arrival: &Arrival) -> bool {
    let Ok(request) = &arrival.request else { return false };
    oracle::scene::Scene::extensions(&request.fields).iter().any(|offer| offer.name == deflate_params::NAME)
}

/// Whether the request offers subprotocols.
pub fn offers_subprotocols(arrival: &Arrival) -> bool {
    arrival.request.as_ref().is_ok_and(|request| request.fields.count("Sec-WebSocket-Protocol") > 0)
}

/// The record of a client that made no request at the address that it was told.
pub fn without_request(instance: Arc<Instance>, terms: &Terms, count: u32, at: Duration) -> Record {
    let mut player = Player::new(&instance, play_config(&instance, terms));
    player.give_up(at);
    retry::judged(instance, player.into_transcript(), count)
}

fn play_config(instance: &Instance, terms: &Terms) -> PlayConfig {
    let (host, target) = terms.asked.clone().unwrap_or_default();
    PlayConfig {
        host,
        target,
        headers: Vec::new(),
        subprotocols: Vec::new(),
        deadline: terms.deadline,
        seed: retry::instance_seed(terms.seed, instance),
        capabilities: terms.capabilities,
    }
}

async fn transcript(mut arrival: Arrival, instance: &Instance, terms: &Terms) -> Transcript {
    arrival.resume();
    let mut player = Player::new(instance, play_config(instance, terms));
    if let Some(server_name) = arrival.stream.server_name() {
        player.client_hello(Duration::ZERO, server_name);
    }
    execute::play_and_part(player, arrival.stream, arrival.started, arrival.read).await
}

const VALIDATED: &str = "rfc6455/10.7/incoming-data-validated";

/// The record with what became of the command. Whether that is a failure is judged where more is known of how it ends.
pub fn with_exit(mut record: Record, exit: Exit, stderr: String) -> Record {
    record.application = Some(Application { exit: Some(exit), stderr, page: Vec::new() });
    record
}

/// The record of a play, alone, that the browser did not survive.
pub fn with_hang(mut record: Record) -> Record {
    let observed = "the browser hung: neither this connection nor its page went on";
    fail_crashed(&mut record, observed.to_owned());
    record.application = Some(Application { page: vec![observed.to_owned()], ..Application::default() });
    record
}

fn fail_crashed(record: &mut Record, observed: String) {
    if record.verdict.kind != VerdictKind::Fail
        && let Some(requirement) = embedded::catalogue().get(VALIDATED)
    {
        let crash = Failure {
            source: Source::Monitor("application"),
            requirement: requirement.id.clone(),
            expected: "the client goes on, or exits by itself".to_owned(),
            fingerprint: fingerprint(&requirement.id, "application", &observed),
            observed,
            event: record
                .transcript
                .as_ref()
                .map_or(0, |transcript| transcript.judged().len().saturating_sub(1)),
            tolerated: false,
        };
        record.verdict.kind = VerdictKind::Fail;
        record.verdict.reason = None;
        let before = record.verdict.failure.replace(crash);
        record.verdict.others.splice(0..0, before);
    }
}
