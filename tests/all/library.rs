//! The library as a user of it would call it: audits of a server and of a client in this process.

use std::net::TcpListener;
use tungstenite::Message;
use wsgauntlet::audit::{AuditError, Selection, SelectionError};
use wsgauntlet::report::baseline::GateStatus;
use wsgauntlet::runner::reference;
use wsgauntlet::runner::serve::ReferenceServer;
use wsgauntlet::{Audit, Fuzz};
use wsgauntlet_reference::Quirk;
use wsgauntlet_suite::oracle::VerdictKind;
use wsgauntlet_wire::Role;

/// The reference in this process, with a fault or without one. Gives its URL.
async fn reference(quirk: Option<&str>) -> String {
    let mut config = reference::config(Role::Server);
    config.quirks = quirk.into_iter().map(|name| name.parse::<Quirk>().expect("a quirk")).collect();
    let server = ReferenceServer::bind("127.0.0.1:0", config, None).await.expect("a free port");
    let url = format!("ws://{}", server.address);
    tokio::spawn(server.serve());
    url
}

/// Echoes until the connection ends.
fn echo(url: &str) {
    let Ok((mut socket, _)) = tungstenite::connect(url) else { return };
    while let Ok(message) = socket.read() {
        if matches!(message, Message::Text(_) | Message::Binary(_)) && socket.send(message).is_err() {
            return;
        }
    }
}

/// What the README shows: a server that conforms.
#[tokio::test]
async fn a_server_conforms() {
    let report = Audit::server(reference(None).await).case("control/ping/**").run().await.expect("an audit");
    report.assert_conforms();
    assert!(report.count(VerdictKind::Pass) > 5);
    assert_eq!(report.run().selection.filters, ["--case control/ping/**"]);
}

/// A fault fails the audit, and the panic's text names the requirement with its quote. A baseline accepts it; without the
/// fault the same baseline is stale.
#[tokio::test]
async fn a_fault_is_named_and_can_be_accepted() {
    let faulty = reference(Some("pong-empty")).await;
    let audit = |url: &str| Audit::server(url).case("control/ping/each-in-turn");
    let report = audit(&faulty).run().await.expect("an audit");
    assert!(!report.conforms());
    let failed = std::panic::catch_unwind(|| report.assert_conforms()).expect_err("it panics");
    let text = failed.downcast_ref::<String>().expect("a text");
    assert!(text.contains("RFC 6455 §5.5.2: \"Upon receipt of a Ping frame"), "{text}");
    assert!(text.contains("expected"), "{text}");

    let failing: Vec<_> =
        report.run().instances.iter().filter(|instance| instance.is_deviating(false)).collect();
    let entries: String = failing
        .iter()
        .map(|instance| {
            format!(
                "[[deviation]]\ninstance = \"{}\"\nverdict = \"{}\"\nfingerprint = \"any\"\nreason = \"known\"\n",
                instance.id, instance.verdict
            )
        })
        .collect();
    let known = std::env::temp_dir().join(format!("wsgauntlet-library-{}.toml", std::process::id()));
    std::fs::write(&known, entries).expect("a file");
    let accepted = audit(&faulty).baseline(&known).run().await.expect("an audit");
    assert!(accepted.conforms(), "{accepted}");
    let sound = audit(&reference(None).await).baseline(&known).run().await.expect("an audit");
    assert_eq!(sound.status(), GateStatus::Stale);
    std::fs::remove_file(known).expect("the file");
}

/// A client is a function that is given a URL.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_a_function() {
    let client = |url: String| async move {
        let _ = tokio::task::spawn_blocking(move || echo(&url)).await;
    };
    let report = Audit::client(client).case("framing/lengths/**").run().await.expect("an audit");
    assert!(report.count(VerdictKind::Pass) > 5, "{report}");
    assert_eq!(report.count(VerdictKind::Blocked), 0, "{report}");
}

/// Mistakes are errors of a type, and name what is wrong.
#[tokio::test]
async fn mistakes_are_errors() {
    let nothing = Audit::server("ws://127.0.0.1:1").case("no/such/case").run().await;
    assert!(
        matches!(&nothing, Err(AuditError::Selection(SelectionError::Pattern { pattern, .. })) if pattern == "no/such/case"),
        "{nothing:?}"
    );
    // Bound and never accepted from, then gone: nothing listens there.
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its address").port();
    let down = Audit::server(format!("ws://127.0.0.1:{port}")).run().await;
    assert!(matches!(down, Err(AuditError::Target(_))), "{down:?}");
    let scheme = Audit::server("http://127.0.0.1").run().await;
    assert!(matches!(scheme, Err(AuditError::Target(_))), "{scheme:?}");
    let unread = Audit::server("ws://127.0.0.1:1").baseline("/no/such/file").run().await;
    assert!(matches!(unread, Err(AuditError::Read { .. })), "{unread:?}");
    let folder = Selection::default().cases_of("/no/such/folder").instances(Role::Server);
    assert!(matches!(folder, Err(SelectionError::Read { .. })), "{folder:?}");
}

/// The fuzzer finds a fault of a server in this process, and nothing in the server without it.
#[tokio::test(flavor = "multi_thread")]
async fn the_fuzzer_is_a_builder() {
    let sound = Fuzz::server(reference(None).await).runs(2000).run().await.expect("a run");
    assert_eq!(sound.findings.len(), 0);
    let faulty =
        Fuzz::server(reference(Some("control-ends-message")).await).runs(2000).run().await.expect("a run");
    assert!(!faulty.findings.is_empty(), "{faulty:?}");
}
