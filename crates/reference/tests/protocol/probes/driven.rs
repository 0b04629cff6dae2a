//! Commands to a driver, and what a peer does meanwhile.

use super::frames::{first, octets};
use super::{Script, Step};
use std::time::Duration;
use wsgauntlet_wire::Role;

/// One script for each command, and some with what crosses it.
pub(super) fn scripts(role: Role) -> Vec<Script> {
    let command = |json: &str| octets(role, first(0x81, format!("wsgauntlet {json}").as_bytes()));
    let long = |len: usize| "x".repeat(len);
    let euros = "x€".repeat(40);
    let commands = [
        r#"{"do":"hello"}"#.to_owned(),
        r#"{"do":"drop"}"#.to_owned(),
        r#"{"do":"close"}"#.to_owned(),
        r#"{"do":"close","code":4000,"reason":"why"}"#.to_owned(),
        r#"{"do":"close","code":1005}"#.to_owned(),
        r#"{"do":"close","reason":"why"}"#.to_owned(),
        format!(r#"{{"do":"close","code":1000,"reason":"{}"}}"#, long(123)),
        format!(r#"{{"do":"close","code":1000,"reason":"{}"}}"#, long(200)),
        format!(r#"{{"do":"close","code":1000,"reason":"{euros}"}}"#),
        r#"{"do":"close","code":1000,"then":{"do":"close","code":1001}}"#.to_owned(),
        r#"{"do":"close","code":1000,"then":{"do":"send","size":5}}"#.to_owned(),
        r#"{"do":"send","size":5,"then":{"do":"close","code":1000}}"#.to_owned(),
        r#"{"do":"send","type":"binary","size":300,"fragments":3}"#.to_owned(),
        r#"{"do":"send","tasks":2,"count":2,"size":30,"fragments":2}"#.to_owned(),
        r#"{"do":"send","text":"\ud800"}"#.to_owned(),
        r#"{"do":"ping","text":"p"}"#.to_owned(),
        r#"{"do":"ping","size":126}"#.to_owned(),
        r#"{"do":"pong","text":"p"}"#.to_owned(),
        r#"{"do":"pong","size":126}"#.to_owned(),
        r#"{"do":"throw"}"#.to_owned(),
    ];
    let mut scripts: Vec<Script> = Vec::new();
    for json in &commands {
        scripts.push(vec![Step::Receive(command(json))]);
    }
    let ping = command(r#"{"do":"ping","text":"p"}"#);
    scripts.push(vec![Step::Receive(ping), Step::Receive(octets(role, first(0x8a, b"q")))]);
    let close = command(r#"{"do":"close","code":4000}"#);
    let answer = octets(role, first(0x88, b"\x0f\xa0"));
    scripts.push(vec![Step::Receive(close), Step::Receive(answer)]);
    let wait = command(r#"{"do":"wait","ms":100}"#);
    scripts.push(vec![Step::Receive(wait), Step::Pass(Duration::from_secs(1))]);
    scripts
}
