//! What is found in an endpoint with a quirk, and the case that is made of it.

use std::sync::Arc;
use wsgauntlet::embedded;
use wsgauntlet::fuzz::shrink::shrink;
use wsgauntlet::fuzz::{Campaign, Finding, Session, memory};
use wsgauntlet_reference::Config;
use wsgauntlet_suite::case::load::Source;
use wsgauntlet_suite::case::{Instance, Library};
use wsgauntlet_suite::oracle::{self, VerdictKind};
use wsgauntlet_suite::peer::{PlayConfig, Player};
use wsgauntlet_wire::Role;

/// How many connections are tried at the most.
const SESSIONS_MAX: u64 = 4000;

fn play_config() -> PlayConfig {
    let mut play = PlayConfig::new("localhost");
    play.deadline = std::time::Duration::from_secs(1);
    play
}

/// The fingerprints of what is said against an endpoint, but for broken SHOULDs.
fn broken(session: &Session, config: &Config) -> Vec<String> {
    let played = memory::play(&Arc::new(session.clone()), &play_config(), config.clone());
    let broken = played.complaints.iter().filter(|complaint| !complaint.tolerated);
    broken.map(|complaint| complaint.fingerprint()).collect()
}

/// The first finding, shrunk.
fn find(config: &Config) -> Finding {
    let mut campaign = Campaign::new(1, config.role, Vec::new());
    for _ in 0..SESSIONS_MAX {
        let (index, session) = campaign.next_session();
        let Some(fingerprint) = broken(&session, config).first().cloned() else { continue };
        let best = shrink((*session).clone(), |smaller| broken(smaller, config).contains(&fingerprint));
        let played = memory::play(&Arc::new(best.clone()), &play_config(), config.clone());
        let complaint = played.complaints.into_iter().find(|c| c.fingerprint() == fingerprint);
        let complaint = complaint.expect("what was shrunk still shows it");
        return Finding {
            name: Finding::name_of(&complaint, &fingerprint),
            role: config.role,
            fingerprint,
            complaint,
            session: best,
            history: Vec::new(),
            transcript: played.transcript,
            seed: 1,
            index,
            target: "the reference with a quirk".to_owned(),
            first_seen: "2026-01-01".to_owned(),
        };
    }
    panic!("{:?} was not found", config.quirk)
}

fn verdict(instance: &Instance, config: &Config) -> VerdictKind {
    let mut player = Player::new(instance, play_config());
    memory::join(&mut player, config.clone());
    oracle::judge(instance, player.transcript(), embedded::catalogue()).kind
}

/// The case of a finding loads, passes on the reference, and fails on the endpoint in which it was found.
#[test]
fn findings_are_cases() {
    let quirks = [
        "accept-unmasked",
        "accept-rsv2",
        "accept-fragmented-ping",
        "skip-reserved-data",
        "stray-continuation-as-text",
        "refuse-length-126",
        "refuse-third-empty-fragment",
        "mask-tail-left",
        "pong-without-last-octet",
        "no-pong-amid-message",
        "mute-after-three-frames",
        "send-everything-twice",
    ];
    for name in quirks {
        let mut config = memory::config(Role::Server);
        config.quirk = name.parse().ok();
        assert!(config.quirk.is_some(), "{name} is a quirk");
        let finding = find(&config);
        let text = finding.to_case_file();
        let source = Source {
            path: format!("found/{}", finding.name),
            file: "found.toml".to_owned(),
            text: text.clone(),
        };
        let library = Library::parse(&[source], embedded::catalogue())
            .unwrap_or_else(|mistakes| panic!("{name}: {mistakes:#?}\n{text}"));
        let instances: Vec<&Instance> = library.instances(Role::Server).collect();
        let [instance] = instances[..] else { panic!("{name}: one instance of\n{text}") };
        assert_eq!(verdict(instance, &memory::config(Role::Server)), VerdictKind::Pass, "{name}\n{text}");
        assert_eq!(verdict(instance, &config), VerdictKind::Fail, "{name}\n{text}");
    }
}

/// What is shrunk is small: one message or frame shows what an endpoint does with each of them.
#[test]
fn findings_are_small() {
    let mut config = memory::config(Role::Server);
    config.quirk = "accept-unmasked".parse().ok();
    let finding = find(&config);
    assert_eq!(finding.session.scripts.len(), 1, "{:#?}", finding.session);
    assert_eq!(finding.session.pieces().count(), 1, "{:#?}", finding.session);
    assert!(finding.session.payload_len() <= 1, "{:#?}", finding.session);
}
