//! Runs the program of one instance against the reference.

use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Command;
use wsgauntlet::embedded;
use wsgauntlet::reproducer::{Form, Inexpressible, Subject, Tls, render};
use wsgauntlet::runner::reference::{self, Link};
use wsgauntlet::runner::reference_client;
use wsgauntlet::runner::serve::{Acceptor, ReferenceServer};
use wsgauntlet::runner::target::Trust;
use wsgauntlet_reference::{Config, Quirk};
use wsgauntlet_suite::case::{Instance, Need};
use wsgauntlet_suite::oracle::{self, Verdict};
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_wire::Role;

/// How long a program may take.
const PROGRAM_TIMEOUT: Duration = Duration::from_secs(60);

/// What a program answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: i32,
    pub output: String,
}

/// Whether this machine has a program.
pub fn has(program: &str) -> bool {
    std::process::Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The reference as the instance wants it.
pub fn config(instance: &Instance, quirk: Option<Quirk>) -> Config {
    let mut config = reference::config(instance.role);
    if let Some(quirk) = quirk {
        quirk.install(&mut config);
    }
    if instance.needs.contains(&Need::NoDeflate) {
        config.deflate = None;
    }
    if instance.role == Role::Client && instance.needs.contains(&Need::Subprotocol) {
        config.subprotocols = vec!["chat".to_owned()];
    }
    config
}

/// The verdict of a play in memory, and the reproducer of it for a server at `url`.
pub fn reproduce(
    instance: &Instance,
    quirk: Option<Quirk>,
    url: &str,
    deadline: Duration,
    form: Form,
) -> (Verdict, Result<String, Inexpressible>) {
    let authority = url.split('/').nth(2).unwrap_or("127.0.0.1");
    let mut play = PlayConfig::new(authority);
    let transcript = reference::play(instance, &play, config(instance, quirk), Link::Direct);
    let verdict = oracle::judge(instance, &transcript, embedded::catalogue());
    play.deadline = deadline;
    let mut subject = Subject::of_play(instance, url, play, &verdict, &transcript);
    subject.tls = Tls { insecure: true, ca: None };
    let rendered = render(&subject, form);
    (verdict, rendered)
}

/// A reference server, and its URL.
pub async fn serve(instance: &Instance, quirk: Option<Quirk>) -> String {
    let secure = instance.needs.contains(&Need::Tls);
    let acceptor = secure.then(|| Acceptor::self_signed().expect("a certificate"));
    let server =
        ReferenceServer::bind("127.0.0.1:0", config(instance, quirk), acceptor).await.expect("a free port");
    let url = format!("{}://{}/", if secure { "wss" } else { "ws" }, server.address);
    tokio::spawn(server.serve());
    url
}

/// Runs a program against the reference with `quirk`, or without any. `url`: that of the server.
pub async fn run(program: &str, instance: &Instance, quirk: Option<Quirk>, url: &str) -> Answer {
    let mut command = Command::new("python3");
    command.arg("-I").arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if instance.role == Role::Server {
        command.arg(url);
    }
    let mut child = command.kill_on_drop(true).spawn().expect("python3");
    let mut stdin = child.stdin.take().expect("piped");
    let octets = program.as_bytes().to_vec();
    tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        // A program that ended says why.
        let _ = stdin.write_all(&octets).await;
    });
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    let mut stderr = child.stderr.take().expect("piped");
    let mut output = String::new();
    let ended = tokio::time::timeout(PROGRAM_TIMEOUT, async {
        if instance.role == Role::Client {
            stdout.read_line(&mut output).await.expect("the URL");
            if let Some(url) = output.trim().strip_prefix("point the client at ") {
                let (url, config) = (url.to_owned(), config(instance, quirk));
                tokio::spawn(async move {
                    // What the connection comes to is what the program is about.
                    let _ = reference_client::once(&url, &Trust::default(), &config).await;
                });
            }
        }
        stdout.read_to_string(&mut output).await.expect("text");
        stderr.read_to_string(&mut output).await.expect("text");
        child.wait().await.expect("it ends").code().unwrap_or(-1)
    });
    let status = ended.await.unwrap_or(-2);
    Answer { status, output }
}
