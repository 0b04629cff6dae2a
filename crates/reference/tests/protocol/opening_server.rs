use super::run::{REQUEST, Run, frames, sent_to};
use wsgauntlet_reference::{Config, Event};
use wsgauntlet_wire::{Frame, Opcode, Role};

fn server() -> Config {
    Config { subprotocols: vec!["chat".into(), "superchat".into()], ..Config::new(Role::Server) }
}

/// The first octets of the response to a request.
fn answer(request: &str) -> String {
    let mut run = Run::new(server());
    run.receive(request.as_bytes());
    run.text()
}

/// The request with `from` replaced.
fn edited(from: &str, to: &str) -> String {
    assert!(REQUEST.contains(from), "{from:?}");
    REQUEST.replace(from, to)
}

#[test]
fn the_example_of_the_rfc_opens() {
    let mut run = Run::new(server());
    run.receive(REQUEST.as_bytes());
    assert_eq!(
        run.text(),
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    );
    assert_eq!(run.output.events, [Event::Open { target: "/chat".into(), subprotocol: None, deflate: None }]);
    assert!(!run.endpoint.is_ended());
}

/// Each row: what is replaced in the request, by what.
#[test]
fn lawful_requests_open() {
    let table = [
        ("Connection: Upgrade", "Connection: keep-alive, Upgrade"),
        ("Connection: Upgrade", "Connection: keep-alive\r\nConnection: uPGRADE"),
        ("Connection: Upgrade", "connection:, ,upgrade\t, x"),
        ("Upgrade: websocket", "UPGRADE: foo, WebSocket"),
        ("Host: server.example.com", "hOST:   [::1]:8080  "),
        ("Host: server.example.com", "Host: a%20b:"),
        ("/chat", "http://server.example.com/chat?x=1"),
        ("/chat", "HTTPS://server.example.com"),
        ("HTTP/1.1", "HTTP/1.2"),
        ("Host", "X: \u{e9}\r\nHost"),
        ("Host", "Content-Length: 0\r\nHost"),
        ("Host", "Origin: http://example.com\r\nHost"),
        ("Host", "Sec-WebSocket-Extensions: foo, bar; baz=2; q=\"t\"\r\nHost"),
        ("GET", "\r\nGET"),
    ];
    for (from, to) in table {
        let answer = answer(&edited(from, to));
        assert!(answer.starts_with("HTTP/1.1 101 "), "{to:?}: {answer}");
    }
}

/// Each row: what is replaced in the request, by what, and the status of the response.
#[test]
fn other_requests_are_refused() {
    let table = [
        ("GET", "POST", 405),
        ("GET", "get", 405),
        ("HTTP/1.1", "HTTP/1.0", 426),
        ("HTTP/1.1", "HTTP/2.0", 505),
        ("HTTP/1.1", "HTTP/1.1.1", 400),
        ("HTTP/1.1", "FOO", 400),
        ("/chat", "*", 400),
        ("/chat", "chat", 400),
        ("/chat", "/chat#x", 400),
        ("/chat", "ws://server.example.com/chat", 400),
        ("/chat", "http:///chat", 400),
        ("Host: server.example.com\r\n", "", 400),
        ("Host: server.example.com", "Host:", 400),
        ("Host: server.example.com", "Host: a\r\nHost: a", 400),
        ("Host: server.example.com", "Host: a b", 400),
        ("Host: server.example.com", "Host: a:http", 400),
        ("Host: server.example.com", "Host: a:80:80", 400),
        ("Host: server.example.com", "Host: [::1", 400),
        ("Host: server.example.com", "Host: [::1]a", 400),
        ("Host: server.example.com", "Host: :80", 400),
        ("Host: server.example.com", "Host: a%zz", 400),
        ("Host: server.example.com", "Host: a, b", 400),
        ("Host: server.example.com", "Host : a", 400),
        ("Host: server.example.com", "Host: a\r\n b", 400),
        ("Host: server.example.com", "Host: a\0", 400),
        ("Host: server.example.com\r\n", "Host: a\n", 400),
        ("Host: server.example.com\r\n", " Host: a\r\n", 400),
        ("Host: server.example.com", "Host", 400),
        ("Upgrade: websocket\r\n", "", 426),
        ("Upgrade: websocket", "Upgrade: websockets", 426),
        ("Upgrade: websocket", "Upgrade: web\u{17f}ocket", 426),
        ("Connection: Upgrade\r\n", "", 400),
        ("Connection: Upgrade", "Connection: notupgrade", 400),
        ("Sec-WebSocket-Version: 13\r\n", "", 426),
        ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 12", 426),
        ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 013", 426),
        ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 13, 8", 426),
        ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13", 400),
        ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "", 400),
        ("dGhlIHNhbXBsZSBub25jZQ==", "", 400),
        ("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j", 400),
        (
            "dGhlIHNhbXBsZSBub25jZQ==",
            "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            400,
        ),
        ("Host", "Content-Length: 5\r\nHost", 400),
        ("Host", "Transfer-Encoding: chunked\r\nHost", 400),
        ("Host", "Expect: miracles\r\nHost", 417),
        ("Host", "Sec-WebSocket-Protocol:\r\nHost", 400),
        ("Host", "Sec-WebSocket-Protocol: a;b\r\nHost", 400),
        ("Host", "Sec-WebSocket-Protocol: a, b\r\nSec-WebSocket-Protocol: a\r\nHost", 400),
        ("Host", "Sec-WebSocket-Extensions: foo;\r\nHost", 400),
        ("Host", "Sec-WebSocket-Extensions:\r\nHost", 400),
    ];
    for (from, to, status) in table {
        let mut run = Run::new(server());
        run.receive(edited(from, to).as_bytes());
        let text = run.text();
        assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{to:?}: {text}");
        assert!(text.contains("close"), "{text}");
        assert!(run.is_closed(), "{to:?}");
        assert!(matches!(run.output.events[..], [Event::Refused(_), Event::Ended]), "{to:?}");
        if status == 426 {
            assert!(text.contains("\r\nUpgrade: websocket\r\n"), "{text}");
            assert!(text.contains("\r\nSec-WebSocket-Version: 13\r\n"), "{text}");
        }
    }
}

#[test]
fn heads_have_limits() {
    let many = "X: y\r\n".repeat(600);
    assert!(answer(&edited("Host", &format!("{many}Host"))).starts_with("HTTP/1.1 431 "));
    let long = format!("X: {}\r\n", "y".repeat(70_000));
    assert!(answer(&edited("Host", &format!("{long}Host"))).starts_with("HTTP/1.1 431 "));
    let fair = "X: y\r\n".repeat(100);
    assert!(answer(&edited("Host", &format!("{fair}Host"))).starts_with("HTTP/1.1 101 "));
}

#[test]
fn octets_that_are_no_request_are_refused_at_once() {
    let mut run = Run::new(server());
    run.receive(&[0x16, 0x03, 0x01]);
    assert!(run.text().starts_with("HTTP/1.1 400 ") && run.is_closed());
}

#[test]
fn a_request_that_is_cut_short_is_refused() {
    let mut run = Run::new(server());
    run.receive(&REQUEST.as_bytes()[..40]);
    assert_eq!(run.text(), "");
    run.receive_eof();
    assert!(run.text().starts_with("HTTP/1.1 400 ") && run.is_closed());
}

/// Each row: the lines of the request, and the subprotocol of the response.
#[test]
fn the_first_subprotocol_that_is_known_is_selected() {
    let table = [
        ("Sec-WebSocket-Protocol: superchat, chat", Some("superchat")),
        ("Sec-WebSocket-Protocol: foo,chat", Some("chat")),
        ("Sec-WebSocket-Protocol: foo\r\nSec-WebSocket-Protocol: , chat,", Some("chat")),
        ("Sec-WebSocket-Protocol: Chat", None),
    ];
    for (lines, expected) in table {
        let answer = answer(&edited("Host", &format!("{lines}\r\nHost")));
        assert!(answer.starts_with("HTTP/1.1 101 "), "{lines}");
        let selected = answer.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Protocol: "));
        assert_eq!(selected, expected, "{lines}");
    }
}

/// RFC 9110 §7.8: 100 goes before 101.
#[test]
fn an_expectation_is_met_first() {
    let answer = answer(&edited("Host", "Expect: 100-Continue\r\nHost"));
    assert!(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 "), "{answer}");
}

#[test]
fn frames_in_the_same_octets_as_the_request_are_read() {
    let mut octets = REQUEST.as_bytes().to_vec();
    octets.extend(sent_to(Role::Server, Frame::new(Opcode::Text, "early")));
    let mut run = Run::new(server());
    run.receive(&octets);
    let head_end = run.text().find("\r\n\r\n").expect("a head") + 4;
    assert_eq!(frames(&run.output.octets[head_end..]), [(0x81, b"early".to_vec())]);
}
