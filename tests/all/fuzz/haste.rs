//! Over a slow link: what is only late is no finding, though silence is borne shortly at first.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wsgauntlet::fuzz::memory;
use wsgauntlet::runner::Target;
use wsgauntlet::runner::fuzz::{FuzzOptions, FuzzReport, fuzz_server};
use wsgauntlet::runner::serve::ReferenceServer;
use wsgauntlet::runner::target::Trust;
use wsgauntlet_wire::Role;

/// How long the link holds back what the target writes: longer than is waited for at first, a sixteenth of the deadline.
const LATENCY: Duration = Duration::from_millis(300);
const DEADLINE: Duration = Duration::from_millis(3200);

/// Hands on what a client sends at once, and what the target sends late.
#[expect(clippy::disallowed_methods, reason = "a slow link is what this is about")]
async fn relay(client: TcpStream, address: String) -> std::io::Result<()> {
    let target = TcpStream::connect(address).await?;
    target.set_nodelay(true)?;
    let ((mut from_client, mut to_client), (mut from_target, mut to_target)) =
        (client.into_split(), target.into_split());
    let there = tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_target).await });
    let mut octets = vec![0; 1 << 16];
    loop {
        let len = from_target.read(&mut octets).await?;
        tokio::time::sleep(LATENCY).await;
        if len == 0 {
            break;
        }
        to_client.write_all(&octets[..len]).await?;
    }
    drop(to_client);
    there.await??;
    Ok(())
}

async fn fuzz_over_the_link(address: String) -> FuzzReport {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("ws://{}/", listener.local_addr().expect("bound"));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(relay(client, address.clone()));
        }
    });
    let options = FuzzOptions {
        seed: 1,
        runs: Some(24),
        time: None,
        jobs: 24,
        deadline: DEADLINE,
        name: "reference".to_owned(),
        today: String::new(),
        seeds: Vec::new(),
        benign: Vec::new(),
        stop: Arc::new(AtomicBool::new(false)),
    };
    let target = Target::parse(&url, &Trust::default()).expect("a WebSocket URL");
    fuzz_server(target, None, options, &mut |_| {}).await.expect("it opens")
}

/// What haste takes for silence is looked at again at length, and is none.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_late_is_no_finding() {
    let server =
        ReferenceServer::bind("127.0.0.1:0", memory::config(Role::Server), None).await.expect("a free port");
    let address = server.address.to_string();
    tokio::spawn(server.serve());
    let report = fuzz_over_the_link(address).await;
    assert_eq!(report.progress.sessions, 24);
    assert_eq!(
        report.findings.iter().map(|finding| &finding.complaint).collect::<Vec<_>>(),
        Vec::<&_>::new()
    );
    assert!(report.differences.is_empty(), "{:?}", report.differences);
}
