//! How single decisions come out.

use super::*;
use crate::case::FailCodes;
use crate::case::Payload;
use crate::case::expectation::{CloseCodes, Expectation, HeadMatch, Outcome};
use crate::transcript::{Capabilities, Observation, Seen};
use wsgauntlet_wire::Opcode;
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::opening::HeadError;
use wsgauntlet_wire::{CloseCode, Role};

/// How a step ends when a server does this, one observation for each event, and is silent then.
fn decided(outcomes: Vec<Outcome>, capabilities: Capabilities, seen: &[Seen]) -> Decision {
    decision(Role::Server, outcomes, capabilities, seen, true).expect("an expired step is decided")
}

/// How a step ends when a server sends nothing.
fn decided_by(expectation: Expectation) -> Decision {
    let context = Context {
        role: Role::Server,
        capabilities: Capabilities::FULL,
        observations: &[],
        ledger: Ledger::default(),
        step: 0,
        since: 0,
        pings: &[],
        accept: None,
    };
    decide(&expectation, &context, true).expect("an expired step is decided")
}

/// The payload of the ping that the script has sent.
const PING: &[u8] = b"ping";

fn decision(
    role: Role,
    outcomes: Vec<Outcome>,
    capabilities: Capabilities,
    seen: &[Seen],
    expired: bool,
) -> Option<Decision> {
    let observed =
        |(event, seen): (usize, &Seen)| Observation { event: event + 1, end: event + 1, seen: seen.clone() };
    let observations: Vec<Observation> = seen.iter().enumerate().map(observed).collect();
    let context = Context {
        role,
        capabilities,
        observations: &observations,
        ledger: Ledger::default(),
        step: 0,
        since: 0,
        pings: &[PING.to_vec(), Vec::new()],
        accept: None,
    };
    let expectation = Expectation { outcomes, tolerate: Vec::new(), requirement: None, within: None };
    decide(&expectation, &context, expired)
}

fn message(text: &str) -> Seen {
    let payload = text.as_bytes().to_vec();
    Seen::Message { opcode: Opcode::Text, rsv: 0, compressed: false, payload, frames: 1 }
}

fn echo(text: &str) -> Outcome {
    Outcome::Message { opcode: Opcode::Text, payload: Payload::Literal(text.as_bytes().to_vec()) }
}

fn closing(code: u16) -> Seen {
    Seen::Close(ClosePayload::encode(CloseCode(code), b""))
}

fn failing(code: u16) -> Outcome {
    Outcome::Fail(FailCodes::OneOf(vec![CloseCode(code)]))
}

/// RFC 6455 §10.7 lets a server drop TCP; that it sends no HTTP response breaks a SHOULD. An answer without a head
/// behind which the connection stays open refuses nothing.
#[test]
fn no_head_refuses_when_tcp_ends() {
    let refused = || vec![Outcome::Refused(Default::default(), HeadMatch::default())];
    let junk = Seen::NotAHead(HeadError::TooLong);
    let ended = decided(refused(), Capabilities::FULL, &[junk.clone(), Seen::Eof]);
    assert_eq!(ended.grade, Some(Grade::Tolerated));
    assert_eq!(decided(refused(), Capabilities::FULL, &[junk]).grade, None);
}

/// A server that does not respond breaks the rule that has it respond, not the one about what its request lacked.
#[test]
fn silence_at_a_request_is_a_missing_response() {
    let refused = Outcome::Refused(Default::default(), HeadMatch::default());
    let open = Outcome::Open(HeadMatch::default());
    let blame = |outcomes: Vec<Outcome>, seen: &[Seen]| decided(outcomes, Capabilities::FULL, seen).blame;
    let missing = Blame::Only("rfc6455/4.2.1/malformed-opening-refused");
    assert_eq!(blame(vec![refused.clone()], &[]), missing);
    assert_eq!(blame(vec![refused.clone(), open.clone()], &[]), missing);
    assert_eq!(blame(vec![open], &[]), Blame::Only("rfc6455/4.2.2/valid-opening-accepted"));
    assert_eq!(blame(vec![refused.clone()], &[Seen::NotAHead(HeadError::TooLong)]), Blame::Case);
    // The rule that the request broke is not what silence breaks; a rule of HTTP that asks for a response is.
    let ruled = |rule: &str| {
        let requirement = Some(rule.parse().expect("an id"));
        let outcomes = vec![refused.clone()];
        decided_by(Expectation { outcomes, tolerate: Vec::new(), requirement, within: None }).blame
    };
    assert_eq!(ruled("rfc6455/4.2.1/version-13-required"), missing);
    assert_eq!(ruled("rfc9110/5.4/large-fields-get-4xx"), Blame::Case);
    // Behind the opening, silence is what the case says.
    assert_eq!(blame(vec![echo("a")], &[]), Blame::Case);
    let client = decision(Role::Client, vec![refused], Capabilities::FULL, &[], true).expect("expired");
    assert_eq!(client.blame, Blame::Case);
}

/// A code is an answer, unless it says that the Close was wrong.
#[test]
fn a_close_without_fault_takes_all_other_codes() {
    let outcome = || vec![Outcome::Close(CloseCodes::NoFault)];
    let grade = |code| decided(outcome(), Capabilities::FULL, &[closing(code), Seen::Eof]).grade;
    assert_eq!(grade(1007), None);
    for code in [1000, 1001, 1011, 3000, 4999] {
        assert_eq!(grade(code), Some(Grade::Ideal), "{code}");
    }
}

/// A limit is a reason to refuse valid text; "not UTF-8" is no such reason.
#[test]
fn a_refusal_does_not_accuse_valid_text() {
    let outcomes = || vec![echo("a"), failing(1009)];
    let refused = |code| decided(outcomes(), Capabilities::FULL, &[closing(code), Seen::Eof]).grade;
    assert_eq!(refused(1009), Some(Grade::Allowed));
    assert_eq!(refused(1008), Some(Grade::Tolerated));
    assert_eq!(refused(1007), None);
    // Where nothing valid was sent, 1007 is no more than another code.
    let invalid = decided(vec![failing(1002)], Capabilities::FULL, &[closing(1007), Seen::Eof]);
    assert_eq!(invalid.grade, Some(Grade::Tolerated));
}

/// Who talks of its own accord is not held to an order; an echo is.
#[test]
fn what_nobody_asked_for_is_passed_over() {
    let talks = Capabilities { echo: false, ..Capabilities::FULL };
    let seen = [message("news"), message("a")];
    assert_eq!(decided(vec![echo("a")], talks, &seen).grade, Some(Grade::Ideal));
    assert_eq!(decided(vec![echo("a")], Capabilities::FULL, &seen).grade, None);
}

/// An application that does not echo does not show whether it took a message.
/// crossws 0.3.4, which answers texts in another way, failed where an echo is lenient.
#[test]
fn silence_is_what_is_seen_of_a_message_where_nothing_is_echoed() {
    let mute = Capabilities { echo: false, ..Capabilities::FULL };
    let other_kind = Seen::Message {
        opcode: Opcode::Binary,
        rsv: 0,
        compressed: false,
        payload: b"a".to_vec(),
        frames: 1,
    };
    let outcomes = || vec![failing(1002), echo("a")];
    assert_eq!(decided(outcomes(), mute, &[]).grade, Some(Grade::Allowed));
    assert_eq!(decided(outcomes(), mute, &[other_kind]).grade, Some(Grade::Allowed));
    assert_eq!(decided(outcomes(), mute, &[closing(1000), Seen::Eof]).grade, Some(Grade::Tolerated));
    assert_eq!(decided(outcomes(), mute, &[closing(1002), Seen::Eof]).grade, Some(Grade::Ideal));
    assert_eq!(decided(outcomes(), Capabilities::FULL, &[]).grade, None);
    // Before the deadline, the message may still come.
    assert!(decision(Role::Server, outcomes(), mute, &[], false).is_none());
}

/// Data before a Close that was asked for is in the way, data behind it is the monitors' business.
#[test]
fn what_stands_behind_a_close_does_not_undo_it() {
    let decide = |seen: &[Seen]| decided(vec![failing(1002)], Capabilities::FULL, seen).grade;
    assert_eq!(decide(&[closing(1002), message("late"), Seen::Eof]), Some(Grade::Ideal));
    assert_eq!(decide(&[message("early"), closing(1002), Seen::Eof]), None);
}

/// An echo behind a Close does not count as the echo that a step waits for.
#[test]
fn what_stands_behind_a_close_is_no_answer() {
    let outcomes = || vec![echo("a")];
    assert_eq!(
        decided(outcomes(), Capabilities::FULL, &[message("a"), closing(1000)]).grade,
        Some(Grade::Ideal)
    );
    assert_eq!(decided(outcomes(), Capabilities::FULL, &[closing(1000), message("a")]).grade, None);
}

/// A client may leave TCP open after its Close; until the deadline, what comes behind the Close counts, in whatever read
/// it arrives.
#[test]
fn the_close_of_a_client_decides_when_nothing_more_comes() {
    let decide = |seen: &[Seen], expired| {
        decision(Role::Client, vec![failing(1002)], Capabilities::FULL, seen, expired)
    };
    let close = [closing(1002)];
    let grade = |decision: Option<Decision>| decision.map(|decision| decision.grade);
    assert_eq!(grade(decide(&close, false)), None);
    assert_eq!(grade(decide(&close, true)), Some(Some(Grade::Ideal)));
    assert_eq!(grade(decide(&[closing(1002), Seen::Eof], false)), Some(Some(Grade::Ideal)));
    let went_on = decide(&[closing(1002), Seen::Pong(PING.to_vec())], false).expect("decided by the pong");
    assert_eq!(went_on.grade, None);
    // Whatever rule the step names: that one was kept.
    assert_eq!(went_on.blame, Blame::Only("rfc6455/7.1.7/stop-processing-after-fail"));
}

/// Of two answers to what must fail the connection the first one is reported.
#[test]
fn the_first_answer_is_told() {
    let told = |seen: &[Seen]| decided(vec![failing(1002)], Capabilities::FULL, seen).event;
    let pong = Seen::Pong(PING.to_vec());
    assert_eq!(told(&[pong.clone(), message("a")]), 1);
    assert_eq!(told(&[message("a"), pong]), 1);
}

/// §5.5.3 lets an endpoint send a pong that nobody asked for; one without payload shows nothing, whatever pings were sent.
#[test]
fn an_empty_pong_does_not_show_that_a_ping_was_processed() {
    let decide = |seen: &[Seen]| decided(vec![failing(1002)], Capabilities::FULL, seen).grade;
    assert_eq!(decide(&[Seen::Pong(Vec::new()), closing(1002), Seen::Eof]), Some(Grade::Ideal));
    assert_eq!(decide(&[closing(1002), Seen::Pong(Vec::new()), Seen::Eof]), Some(Grade::Ideal));
    assert_eq!(decide(&[Seen::Pong(PING.to_vec()), closing(1002), Seen::Eof]), None);
    assert_eq!(decide(&[Seen::Pong(Vec::new())]), None);
}

/// A prelude is heard by how it begins, and is used up then.
#[test]
fn a_greeting_is_known_by_its_beginning() {
    let heard =
        |text: &str| decided(vec![Outcome::Greeting("0{".to_owned())], Capabilities::FULL, &[message(text)]);
    assert_eq!(heard("0{\"sid\":1}").grade, Some(Grade::Ideal));
    assert_eq!(heard("0{\"sid\":1}").ledger.data, 1);
    assert_eq!(heard("1").grade, None);
}

/// Whatever its code, a Close was exchanged for ours: only the end of TCP is missing.
#[test]
fn tcp_left_open_is_all_that_a_right_close_leaves_to_blame() {
    let blame = |code| {
        let decision = decided(vec![failing(1002)], Capabilities::FULL, &[closing(code)]);
        assert_eq!(decision.grade, None);
        decision.blame
    };
    let tcp_closed = Blame::Only("rfc6455/5.5.1/close-tcp-after-closing-handshake");
    assert_eq!(blame(1002), tcp_closed);
    assert_eq!(blame(1000), tcp_closed);
}

/// Pings of the target's own are taken in their order, apart from messages; a message in place of one decides.
#[test]
fn own_pings_are_matched_in_order() {
    let ping = |text: &str| Seen::Ping(text.as_bytes().to_vec());
    let wanted = || vec![Outcome::Ping(Payload::Literal(b"a".to_vec()))];
    let grade = |seen: &[Seen]| decided(wanted(), Capabilities::FULL, seen).grade;
    assert_eq!(grade(&[ping("a"), ping("b")]), Some(Grade::Ideal));
    assert_eq!(grade(&[ping("b"), ping("a")]), None);
    assert_eq!(grade(&[message("unsupported")]), None);
    let pending = decision(Role::Server, wanted(), Capabilities::FULL, &[], false);
    assert!(pending.is_none(), "it may still come");
}

/// A Close frame is matched with its reason, whatever messages came before it, and the connection is not over by it.
#[test]
fn a_close_frame_is_matched_with_its_reason() {
    let close = |reason: &[u8]| Seen::Close(ClosePayload::encode(CloseCode(4000), reason));
    let wanted = |reason: Option<&str>| {
        let reason = reason.map(|reason| Payload::Literal(reason.as_bytes().to_vec()));
        vec![Outcome::CloseFrame(CloseCodes::OneOf(vec![Some(CloseCode(4000))]), reason)]
    };
    let of = |reason, seen: &[Seen]| decided(wanted(reason), Capabilities::FULL, seen);
    let matched = of(Some("why"), &[message("before"), close(b"why")]);
    assert_eq!((matched.grade, matched.ends, matched.ledger.data), (Some(Grade::Ideal), false, 1));
    assert_eq!(of(Some("why"), &[close(b"wh")]).grade, None);
    assert_eq!(of(None, &[close(b"whatever")]).grade, Some(Grade::Ideal));
    assert_eq!(of(None, &[closing(1000)]).grade, None);
    assert_eq!(of(None, &[Seen::Eof]).grade, None);
}

/// Messages of tasks come in any order but their own, each once, with an echo beside them where one is due.
#[test]
fn messages_of_tasks_are_matched_in_any_order_but_their_own() {
    let beside = |octets: &[u8]| Seen::Message {
        opcode: Opcode::Binary,
        rsv: 0,
        compressed: false,
        payload: octets.to_vec(),
        frames: 1,
    };
    let of = |with: Option<&[u8]>, seen: &[Seen]| {
        let with = with.map(|octets| Payload::Literal(octets.to_vec()));
        let wanted = Outcome::Tasks { tasks: 2, count: 2, size: 5, beside: with };
        decided(vec![wanted], Capabilities::FULL, seen).grade
    };
    let [a0, a1, b0, b1] = ["0/0 a", "0/1 a", "1/0 a", "1/1 a"].map(message);
    let all = |seen: [&Seen; 4]| seen.map(Clone::clone);
    assert_eq!(of(None, &all([&b0, &a0, &b1, &a1])), Some(Grade::Ideal));
    assert_eq!(of(None, &all([&a1, &a0, &b0, &b1])), None, "a task's messages in another order");
    assert_eq!(of(None, &all([&a0, &a0, &b0, &b1])), None, "one of them twice");
    assert_eq!(of(None, &all([&a0, &b0, &a1, &message("1/1 b")])), None, "another octet");
    assert_eq!(
        of(Some(b"e"), &[b0.clone(), beside(b"e"), a0.clone(), b1.clone(), a1.clone()]),
        Some(Grade::Ideal)
    );
    assert_eq!(of(Some(b"e"), &[b0, a0, b1, a1]), None, "the echo is missing");
}

/// A driver that cannot do something says so, and an echo shows that it is no driver: neither is a failure.
#[test]
fn a_command_may_be_declined() {
    let why = |text: &str| {
        let observations = [Observation { event: 1, end: 1, seen: message(text) }];
        declined(&Context {
            role: Role::Server,
            capabilities: Capabilities::FULL,
            observations: &observations,
            ledger: Ledger::default(),
            step: 0,
            since: 0,
            pings: &[],
            accept: None,
        })
    };
    assert!(why("unsupported").is_some() && why("unsupported: no pings").is_some());
    assert!(why("wsgauntlet {\"do\":\"ping\"}").is_some());
    assert!(why("refused").is_none() && why("wsgauntlet driver 1").is_none());
}
