//! Requests and responses.

use super::super::run::{REQUEST, accept_of, sent_to};
use super::{Probe, probe, response};
use wsgauntlet_reference::{Address, Config, DeflateConfig, Redirection};
use wsgauntlet_wire::opening::DeflateOffer;
use wsgauntlet_wire::opening::certificate::Certificate;
use wsgauntlet_wire::{Frame, Opcode, Role};

pub fn requests() -> Vec<Probe> {
    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    let edits: Vec<(&str, String)> = [
        ("Host", "Host"),
        ("GET", "POST"),
        ("GET", "get"),
        ("GET", "HEAD"),
        ("GET", "\r\nGET"),
        ("GET /chat", "CONNECT server.example.com:80"),
        ("GET /chat HTTP/1.1", "GET /chat HTTP/0.9"),
        ("GET /chat HTTP/1.1", "GET /chat"),
        ("/chat", "/chat#a"),
        ("HTTP/1.1", "HTTP/1.0"),
        ("/chat", "*"),
        ("/chat", "/chat?x=1"),
        ("/chat", "http://server.example.com/chat"),
        ("Host: server.example.com\r\n", ""),
        ("Host: server.example.com", "Host: a\r\nHost: b"),
        ("Host: server.example.com", "Host:"),
        ("Host: server.example.com", "Host: a b"),
        ("Host: server.example.com", "Host: a,b"),
        ("Host: server.example.com", "Host: a:b"),
        ("Host: server.example.com", "Host: [a"),
        ("Host: server.example.com", "Host: a_b:80:80"),
        ("Host: server.example.com", "Host: http://a/"),
        ("Host: server.example.com", "Host:\tserver.example.com\t"),
        ("Host: server.example.com", "Host: a:8080"),
        ("Host: server.example.com", "Host: [::1]"),
        ("Host: server", "Host : server"),
        ("Host: server", "Host:server"),
        ("Host: server", "Host:  server"),
        ("Host:", "hOST:"),
        ("Host", "X-A: b\r\n c: d\r\nHost"),
        ("Host", "X-A: b\0c\r\nHost"),
        ("Host", "X-A: b\x01c\r\nHost"),
        ("Host", "X-A: b\rX-B: c\r\nHost"),
        ("Host", "X-A: b\x0bX-B: c\r\nHost"),
        ("Host", "nonsense\r\nHost"),
        ("Host", "X A: b\r\nHost"),
        ("Host", "X-A: b\u{e9}\r\nHost"),
        ("Host", "Content-Length: 0\r\nHost"),
        ("Host", "Content-Length: 2\r\nHost"),
        ("Host", "Content-Length:\r\nHost"),
        ("Host", "Content-Length: x\r\nHost"),
        ("Host", "Transfer-Encoding: gzip\r\nHost"),
        ("Host", "Transfer-Encoding: gzip\r\nContent-Length: 2\r\nHost"),
        ("Host", ": b\r\nHost"),
        ("Host", "Transfer-Encoding: chunked\r\nHost"),
        ("Host", "Expect: 100-continue\r\nHost"),
        ("Host", "Sec-WebSocket-Key2: x\r\nHost"),
        ("Host", "Sec-WebSocket-Version-Note: x\r\nHost"),
        ("Upgrade: websocket\r\n", ""),
        ("Upgrade: websocket", "Upgrade: h2c"),
        ("Upgrade: websocket", "Upgrade: websockets"),
        ("Upgrade: websocket", "Upgrade: web\u{17f}ocket"),
        ("Upgrade: websocket", "Upgrade: WebSocket"),
        ("Upgrade: websocket", "Upgrade: websoc\u{212a}et"),
        ("Upgrade: websocket", "Upgrade:\twebsocket\t"),
        ("Upgrade: websocket", "Upgrade: websocket\u{a0}"),
        ("Upgrade: websocket", "Upgrade: foo, websocket"),
        ("Connection: Upgrade\r\n", ""),
        ("Connection: Upgrade", "Connection: keep-alive"),
        ("Connection: Upgrade", "Connection: notupgrade"),
        ("Connection: Upgrade", "Connection: upgrade"),
        ("Connection: Upgrade", "Connection: keep-alive, Upgrade"),
        ("Connection: Upgrade", "Connection: keep-alive,Upgrade"),
        ("Connection: Upgrade", "Connection: , Upgrade,"),
        ("Connection: Upgrade", "Connection: Upgrade\r\nConnection: keep-alive"),
        ("Connection: Upgrade", "Connection: keep-alive\r\nConnection: Upgrade"),
        ("Version: 13", "Version: 8"),
        ("Version: 13", "Version: 12"),
        ("Version: 13", "Version: 14"),
        ("Version: 13", "Version: 013"),
        ("Version: 13", "Version: 13, 8"),
        ("Version: 13", "Version: 13\r\nSec-WebSocket-Version: 13"),
        ("Sec-WebSocket-Version: 13\r\n", ""),
        ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""),
        (KEY, ""),
        (KEY, "dGhlIHNhbXBsZSBub25j"),
        (KEY, "AQIDBAUGBwgJCgsMDQ4PEBE="),
        (KEY, "!!!!!!!!!!!!!!!!!!!!!!=="),
        (KEY, "dGhlIHNhbXBsZSBub25jZQ"),
        (KEY, "dGhlIHNh.mXBsZSBub25jZQ=="),
        (KEY, "dGhlIHNh bXBsZSBub25jZQ=="),
        (KEY, "dGhlIHNhbXBsZSBub25j===="),
        (KEY, "dGhlIHNhbXBs\r\n ZSBub25jZQ=="),
        (KEY, "dGhlIHNhbXBsZSBub25jZQ==\r\n "),
        (KEY, "\r\n dGhlIHNhbXBsZSBub25jZQ=="),
        (KEY, "-_IDBAUGBwgJCgsMDQ4PEA=="),
        (KEY, "AQIDBAUGBwgJCgsMDQ4PEA=="),
        (KEY, "  AQIDBAUGBwgJCgsMDQ4PEA== "),
        (KEY, "AQIDBAUGBwgJCgsMDQ4PEA==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="),
        ("Host", "Sec-WebSocket-Protocol: Chat\r\nHost"),
        ("Host", "Sec-WebSocket-Protocol: foo, Chat\r\nHost"),
        ("Host", "Sec-WebSocket-Protocol: foo\r\nSec-WebSocket-Protocol: Chat\r\nHost"),
        ("Host", "Sec-WebSocket-Protocol: superchat, Chat\r\nHost"),
        ("Host", "Sec-WebSocket-Protocol:\r\nHost"),
        ("Host", "Sec-WebSocket-Protocol: a;b\r\nHost"),
        ("Host", "Sec-WebSocket-Extensions: foo\r\nHost"),
        ("Host", "Sec-WebSocket-Extensions: foo;\r\nHost"),
        ("Host", "Sec-WebSocket-Extensions:\r\nHost"),
        ("Host", "Sec-WebSocket-Extensions: \u{e9}\r\nHost"),
        ("Host", "Sec-WebSocket-Protocol: \u{e9}\r\nHost"),
        ("Host", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits = 10\r\nHost"),
        ("Host", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=1e1\r\nHost"),
        ("Host", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=010\r\nHost"),
        ("Host", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=77\r\nHost"),
        ("Host", "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=1e1\r\nHost"),
        ("Host", "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=010\r\nHost"),
        ("Host", "Sec-WebSocket-Extensions: foo; a=\"b c\"\r\nHost"),
        ("Host", "Sec-WebSocket-Extensions: foo; a=\"b\"\r\nHost"),
        ("Host", "Sec-WebSocket-Extensions: foo\r\nSec-WebSocket-Extensions: bar\r\nHost"),
        ("Host", "Sec-WebSocket-Extensions: permessage-deflate; foo\r\nHost"),
    ]
    .into_iter()
    .map(|(from, to)| (from, to.to_owned()))
    .chain([
        ("Host", format!("{}Host", "X: y\r\n".repeat(30))),
        ("Host", format!("X-Long: {}\r\nHost", "y".repeat(2000))),
        ("Host", format!("X-Long: {}\r\nHost", "y".repeat(70_000))),
        ("/chat", format!("/{}", "y".repeat(300))),
    ])
    .collect();
    let mut probes = Vec::new();
    for (from, to) in edits {
        assert!(REQUEST.contains(from), "{from:?}");
        let request = REQUEST.replacen(from, &to, 1);
        probes.push(probe(move |run| {
            run.receive(request.as_bytes());
            run.receive(&sent_to(Role::Server, Frame::new(Opcode::Ping, "p")));
        }));
    }
    for cut in [10, 150] {
        probes.push(probe(move |run| {
            run.receive(&REQUEST.as_bytes()[..cut]);
            run.receive(&REQUEST.as_bytes()[cut..]);
        }));
    }
    probes.push(probe(|run| {
        run.receive(&REQUEST.as_bytes()[..REQUEST.len() - 2]);
    }));
    probes.push(probe(|run| {
        let frame = sent_to(Role::Server, Frame::new(Opcode::Text, "early"));
        run.receive(&[REQUEST.as_bytes(), &frame].concat());
    }));
    probes
}

pub fn responses() -> Vec<Probe> {
    let mut edits: Vec<(&str, String)> = [
        ("HTTP", "HTTP"),
        ("101 Switching Protocols", "200 OK"),
        ("101 Switching Protocols", "200 not 101"),
        ("101 Switching Protocols", "0101 Switching Protocols"),
        ("Upgrade: websocket", "Upgrade: websoc\u{212a}et"),
        ("101 Switching Protocols", "404 Not Found"),
        ("101 Switching Protocols", "101 Yes"),
        ("HTTP/1.1 101", "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 101"),
        ("HTTP/1.1", "HTTP/1.0"),
        ("Upgrade: websocket\r\n", ""),
        ("Upgrade: websocket", "Upgrade: h2c"),
        ("Upgrade: websocket", "Upgrade: websockets"),
        ("Upgrade: websocket", "Upgrade: WebSocket"),
        ("Upgrade: websocket", "upgrade: websocket"),
        ("Upgrade: websocket", "Upgrade: websocket\u{a0}"),
        ("Upgrade: websocket", "Upgrade: websocket\u{b}"),
        ("Upgrade: websocket", "X-A: \u{e9}\r\nUpgrade: websocket"),
        ("Upgrade: websocket", "Upgrade:  websocket"),
        ("Upgrade: websocket", "Upgrade:websocket"),
        ("Upgrade: websocket", "X-A : b\r\nUpgrade: websocket"),
        ("Upgrade: websocket", "X-A: b\rX-B: c\r\nUpgrade: websocket"),
        ("Upgrade: websocket", "X-A: b\r\nUpgrade: websocket"),
        ("Connection: Upgrade\r\n", ""),
        ("Connection: Upgrade", "Connection: close"),
        ("Connection: Upgrade", "Connection: upgraded"),
        ("Connection: Upgrade", "Connection: upgrade"),
        ("Connection: Upgrade", "Connection: keep-alive, Upgrade"),
        ("Connection: Upgrade", "Connection: keep-alive,Upgrade"),
        ("Connection: Upgrade", "Connection: Upgrade\r\nConnection: keep-alive"),
        ("Connection: Upgrade", "Connection: keep-alive\r\nConnection: Upgrade"),
        ("Sec-WebSocket-Accept: ", "X-Accept: "),
        ("Sec-WebSocket-Accept: ", "Sec-WebSocket-Accept: x"),
        ("Sec-WebSocket-Accept: ", "Sec-WebSocket-Accept: x\r\nSec-WebSocket-Accept: "),
        ("Sec-WebSocket-Accept: ", "Sec-WebSocket-Accept:   "),
        ("Upgrade", "Sec-WebSocket-Protocol: Chat\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Protocol: chat\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Protocol: other\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Protocol: Chat, superchat\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Protocol:\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Protocol: \u{e9}\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Extensions: \u{e9}\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Protocol: Chat\r\nSec-WebSocket-Protocol: Chat\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Extensions: foo\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Extensions: foo;\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Extensions: permessage-deflate; foo\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=16\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_no_context_takeover\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=9\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=\"8\"\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Extensions: permessage-deflate \t;  \tserver_max_window_bits=8\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Extensions: ,\r\nUpgrade"),
    ]
    .into_iter()
    .map(|(from, to)| (from, to.to_owned()))
    .collect();
    edits.push(("Upgrade", format!("{}Upgrade", "X: y\r\n".repeat(30))));
    let mut probes = Vec::new();
    let configs: [fn(Config) -> Config; 4] =
        [|config| config, with_offers, with_plain_offer, without_deflate];
    for config in configs {
        for (from, to) in edits.clone() {
            probes.push(Probe {
                config: Box::new(config),
                play: Box::new(move |run| {
                    let response = response(&run.output.octets, "");
                    let response = String::from_utf8(response).expect("ASCII");
                    run.receive(response.replacen(from, &to, 1).as_bytes());
                    run.receive(&Frame::new(Opcode::Ping, "p").to_octets());
                }),
            });
        }
    }
    let variants: [fn(&str) -> String; 2] =
        [|accept| accept.to_ascii_lowercase(), |accept| accept[..10].to_owned()];
    for change in variants {
        probes.push(probe(move |run| {
            let accept = accept_of(&run.output.octets);
            let response = String::from_utf8(response(&run.output.octets, "")).expect("ASCII");
            run.receive(response.replace(&accept, &change(&accept)).as_bytes());
            run.receive(&Frame::new(Opcode::Ping, "p").to_octets());
        }));
    }
    probes.push(probe(|run| {
        let response = response(&run.output.octets, "");
        run.receive(&response[..40]);
        run.receive(&response[40..]);
    }));
    probes.push(probe(|run| {
        let mut octets = response(&run.output.octets, "");
        Frame::new(Opcode::Text, "early").encode(&mut octets);
        run.receive(&octets);
    }));
    probes
}

/// A client that asks for all that can be asked for.
fn with_offers(config: Config) -> Config {
    let offers = vec![DeflateOffer {
        server_no_context_takeover: true,
        client_no_context_takeover: true,
        server_max_window_bits: Some(8),
        client_max_window_bits: None,
    }];
    Config { deflate: Some(DeflateConfig { offers }), ..config }
}

fn with_plain_offer(config: Config) -> Config {
    let offers = vec![DeflateOffer::default()];
    Config { deflate: Some(DeflateConfig { offers }), ..config }
}

fn without_deflate(config: Config) -> Config {
    Config { deflate: None, ..config }
}

/// A client that is given an address to open.
pub fn addresses() -> Vec<Probe> {
    let told = |url: &str, certificate: Certificate| {
        let address = Address { url: url.to_owned(), port: 9001, certificate, redirect: None };
        Probe {
            config: Box::new(move |config| Config { address: Some(address.clone()), ..config }),
            play: Box::new(|_run| {}),
        }
    };
    let urls = [
        "ws://127.0.0.1:9001?a=b",
        "ws://127.0.0.1:9001/a%23b%20c",
        "ws://127.0.0.1:9001/a#b",
        "ws://127.0.0.1:9001/\u{e9}",
        "ws://\u{ff4c}ocalhost:9001/",
        "ws://127.0.0.1:74537/",
        "ws://127.0.0.1:9001x/",
        "ws://127.0.0.1:+9001/",
        "ws://127.0.0.1:9001/a b",
        "ws://127.0.0.1:9001/a\r\nb: c",
        "ws://127.0.0.1:9001/.well-known/x",
        "wss://localhost:9001/",
        "ws://[::1]:9001/",
    ];
    let mut probes: Vec<Probe> = urls.iter().map(|url| told(url, Certificate::Valid)).collect();
    for certificate in [Certificate::Expired, Certificate::OtherName, Certificate::Untrusted] {
        probes.push(told("wss://localhost:9001/", certificate));
    }
    for times in [1, 6] {
        let location = b"ws://127.0.0.2:9002/b".to_vec();
        let address = Address {
            url: "ws://127.0.0.1:9001/a".to_owned(),
            port: 9001,
            certificate: Certificate::Valid,
            redirect: Some(Redirection { location, times, other_port: 9002 }),
        };
        probes.push(Probe {
            config: Box::new(move |config| Config { address: Some(address.clone()), ..config }),
            play: Box::new(|_run| {}),
        });
    }
    let address = Address {
        url: "ws://127.0.0.1/".to_owned(),
        port: 80,
        certificate: Certificate::Valid,
        redirect: None,
    };
    probes.push(Probe {
        config: Box::new(move |config| Config { address: Some(address.clone()), ..config }),
        play: Box::new(|_run| {}),
    });
    probes
}
