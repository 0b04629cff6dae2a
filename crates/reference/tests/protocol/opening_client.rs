use super::run::{Run, accept_of, frames, response_to, response_with};
use wsgauntlet_reference::{Config, DeflateConfig, Event, ResponseError};
use wsgauntlet_wire::opening::RequestHead;
use wsgauntlet_wire::{Frame, Opcode, Role};

fn client() -> Config {
    Config {
        host: "example.com:8080".into(),
        target: "/a?b=c".into(),
        subprotocols: vec!["chat".into(), "superchat".into()],
        deflate: Some(DeflateConfig::default()),
        ..Config::new(Role::Client)
    }
}

#[test]
fn the_request_is_valid() {
    let run = Run::new(client());
    let (head, len) = RequestHead::parse(&run.output.octets).expect("valid").expect("whole");
    assert_eq!(len, run.output.octets.len());
    assert!(wsgauntlet_wire::opening::strict::violations(&run.output.octets).is_empty());
    assert_eq!((head.method.as_str(), head.target.as_str()), ("GET", "/a?b=c"));
    assert_eq!(head.fields.single("Host"), Some(&b"example.com:8080"[..]));
    assert_eq!(head.fields.single("Sec-WebSocket-Version"), Some(&b"13"[..]));
    assert_eq!(head.fields.single("Sec-WebSocket-Protocol"), Some(&b"chat, superchat"[..]));
    assert_eq!(
        head.fields.single("Sec-WebSocket-Extensions"),
        Some(&b"permessage-deflate; client_max_window_bits"[..])
    );
    let key = head.fields.single("Sec-WebSocket-Key").expect("a key");
    assert_eq!(wsgauntlet_wire::opening::key::validate(key), Ok(()));
}

#[test]
fn another_seed_gives_another_key() {
    let with_seed = |seed| Run::new(Config { seed, ..client() }).output.octets;
    assert_eq!(with_seed(1), with_seed(1));
    assert_ne!(with_seed(1), with_seed(2));
}

/// Each row: lines that may be in a response that opens.
#[test]
fn lawful_responses_open() {
    let table = [
        ("", None),
        ("Sec-WebSocket-Protocol: superchat\r\n", Some("superchat")),
        ("Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n", None),
        ("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=9\r\n", None),
        ("Server: x\r\nContent-Length: 0\r\nset-cookie: a\r\nSet-Cookie: b\r\n", None),
    ];
    for (lines, subprotocol) in table {
        let mut run = Run::new(client());
        let response = response_with(&run.output.octets, lines);
        run.receive(&response);
        let [Event::Open { subprotocol: selected, deflate, .. }] = &run.output.events[..] else {
            panic!("{lines:?}: {:?}", run.output.events);
        };
        assert_eq!(selected.as_deref(), subprotocol);
        assert_eq!(deflate.is_some(), lines.contains("permessage"));
    }
}

#[test]
fn case_and_whitespace_do_not_matter() {
    let mut run = Run::new(client());
    let accept = accept_of(&run.output.octets);
    let response = format!(
        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 101\r\nupgrade: WebSocket\r\n\
         CONNECTION: keep-alive,upgrade\r\nSEC-WEBSOCKET-ACCEPT: \t{accept} \t\r\n\r\n"
    );
    run.receive(response.as_bytes());
    assert!(matches!(run.output.events[..], [Event::Open { .. }]), "{:?}", run.output.events);
}

/// Each row: what is replaced in a response that opens, by what.
#[test]
fn other_responses_fail_without_a_frame() {
    let table = [
        ("101 Switching Protocols", "200 OK"),
        ("101 Switching Protocols", "302 Found"),
        ("101 Switching Protocols", "401 Unauthorized"),
        ("HTTP/1.1", "HTTP/1.0"),
        ("HTTP/1.1", "HTTP/2.0"),
        ("Upgrade: websocket\r\n", ""),
        ("Upgrade: websocket", "Upgrade: websocket, foo"),
        ("Upgrade: websocket", "Upgrade: h2c"),
        ("Connection: Upgrade\r\n", ""),
        ("Connection: Upgrade", "Connection: close"),
        ("Sec-WebSocket-Accept:", "X:"),
        ("Sec-WebSocket-Accept: ", "Sec-WebSocket-Accept: x"),
        ("Upgrade: websocket", "Upgrade: websocket\r\nSec-WebSocket-Protocol: other"),
        ("Upgrade: websocket", "Upgrade: websocket\r\nSec-WebSocket-Protocol: Chat"),
        ("Upgrade: websocket", "Upgrade: websocket\r\nSec-WebSocket-Protocol: chat, superchat"),
        ("Upgrade: websocket", "Upgrade: websocket\r\nSec-WebSocket-Protocol:"),
        ("Upgrade: websocket", "Upgrade: websocket\r\nSec-WebSocket-Extensions: foo"),
        ("Upgrade: websocket", "Upgrade: websocket\r\nSec-WebSocket-Extensions:"),
        (
            "Upgrade: websocket",
            "Upgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate, permessage-deflate",
        ),
        (
            "Upgrade: websocket",
            "Upgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
        ),
        (
            "Upgrade: websocket",
            "Upgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=20",
        ),
        ("Upgrade: websocket", "Upgrade : websocket"),
        ("Upgrade: websocket\r\n", "Upgrade: websocket\n"),
    ];
    for (from, to) in table {
        let mut run = Run::new(client());
        let request = std::mem::take(&mut run.output.octets);
        let response = String::from_utf8(response_to(&request)).expect("ASCII");
        assert!(response.contains(from), "{from:?}");
        run.receive(response.replacen(from, to, 1).as_bytes());
        assert!(
            matches!(run.output.events[..], [Event::OpeningFailed(_), Event::Ended]),
            "{to:?}: {:?}",
            run.output.events
        );
        assert!(run.output.octets.is_empty() && run.is_closed(), "{to:?}");
    }
}

#[test]
fn a_response_cut_short_fails() {
    let mut run = Run::new(client());
    let response = response_to(&run.output.octets);
    run.receive(&response[..30]);
    run.receive_eof();
    assert_eq!(run.output.events, [Event::OpeningFailed(ResponseError::CutShort), Event::Ended]);
    assert!(run.is_closed());
}

#[test]
fn frames_in_the_same_octets_as_the_response_are_read() {
    let mut run = Run::new(client());
    let mut octets = response_to(&run.output.octets);
    Frame::new(Opcode::Text, "early").encode(&mut octets);
    run.output.octets.clear();
    run.receive(&octets);
    assert_eq!(frames(&run.output.octets), [(0x81, b"early".to_vec())]);
    assert_eq!(run.output.octets[1] & 0x80, 0x80, "a client masks");
}
