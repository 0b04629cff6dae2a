//! One play of an instance over a connection of its own, and its plays anew where it deviates.

use super::RunOptions;
use crate::runner::again::{self, Next};
use crate::runner::death::Played;
use crate::runner::execute;
use crate::runner::probe::play_config;
use crate::runner::stream::Stream;
use crate::runner::target::Target;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use wsgauntlet_suite::case::{Instance, Profile};
use wsgauntlet_suite::oracle::{Record, VerdictKind};
use wsgauntlet_suite::peer::Player;

/// How often an attempt to connect is repeated before it counts as refused.
const CONNECT_ATTEMPTS: u32 = 3;

/// Plays an instance; `plays` is the number of its plays with this one.
pub async fn play_once(
    target: &Target,
    instance: Arc<Instance>,
    deadline: Duration,
    seed: u64,
    plays: u32,
) -> Played {
    let mut attempt = 1;
    loop {
        let started = Instant::now();
        match Stream::connect(target).await {
            Ok(stream) => {
                let seed = again::instance_seed(seed, &instance);
                let mut config = play_config(target, deadline, seed);
                config.capabilities = target.capabilities_for(&instance);
                let player = Player::new(&instance, config);
                let transcript = execute::play(player, stream, started).await;
                return Played::new(started, again::judged(instance, transcript, plays));
            }
            Err(_) if attempt < CONNECT_ATTEMPTS => attempt += 1,
            Err(error) => {
                let mut record = Record::unplayed(instance, VerdictKind::Blocked, error.to_string());
                record.plays = plays;
                return Played::new(started, record);
            }
        }
    }
}

/// The first play of an instance. What may grow in a bomb is the memory of the process group `group`.
pub async fn first(
    target: Target,
    instance: Arc<Instance>,
    options: RunOptions,
    group: Option<i32>,
) -> Played {
    let memory = options.memory.filter(|_| instance.profile == Profile::Intrusive);
    let memory = memory.map(|mut bound| {
        bound.group = group.unwrap_or(bound.group);
        bound
    });
    let play = play_once(&target, instance, options.deadline, options.seed, 1);
    let Some(bound) = memory else { return play.await };
    let (mut played, outgrown) = bound.watch(play).await;
    if let Some(outgrown) = outgrown {
        played.record = again::outgrown(played.record, outgrown);
    }
    played
}

/// The final record of an instance that deviated once.
pub async fn anew(target: Target, first: Record, options: RunOptions) -> Played {
    let mut received_at = None;
    let mut plays = vec![first];
    loop {
        let (count, instance) = (plays.len() as u32 + 1, plays[0].instance.clone());
        let patience = again::patience(&plays, options.deadline);
        let played = play_once(&target, instance, patience, options.seed, count).await;
        let decided_at = played.decided_at;
        received_at = received_at.max(played.received_at);
        plays.push(played.record);
        match again::conclude(plays) {
            Next::Final(record) => return Played { record: *record, received_at, decided_at },
            Next::Again(so_far) if options.stop.load(Ordering::Relaxed) => {
                let record = so_far.into_iter().next().expect("it was played before");
                return Played { record, received_at, decided_at };
            }
            Next::Again(so_far) => plays = so_far,
        }
    }
}
