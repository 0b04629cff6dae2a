//! The other forms, and the command line.

use super::stage::{has, reproduce, serve};
use std::process::{Command, Output};
use std::time::Duration;
use wsgauntlet::embedded;
use wsgauntlet::reproducer::Form;
use wsgauntlet_reference::Quirk;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_wire::Role;

const DEADLINE: Duration = Duration::from_secs(1);

/// The first instance whose id begins like this.
fn instance(begins: &str, role: Role) -> Instance {
    let mut instances = embedded::library().instances(role);
    instances.find(|instance| instance.id.as_str().starts_with(begins)).expect("an instance").clone()
}

fn quirk(name: &str) -> Option<Quirk> {
    Some(name.parse().expect("a quirk of that name"))
}

/// The command sends the request of the case: the reference answers it, and the head that curl prints shows the defect.
#[tokio::test(flavor = "multi_thread")]
async fn curl_shows_what_is_wrong_with_a_response() {
    if !has("curl") {
        eprintln!("skipped: this machine has no curl");
        return;
    }
    let instance = instance("opening/response/complete", Role::Server);
    let faulty = quirk("101-without-upgrade");
    for (served, has_upgrade) in [(faulty, false), (None, true)] {
        let url = serve(&instance, served).await;
        let (_, command) = reproduce(&instance, faulty, &url, DEADLINE, Form::Curl);
        let command = command.expect("curl can send it");
        assert!(command.contains("observed a 101 without Upgrade"), "{command}");
        let ended = tokio::process::Command::new("sh").args(["-c", &command]).output().await.expect("sh");
        let head = String::from_utf8_lossy(&ended.stdout).into_owned();
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert_eq!(head.contains("Upgrade: websocket"), has_upgrade, "{head}");
    }
}

/// What curl cannot send is refused, and the error names another form.
#[test]
fn curl_says_what_it_cannot_show() {
    let frames = instance("masking/direction/", Role::Server);
    let (_, refused) =
        reproduce(&frames, quirk("accept-unmasked"), "ws://127.0.0.1:1/", DEADLINE, Form::Curl);
    let said = refused.expect_err("it needs frames").to_string();
    assert!(said.contains("needs frames") && said.ends_with("use --as python or --as raw"), "{said}");
    let client = instance("masking/direction/", Role::Client);
    let (_, refused) = reproduce(&client, None, "", DEADLINE, Form::Curl);
    assert!(refused.expect_err("it is a client").to_string().contains("curl is a client"));
}

/// The shell makes exactly the octets that our side sends of the `printf` line.
#[test]
fn printf_makes_the_octets_again() {
    let instance = instance("masking/direction/", Role::Server);
    let (_, raw) =
        reproduce(&instance, quirk("accept-unmasked"), "ws://127.0.0.1:9001/", DEADLINE, Form::Raw);
    let raw = raw.expect("every instance has octets");
    let line = raw.lines().find_map(|line| line.strip_prefix("(printf ")).expect("a command");
    let (text, command) = line.split_once("; sleep 2) | ").expect("a pipe");
    assert_eq!(command, "nc 127.0.0.1 9001 | od -A d -t x1z");
    let made = Command::new("sh").args(["-c", &format!("printf {text}")]).output().expect("sh").stdout;
    let listed: Vec<u8> = raw
        .lines()
        .filter_map(|line| line.strip_prefix("# > "))
        .flat_map(|line| {
            line[..47].split_whitespace().map(|octet| u8::from_str_radix(octet, 16).expect("hex"))
        })
        .collect();
    assert_eq!(made, listed);
    assert!(made.starts_with(b"GET / HTTP/1.1\r\n"));
}

/// A report has what a maintainer asks for first.
#[test]
fn a_bug_report_is_complete() {
    let instance = instance("masking/direction/", Role::Server);
    let (_, issue) =
        reproduce(&instance, quirk("accept-unmasked"), "ws://127.0.0.1:9001/", DEADLINE, Form::Issue);
    let issue = issue.expect("every instance has a report");
    for part in [
        "# ",
        "| found by | wsgauntlet ",
        "\n> ",
        "* Expected: ",
        "* Observed: ",
        "## Octets",
        "```python",
        "def script():",
    ] {
        assert!(issue.contains(part), "{part:?} is missing: {issue}");
    }
}

#[cfg(feature = "cli")]
fn wsgauntlet(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wsgauntlet")).args(words).output().expect("it runs")
}

/// Of a stored run: the title of the defect, and what was recorded; several instances are refused.
#[cfg(feature = "cli")]
#[tokio::test(flavor = "multi_thread")]
async fn a_stored_run_gives_reproducers() {
    let url = serve(&instance("masking/direction/", Role::Server), quirk("accept-unmasked")).await;
    let dir = std::env::temp_dir().join(format!("wsgauntlet-reproducer-{}", std::process::id()));
    let dir = dir.to_str().expect("UTF-8");
    wsgauntlet(&["run", "server", &url, "--no-config", "--case", "masking/direction", "--out", dir]);
    let id = instance("masking/direction/", Role::Server).id.to_string();
    let id = id.split('@').next().expect("an id");
    let issue = wsgauntlet(&["replay", id, "--no-config", "--from", dir, "--as", "issue"]);
    let text = String::from_utf8_lossy(&issue.stdout);
    assert!(issue.status.success(), "{}", String::from_utf8_lossy(&issue.stderr));
    assert!(text.contains("* Observed: ") && text.contains("```python"), "{text}");
    let several =
        wsgauntlet(&["replay", "masking/direction", "--no-config", "--from", dir, "--as", "python"]);
    assert_eq!(several.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&several.stderr).contains("a reproducer is of one; choose one of "));
    std::fs::remove_dir_all(dir).expect("it was written");
}
