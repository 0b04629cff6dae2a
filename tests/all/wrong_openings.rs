//! Servers whose opening response is wrong: the fault is reported by what is about it, and everything else is played with a
//! client that overlooks it.

use crate::support::cases;
use crate::support::reference::{faulty, serve};
use crate::support::runs::{broken, failed, options};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wsgauntlet::report::features;
use wsgauntlet::runner::reference;
use wsgauntlet::runner::serve::{Acceptor, ReferenceServer};
use wsgauntlet::runner::target::Trust;
use wsgauntlet::runner::{RunOptions, Target, TargetError, run_server};
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{Record, Run, VerdictKind};
use wsgauntlet_wire::Role;

/// One instance of each case whose name begins like this.
fn instances(begins: &str) -> Vec<Arc<Instance>> {
    cases::one_of_each_case(cases::instances(Role::Server, begins))
}

/// The reference with some quirks, over TCP.
async fn reference(quirks: &[&str]) -> String {
    serve(faulty(Role::Server, quirks)).await
}

async fn run(url: &str, instances: Vec<Arc<Instance>>) -> Result<Run, TargetError> {
    let target = Target::parse(url, &Trust::default()).expect("a URL");
    let options = RunOptions { jobs: Some(16), ..options(Duration::from_secs(2)) };
    run_server(target, instances, options, &mut |_| {}).await
}

const ACCEPT: &str = "rfc6455/4.2.2/accept-key-computed";
const UPGRADE: &str = "rfc6455/4.2.2/response-upgrade-websocket";
const CONNECTION: &str = "rfc6455/4.2.2/response-connection-upgrade";
const FORM: &str = "rfc6455/4.2.2/accepts-with-valid-response";
const OPENED: &str = "rfc6455/4.2.2/valid-opening-accepted";

/// Each fault, what is said of it at the head of the run, and what is blamed.
const WRONG: &[(&str, &str, &[&str])] = &[
    ("accept-constant", "a wrong Sec-WebSocket-Accept (expected ", &[ACCEPT]),
    ("accept-without-guid", "a wrong Sec-WebSocket-Accept (expected ", &[ACCEPT]),
    ("accept-echoes-key", "a wrong Sec-WebSocket-Accept (expected ", &[ACCEPT]),
    ("accept-omitted", "no Sec-WebSocket-Accept (expected ", &[ACCEPT]),
    ("101-without-upgrade", "no Upgrade (expected websocket)", &[UPGRADE]),
    ("101-with-other-upgrade", "a wrong Upgrade (expected websocket, got h2c)", &[UPGRADE]),
    ("101-without-connection", "no Connection (expected Upgrade)", &[CONNECTION]),
    ("101-with-other-connection", "a wrong Connection (expected Upgrade, got keep-alive)", &[CONNECTION]),
    ("opens-with-200", "opens with 200 OK in place of 101 Switching Protocols", &[OPENED]),
    (
        "opens-in-http-1.0",
        "opens with HTTP/1.0 101 in place of HTTP/1.1 101",
        &["rfc6455/4.2.2/response-status-line-101"],
    ),
    ("101-lines-end-in-lf", "(expected a well-formed head, got a line ends in LF without CR)", &[FORM]),
    ("101-with-content-length", "(expected no Content-Length in a 101, got ", &[FORM]),
    (
        "101-with-transfer-encoding",
        "(expected no Transfer-Encoding in a 101, got ",
        &["rfc9112/6.1/no-transfer-encoding-in-101"],
    ),
    (
        "opens-in-http-1.2",
        "(expected HTTP/1.1, got a response of HTTP/1.2)",
        &["rfc9110/6.2/server-version-conformant"],
    ),
    (
        "accept-repeated",
        "has 2 Sec-WebSocket-Accept (expected one, ",
        &["rfc6455/11.3.3/accept-once-in-response"],
    ),
    (
        "extension-empty",
        "accepts the extension \"\", which was not offered",
        &["rfc6455/9.1/parameters-defined-for-extension"],
    ),
    (
        "subprotocol-unoffered",
        "the subprotocol \"x-unoffered\", which was not offered",
        &["rfc6455/4.2.2/subprotocol-from-offer"],
    ),
    (
        "extension-unoffered",
        "the extension \"x-unoffered\", which was not offered",
        &["rfc6455/9/no-unrequested-extension"],
    ),
];

/// One wrong field is one fault: it is named at the head, what is about it fails, and the frames are audited.
#[tokio::test]
async fn what_is_wrong_with_the_opening_does_not_hide_the_frames() {
    for (quirk, said, blamed) in WRONG {
        let run = run(&reference(&[quirk]).await, instances("")).await.expect("it is played");
        let remarks = run.target.remarks.join("\n");
        assert!(remarks.contains(said), "{quirk}: {remarks}");
        assert!(remarks.contains("the audit goes on with a client that accepts that"), "{remarks}");
        let broken = broken(&run);
        assert!(blamed.iter().all(|id| broken.contains(id)), "{quirk}: {broken:?}");
        let outside: Vec<&str> = failed(&run)
            .into_iter()
            .map(|record| record.instance.id.as_str())
            .filter(|id| !id.starts_with("opening/"))
            .collect();
        assert!(outside.is_empty(), "{quirk}: {outside:#?}");
        let opening = failed(&run).len();
        assert!((1..40).contains(&opening), "{quirk}: {opening} instances fail");
        let frames = run.records.iter().filter(|record| {
            // The server that names another extension in place of permessage-deflate compresses nothing.
            let played = record.verdict.kind != VerdictKind::Inapplicable;
            played && !record.instance.id.as_str().starts_with("opening/")
        });
        let (passed, others): (Vec<&Record>, Vec<&Record>) =
            frames.partition(|record| matches!(record.verdict.kind, VerdictKind::Pass | VerdictKind::Info));
        assert!(passed.len() > 10 * others.len(), "{quirk}: {} pass, {} do not", passed.len(), others.len());
    }
}

/// The accept value that was due stands in the failure.
#[tokio::test]
async fn the_accept_value_that_was_due_is_told() {
    let run = run(&reference(&["accept-constant"]).await, instances("opening/response/"))
        .await
        .expect("it is played");
    let [record] = failed(&run)[..] else { panic!("{:?}", run.records) };
    let failure = record.verdict.failure.as_ref().expect("a failure");
    assert_eq!(failure.requirement.as_str(), ACCEPT);
    assert!(
        failure
            .observed
            .to_string()
            .contains("Sec-WebSocket-Accept \"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\", not \""),
        "{}",
        failure.observed
    );
}

/// Where no selected case is about the fault, the first one reports it: a wrong opening never ends a run well.
#[tokio::test]
async fn a_run_of_other_cases_reports_the_fault_once() {
    let run =
        run(&reference(&["accept-without-guid"]).await, instances("control/")).await.expect("it is played");
    assert_eq!(failed(&run).len(), 1, "{:?}", failed(&run));
    assert_eq!(broken(&run), BTreeSet::from([ACCEPT]));
    assert!(run.count(VerdictKind::Pass) > 5);
}

/// Answers every request with a 101 that lacks Upgrade and has a constant accept value, and sends back each octet.
async fn echoing_octets() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                // What breaks here is what the target is for.
                let _ = tcp.read(&mut buffer).await;
                let head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n";
                let _ = tcp.write_all(head.as_bytes()).await;
                while let Ok(len @ 1..) = tcp.read(&mut buffer).await {
                    let _ = tcp.write_all(&buffer[..len]).await;
                }
            });
        }
    });
    format!("ws://{address}/")
}

/// Faults of frames are seen behind several faults of the opening.
#[tokio::test]
async fn faults_of_frames_are_seen_behind_a_wrong_opening() {
    let some = [instances("opening/response/"), instances("masking/")].concat();
    let run = run(&echoing_octets().await, some).await.expect("it is played");
    assert!(
        run.target.remarks.iter().any(|remark| remark.contains("no Upgrade")),
        "{:?}",
        run.target.remarks
    );
    assert!(run.target.remarks.iter().any(|remark| remark.contains("got x)")), "{:?}", run.target.remarks);
    let broken = broken(&run);
    assert!(broken.contains(UPGRADE), "{broken:?}");
    assert!(broken.iter().any(|id| id.starts_with("rfc6455/5.1/")), "{broken:?}");
}

/// With a lawful opening nothing changes.
#[tokio::test]
async fn a_lawful_opening_is_told_nothing_of() {
    let run = run(&reference(&[]).await, instances("")).await.expect("it is played");
    assert!(
        run.target.remarks.is_empty() && failed(&run).is_empty(),
        "{:?} {:?}",
        run.target.remarks,
        failed(&run)
    );
    assert!(run.target.capabilities.overlooked.is_empty());
}

/// A server that answers each connection with these octets once it has read something, and ends it.
async fn answering(octets: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            tokio::spawn(async move {
                // What breaks here is what the target is for.
                let _ = tcp.read(&mut [0; 4096]).await;
                let _ = tcp.write_all(octets).await;
            });
        }
    });
    address.to_string()
}

/// Where nothing opens, the message names what to change.
#[tokio::test]
async fn what_to_change_is_named() {
    for (scheme, octets, advice) in [
        (
            "ws",
            &b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"[..],
            "/chat is served as a page, not as WebSocket: give the path",
        ),
        (
            "ws",
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            "WebSocket is not served at /chat: give the path",
        ),
        (
            "ws",
            b"HTTP/1.1 301 Moved Permanently\r\nLocation: /chat/\r\nContent-Length: 0\r\n\r\n",
            "redirects to /chat/: give that address",
        ),
        (
            "ws",
            b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
            "credentials: send them with --header",
        ),
        (
            "ws",
            b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
            "an Origin or credentials, which --header",
        ),
        ("ws", b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: h2c\r\n\r\n", "the server asks for Upgrade: h2c;"),
        ("ws", b"HTTP/1.1 400 Bad Request\r\n\r\nmissing X-Token", "says \"missing X-Token\""),
        ("ws", b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "or what stands behind it, failed"),
        (
            "ws",
            b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
            "use wss://",
        ),
        ("ws", b"\x15\x03\x01\x00\x02\x02\x16", "the server speaks TLS at that port: use wss://"),
        ("ws", b"SSH-2.0-OpenSSH_9.9\r\n", "does not speak HTTP: is the port right?"),
        ("ws", b"", "the server ended the connection without an answer. Is it an HTTP server"),
        (
            "ws",
            b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x80",
            "the server speaks only HTTP/2 at that port",
        ),
        (
            "ws",
            b"\x89\x00HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
            "sends 2 octets before its response (89 00); nothing may come before it",
        ),
        (
            "ws",
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n folded\r\n\r\n",
            "the head of its response is malformed: a field line is folded; no client can read it",
        ),
        ("ws", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n", "has no end: an empty line"),
        ("wss", b"HTTP/1.1 400 Bad Request\r\n\r\n", "the server does not speak TLS at that port: use ws://"),
        ("wss", b"", "if it does not speak TLS, use ws://"),
    ] {
        let url = format!("{scheme}://{}/chat", answering(octets).await);
        let error = run(&url, instances("control/")).await.expect_err("nothing opens").to_string();
        assert!(error.contains(advice), "{octets:?}: {error}");
    }
}

/// A page with fields of an opening, behind which no frame is understood, opens nothing.
#[tokio::test]
async fn a_200_without_frames_opens_nothing() {
    let url = format!(
        "ws://{}/",
        answering(b"HTTP/1.1 200 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n").await
    );
    let error = run(&url, instances("control/")).await.expect_err("nothing opens");
    assert!(matches!(error, TargetError::NoOpening { .. }), "{error}");
}

/// Where nobody listens, or a name means nothing, the address is told.
#[tokio::test]
async fn addresses_are_told() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        listener.local_addr().expect("bound")
    };
    let error = run(&format!("ws://localhost:{}/", address.port()), instances("control/"))
        .await
        .expect_err("nobody listens");
    let said = error.to_string();
    assert!(said.contains(&format!("127.0.0.1:{}", address.port())), "{said}");
    assert!(said.contains("is the server running"), "{said}");
    let error =
        run("ws://no-such-host.invalid:9001/", instances("control/")).await.expect_err("no such host");
    assert!(matches!(error, TargetError::Unresolved { .. }), "{error}");
    assert!(error.to_string().contains("\"no-such-host.invalid\" does not resolve"), "{error}");
}

/// One cause in many groups is named once, at the head of the run.
#[tokio::test]
async fn what_never_once_works_is_named() {
    let never = |run: &Run| features::never_worked(Role::Server, &features::count(&run.records));
    // The second one fails the connection at an empty frame, and echoes empty messages in fragments.
    for quirk in ["empty-message-not-sent", "refuse-empty-message"] {
        let silent = run(&reference(&[quirk]).await, instances("")).await.expect("it is played");
        let told = never(&silent);
        let [told] = told.as_slice() else {
            panic!("{quirk}: {told:?} {:?}", features::count(&silent.records))
        };
        assert!(
            told.starts_with("the server never echoed an empty message in one frame as it must (0 of "),
            "{told}"
        );
    }
    let run = run(&reference(&[]).await, instances("")).await.expect("it is played");
    assert!(never(&run).is_empty(), "{:?}", never(&run));
    let counted = features::count(&run.records);
    assert!(counted.len() == 6 && counted.values().all(|tally| tally.met > 0), "{counted:?}");
}

/// A certificate that nobody signed is named, with the arguments that take it.
#[tokio::test]
async fn an_unknown_authority_is_named() {
    let acceptor = Acceptor::self_signed().expect("a certificate");
    let config = reference::config(Role::Server);
    let server = ReferenceServer::bind("127.0.0.1:0", config, Some(acceptor)).await.expect("a free port");
    let url = format!("wss://{}/", server.address);
    let plain = format!("ws://{}/", server.address);
    tokio::spawn(server.serve());
    let error = run(&url, instances("control/")).await.expect_err("it is not trusted").to_string();
    assert!(error.contains("--ca FILE") && error.contains("--insecure"), "{error}");
    let error = run(&plain, instances("control/")).await.expect_err("it speaks TLS").to_string();
    assert!(error.contains("use wss://"), "{error}");
}

/// A proxy before the reference that alters the head of each response.
async fn altering(alter: fn(String) -> String) -> String {
    let behind = reference(&[]).await;
    let behind = behind.trim_start_matches("ws://").trim_end_matches('/').to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let behind = behind.clone();
            tokio::spawn(async move {
                // What breaks here is what the target is for.
                let _ = alter_one(client, &behind, alter).await;
            });
        }
    });
    format!("ws://{address}/")
}

async fn alter_one(
    mut client: tokio::net::TcpStream,
    behind: &str,
    alter: fn(String) -> String,
) -> std::io::Result<()> {
    let mut server = tokio::net::TcpStream::connect(behind).await?;
    let mut received = Vec::new();
    loop {
        let (mut sent, mut answered) = ([0; 4096], [0; 4096]);
        tokio::select! {
            read = client.read(&mut sent) => match read? {
                0 => return Ok(()),
                len => server.write_all(&sent[..len]).await?,
            },
            read = server.read(&mut answered) => match read? {
                0 => return Ok(()),
                len => received.extend_from_slice(&answered[..len]),
            },
        }
        if let Some(end) = received.windows(4).position(|octets| octets == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&received[..end + 4]).into_owned();
            client.write_all(alter(head).as_bytes()).await?;
            client.write_all(&received[end + 4..]).await?;
            break;
        }
    }
    tokio::io::copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

/// The accept value of a response is changed.
fn with_accept(head: &str, change: impl Fn(&str) -> String) -> String {
    let line = |line: &str| match line.strip_prefix("Sec-WebSocket-Accept: ") {
        Some(value) => format!("Sec-WebSocket-Accept: {}", change(value)),
        None => line.to_owned(),
    };
    head.split("\r\n").map(line).collect::<Vec<_>>().join("\r\n")
}

/// What servers under construction do: the run names it with what was expected and what it is, and goes on to the frames.
#[tokio::test]
async fn servers_under_construction_are_audited() {
    type Row = (&'static str, fn(String) -> String, &'static str, &'static str);
    let rows: [Row; 5] = [
        (
            "200",
            |head| head.replace("101 Switching Protocols", "200 OK"),
            "opens with 200 OK in place of 101",
            OPENED,
        ),
        (
            "the accept value of an empty key",
            |head| with_accept(&head, |_| "Kfh9QIsMVZcl6xEPYxPHzW8SZ8w=".to_owned()),
            "it is the value of an empty key: the key was not read from the request, RFC 6455 §4.2.2",
            ACCEPT,
        ),
        (
            "base64 in lower case",
            |head| with_accept(&head, str::to_ascii_lowercase),
            "it is in other letter case: base64 is case-sensitive",
            ACCEPT,
        ),
        (
            "no Upgrade",
            |head| head.replace("Upgrade: websocket\r\n", ""),
            "no Upgrade (expected websocket)",
            UPGRADE,
        ),
        (
            "lines that end in LF, and another reason",
            |head| head.replace("Switching Protocols", "OK").replace("\r\n", "\n"),
            "got a line ends in LF without CR",
            FORM,
        ),
    ];
    for (what, alter, said, blamed) in rows {
        let some = [instances("opening/"), instances("control/")].concat();
        let run = run(&altering(alter).await, some).await.expect("it is played");
        let remarks = run.target.remarks.join("\n");
        assert!(remarks.contains(said), "{what}: {remarks}");
        assert!(broken(&run).contains(blamed), "{what}: {:?}", broken(&run));
        let frames = run.records.iter().filter(|record| record.instance.id.as_str().starts_with("control/"));
        let (passed, others): (Vec<&Record>, Vec<&Record>) =
            frames.partition(|record| record.verdict.kind == VerdictKind::Pass);
        assert!(passed.len() > 15 && others.is_empty(), "{what}: {} pass, {others:?}", passed.len());
    }
}

/// Octets behind the head that are no frame are named: otherwise everything after them fails without a cause.
#[tokio::test]
async fn octets_behind_the_head_are_named() {
    let url = altering(|head| format!("{head}\r\nsome text")).await;
    let run = run(&url, instances("control/")).await.expect("it is played");
    let remarks = run.target.remarks.join("\n");
    assert!(
        remarks.contains("octets behind the head of its response that are no frame (0d 0a 73 6f"),
        "{remarks}"
    );
}

/// An opening that fails is judged like any other: the sentence of the RFC, the head as it was received, and what was due.
#[tokio::test]
async fn what_opens_nothing_is_judged() {
    let page = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello";
    let url = format!("ws://{}/", answering(page).await);
    let error = run(&url, instances("control/")).await.expect_err("nothing opens").to_string();
    for part in [
        "RFC 6455 §4.2.2 MUST  \"When a client establishes a WebSocket connection to a server,",
        "expected  the opening handshake is completed",
        "received  HTTP/1.1 404 Not Found\n            Content-Type: text/html\n",
        "due       HTTP/1.1 101 Switching Protocols, with Sec-WebSocket-Accept: Hyz1S54ddnHKz70O9oQ0OZhf7r4=",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
    let url = format!("ws://{}/", answering(b"SSH-2.0-OpenSSH_9.9\r\n").await);
    let error = run(&url, instances("control/")).await.expect_err("nothing opens").to_string();
    assert!(error.contains("received  53 53 48 2d 32 2e 30"), "{error}");
}

/// The exit status of the command: 1 where the frames were audited, 6 where nothing could be.
#[cfg(feature = "cli")]
#[tokio::test(flavor = "multi_thread")]
async fn exit_statuses_tell_both_apart() {
    let wrong = altering(|head| with_accept(&head, str::to_ascii_lowercase)).await;
    let nothing =
        format!("ws://{}/", answering(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await);
    for (url, status) in [(wrong, 1), (nothing, 6)] {
        let ended = tokio::process::Command::new(env!("CARGO_BIN_EXE_wsgauntlet"))
            .args([
                "run",
                "server",
                url.as_str(),
                "--no-config",
                "--case",
                "opening/response",
                "--case",
                "control/ping",
            ])
            .output()
            .await
            .expect("it runs");
        assert_eq!(ended.status.code(), Some(status), "{}", String::from_utf8_lossy(&ended.stdout));
    }
}
