//! Endpoints that are wrong as a whole, as targets over TCP: nothing that needs an answer, or a
//! failure in answer to our octets, passes; and every run ends, with a report.

use crate::support::cases::{self, one_of_each_case};
use crate::support::runs::options;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wsgauntlet::embedded;
use wsgauntlet::runner::reference::{self, Link};
use wsgauntlet::runner::serve::ReferenceServer;
use wsgauntlet::runner::target::Trust;
use wsgauntlet::runner::{RunOptions, Target, TargetError, run_server};
use wsgauntlet_reference::Quirk;
use wsgauntlet_suite::case::{Instance, Outcome, Step};
use wsgauntlet_suite::oracle::{Run, VerdictKind, judge};
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_wire::Role;
use wsgauntlet_wire::opening::{RequestHead, key};

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

/// One instance of each case is enough to see what a whole kind of endpoint passes.
fn instances(role: Role) -> Vec<Arc<Instance>> {
    one_of_each_case(cases::instances(role, ""))
}

async fn run(address: SocketAddr) -> Result<Run, TargetError> {
    let target = Target::parse(&format!("ws://{address}"), &Trust::default()).expect("a URL");
    let options = RunOptions { jobs: Some(64), ..options(Duration::from_millis(20)) };
    run_server(target, instances(Role::Server), options, &mut |_| {}).await
}

/// How an endpoint is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    /// It says nothing.
    Silent,
    /// It ends every connection, or says what is no answer.
    Ends,
    /// It closes every connection: a closing handshake is all that it can do.
    Closes,
}

/// What answered an instance that is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// Nothing but the opening handshake.
    Opening,
    /// The end of the connection.
    End,
    /// What came in one segment with the opening head, and was read before the fault begins.
    Early,
}

/// What such endpoints may pass, and why. The first prefix counts.
const EXPLAINED: &[(&str, Answer, &str)] = &[
    ("opening/segmentation/with-", Answer::Early, "§4.1 forbids a client what comes with its request"),
    ("opening/response-segmentation/with-", Answer::Early, "it comes with the response"),
    ("framing/coalesced/with-the-response", Answer::Early, "the same"),
    ("framing/coalesced/close-with-the-response", Answer::Early, "the same"),
    ("closing/handshake/with-the-response", Answer::Early, "the same"),
    ("opening/", Answer::Opening, "the opening alone is judged"),
    ("deflate/negotiation-offer/", Answer::Opening, "the opening alone is judged: declining is an answer"),
    (
        "deflate/negotiation-response/window-of-the-",
        Answer::End,
        "RFC 7692 §7: a client that cannot keep it fails",
    ),
    ("deflate/windows/client-", Answer::End, "the same"),
    (
        "deflate/rsv/declined",
        Answer::End,
        "the first frame must end the connection; a twin has proof of life",
    ),
    ("masking/direction/wrong-masking-of-first-frame", Answer::End, "the same, for the first frame of all"),
    ("fragmentation/orphans/first-frame", Answer::End, "the same"),
    ("framing/reserved-bits/first-frame", Answer::End, "the same"),
    ("framing/reserved-opcodes/first-frame", Answer::End, "the same"),
    ("control/flood/", Answer::End, "§7.1.1: an endpoint may drop a flood"),
];

/// Whether the script wants something to be said, or done, after the opening handshake.
fn needs_answer(instance: &Instance, wrong: Wrong) -> bool {
    instance.script.steps.iter().any(|step| match step {
        Step::Close => wrong != Wrong::Closes,
        Step::Alive { .. } => true,
        Step::Expect(expectation) => match expectation.outcomes.first() {
            Some(Outcome::Close(_)) => wrong != Wrong::Closes,
            Some(Outcome::Message { .. } | Outcome::Pong(_) | Outcome::Fail(_)) => true,
            _ => false,
        },
        Step::Open
        | Step::IfDeflate(_)
        | Step::IfOffered(_)
        | Step::Send(_)
        | Step::HalfClose
        | Step::Answer
        | Step::Reset
        | Step::Wait(_) => false,
    })
}

/// Whether a pass is not explained, or needs an answer that was not given.
fn is_unexplained(instance: &Instance, wrong: Wrong) -> bool {
    let found = EXPLAINED.iter().find(|(prefix, ..)| instance.id.as_str().starts_with(prefix));
    match found {
        None => true,
        Some((_, Answer::Opening, _)) => needs_answer(instance, wrong),
        Some((_, Answer::End, _)) => wrong == Wrong::Silent && needs_answer(instance, wrong),
        Some((_, Answer::Early, _)) => false,
    }
}

async fn passes_only_openings(after: After) {
    let run = run(start(Some(after)).await).await.expect("it opens");
    assert!(run.records.len() > 5);
    let wrong = if matches!(after, After::Mute) { Wrong::Silent } else { Wrong::Ends };
    let passed = run.records.iter().filter(|record| record.verdict.kind == VerdictKind::Pass);
    let unexplained: Vec<&str> = passed
        .filter(|record| is_unexplained(&record.instance, wrong))
        .map(|record| record.instance.id.as_str())
        .collect();
    assert!(unexplained.is_empty(), "{after:?} passes {unexplained:#?}");
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

/// The reference with the faults that make it wrong as a whole, in memory and in both roles.
#[test]
fn quirks_that_are_wrong_as_a_whole_pass_nothing_that_needs_an_answer() {
    const WRONG: [(&str, Wrong); 12] = [
        ("mute", Wrong::Silent),
        ("deaf", Wrong::Silent),
        ("echo-octets", Wrong::Ends),
        ("tcp-closed-after-opening", Wrong::Ends),
        ("tcp-closed-at-once", Wrong::Ends),
        ("close-1000-after-opening", Wrong::Closes),
        ("reset-after-opening", Wrong::Ends),
        ("reset-on-first-octet", Wrong::Ends),
        ("tcp-closed-on-first-octet", Wrong::Ends),
        ("close-1000-on-first-octet", Wrong::Closes),
        ("fail-1002-on-first-octet", Wrong::Closes),
        ("speak-http", Wrong::Ends),
    ];
    let mut wrong = BTreeSet::new();
    for role in [Role::Server, Role::Client] {
        for instance in instances(role) {
            let play =
                |config| reference::play(&instance, &PlayConfig::new("localhost"), config, Link::Direct);
            let lawful = play(reference::config(role));
            for (name, how) in WRONG {
                let quirk = name.parse::<Quirk>().expect("a quirk of that name");
                if !quirk.info().roles.contains(role) {
                    continue;
                }
                let mut config = reference::config(role);
                quirk.install(&mut config);
                let transcript = play(config);
                // Where it does not show, as when the opening is refused, it passes what the reference passes.
                if transcript == lawful {
                    continue;
                }
                let kind = judge(&instance, &transcript, embedded::catalogue()).kind;
                if kind == VerdictKind::Pass && is_unexplained(&instance, how) {
                    wrong.insert(format!("{name} passes {}", instance.id));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
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

/// The reference resets TCP where it is told to, and does not merely end it.
#[tokio::test]
async fn the_reset_of_a_fault_reaches_the_peer() {
    let mut config = reference::config(Role::Server);
    "tcp-reset-after-close".parse::<Quirk>().expect("a quirk of that name").install(&mut config);
    let server = ReferenceServer::bind("127.0.0.1:0", config, None).await.expect("a free port");
    let mut tcp = TcpStream::connect(server.address).await.expect("a connection");
    let serving = tokio::spawn(server.serve());
    let request = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    tcp.write_all(request.as_bytes()).await.expect("a write");
    tcp.write_all(&[0x88, 0x80, 0, 0, 0, 0]).await.expect("a Close");
    let end = tcp.read_to_end(&mut Vec::new()).await;
    assert_eq!(end.map_err(|error| error.kind()), Err(std::io::ErrorKind::ConnectionReset));
    serving.abort();
}
