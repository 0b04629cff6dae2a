//! The run against clients, over real sockets on the loopback interface. No test waits for a fixed
//! time: each ends with the event that it is about.

use super::options;
use crate::support::BIN;
use crate::support::cases::instances;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wsgauntlet::runner::client::{ClientError, ClientOptions, ClientSource, Listener, run_client};
use wsgauntlet::runner::reference_client::{self, LoopOptions};
use wsgauntlet::runner::serve::{self, Acceptor};
use wsgauntlet::runner::stream::Stream;
use wsgauntlet::runner::target::Trust;
use wsgauntlet::runner::{Target, reference};
use wsgauntlet_reference::EchoEndpoint;
use wsgauntlet_suite::case::{Instance, Need};
use wsgauntlet_suite::oracle::{Exit, Record, Run, VerdictKind};
use wsgauntlet_wire::Role;

/// What begins the id of one instance.
const ONE: &str = "masking/direction/wrong-masking[len=0]";

/// How long silence is borne where a test is about silence.
const SHORT: Duration = Duration::from_millis(100);

pub struct Running {
    pub url: String,
    pub address: std::net::SocketAddr,
    stop: Arc<AtomicBool>,
    run: tokio::task::JoinHandle<Result<Vec<Run>, ClientError>>,
}

pub async fn start(
    acceptor: Option<Acceptor>,
    instances: Vec<Arc<Instance>>,
    options: ClientOptions,
) -> Running {
    let listener = Listener::bind("127.0.0.1:0", acceptor).await.expect("a free port");
    let (url, address, stop) = (listener.url(), listener.address, options.stop.clone());
    let run = tokio::spawn(async move { run_client(listener, instances, options, &mut |_event| {}).await });
    Running { url, address, stop, run }
}

impl Running {
    async fn runs(self) -> Vec<Run> {
        self.run.await.expect("no panic").expect("a run")
    }

    pub async fn run(self) -> Run {
        let mut runs = self.runs().await;
        assert_eq!(runs.len(), 1);
        runs.remove(0)
    }
}

fn deviations(run: &Run) -> Vec<String> {
    let good = |kind| matches!(kind, VerdictKind::Pass | VerdictKind::Info | VerdictKind::Inapplicable);
    let bad = run.records.iter().filter(|record| !good(record.verdict.kind));
    let observed =
        |record: &Record| record.verdict.failure.as_ref().map(|failure| failure.observed.to_string());
    bad.map(|record| format!("{} {}: {:?}", record.verdict.kind, record.instance.id, observed(record)))
        .collect()
}

pub async fn play_loop(url: &str, agent: &str, jobs: usize) {
    let trust = Trust { insecure: true, ca: None };
    let target = Target::parse(url, &trust).expect("a URL");
    let options = LoopOptions { agent: agent.to_owned(), jobs, config: reference::config(Role::Client) };
    reference_client::run(&target, &options).await.expect("the loop runs through");
}

/// One connection of the reference to any address, until it ends. False: nobody accepts it.
async fn connect_once(address: std::net::SocketAddr, seed: u64) -> bool {
    let Ok(tcp) = TcpStream::connect(address).await else { return false };
    let mut config = reference::config(Role::Client);
    config.host = address.to_string();
    config.seed = seed;
    // A connection that a case breaks is as good as any other.
    let _ = serve::drive(Stream::Plain(tcp), EchoEndpoint::new(config)).await;
    true
}

/// The text that a server sends in a connection to `resource`, and the rest of its octets.
pub async fn ask(address: std::net::SocketAddr, resource: &str) -> String {
    let mut tcp = TcpStream::connect(address).await.expect("a connection");
    let request = format!(
        "GET {resource} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    );
    tcp.write_all(request.as_bytes()).await.expect("a write");
    let mut octets = Vec::new();
    let mut buffer = [0; 1024];
    // The first octet after the head that is 0x88 begins the Close, since texts here are ASCII.
    while !octets.contains(&0x88) {
        let len = tcp.read(&mut buffer).await.expect("a read");
        assert!(len > 0, "the connection ended: {:?}", String::from_utf8_lossy(&octets));
        octets.extend_from_slice(&buffer[..len]);
    }
    // An empty Close, masked with a key of zeros.
    tcp.write_all(&[0x88, 0x80, 0, 0, 0, 0]).await.expect("a write");
    tcp.read_to_end(&mut octets).await.expect("the end");
    let head = octets.windows(4).position(|window| window == b"\r\n\r\n").expect("a head") + 4;
    String::from_utf8_lossy(&octets[head..]).into_owned()
}

/// The reference passes everything that there is for clients, one case after another and many at
/// once.
#[tokio::test(flavor = "multi_thread")]
async fn the_reference_passes_the_loop() {
    for jobs in [1, 16] {
        let all = instances(Role::Client, "");
        let count = all.len();
        let running = start(None, all, options(ClientSource::Connections)).await;
        play_loop(&running.url, "the reference", jobs).await;
        let run = running.run().await;
        assert_eq!(run.target.name, "the reference");
        assert_eq!(deviations(&run), [""; 0]);
        assert_eq!(run.records.len(), count);
        assert!(run.records.iter().any(|record| record.plays == 1), "something was played");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_passes_over_tls() {
    let acceptor = Acceptor::self_signed().expect("a certificate");
    let running =
        start(Some(acceptor), instances(Role::Client, ""), options(ClientSource::Connections)).await;
    assert!(running.url.starts_with("wss://"));
    play_loop(&running.url, "tls", 8).await;
    assert_eq!(deviations(&running.run().await), [""; 0]);
}

/// Each connection is the next instance, after the probes.
#[tokio::test(flavor = "multi_thread")]
async fn connections_one_after_another() {
    let running = start(None, instances(Role::Client, "masking/"), options(ClientSource::Connections)).await;
    let address = running.address;
    let client = tokio::spawn(async move {
        let mut seed = 0;
        while connect_once(address, seed).await {
            seed += 1;
        }
        seed
    });
    let run = running.run().await;
    assert_eq!(deviations(&run), [""; 0]);
    assert!(run.target.capabilities.echo && run.target.capabilities.pong && run.target.capabilities.closing);
    let connections = client.await.expect("no panic") as usize;
    assert!(connections >= run.records.len() + 4, "{connections} connections");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_side_by_side() {
    let running = start(None, instances(Role::Client, "masking/"), options(ClientSource::Connections)).await;
    let address = running.address;
    let mut clients = tokio::task::JoinSet::new();
    for client in 0..8u64 {
        clients.spawn(async move {
            let mut seed = client << 32;
            while connect_once(address, seed).await {
                seed += 1;
            }
        });
    }
    assert_eq!(deviations(&running.run().await), [""; 0]);
}

/// Agents play side by side, and each has its own run.
#[tokio::test(flavor = "multi_thread")]
async fn two_agents() {
    let mut keep = options(ClientSource::Connections);
    keep.keep_listening = true;
    let running = start(None, instances(Role::Client, "masking/"), keep).await;
    tokio::join!(play_loop(&running.url, "a", 2), play_loop(&running.url, "b/c", 2));
    running.stop.store(true, Ordering::Relaxed);
    let runs = running.runs().await;
    let names: Vec<&str> = runs.iter().map(|run| run.target.name.as_str()).collect();
    assert_eq!(names, ["a", "b/c"]);
    assert!(runs.iter().all(|run| deviations(run).is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_of_the_loop() {
    let all = instances(Role::Client, "");
    // Agents are not probed: without --driver they are dealt no commands.
    let count = all.iter().filter(|instance| !instance.needs.contains(&Need::Driver)).count();
    let alias = all.iter().position(|instance| !instance.autobahn.is_empty()).expect("an alias");
    let (id, doc) = (all[alias].autobahn[0].clone(), all[alias].doc.clone());
    let running = start(None, all, options(ClientSource::Connections)).await;
    let address = running.address;
    assert!(ask(address, "/getCaseCount").await.contains(&(count + 256.min(count / 8)).to_string()));
    let info = ask(address, &format!("/getCaseInfo?case={}", alias + 1)).await;
    assert!(info.contains(&format!("\"id\":\"{id}\"")) && info.contains(&doc), "{info}");
    assert_eq!(info, ask(address, &format!("/getCaseInfo?casetuple={id}")).await);
    let status = ask(address, "/getCaseStatus?case=1&agent=A").await;
    assert!(status.contains("{\"behavior\":\"MISSING\"}"), "{status}");
    for (resource, why) in [
        ("/runCase?case=0&agent=A", "no case 0: there are 1 to"),
        ("/runCase?case=99999&agent=A", "no case 99999"),
        ("/runCase?casetuple=0.0.0&agent=A", "no case \"0.0.0\""),
        ("/runCase?case=1", "agent is missing"),
        ("/getCaseInfo", "case is missing"),
    ] {
        let told = ask(address, resource).await;
        assert!(told.contains(why), "{resource}: {told}");
    }
    play_loop(&running.url, "A", 4).await;
    assert_eq!(deviations(&running.run().await), [""; 0]);
}

/// An agent that goes on to the numbers beyond the instances plays there what deviated: silence that two more plays do not
/// repeat was that of a busy machine.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_plays_again_what_deviated() {
    let all = instances(Role::Client, "masking/");
    let (first, count) = (all[0].id.clone(), all.len());
    let running =
        start(None, all, ClientOptions { deadline: SHORT, ..options(ClientSource::Connections) }).await;
    let mut silent = TcpStream::connect(running.address).await.expect("a connection");
    let request = "GET /runCase?case=1&agent=A HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    silent.write_all(request.as_bytes()).await.expect("a write");
    silent.read_to_end(&mut Vec::new()).await.expect("the end");
    let trust = Trust { insecure: true, ca: None };
    for number in 2..=count + 3 {
        let url = format!("{}/runCase?case={number}&agent=A", running.url);
        // A connection that a case breaks is as good as any other.
        let _ = reference_client::once(&url, &trust, &reference::config(Role::Client)).await;
    }
    ask(running.address, "/updateReports?agent=A").await;
    let run = running.run().await;
    assert_eq!(deviations(&run), [""; 0]);
    let record = run.records.iter().find(|record| record.instance.id == first).expect("the first");
    assert_eq!(record.plays, 3);
}

/// An agent that has asked for its reports goes away. What it left open counts as open all the same: it is not answered
/// before everything is decided.
#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_an_agent_ends_no_play() {
    let one = instances(Role::Client, "opening/accept/absent");
    let running =
        start(None, one, ClientOptions { deadline: SHORT, ..options(ClientSource::Connections) }).await;
    let mut left_open = TcpStream::connect(running.address).await.expect("a connection");
    let request = "GET /runCase?case=1&agent=A HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    left_open.write_all(request.as_bytes()).await.expect("a write");
    assert_eq!(left_open.read_u8().await.expect("a response"), b'H');
    ask(running.address, "/updateReports?agent=A").await;
    drop(left_open);
    let silent = "Some(\"silence, the connection open\")";
    assert_eq!(deviations(&running.run().await), [format!("fail opening/accept/absent@client+h1: {silent}")]);
}

/// `/stopServer` and `shutdownOnComplete` end a run, whatever was played.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_stops_the_run() {
    for resource in ["/stopServer", "/updateReports?agent=A&shutdownOnComplete=true"] {
        let running =
            start(None, instances(Role::Client, "masking/"), options(ClientSource::Connections)).await;
        ask(running.address, resource).await;
        let run = running.run().await;
        assert_eq!(run.count(VerdictKind::Blocked), run.records.len());
    }
}

fn command(words: &[&str]) -> ClientSource {
    ClientSource::Command(words.iter().map(|word| (*word).to_owned()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_launched_for_each_instance() {
    let reference = BIN;
    let source = command(&[reference, "reference", "client", "--once", "{url}"]);
    let run = start(None, instances(Role::Client, "masking/"), options(source)).await.run().await;
    assert_eq!(deviations(&run), [""; 0]);
    for record in &run.records {
        let application = record.application.as_ref().expect("a command");
        assert_eq!(application.exit, Some(Exit::Status(0)), "{}", application.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_cannot_start() {
    let running =
        start(None, instances(Role::Client, "masking/"), options(command(&["/nonexistent/client", "{url}"])))
            .await;
    let error = running.run.await.expect("no panic").expect_err("there is no such program");
    assert!(
        matches!(&error, ClientError::CannotStart { program, .. } if program == "/nonexistent/client"),
        "{error}"
    );
}

/// It ends at once, and says why.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_never_connects() {
    let mut short = options(command(&["sh", "-c", "echo no network >&2; exit 7", "{url}"]));
    short.deadline = SHORT;
    let run = start(None, instances(Role::Client, "masking/"), short).await.run().await;
    assert_eq!(run.count(VerdictKind::Blocked) + run.count(VerdictKind::Inapplicable), run.records.len());
    assert!(
        run.deaths[0].contains("exit status 7") && run.deaths[0].contains("no network"),
        "{:?}",
        run.deaths
    );
}

/// A command that crashes has not passed, even if its octets were right. What it started is ended.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_crashes() {
    let reference = BIN;
    let script = format!("{reference} reference client --once $0; sleep 1000 & kill -SEGV $$");
    let run = start(None, instances(Role::Client, ONE), options(command(&["sh", "-c", &script, "{url}"])))
        .await
        .run()
        .await;
    let record = &run.records[0];
    assert_eq!(record.verdict.kind, VerdictKind::Fail);
    let failure = record.verdict.failure.as_ref().expect("a failure");
    assert_eq!(failure.observed.to_string(), "the process was ended by signal 11 (SIGSEGV)");
}

/// A client that stays is ended with its instance.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_stays() {
    let reference = BIN;
    let script = format!("{reference} reference client --once $0; sleep 1000");
    let run = start(None, instances(Role::Client, ONE), options(command(&["sh", "-c", &script, "{url}"])))
        .await
        .run()
        .await;
    assert_eq!(deviations(&run), [""; 0]);
    let application = run.records[0].application.as_ref().expect("a command");
    assert_eq!(application.exit, Some(Exit::Ended));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_connects() {
    let mut short = options(ClientSource::Connections);
    short.wait = SHORT;
    let run = start(None, instances(Role::Client, "masking/"), short).await.run().await;
    assert_eq!(run.count(VerdictKind::Blocked), run.records.len());
    assert_eq!(run.interrupted.as_deref(), Some("no client connected within 0.1 s"));
}

/// A run that has spent its budget ends, whatever its client does, and says what it did not decide. Nothing of that passes.
#[tokio::test(flavor = "multi_thread")]
async fn a_budget_is_spent() {
    let options = ClientOptions { budget: Some(SHORT), ..options(ClientSource::Connections) };
    let running = start(None, instances(Role::Client, "masking/"), options).await;
    // It opens a connection for the first probe, and stays silent in it.
    let mut silent = TcpStream::connect(running.address).await.expect("a connection");
    let request = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    silent.write_all(request).await.expect("a write");
    let run = running.run().await;
    assert_eq!(run.count(VerdictKind::Blocked), run.records.len());
    let interrupted = run.interrupted.expect("the run is incomplete");
    assert!(interrupted.starts_with("the time budget of 0.1 s ran out with"), "{interrupted}");
    let reason = run.records[0].verdict.reason.clone().expect("a reason");
    assert_eq!(reason, "not decided within the run's time budget of 0.1 s");
}

/// A client that ignores every Close is waited for in full in a few instances. The others fail as well, each after two plays, and the
/// run names what they rest on.
#[tokio::test(flavor = "multi_thread")]
async fn a_known_silence_is_not_waited_for_again() {
    let reference = BIN;
    let source = command(&[reference, "reference", "client", "--once", "--quirk", "close-ignored", "{url}"]);
    let options = ClientOptions { deadline: Duration::from_secs(2), ..options(source) };
    let run = start(None, instances(Role::Client, "closing/codes/"), options).await.run().await;
    let failed = run.records.iter().filter(|record| record.verdict.kind == VerdictKind::Fail);
    let plays: Vec<u32> = failed.map(|record| record.plays).collect();
    assert!(plays.len() > 4 && plays.iter().all(|plays| *plays == 2), "{plays:?}");
    let said =
        run.target.remarks.iter().find(|remark| remark.starts_with("silence was waited for up to 6 s in"));
    assert!(said.is_some(), "{:?}", run.target.remarks);
}

/// Connections without a request play nothing, and a hundred of them hinder nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_connections_that_leave() {
    let running = start(None, instances(Role::Client, "masking/"), options(ClientSource::Connections)).await;
    for _ in 0..100 {
        drop(TcpStream::connect(running.address).await.expect("a connection"));
    }
    let mut half = TcpStream::connect(running.address).await.expect("a connection");
    half.write_all(b"GET / HTTP/1.1\r\nUpgr").await.expect("a write");
    drop(half);
    play_loop(&running.url, "A", 4).await;
    let run = running.run().await;
    assert_eq!(deviations(&run), [""; 0]);
}

/// Octets without an end where a request should be.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood() {
    let mut short = options(ClientSource::Connections);
    short.wait = SHORT;
    let running = start(None, instances(Role::Client, ONE), short).await;
    for _ in 0..8 {
        let Ok(mut tcp) = TcpStream::connect(running.address).await else { break };
        // Until the other end has had enough.
        while tcp.write_all(&[b'x'; 4096]).await.is_ok() {}
    }
    let run = running.run().await;
    let record = &run.records[0];
    assert!(
        matches!(record.verdict.kind, VerdictKind::Inapplicable | VerdictKind::Fail | VerdictKind::Blocked),
        "{:?}",
        record.verdict
    );
}

/// A client that dies in the middle of the run leaves verdicts for what it played.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_come_back() {
    let mut short = options(ClientSource::Connections);
    short.wait = SHORT;
    let running = start(None, instances(Role::Client, "masking/"), short).await;
    for seed in 0..6 {
        assert!(connect_once(running.address, seed).await);
    }
    let run = running.run().await;
    assert_eq!(run.count(VerdictKind::Pass), 2);
    assert_eq!(run.count(VerdictKind::Blocked), run.records.len() - 2);
    assert!(run.interrupted.is_some_and(|why| why.contains("did not come back within 0.4 s")));
}

/// A client that opens and leaves fails, and does not pass.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_only_opens() {
    let running = start(None, instances(Role::Client, ONE), options(ClientSource::Connections)).await;
    let address = running.address;
    let client = tokio::spawn(async move {
        while let Ok(mut tcp) = TcpStream::connect(address).await {
            let request = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
            let _ = tcp.write_all(request).await;
            let mut buffer = [0; 256];
            let _ = tcp.read(&mut buffer).await;
        }
    });
    let run = running.run().await;
    assert!(
        run.records.iter().all(|record| record.verdict.kind != VerdictKind::Pass),
        "{:?}",
        run.records[0].verdict
    );
    client.await.expect("no panic");
}
