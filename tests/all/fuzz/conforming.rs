//! A conforming endpoint gives no finding, and the same seed gives the same sessions.

use std::sync::Arc;
use wsgauntlet::fuzz::signature::signature;
use wsgauntlet::fuzz::{Campaign, Complaint, Session, memory, oracle};
use wsgauntlet_reference::{Config, Quirk, Variant};
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_suite::transcript::{EventKind, Transcript};
use wsgauntlet_wire::Role;

fn play_config(seed: u64) -> PlayConfig {
    let mut play = PlayConfig::new("localhost");
    play.seed = seed;
    play
}

/// Plays the first sessions of a campaign, and gives each with what was said against it.
fn campaign(config: &Config, seed: u64, sessions: u64) -> Vec<(Arc<Session>, Transcript, Vec<Complaint>)> {
    let mut campaign = Campaign::new(seed, config.role, Vec::new());
    let mut played = Vec::new();
    for _ in 0..sessions {
        let (index, session) = campaign.next_session();
        let one = memory::play(&session, &play_config(index), config.clone());
        campaign.report(&session, signature(one.oracle.observations(), one.oracle.ending()));
        played.push((session, one.transcript, one.complaints));
    }
    played
}

/// Nothing is said against the reference, not even that it does not follow a SHOULD.
#[test]
fn the_reference_gives_no_finding() {
    for role in [Role::Server, Role::Client] {
        for seed in 1..4 {
            for (session, _, complaints) in campaign(&memory::config(role), seed, 400) {
                assert!(complaints.is_empty(), "{role}, seed {seed}: {complaints:#?}\n{session:#?}");
            }
        }
    }
}

/// No lawful variant breaks a MUST.
#[test]
fn no_lawful_variant_gives_a_finding() {
    let mut false_findings = Vec::new();
    for role in [Role::Server, Role::Client] {
        for variant in Variant::all().filter(|variant| variant.info().roles.contains(role)) {
            let mut config = memory::config(role);
            config.variant = Some(variant);
            for (_, _, complaints) in campaign(&config, 9, 120) {
                let broken = complaints.into_iter().filter(|complaint| !complaint.tolerated);
                false_findings.extend(broken.map(|complaint| format!("{role} {variant}: {complaint:?}")));
            }
        }
    }
    assert!(false_findings.is_empty(), "{}", false_findings.join("\n"));
}

/// Two campaigns of one seed make the same sessions, those of two seeds do not.
#[test]
fn a_seed_repeats_a_campaign() {
    let sessions = |seed| {
        let played = campaign(&memory::config(Role::Server), seed, 100);
        played.into_iter().map(|(session, _, _)| session).collect::<Vec<_>>()
    };
    assert_eq!(sessions(5), sessions(5));
    assert_ne!(sessions(5), sessions(6));
}

/// A stored transcript judged again gives the same complaints.
#[test]
fn judging_again_says_the_same() {
    let mut config = memory::config(Role::Server);
    config.quirks.insert("mask-tail-left".parse::<Quirk>().expect("a quirk"));
    let mut said = 0;
    for (session, transcript, complaints) in campaign(&config, 3, 60) {
        assert_eq!(oracle::judge(&transcript, session.payload_len()), complaints);
        said += complaints.len();
    }
    assert!(said > 0, "the quirk shows");
}

/// However the target's octets are cut, the same is said.
#[test]
fn cuts_of_what_arrives_do_not_matter() {
    let mut config = memory::config(Role::Server);
    config.quirks.insert("pong-without-last-octet".parse::<Quirk>().expect("a quirk"));
    for (session, transcript, complaints) in campaign(&config, 3, 30) {
        let mut cut = Transcript { events: Vec::new(), ..transcript.clone() };
        for event in &transcript.events {
            match &event.kind {
                EventKind::Received(octets) => {
                    for octet in octets {
                        cut.push(event.at, EventKind::Received(vec![*octet]));
                    }
                }
                kind => cut.push(event.at, kind.clone()),
            }
        }
        let said =
            |complaints: &[Complaint]| complaints.iter().map(Complaint::fingerprint).collect::<Vec<_>>();
        assert_eq!(said(&oracle::judge(&cut, session.payload_len())), said(&complaints));
    }
}
