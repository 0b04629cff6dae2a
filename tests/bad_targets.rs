//! Endpoints that are wrong as a whole, as targets over TCP: nothing that needs an answer, or a
//! failure in answer to our octets, passes; and every run ends, with a report.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wsgauntlet::case::{Instance, Library};
use wsgauntlet::opening::{RequestHead, key};
use wsgauntlet::oracle::{Run, VerdictKind};
use wsgauntlet::runner::target::Trust;
use wsgauntlet::runner::{RunOptions, Target, TargetError, run_server};
use wsgauntlet::wire::Role;

/// What a server does after it has read a request.
#[derive(Clone, Copy, Debug)]
enum After {
    /// Reads, and says nothing.
    Mute,
    /// Ends the connection.
    Drop,
    /// Close 1000, and the end.
    CloseNormally,
    /// Sends every octet back as it came.
    EchoRaw,
    /// Sends zeros without end.
    Flood,
    /// A frame that declares 2^63-1 octets.
    HugeFrame,
    /// Pings without end.
    FloodPings,
    /// Resets.
    Reset,
}

async fn accept_all(listener: TcpListener, after: Option<After>) {
    while let Ok((tcp, _)) = listener.accept().await {
        tokio::spawn(async move {
            // What breaks here is what the target is for.
            let _ = serve(tcp, after).await;
        });
    }
}

async fn serve(mut tcp: TcpStream, after: Option<After>) -> std::io::Result<()> {
    let mut octets = Vec::new();
    let request = loop {
        let mut buffer = [0; 4096];
        let len = tcp.read(&mut buffer).await?;
        octets.extend_from_slice(&buffer[..len]);
        match RequestHead::parse(&octets) {
            Ok(Some((head, _))) => break head,
            Ok(None) if len > 0 => {}
            _ => return Ok(()),
        }
    };
    let Some(after) = after else { return Ok(()) };
    let accept = key::accept(request.fields.values("Sec-WebSocket-Key").next().unwrap_or_default());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    tcp.write_all(head.as_bytes()).await?;
    let mut buffer = vec![0; 65536];
    match after {
        After::Drop => Ok(()),
        After::Mute => {
            while tcp.read(&mut buffer).await? > 0 {}
            Ok(())
        }
        After::CloseNormally => tcp.write_all(&[0x88, 2, 3, 0xe8]).await,
        After::EchoRaw => loop {
            let len = tcp.read(&mut buffer).await?;
            if len == 0 {
                return Ok(());
            }
            tcp.write_all(&buffer[..len]).await?;
        },
        After::Flood => loop {
            tcp.write_all(&buffer).await?;
        },
        After::HugeFrame => {
            tcp.write_all(&[0x82, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255]).await?;
            while tcp.read(&mut buffer).await? > 0 {}
            Ok(())
        }
        After::FloodPings => loop {
            tcp.write_all(&[0x89, 0].repeat(512)).await?;
        },
        After::Reset => tcp.set_zero_linger(),
    }
}

async fn start(after: Option<After>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(accept_all(listener, after));
    address
}

/// One instance a case is enough to see what a whole kind of endpoint passes.
fn instances() -> Vec<Arc<Instance>> {
    let mut seen = std::collections::BTreeSet::new();
    let instances = Library::embedded().instances(Role::Server);
    instances
        .filter(|instance| instance.profile == wsgauntlet::case::Profile::Default)
        .filter(|instance| seen.insert(instance.case.clone()))
        .map(|instance| Arc::new(instance.clone()))
        .collect()
}

async fn run(address: SocketAddr) -> Result<Run, TargetError> {
    let target = Target::parse(&format!("ws://{address}"), &Trust::default()).expect("a URL");
    let options = RunOptions {
        deadline: Duration::from_millis(20),
        jobs: Some(64),
        seed: 1,
        name: "bad".to_owned(),
        stop: Arc::new(AtomicBool::new(false)),
        assumed: wsgauntlet::runner::Assumed::default(),
    };
    run_server(target, instances(), options, &mut |_| {}).await
}

/// The ids of the instances that pass.
fn passed(run: &Run) -> Vec<String> {
    let passed = run.records.iter().filter(|record| record.verdict.kind == VerdictKind::Pass);
    passed.map(|record| record.instance.id.to_string()).collect()
}

/// Only what asks for nothing but the opening may pass: the accepted openings, and refusals that
/// these servers, which check nothing, get right by an end of the connection.
async fn passes_only_openings(after: After) {
    let run = run(start(Some(after)).await).await.expect("it opens");
    assert!(run.records.len() > 5);
    let wrong: Vec<String> = passed(&run).into_iter().filter(|id| !id.starts_with("opening/")).collect();
    assert!(wrong.is_empty(), "{after:?} passes {wrong:#?}");
    for record in run.records.iter().filter(|record| record.verdict.kind == VerdictKind::Pass) {
        let script = &record.instance.script;
        let needs_answer = script.steps.iter().any(|step| {
            use wsgauntlet::case::Outcome;
            use wsgauntlet::case::Step;
            match step {
                Step::Close | Step::Alive { .. } => true,
                Step::Expect(expectation) => matches!(
                    expectation.outcomes.first(),
                    Some(Outcome::Message { .. } | Outcome::Pong(_) | Outcome::Close(_) | Outcome::Fail(_))
                ),
                Step::Open
                | Step::IfDeflate(_)
                | Step::IfOffered(_)
                | Step::Send(_)
                | Step::HalfClose
                | Step::Reset
                | Step::Wait(_) => false,
            }
        });
        assert!(!needs_answer, "{after:?} passes {}", record.instance.id);
    }
}

#[tokio::test]
async fn a_mute_server_passes_nothing_that_needs_an_answer() {
    passes_only_openings(After::Mute).await;
}

#[tokio::test]
async fn a_server_that_opens_and_drops_passes_nothing_that_needs_an_answer() {
    passes_only_openings(After::Drop).await;
}

#[tokio::test]
async fn a_server_that_closes_with_1000_passes_nothing_that_needs_an_answer() {
    passes_only_openings(After::CloseNormally).await;
}

#[tokio::test]
async fn a_server_that_echoes_raw_octets_passes_nothing_that_needs_an_answer() {
    passes_only_openings(After::EchoRaw).await;
}

/// Whatever a peer sends leads to verdicts, in bounded time and memory.
#[tokio::test]
async fn hostile_servers_are_judged() {
    for after in [After::HugeFrame, After::Reset, After::FloodPings, After::Flood] {
        passes_only_openings(after).await;
    }
}

/// A server that never opens is an error that says what was seen instead.
#[tokio::test]
async fn a_server_that_does_not_open_is_named() {
    let error = run(start(None).await).await.expect_err("it never opens");
    assert!(matches!(error, TargetError::NoOpening { .. }), "{error}");
    assert!(error.to_string().contains("the end of the connection"), "{error}");
    let gone = {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        listener.local_addr().expect("bound")
    };
    let error = run(gone).await.expect_err("nobody listens");
    assert!(matches!(error, TargetError::Unreachable { .. }), "{error}");
}
