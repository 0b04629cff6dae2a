//! WebSocket over HTTP/2, RFC 8441, against axum, whose HTTP/2 is that of hyper and h2; and against what opens nothing.

use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::routing::any;
use std::collections::BTreeMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wsgauntlet::Audit;
use wsgauntlet::audit::{AuditError, Transport};
use wsgauntlet::runner::TargetError;
use wsgauntlet_suite::oracle::VerdictKind;
use wsgauntlet_suite::transcript::trouble::Trouble;
use wsgauntlet_wire::http2::{Payload, Setting, SettingId};

async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        if matches!(message, Message::Text(_) | Message::Binary(_)) && socket.send(message).await.is_err() {
            return;
        }
    }
}

/// An echo server of axum, which speaks HTTP/1.1 and, by prior knowledge, HTTP/2.
async fn axum_server() -> String {
    let router =
        Router::new().route("/", any(|upgrade: WebSocketUpgrade| async { upgrade.on_upgrade(echo) }));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("ws://{}/", listener.local_addr().expect("its address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// The verdict of each instance, without its transport, and the requirement of a deviation.
async fn verdicts(url: &str, transport: Transport) -> BTreeMap<String, (VerdictKind, Option<String>)> {
    let mut audit = Audit::server(url).over(transport);
    for area in ["framing/**", "masking/**", "fragmentation/**", "control/**", "closing/**"] {
        audit = audit.case(area);
    }
    let report = audit.run().await.expect("an audit");
    let of_instance = |one: &wsgauntlet::report::stored::StoredInstance| {
        let (id, _) = one.id.rsplit_once('+').expect("a transport");
        (id.to_owned(), (one.verdict, one.failure.as_ref().map(|failure| failure.requirement.clone())))
    };
    report.run().instances.iter().map(of_instance).collect()
}

/// What carries frames changes nothing in what they mean: hyper ends a stream where it would end TCP. Fails if the carrier loses,
/// adds or reorders an octet, or mistakes the end of a stream.
#[tokio::test(flavor = "multi_thread")]
async fn frames_are_judged_as_over_http_1() {
    let url = axum_server().await;
    let (over_1, over_2) = (verdicts(&url, Transport::Http1).await, verdicts(&url, Transport::Http2).await);
    assert_eq!(over_1.len(), over_2.len());
    let is_played = |verdict: &(VerdictKind, Option<String>)| verdict.0 != VerdictKind::Inapplicable;
    let differing: Vec<_> =
        over_2.iter().filter(|(id, verdict)| is_played(verdict) && over_1[*id] != **verdict).collect();
    assert!(differing.is_empty(), "{differing:?}");
    let played = over_2.values().filter(|verdict| is_played(verdict)).count();
    assert!(played > 700, "{played} of {}", over_2.len());
}

/// Only what is about HTTP/1.1 is left out, and says why.
#[tokio::test]
async fn what_only_http_1_has_is_inapplicable() {
    let url = axum_server().await;
    let audit = Audit::server(url).over(Transport::Http2).case("opening/host/**").case("control/ping/**");
    let report = audit.run().await.expect("an audit");
    for one in &report.run().instances {
        let of_opening = one.id.starts_with("opening/");
        assert_eq!(one.verdict == VerdictKind::Inapplicable, of_opening, "{}", one.id);
        assert!(one.id.ends_with("@server+h2"));
        if of_opening {
            assert_eq!(one.reason.as_deref(), Some("needs an opening in HTTP/1.1, which it is about"));
        }
    }
}

/// A server that answers the preface with these octets, and ends the connection.
async fn answers(octets: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("ws://{}/", listener.local_addr().expect("its address"));
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            let octets = octets.clone();
            tokio::spawn(async move {
                let mut read = [0; 1024];
                // What the client does with it is not of interest here.
                let _ = tcp.read(&mut read).await;
                let _ = tcp.write_all(&octets).await;
                let _ = tcp.shutdown().await;
                while tcp.read(&mut read).await.is_ok_and(|len| len > 0) {}
            });
        }
    });
    url
}

/// Who opens nothing hears why.
#[tokio::test(flavor = "multi_thread")]
async fn what_opens_nothing_is_named() {
    let settings = |value| {
        let setting = Setting::new(SettingId::ENABLE_CONNECT_PROTOCOL, value);
        Payload::Settings(vec![setting]).frame(0, 0).to_octets()
    };
    let goaway = [
        settings(1),
        Payload::GoAway { last: 0, code: wsgauntlet_wire::http2::ErrorCode(11), debug: vec![] }
            .frame(0, 0)
            .to_octets(),
    ]
    .concat();
    for (octets, expected) in [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), Trouble::Http1),
        (Payload::Settings(vec![]).frame(0, 0).to_octets(), Trouble::NoConnectProtocol),
        (settings(0), Trouble::NoConnectProtocol),
        (settings(2), Trouble::NoConnectProtocol),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n".to_vec(), Trouble::NoSettings),
        (goaway, Trouble::GoAway(wsgauntlet_wire::http2::ErrorCode::ENHANCE_YOUR_CALM)),
        (Vec::new(), Trouble::Silence),
    ] {
        let url = answers(octets).await;
        match Audit::server(url).over(Transport::Http2).run().await {
            Err(AuditError::Target(TargetError::Carrier { trouble, .. })) => assert_eq!(trouble, expected),
            other => panic!("{expected:?}: {other:?}"),
        }
    }
}
