//! One play of an instance over a connection of its own, and its plays anew where it deviates.

use super::RunOptions;
use super::activity::{Activity, Noted};
use super::job::{How, Retry};
use crate::runner::death::Played;
use crate::runner::execute;
use crate::runner::probe::play_config;
use crate::runner::retry::{self, RetryDecision};
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

/// What the plays of a run have in common.
#[derive(Clone)]
pub(crate) struct Terms {
    pub target: Target,
    /// How long a step waits for the target.
    pub deadline: Duration,
    pub seed: u64,
}

/// Plays an instance; `plays` is the number of its plays with this one.
pub(crate) async fn play_once(
    terms: &Terms,
    instance: Arc<Instance>,
    plays: u32,
    activity: &Activity,
) -> Played {
    let Terms { target, deadline, seed } = terms;
    let mut attempt = 1;
    loop {
        let started = Instant::now();
        match Stream::connect(target).await {
            Ok(stream) => {
                let mut config = play_config(target, *deadline, retry::instance_seed(*seed, &instance));
                config.capabilities = target.capabilities_for(&instance);
                let noted = Noted { player: Player::new(&instance, config), activity: activity.clone() };
                let (noted, _stream) = execute::drive(noted, stream, started, Vec::new()).await;
                let transcript = noted.player.into_transcript();
                return Played::new(started, retry::judged(instance, transcript, plays));
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
pub(crate) async fn first(
    terms: Terms,
    instance: Arc<Instance>,
    options: RunOptions,
    group: Option<i32>,
    activity: Activity,
) -> Played {
    let memory = options.memory.filter(|_| instance.profile == Profile::Intrusive);
    let memory = memory.map(|mut bound| {
        bound.group = group.unwrap_or(bound.group);
        bound
    });
    let play = play_once(&terms, instance, 1, &activity);
    let Some(bound) = memory else {
        let mut played = play.await;
        if !retry::deviates(&played.record) {
            // It is final: nobody decides about informational cases.
            retry::beside_reference(&mut played.record);
        }
        return played;
    };
    let (mut played, outgrown) = bound.watch(play).await;
    if let Some(outgrown) = outgrown {
        played.record = retry::outgrown(played.record, outgrown);
    }
    played
}

/// Plays an instance that deviated again, until its record is final.
async fn until_final(mut terms: Terms, retry: Retry, options: RunOptions, activity: Activity) -> Played {
    let mut received_at = None;
    let Retry { mut plays, guess, .. } = retry;
    loop {
        let (count, instance) = (plays.len() as u32 + 1, plays[0].instance.clone());
        terms.deadline = retry::patience(&plays, options.deadline);
        let played = play_once(&terms, instance, count, &activity).await;
        let decided_at = played.decided_at;
        received_at = received_at.max(played.received_at);
        if let [first] = plays.as_slice()
            && guess < options.deadline
            && retry::was_wrong_guess(first, guess, options.deadline, &played.record)
        {
            return Played { received_at, ..played };
        }
        plays.push(played.record);
        match retry::decide_retry(plays) {
            RetryDecision::Final(mut record) => {
                // Here rather than in the dispatcher's task, which would wait for it.
                retry::beside_reference(&mut record);
                return Played { record: *record, received_at, decided_at };
            }
            RetryDecision::Again(so_far) if options.stop.load(Ordering::Relaxed) => {
                let record = so_far.into_iter().next().expect("it was played before");
                return Played { record, received_at, decided_at };
            }
            RetryDecision::Again(so_far) => plays = so_far,
        }
    }
}

/// Plays an instance that deviated again: once, or until its record is final.
pub(crate) async fn again(terms: Terms, retry: Retry, options: RunOptions, activity: Activity) -> Played {
    match retry.how {
        How::Together(_) => {
            let (count, instance) = (retry.plays.len() as u32 + 1, retry.plays[0].instance.clone());
            let mut played = play_once(&terms, instance, count, &activity).await;
            retry::beside_reference(&mut played.record);
            played
        }
        How::Single | How::Sample(_) => until_final(terms, retry, options, activity).await,
    }
}
