//! What the fuzzer finds in an endpoint with a quirk, as a run finds it: the first complaint, shrunk.

use std::sync::Arc;
use std::time::Duration;
use wsgauntlet::embedded;
use wsgauntlet::fuzz::memory::{self, Played};
use wsgauntlet::fuzz::shrink::shrink;
use wsgauntlet::fuzz::signature::signature;
use wsgauntlet::fuzz::{Campaign, Finding, Session};
use wsgauntlet_reference::Config;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{self, VerdictKind};
use wsgauntlet_suite::peer::{PlayConfig, Player};

pub fn play_config() -> PlayConfig {
    let mut play = PlayConfig::new("localhost");
    play.deadline = Duration::from_secs(1);
    play
}

fn play(session: &Session, config: &Config) -> Played {
    memory::play(&Arc::new(session.clone()), &play_config(), config.clone())
}

/// The finding that a session shows, shrunk. A broken MUST goes before a broken SHOULD.
fn finding(session: &Session, seed: u64, index: u64, config: &Config) -> Option<Finding> {
    let played = play(session, config);
    let said = played.complaints.iter().min_by_key(|complaint| complaint.tolerated)?;
    let (fingerprint, tolerated) = (said.fingerprint(), said.tolerated);
    let said_of = |session: &Session| {
        let played = play(session, config);
        let same = |c: &&wsgauntlet::fuzz::complaint::Complaint| {
            c.tolerated == tolerated && c.fingerprint() == fingerprint
        };
        let complaint = played.complaints.iter().find(same).cloned();
        complaint.map(|complaint| (complaint, played.transcript))
    };
    let best = shrink(session.clone(), |smaller| said_of(smaller).is_some());
    let (complaint, transcript) = said_of(&best)?;
    Some(Finding {
        name: Finding::name_of(&complaint, &fingerprint),
        role: config.role,
        fingerprint,
        complaint,
        session: best,
        history: Vec::new(),
        transcript,
        seed,
        index,
        target: "the reference with a quirk".to_owned(),
        first_seen: "2026-01-01".to_owned(),
        case: None,
    })
}

/// The first finding of a campaign of at most so many scripts. A broken SHOULD is taken only where no MUST is broken soon after.
pub fn find(config: &Config, seed: u64, scripts_max: usize) -> Option<Finding> {
    let mut campaign = Campaign::new(seed, config.role, Vec::new());
    let (mut scripts, mut should, mut give_up_at) = (0, None, scripts_max);
    while scripts < give_up_at {
        let (index, session) = campaign.next_session();
        let played = play(&session, config);
        scripts += played.scripts.max(1);
        if played.complaints.iter().any(|complaint| !complaint.tolerated) {
            return finding(&session, seed, index, config);
        }
        if should.is_none() && !played.complaints.is_empty() {
            should = Some((session.clone(), index));
            give_up_at = scripts + 400;
        }
        campaign.report(&session, signature(played.oracle.observations(), played.oracle.ending()));
    }
    should.and_then(|(session, index)| finding(&session, seed, index, config))
}

/// The verdict of a case on an endpoint of that configuration, which is told the same address as in a session.
pub fn verdict(instance: &Instance, config: &Config) -> VerdictKind {
    let (mut play, mut config) = (play_config(), config.clone());
    memory::address(&mut play, &mut config);
    let mut player = Player::new(instance, play);
    memory::play_against_reference(&mut player, config);
    oracle::judge(instance, player.transcript(), embedded::catalogue()).kind
}
