//! One play over one connection of a client, and the record of it.

use super::handshake::Handshake;
use super::hasty::Hasty;
use super::pace::PlayPace;
use super::probes::{Probe, Probed};
use crate::embedded;
use crate::runner::{execute, probe, retry, wrong_opening};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use wsgauntlet_suite::case::{Instance, Profile};
use wsgauntlet_suite::oracle::{self, Record, VerdictKind};
use wsgauntlet_suite::peer::{PlayConfig, Player};
use wsgauntlet_suite::transcript::{Capabilities, Transcript};
use wsgauntlet_wire::opening::deflate_params;

/// With more octets than this in its script, an instance is waited for longer, for this part of the deadline: a client may need
/// long for one message.
const HEAVY_LEN: usize = 64 * 1024;
const HEAVY_DIVISOR: u32 = 4;

/// What a play depends on beside its instance.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    pub seed: u64,
    pub capabilities: Capabilities,
    /// The address that the client was given, where it was: what stands in `Host`, and the target.
    pub asked: Option<(String, String)>,
    /// How long the client is waited for when it is silent.
    pub pace: PlayPace,
    /// Who may play an instance of the volume profile.
    pub volume: Arc<Semaphore>,
}

/// Plays `instance`; `count` is the number of its plays with this one.
pub(super) async fn play(handshake: Handshake, instance: Arc<Instance>, terms: &Terms, count: u32) -> Record {
    // A client may come with as many connections as it likes: those for great volumes wait for their response.
    let volume = instance.profile == Profile::Volume;
    let _permit = if volume { terms.volume.clone().acquire_owned().await.ok() } else { None };
    let transcript = transcript(handshake, &instance, terms).await;
    // To judge may take long, and the other plays watch their deadlines meanwhile.
    let of = instance.clone();
    let judged = tokio::task::spawn_blocking(move || retry::judged(of, transcript, count)).await;
    judged.unwrap_or_else(|error| {
        Record::unplayed(instance, VerdictKind::Error, format!("the play could not be judged: {error}"))
    })
}

/// What a probe found, and the record of its play, which has no verdict.
pub(super) async fn play_probe(handshake: Handshake, probe: Probe, terms: &Terms) -> (Probed, Record) {
    let (offers_deflate, offers_subprotocols) = (offers_deflate(&handshake), offers_subprotocols(&handshake));
    let instance = Arc::new(probe.instance());
    let transcript = transcript(handshake, &instance, terms).await;
    let passed = probe::satisfied_before(&instance, &transcript, probe.steps_that_count());
    let is_driver = probe::is_driver(&transcript);
    let wrong = Some(wrong_opening::look_at_request(&instance, &transcript, embedded::catalogue()));
    let mut record = Record::unplayed(instance, VerdictKind::Info, "");
    record.transcript = Some(transcript);
    (Probed { probe, passed, offers_deflate, is_driver, offers_subprotocols, wrong }, record)
}

/// Whether the request offers permessage-deflate.
pub(super) fn offers_deflate(handshake: &Handshake) -> bool {
    let Ok(request) = &handshake.request else { return false };
    oracle::decoded::DecodedTranscript::extensions(&request.fields)
        .iter()
        .any(|offer| offer.name == deflate_params::NAME)
}

/// Whether the request offers subprotocols.
pub(super) fn offers_subprotocols(handshake: &Handshake) -> bool {
    handshake.request.as_ref().is_ok_and(|request| request.fields.count("Sec-WebSocket-Protocol") > 0)
}

/// The record of a client that made no request at the address that it was given.
pub(super) fn without_request(instance: Arc<Instance>, terms: &Terms, count: u32, at: Duration) -> Record {
    let mut player = Player::new(&instance, play_config(&instance, terms));
    player.give_up(at);
    retry::judged(instance, player.into_transcript(), count)
}

fn play_config(instance: &Instance, terms: &Terms) -> PlayConfig {
    let (host, target) = terms.asked.clone().unwrap_or_default();
    PlayConfig {
        target,
        deadline: terms.pace.deadline,
        seed: retry::instance_seed(terms.seed, instance),
        capabilities: terms.capabilities,
        ..PlayConfig::new(&host)
    }
}

async fn transcript(mut handshake: Handshake, instance: &Arc<Instance>, terms: &Terms) -> Transcript {
    handshake.resume();
    let mut player = Player::new(instance, play_config(instance, terms));
    if let Some(server_name) = handshake.stream.server_name() {
        player.client_hello(Duration::ZERO, server_name);
    }
    let Handshake { stream, started, read, .. } = handshake;
    let may_be_cut = |pace: &PlayPace| !pace.whole && instance.profile == Profile::Default;
    let (player, stream) = match Some(terms.pace.clone()).filter(may_be_cut) {
        Some(pace) => {
            let heavy = instance.script.payload_len() > HEAVY_LEN;
            let wait_min = if heavy { pace.deadline / HEAVY_DIVISOR } else { Duration::ZERO };
            let hasty = Hasty::new(player, instance.clone(), pace, wait_min);
            let (hasty, stream) = execute::drive(hasty, stream, started, read).await;
            (hasty.into_player(), stream)
        }
        None => execute::drive(player, stream, started, read).await,
    };
    execute::finish_with_farewell(player, stream)
}
