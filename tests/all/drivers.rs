//! Drivers: applications that obey commands, as docs/drivers.md has it.

use crate::support::BIN;
use crate::support::cases;
use crate::support::reference::{faulty, serve};
use crate::support::runs::{broken, options};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tungstenite::Message;
use tungstenite::protocol::CloseFrame;
use wsgauntlet::runner::client::{ClientOptions, ClientSource, Listener, run_client};
use wsgauntlet::runner::crash_signs::CrashSigns;
use wsgauntlet::runner::target::Trust;
use wsgauntlet::runner::{Assumed, RunOptions, Target, TargetError, run_server};
use wsgauntlet_suite::case::{DriverWords, Instance};
use wsgauntlet_suite::oracle::{Record, Run, VerdictKind};
use wsgauntlet_wire::Role;

fn driven(role: Role) -> Vec<Arc<Instance>> {
    cases::instances(role, "driver/")
}

async fn run(url: &str, instances: Vec<Arc<Instance>>, driver: Option<bool>) -> Result<Run, TargetError> {
    run_with(Target::parse(url, &Trust::default())?, instances, driver).await
}

async fn run_with(
    target: Target,
    instances: Vec<Arc<Instance>>,
    driver: Option<bool>,
) -> Result<Run, TargetError> {
    let assumed = Assumed { driver, ..Assumed::default() };
    let options = RunOptions { assumed, ..options(Duration::from_secs(5)) };
    run_server(target, instances, options, &mut |_| {}).await
}

/// What an application answers to a text message.
type Answer = fn(&str) -> Message;

/// An echo on tungstenite, but for what `answer` says. Serves until the process ends; gives its URL.
fn application(answer: Answer) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("ws://{}/", listener.local_addr().expect("bound"));
    std::thread::spawn(move || {
        for tcp in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let Ok(mut socket) = tungstenite::accept(tcp) else { return };
                while let Ok(message) = socket.read() {
                    let answer = match &message {
                        Message::Text(text) => answer(text.as_str()),
                        Message::Binary(_) => message,
                        _ => continue,
                    };
                    let closes = matches!(answer, Message::Close(_));
                    let sent =
                        if closes { socket.flush() } else { Ok(()) }.and_then(|()| socket.send(answer));
                    if sent.is_err() && !closes {
                        break;
                    }
                }
            });
        }
    });
    url
}

fn reasons(run: &Run) -> Vec<&str> {
    let mut reasons: Vec<&str> =
        run.records.iter().filter_map(|record| record.verdict.reason.as_deref()).collect();
    reasons.sort_unstable();
    reasons.dedup();
    reasons
}

fn kinds(run: &Run) -> Vec<VerdictKind> {
    let mut kinds: Vec<VerdictKind> = run.records.iter().map(|record| record.verdict.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// The probe finds a driver by itself, and what it does wrong is blamed on the sentence that it breaks.
#[tokio::test(flavor = "multi_thread")]
async fn a_driver_is_found_and_judged() {
    let found =
        run(&serve(faulty(Role::Server, &[])).await, driven(Role::Server), None).await.expect("a server");
    assert!(found.target.capabilities.driver);
    assert_eq!(kinds(&found), [VerdictKind::Pass, VerdictKind::Info]);
    let faulty = faulty(Role::Server, &["own-close-any-code", "data-after-own-close"]);
    let wrong = run(&serve(faulty).await, driven(Role::Server), Some(true)).await.expect("a driver");
    let broken = broken(&wrong);
    for id in
        ["rfc6455/7.4.1/1005-not-sent", "rfc6455/7.4.1/1006-not-sent", "rfc6455/5.5.1/no-data-after-close"]
    {
        assert!(broken.contains(id), "{id} is not in {broken:?}");
    }
}

/// Nothing is played with an echo, unless a driver was demanded, which is an error.
#[tokio::test(flavor = "multi_thread")]
async fn an_echo_is_no_driver() {
    let url = application(|text| Message::text(text));
    let echo = run(&url, driven(Role::Server), None).await.expect("a server");
    assert!(echo.target.capabilities.echo && !echo.target.capabilities.driver);
    assert_eq!(kinds(&echo), [VerdictKind::Inapplicable]);
    assert!(reasons(&echo).contains(&"needs an application that obeys commands (docs/drivers.md)"));
    assert!(!echo.target.remarks.iter().any(|remark| remark.contains("driver")), "{:?}", echo.target.remarks);
    let demanded = run(&url, driven(Role::Server), Some(true)).await;
    assert!(matches!(demanded, Err(TargetError::NoDriver { .. })), "{demanded:?}");
}

/// What a driver cannot do makes no case fail.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_unsupported_is_inapplicable() {
    let url = application(|text| match text {
        r#"wsgauntlet {"do":"hello"}"# => Message::text("wsgauntlet driver 1"),
        command if command.starts_with("wsgauntlet {") => Message::text("unsupported: not today"),
        text => Message::text(text),
    });
    let mut instances = driven(Role::Server);
    // Any text is good there.
    instances.retain(|instance| !instance.id.as_str().contains("half-a-surrogate-pair"));
    let declined = run(&url, instances, Some(true)).await.expect("a driver");
    let played: Vec<&Record> =
        declined.records.iter().filter(|record| record.verdict.kind != VerdictKind::Inapplicable).collect();
    let ids: Vec<&str> = played.iter().map(|record| record.instance.id.as_str()).collect();
    assert!(ids.is_empty(), "{ids:?}");
    assert_eq!(reasons(&declined), ["needs permessage-deflate", "the driver does not support this command"]);
}

/// An application that closes when it is told so in its own words.
#[tokio::test(flavor = "multi_thread")]
async fn an_application_may_have_words_of_its_own() {
    let url = application(|text| match text.strip_prefix("close-me ").map(str::parse::<u16>) {
        Some(Ok(code)) => Message::Close(Some(CloseFrame { code: code.into(), reason: "".into() })),
        _ => Message::text(text),
    });
    let mut target = Target::parse(&url, &Trust::default()).expect("a URL");
    target.words = DriverWords([("close".to_owned(), "close-me {code}".to_owned())].into());
    let spoken = run_with(target, driven(Role::Server), None).await.expect("a server");
    let of = |id: &str| {
        let record = spoken.records.iter().find(|record| record.instance.id.as_str().starts_with(id));
        record.unwrap_or_else(|| panic!("no {id}")).verdict.kind
    };
    assert_eq!(of("driver/closing/code[code=4000]"), VerdictKind::Pass);
    assert_eq!(of("driver/closing/code[code=1011]"), VerdictKind::Pass);
    assert_eq!(
        of("driver/closing/reason[one-octet]"),
        VerdictKind::Inapplicable,
        "there is no word for a reason"
    );
    assert_eq!(of("driver/pings/payload[size=0]"), VerdictKind::Inapplicable, "there is no word for a ping");
}

fn client(once: bool, driver: bool) -> ClientOptions {
    let mut words: Vec<String> = [BIN, "reference", "client", "{url}"].map(str::to_owned).into();
    words.extend(once.then(|| "--once".to_owned()));
    ClientOptions {
        source: ClientSource::Command(words),
        deadline: Duration::from_secs(5),
        wait: Duration::from_secs(20),
        jobs: None,
        seed: 1,
        name: "test".to_owned(),
        keep_listening: false,
        statistics: false,
        authority: None,
        crash_signs: CrashSigns::default(),
        ok_statuses: Vec::new(),
        driver,
        budget: None,
        stop: Arc::new(AtomicBool::new(false)),
    }
}

async fn run_launched(options: ClientOptions, instances: Vec<Arc<Instance>>) -> Run {
    let listener = Listener::bind("127.0.0.1:0", None).await.expect("a free port");
    let mut runs = run_client(listener, instances, options, &mut |_| {}).await.expect("a client");
    assert_eq!(runs.len(), 1);
    runs.remove(0)
}

/// A client that is launched for each instance is probed; an agent of Autobahn's loop is dealt commands only where that is
/// demanded.
#[tokio::test(flavor = "multi_thread")]
async fn clients_are_driven_too() {
    let pings: Vec<Arc<Instance>> = cases::instances(Role::Client, "driver/pings/");
    let launched = run_launched(client(true, false), pings.clone()).await;
    assert_eq!(kinds(&launched), [VerdictKind::Pass]);
    let mixed = [pings, cases::instances(Role::Client, "control/ping/burst")].concat();
    let looped = run_launched(client(false, false), mixed.clone()).await;
    let played = looped.records.iter().filter(|record| record.plays > 0);
    assert!(played.count() > 0);
    assert!(
        looped
            .records
            .iter()
            .all(|record| { (record.plays == 0) == record.instance.id.as_str().starts_with("driver/") })
    );
    let demanded = run_launched(client(false, true), mixed).await;
    assert_eq!(kinds(&demanded), [VerdictKind::Pass]);
}

/// Whoever writes a driver by the published schema obeys every command of the library.
#[test]
fn commands_keep_to_the_published_schema() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../docs/driver-schema.json")).expect("JSON");
    let properties = schema["properties"].as_object().expect("properties");
    let verbs = properties["do"]["enum"].as_array().expect("a list");
    let mut commands = 0;
    for instance in [driven(Role::Server), driven(Role::Client)].concat() {
        for text in instance.script.commands() {
            // Half of a surrogate pair is no string of Rust's.
            let Ok(mut command) = serde_json::from_slice(&text["wsgauntlet ".len()..]) else { continue };
            while let serde_json::Value::Object(mut keys) = command {
                let unknown = keys.keys().find(|key| !properties.contains_key(*key));
                assert_eq!(unknown, None, "{}", instance.id);
                assert!(verbs.contains(&keys["do"]), "{}: {}", instance.id, keys["do"]);
                command = keys.remove("then").unwrap_or_default();
                commands += 1;
            }
        }
    }
    assert!(commands > 200, "{commands}");
}
