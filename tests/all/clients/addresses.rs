//! Clients that are launched for instances about their address, live: what the reference asks for and refuses, and how
//! its faults show, is what they are in memory.

use super::options;
use crate::support::{BIN, cases};
use std::sync::Arc;
use wsgauntlet::embedded;
use wsgauntlet::runner::authority::Authority;
use wsgauntlet::runner::client::{ClientOptions, ClientSource, Listener, run_client};
use wsgauntlet_suite::case::{Instance, Need};
use wsgauntlet_suite::oracle::{Run, VerdictKind};
use wsgauntlet_suite::transcript::EventKind;
use wsgauntlet_wire::Role;
use wsgauntlet_wire::opening::certificate::Certificate;

/// The instances about addresses whose ids begin like this.
fn instances(begins: &str) -> Vec<Arc<Instance>> {
    let mut chosen = cases::instances(Role::Client, begins);
    chosen.retain(|instance| instance.needs.contains(&Need::Launch));
    assert!(!chosen.is_empty(), "no instance below {begins} is about addresses");
    chosen
}

/// A run of the reference with these arguments.
async fn run(instances: Vec<Arc<Instance>>, authority: Option<Authority>, arguments: &[&str]) -> Run {
    let acceptor =
        authority.as_ref().map(|authority| authority.issue(Certificate::Valid).expect("a certificate"));
    let listener = Listener::bind("127.0.0.1:0", acceptor).await.expect("a free port");
    let words = [BIN, "reference", "client", "--once"];
    let words = words.iter().chain(arguments).chain(&["{url}"]);
    let source = ClientSource::Command(words.map(|word| (*word).to_owned()).collect());
    let options = ClientOptions { authority, ..options(source) };
    run_client(listener, instances, options, &mut |_event| {}).await.expect("a run").remove(0)
}

fn of_kind(run: &Run, kind: VerdictKind) -> Vec<&str> {
    let found = run.records.iter().filter(|record| record.verdict.kind == kind);
    found.map(|record| record.instance.case.as_str()).collect()
}

/// What needs TLS has to wait for a run that has it. The ports 80 and 443 may be taken, or not be for us.
#[tokio::test(flavor = "multi_thread")]
async fn the_reference_reads_addresses() {
    let run = run(instances("opening/address/"), None, &[]).await;
    assert_eq!(of_kind(&run, VerdictKind::Fail), [""; 0]);
    for record in &run.records {
        let id = record.instance.id.as_str();
        let needs_tls = record.instance.needs.contains(&Need::Tls);
        let passed = record.verdict.kind == VerdictKind::Pass;
        assert!(passed != needs_tls || id.contains("default-port"), "{id}: {:?}", record.verdict);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_verifies_certificates() {
    let authority = Authority::new().expect("an authority");
    let file = std::env::temp_dir().join(format!("wsgauntlet-authority-{}.pem", std::process::id()));
    std::fs::write(&file, &authority.certificate_pem).expect("a file");
    let arguments = ["--ca", file.to_str().expect("UTF-8")];
    let verifying = run(instances("opening/"), Some(authority.clone()), &arguments).await;
    let careless = run(instances("opening/tls/certificate"), Some(authority), &["--insecure"]).await;
    std::fs::remove_file(&file).expect("the file");
    assert_eq!(of_kind(&verifying, VerdictKind::Fail), [""; 0]);
    let passed = of_kind(&verifying, VerdictKind::Pass);
    for case in ["certificate", "certificate-for-other-name", "server-name"] {
        assert!(passed.contains(&format!("opening/tls/{case}").as_str()), "{case}: {passed:?}");
    }
    // Whoever takes any certificate fails each of them.
    assert_eq!(of_kind(&careless, VerdictKind::Fail).len(), careless.records.len());
}

/// Where this machine has no ::1, the instances say so, and nothing of the client.
#[tokio::test(flavor = "multi_thread")]
async fn the_reference_names_an_ipv6_host() {
    let available = tokio::net::TcpListener::bind("[::1]:0").await.is_ok();
    let right = run(instances("opening/address/ipv6["), None, &[]).await;
    let quirks = ["address-port-lost-behind-ipv6", "address-brackets-lost"];
    if !available {
        for record in &right.records {
            assert_eq!(record.verdict.kind, VerdictKind::Inapplicable);
            let reason = record.verdict.reason.as_deref().unwrap_or_default();
            assert!(reason.contains("[::1]"), "{reason}");
        }
        return;
    }
    assert_eq!(
        of_kind(&right, VerdictKind::Pass).len(),
        right.records.len(),
        "{:?}",
        right.records[0].verdict
    );
    for quirk in quirks {
        let wrong = run(instances("opening/address/ipv6["), None, &["--quirk", quirk]).await;
        assert_eq!(of_kind(&wrong, VerdictKind::Fail).len(), wrong.records.len(), "{quirk}");
    }
}

/// The instances about redirections that need no TLS, one a status.
fn redirections(pattern: &str) -> Vec<Arc<Instance>> {
    let all = instances(&format!("opening/redirect/{pattern}"));
    all.into_iter().filter(|instance| !instance.needs.contains(&Need::Tls)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn redirections_are_followed_or_not() {
    let refusing = run(redirections("followed"), None, &[]).await;
    assert_eq!(of_kind(&refusing, VerdictKind::Pass).len(), refusing.records.len());
    for record in &refusing.records {
        let events = &record.transcript.as_ref().expect("it was played").events;
        assert!(events.iter().any(|event| event.kind == EventKind::GaveUp), "{}", record.instance.id);
    }
    let following = run(redirections(""), None, &["--variant", "redirects-followed"]).await;
    assert_eq!(of_kind(&following, VerdictKind::Fail), [""; 0]);
    assert_eq!(of_kind(&following, VerdictKind::Lenient), [""; 0]);
    let arrived = following.records.iter().filter(|record| {
        let transcript = record.transcript.as_ref().expect("it was played");
        transcript.events.iter().any(|event| matches!(event.kind, EventKind::Received(_)))
    });
    let arrived: Vec<&str> = arrived.map(|record| record.instance.case.as_str()).collect();
    assert!(arrived.contains(&"opening/redirect/followed"), "{arrived:?}");
    assert!(arrived.contains(&"opening/redirect/credentials"), "{arrived:?}");
    assert!(!arrived.contains(&"opening/redirect/loop"), "{arrived:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_redirections_show() {
    for (quirk, case, kind) in [
        ("redirect-host-kept", "followed[location=ws,status=302]", VerdictKind::Fail),
        ("redirect-target-kept", "followed[location=ws,status=302]", VerdictKind::Lenient),
        ("redirect-credentials-kept", "credentials[status=302,plain]", VerdictKind::Lenient),
        ("redirects-followed-for-ever", "loop[location=ws]", VerdictKind::Lenient),
    ] {
        let chosen = redirections(case).into_iter().take(1).collect();
        let run = run(chosen, None, &["--quirk", quirk]).await;
        assert_eq!(of_kind(&run, kind).len(), 1, "{quirk}: {:?}", run.records[0].verdict);
    }
}

/// Records that arrive in several segments, of a server.
#[tokio::test(flavor = "multi_thread")]
async fn the_reference_reads_records_in_segments() {
    let all = embedded::library().instances(Role::Client);
    let records = |instance: &&Instance| {
        instance.case.starts_with("framing/tls-records/") && instance.script.segments_records()
    };
    let chosen = all.filter(records).cloned().map(Arc::new).collect();
    let run = run(chosen, Some(Authority::new().expect("an authority")), &["--insecure"]).await;
    assert_eq!(
        of_kind(&run, VerdictKind::Pass).len(),
        run.records.len(),
        "{:?}",
        of_kind(&run, VerdictKind::Fail)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_show() {
    for (quirk, case) in [
        ("address-query-lost-without-path", "opening/address/resource-name[query-alone]"),
        ("address-number-sign-decoded", "opening/address/number-sign"),
        ("address-not-percent-encoded", "opening/address/beyond-ascii"),
        ("address-port-cut-to-16-bits", "opening/address/invalid-port[port=beyond-16-bits]"),
        ("address-line-break-kept", "opening/address/line-break"),
    ] {
        let chosen = instances(case).into_iter().take(1).collect();
        let run = run(chosen, None, &["--quirk", quirk]).await;
        assert_eq!(of_kind(&run, VerdictKind::Fail).len(), 1, "{quirk}: {:?}", run.records[0].verdict);
    }
}
