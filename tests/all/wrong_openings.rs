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
        ("ws", b"", "Is it an HTTP server"),
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
