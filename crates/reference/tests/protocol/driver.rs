//! The reference as a driver: what docs/drivers.md asks of one.

use super::run::{Run, sent_to};
use std::time::Duration;
use wsgauntlet_wire::{Frame, Opcode, Role};

fn commanded(role: Role, json: &str) -> Run {
    let mut run = Run::open(role);
    run.receive(&sent_to(role, Frame::new(Opcode::Text, format!("wsgauntlet {json}"))));
    run
}

fn texts(run: &Run) -> Vec<String> {
    run.frames().into_iter().map(|(_, payload)| String::from_utf8_lossy(&payload).into_owned()).collect()
}

/// A command is not echoed; what only looks like one is.
#[test]
fn only_commands_are_obeyed() {
    for role in [Role::Server, Role::Client] {
        assert_eq!(texts(&commanded(role, r#"{"do":"hello"}"#)), ["wsgauntlet driver 1"]);
        assert_eq!(texts(&commanded(role, "probe")), ["wsgauntlet probe"]);
        assert_eq!(texts(&commanded(role, r#"{"do":"dance"}"#)), ["unsupported"]);
        let mut binary = Run::open(role);
        binary.receive(&sent_to(role, Frame::new(Opcode::Binary, r#"wsgauntlet {"do":"hello"}"#)));
        assert_eq!(texts(&binary), [r#"wsgauntlet {"do":"hello"}"#]);
    }
}

/// What an API may not do is refused, and the connection goes on.
#[test]
fn what_the_protocol_forbids_is_refused() {
    for json in [
        r#"{"do":"close","code":1005}"#,
        r#"{"do":"close","code":65536}"#,
        r#"{"do":"close","reason":"why"}"#,
        r#"{"do":"ping","size":126}"#,
        r#"{"do":"pong","size":126}"#,
        r#"{"do":"send","text":"\ud800"}"#,
        r#"{"do":"send","surprise":1}"#,
    ] {
        let said = texts(&commanded(Role::Server, json));
        assert!(matches!(&said[..], [one] if one.starts_with("refused: ")), "{json}: {said:?}");
    }
}

/// Messages are made by a rule, and tasks take turns by whole messages.
#[test]
fn messages_are_made_by_a_rule() {
    let run = commanded(Role::Server, r#"{"do":"send","size":28}"#);
    assert_eq!(texts(&run), ["abcdefghijklmnopqrstuvwxyzab"]);
    let run = commanded(Role::Server, r#"{"do":"send","type":"binary","size":3,"fragments":2}"#);
    assert_eq!(run.frames(), [(0x02, vec![0]), (0x80, vec![1, 2])]);
    let run = commanded(Role::Server, r#"{"do":"send","tasks":2,"count":2,"size":6}"#);
    assert_eq!(texts(&run), ["0/0 ab", "1/0 ab", "0/1 ab", "1/1 ab"]);
}

/// While it waits, the application reads nothing; then it answers, and what arrived is echoed.
#[test]
fn a_pause_holds_everything_up() {
    let mut run = commanded(Role::Server, r#"{"do":"wait","ms":100}"#);
    run.receive(&sent_to(Role::Server, Frame::new(Opcode::Text, "meanwhile")));
    assert_eq!(texts(&run), Vec::<String>::new());
    run.pass(Duration::from_millis(100));
    assert_eq!(texts(&run), ["waited", "meanwhile"]);
}
