//! TLS records that leave in several TCP segments, live: in memory there is no TLS, and a part of a record is a read without
//! octets there.

use std::time::{Duration, Instant};
use wsgauntlet::embedded;
use wsgauntlet::runner::reference;
use wsgauntlet::runner::serve::{Acceptor, ReferenceServer};
use wsgauntlet::runner::stream::Stream;
use wsgauntlet::runner::target::Trust;
use wsgauntlet::runner::{Target, execute, probe};
use wsgauntlet_reference::Config;
use wsgauntlet_reference::quirk::catalogue::Segments;
use wsgauntlet_suite::case::{Instance, Need};
use wsgauntlet_suite::oracle::{self, Verdict, VerdictKind};
use wsgauntlet_suite::peer::Player;
use wsgauntlet_wire::Role;

/// So many plays of an instance show a fault that the machine may hide in some: a busy one delivers all segments at once.
const PLAYS_MAX: usize = 50;

fn instances() -> Vec<Instance> {
    let all = embedded::library().instances(Role::Server);
    let chosen: Vec<Instance> =
        all.filter(|instance| instance.case.starts_with("framing/tls-records/")).cloned().collect();
    assert!(chosen.iter().all(|instance| instance.needs.contains(&Need::Tls)));
    chosen
}

/// A reference server over TLS.
async fn serve(config: Config) -> Target {
    let acceptor = Acceptor::self_signed().expect("a certificate");
    let server = ReferenceServer::bind("127.0.0.1:0", config, Some(acceptor)).await.expect("a free port");
    let url = format!("wss://{}", server.address);
    tokio::spawn(server.serve());
    Target::parse(&url, &Trust { insecure: true, ca: None }).expect("a URL")
}

async fn play(target: &Target, instance: &Instance) -> Verdict {
    let started = Instant::now();
    let stream = Stream::connect(target).await.expect("a connection");
    let player = Player::new(instance, probe::play_config(target, Duration::from_secs(5), 1));
    let transcript = execute::play(player, stream, started).await;
    oracle::judge(instance, &transcript, embedded::catalogue())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_reads_records_in_segments() {
    let target = serve(reference::config(Role::Server)).await;
    for instance in instances() {
        let verdict = play(&target, &instance).await;
        assert_eq!(verdict.kind, VerdictKind::Pass, "{}: {verdict:?}", instance.id);
    }
}

/// Each instance that says in how many segments records leave fails a server that takes a part of one for the end.
#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_a_record_is_seen_to_arrive() {
    let mut config = reference::config(Role::Server);
    config.quirks.insert(Segments::PartialRecordEnds);
    let target = serve(config).await;
    let mut segmented = 0;
    for instance in instances().into_iter().filter(|instance| instance.script.segments_records()) {
        segmented += 1;
        let mut plays = 0;
        while matches!(play(&target, &instance).await.kind, VerdictKind::Pass) {
            plays += 1;
            assert!(plays < PLAYS_MAX, "{} passes", instance.id);
        }
    }
    assert!(segmented > 5, "{segmented}");
}
