//! Probes: what a peer does, each a chance for a quirk to show.

use crate::run::{REQUEST, Run, accept_of, sent_to};
use std::time::Duration;
use wsgauntlet::opening::DeflateOffer;
use wsgauntlet::protocol::{Config, DeflateConfig};
use wsgauntlet::wire::deflate::{Compressor, Encoder, Finality, Kind, Settings, Shape};
use wsgauntlet::wire::{Frame, Header, LengthForm, Opcode, Role};

pub struct Probe {
    pub config: Box<dyn Fn(Config) -> Config>,
    pub play: Box<dyn Fn(&mut Run)>,
}

fn probe(play: impl Fn(&mut Run) + 'static) -> Probe {
    Probe { config: Box::new(|config| config), play: Box::new(play) }
}

pub fn probes(role: Role) -> Vec<Probe> {
    let mut probes = match role {
        Role::Server => requests(),
        Role::Client => responses(),
    };
    for script in scripts(role) {
        probes.push(probe(move |run| {
            open(run, "");
            play(run, &script);
        }));
    }
    probes.extend(deflate_probes(role));
    probes
}

/// The segments that are received after the opening handshake, and what else happens.
type Script = Vec<Step>;

#[derive(Clone)]
enum Step {
    Receive(Vec<u8>),
    Eof,
    Pass(Duration),
}

fn play(run: &mut Run, script: &Script) {
    for step in script {
        match step {
            Step::Receive(octets) => run.receive(octets),
            Step::Eof => run.receive_eof(),
            Step::Pass(time) => run.pass(*time),
        }
    }
}

/// Opens with further lines in our head.
fn open(run: &mut Run, lines: &str) {
    let head = match run.role {
        Role::Server => REQUEST.replace("Host", &format!("{lines}Host")).into_bytes(),
        Role::Client => response(&run.output.octets, lines),
    };
    run.receive(&head);
}

fn response(request: &[u8], lines: &str) -> Vec<u8> {
    let key = String::from_utf8_lossy(request)
        .lines()
        .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ").map(str::to_owned));
    let accept = wsgauntlet::opening::key::accept(key.unwrap_or_default().as_bytes());
    format!("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{lines}\r\n").into_bytes()
}

fn requests() -> Vec<Probe> {
    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    let edits: Vec<(&str, String)> = [
        ("Host", "Host"),
        ("GET", "POST"),
        ("GET", "get"),
        ("HTTP/1.1", "HTTP/1.0"),
        ("/chat", "*"),
        ("/chat", "/chat?x=1"),
        ("/chat", "http://server.example.com/chat"),
        ("Host: server.example.com\r\n", ""),
        ("Host: server.example.com", "Host: a\r\nHost: b"),
        ("Host: server.example.com", "Host:"),
        ("Host: server.example.com", "Host: a b"),
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
        ("Host", "Transfer-Encoding: chunked\r\nHost"),
        ("Host", "Expect: 100-continue\r\nHost"),
        ("Host", "Sec-WebSocket-Key2: x\r\nHost"),
        ("Host", "Sec-WebSocket-Version-Note: x\r\nHost"),
        ("Upgrade: websocket\r\n", ""),
        ("Upgrade: websocket", "Upgrade: h2c"),
        ("Upgrade: websocket", "Upgrade: websockets"),
        ("Upgrade: websocket", "Upgrade: web\u{17f}ocket"),
        ("Upgrade: websocket", "Upgrade: WebSocket"),
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

fn responses() -> Vec<Probe> {
    let mut edits: Vec<(&str, String)> = [
        ("HTTP", "HTTP"),
        ("101 Switching Protocols", "200 OK"),
        ("101 Switching Protocols", "200 not 101"),
        ("101 Switching Protocols", "404 Not Found"),
        ("101 Switching Protocols", "101 Yes"),
        ("HTTP/1.1 101", "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 101"),
        ("HTTP/1.1", "HTTP/1.0"),
        ("Upgrade: websocket\r\n", ""),
        ("Upgrade: websocket", "Upgrade: h2c"),
        ("Upgrade: websocket", "Upgrade: websockets"),
        ("Upgrade: websocket", "Upgrade: WebSocket"),
        ("Upgrade: websocket", "upgrade: websocket"),
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
        ("Upgrade", "Sec-WebSocket-Protocol: Chat\r\nSec-WebSocket-Protocol: Chat\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Extensions: foo\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Extensions: foo;\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Extensions: permessage-deflate; foo\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=16\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_no_context_takeover\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\nUpgrade"),
        ("Upgrade", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=9\r\nUpgrade"),
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

/// A frame as the peer of `role` sends it, with a mask of its own for each payload.
fn octets(role: Role, frame: Frame) -> Vec<u8> {
    let key = [0x37, 0xfa, 0x21, frame.payload.len() as u8 ^ 0x3d];
    match role {
        Role::Server => frame.masked(key).to_octets(),
        Role::Client => frame.to_octets(),
    }
}

fn first(first: u8, payload: &[u8]) -> Frame {
    let mut frame = Frame::new(Opcode::from_bits(first), payload);
    frame.header.fin = first & 0x80 != 0;
    frame.header.rsv = (first >> 4) & 7;
    frame
}

fn long_form(first_octet: u8, form: LengthForm, payload: &[u8]) -> Frame {
    let mut frame = first(first_octet, payload);
    frame.header.length_form = form;
    frame
}

/// Frames whose octets come in one segment each, in one segment all together, and in two.
fn scripts(role: Role) -> Vec<Script> {
    let mut scripts = Vec::new();
    for frames in frame_lists() {
        let frames: Vec<Vec<u8>> = frames.into_iter().map(|frame| octets(role, frame)).collect();
        let all = frames.concat();
        scripts.push(frames.iter().cloned().map(Step::Receive).collect());
        scripts.push(vec![Step::Receive(all.clone())]);
        for cut in [1, 3, 5, 8, all.len() / 2, all.len() - 1] {
            let (left, right) = all.split_at(cut.min(all.len()));
            scripts.push(vec![Step::Receive(left.to_vec()), Step::Receive(right.to_vec())]);
        }
    }
    scripts.extend(mask_scripts(role));
    scripts.extend(raw_scripts(role));
    let close = octets(role, first(0x88, b"\x03\xe8"));
    scripts.push(vec![Step::Eof]);
    scripts.push(vec![Step::Receive(close.clone()), Step::Eof]);
    scripts.push(vec![Step::Receive(close), Step::Pass(Duration::from_secs(11))]);
    scripts.push(vec![Step::Receive(vec![0xff]), Step::Pass(Duration::from_secs(11))]);
    scripts
}

/// Each row: frames, whole and unmasked.
fn frame_lists() -> Vec<Vec<Frame>> {
    let mut lists: Vec<Vec<(u8, Vec<u8>)>> = Vec::new();
    let mut add = |list: &[(u8, &[u8])]| {
        lists.push(list.iter().map(|(first, payload)| (*first, payload.to_vec())).collect());
    };
    let text = "κόσμε \u{1f600} 😀".as_bytes();
    for rsv in [0xc1, 0xa1, 0x91, 0xf1, 0xc2, 0xf2] {
        add(&[(rsv, b"hello"), (0x89, b"p")]);
        add(&[(rsv, b""), (0x89, b"p")]);
        add(&[(0x81, b"a"), (rsv, b"hello"), (0x89, b"p")]);
    }
    add(&[(0x01, b"a"), (0xc0, b"b"), (0x89, b"p")]);
    add(&[(0xb9, b"a"), (0x89, b"p")]);
    for opcode in [0x83, 0x8b, 0x03, 0x0b] {
        add(&[(opcode, b"hello"), (0x89, b"p")]);
        add(&[(opcode, b""), (0x89, b"p")]);
        add(&[(0x01, b"a"), (opcode, b"hello"), (0x80, b"b"), (0x89, b"p")]);
    }
    for opcode in [0x89, 0x8a, 0x88] {
        for len in [0, 1, 2, 8, 40, 124, 125, 126, 300] {
            add(&[(opcode, &[&b"\x03\xe8"[..], &vec![b'x'; 300]].concat()[..len]), (0x89, b"p")]);
        }
        add(&[(opcode & 0x7f, b"\x03\xe8"), (0x89, b"p")]);
        add(&[(0x01, text), (opcode, b"\x03\xe8!"), (0x80, b"tail"), (0x81, b"next"), (0x89, b"p")]);
    }
    for continuation in [0x00, 0x80] {
        add(&[(continuation, b"stray"), (0x89, b"p"), (0x80, b"end"), (0x89, b"q")]);
        add(&[(0x81, b"a"), (continuation, b"stray"), (0x89, b"p")]);
    }
    for inner in [0x81, 0x82, 0x01] {
        add(&[(0x01, b"outer"), (inner, b"inner"), (0x80, b"end"), (0x89, b"p")]);
    }
    add(&[(0x01, b"a"), (0x00, b"b"), (0x00, b""), (0x00, b"c"), (0x80, b""), (0x89, b"p")]);
    add(&[(0x01, b""), (0x80, b""), (0x01, b"x"), (0x80, b"y"), (0x81, b"z"), (0x82, b"w")]);
    add(&[(0x02, b"bin"), (0x80, b"ary"), (0x81, text), (0x82, &[0, 1, 255])]);
    add(&[(0x81, b"a\r\nb\0c"), (0x81, "\u{feff}bom \u{fffe} \u{10ffff}".as_bytes())]);
    add(&[(0x01, &text[..3]), (0x80, &text[3..]), (0x81, text)]);
    add(&[(0x89, b"longer"), (0x89, b"a"), (0x89, b"a"), (0x89, b"\0\xff"), (0x8a, b"unasked")]);
    let mut many: Vec<(u8, &[u8])> = vec![(0x89, b"p"); 13];
    many.extend(vec![(0x81, &b"m"[..]); 13]);
    add(&many);
    let mut fragments: Vec<(u8, &[u8])> = vec![(0x01, b"f")];
    fragments.extend(vec![(0x00, &b"g"[..]); 20]);
    fragments.push((0x80, b"h"));
    add(&fragments);
    for len in [0, 3, 125, 126, 127, 1500, 9000, 32_768, 65_535, 65_536, 70_000, 200_001] {
        add(&[(0x82, &vec![b'x'; len]), (0x89, b"p")]);
    }
    add(&[(0x02, &vec![b'x'; 150_000]), (0x80, &vec![b'x'; 60_000]), (0x89, b"p")]);
    for code in [0u16, 999, 1000, 1001, 1004, 1005, 1006, 1012, 1015, 1016, 3000, 4000, 4999, 5000, 65_535] {
        add(&[(0x88, &code.to_be_bytes()), (0x89, b"p")]);
        add(&[(0x88, &[&code.to_be_bytes()[..], b"why"].concat()), (0x81, b"late")]);
        add(&[(0x81, b"m"), (0x88, &code.to_be_bytes()), (0x88, b"\x03\xe8")]);
    }
    add(&[(0x88, b"\x03\xe8\xff!"), (0x89, b"p")]);
    add(&[(0x88, b"\x03\xe8\xce"), (0x89, b"p")]);
    for bad in bad_texts() {
        add(&[(0x81, &bad), (0x89, b"p")]);
        add(&[(0x81, b"good"), (0x81, &bad), (0x89, b"p")]);
        add(&[(0x01, &bad), (0x80, b"good"), (0x89, b"p")]);
        add(&[(0x01, b"good"), (0x80, &bad), (0x89, b"p")]);
        add(&[(0x81, &[&[b'x'; 200], &bad[..]].concat()), (0x89, b"p")]);
    }
    let mut lists: Vec<Vec<Frame>> = lists
        .into_iter()
        .map(|list| list.iter().map(|(octet, payload)| first(*octet, payload)).collect())
        .collect();
    lists.push(vec![first(0x01, b"\xff"), first(0x89, b"p")]);
    for (octet, form, len) in [
        (0x82, LengthForm::Sixteen, 0),
        (0x82, LengthForm::Sixteen, 5),
        (0x82, LengthForm::Sixteen, 125),
        (0x82, LengthForm::SixtyFour, 5),
        (0x82, LengthForm::SixtyFour, 0),
        (0x82, LengthForm::SixtyFour, 200),
        (0x82, LengthForm::SixtyFour, 65_535),
        (0x89, LengthForm::Sixteen, 5),
    ] {
        let ping = first(0x89, b"p");
        let frame = long_form(octet, form, &vec![b'x'; len]);
        lists.push(vec![frame, ping.clone()]);
        let fragment = long_form(0x80, form, &vec![b'x'; len]);
        lists.push(vec![first(0x02, b"a"), fragment, ping]);
    }
    lists
}

fn bad_texts() -> Vec<Vec<u8>> {
    [
        &b"\xc0\xaf"[..],
        b"\xc0\x80",
        b"\xe0\x80\xaf",
        b"\xf0\x80\x80\xaf",
        b"\xed\xa0\x80",
        b"\xed\xa0\xbd\xed\xb8\x80",
        b"\xf4\x90\x80\x80",
        b"\xf8\x88\x80\x80\x80",
        b"\xbf",
        b"\xce!",
        b"\xff",
        b"\xce",
    ]
    .iter()
    .map(|text| text.to_vec())
    .collect()
}

/// Wrong masks, and masking keys that are right and rare.
fn mask_scripts(role: Role) -> Vec<Script> {
    let wrong = |frame: Frame| match role {
        Role::Server => frame.to_octets(),
        Role::Client => frame.masked([9, 8, 7, 6]).to_octets(),
    };
    let mut scripts = Vec::new();
    let ping = octets(role, first(0x89, b"p"));
    for (octet, payload) in [(0x81, &b"hello"[..]), (0x81, b""), (0x89, b"x"), (0x88, b"\x03\xe8")] {
        let frame = wrong(first(octet, payload));
        scripts.push(vec![Step::Receive(frame.clone()), Step::Receive(ping.clone())]);
        let good = octets(role, first(0x81, b"good"));
        scripts.push(vec![Step::Receive([&good, &frame[..], &ping].concat())]);
        let (left, right) = frame.split_at(1);
        scripts.push(vec![Step::Receive(left.to_vec()), Step::Receive(right.to_vec())]);
    }
    let start = octets(role, first(0x01, b"a"));
    let end = wrong(first(0x80, b"b"));
    scripts.push(vec![Step::Receive([start, end, ping].concat())]);
    if role == Role::Server {
        for key in [[0; 4], [0, 1, 2, 3], [9, 9, 8, 7]] {
            let frame = Frame::new(Opcode::Text, "abcdefghi").masked(key).to_octets();
            scripts.push(vec![Step::Receive(frame.repeat(2))]);
        }
    }
    scripts
}

/// Headers whose payload never comes, and other octets.
fn raw_scripts(role: Role) -> Vec<Script> {
    let header = |octet: u8, len: u64| {
        let mut header = Header::new(Opcode::from_bits(octet), len);
        header.length_form = LengthForm::SixtyFour;
        header.key = (role == Role::Server).then_some([0; 4]);
        let mut octets = Vec::new();
        header.encode(&mut octets);
        octets
    };
    let ping = octets(role, first(0x89, b"p"));
    let mut scripts = Vec::new();
    for len in [(1 << 63) | 5, 1 << 63, u64::MAX, (1 << 63) - 1, 1 << 40] {
        let octets = [&header(0x82, len)[..], b"hello", &ping].concat();
        scripts.push(vec![Step::Receive(octets)]);
    }
    scripts
}

fn deflate_probes(role: Role) -> Vec<Probe> {
    let mut probes = Vec::new();
    let params = [
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; server_max_window_bits=8; client_max_window_bits=8",
        "permessage-deflate; server_max_window_bits=9; client_max_window_bits=15",
        "permessage-deflate; server_max_window_bits=15; client_max_window_bits=9",
        "permessage-deflate; server_no_context_takeover",
        "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; Server_Max_Window_Bits=9",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "foo; a=b, permessage-deflate",
    ];
    for params in params {
        let line = format!("Sec-WebSocket-Extensions: {params}\r\n");
        for script in deflate_scripts(role) {
            let line = line.clone();
            probes.push(probe(move |run| {
                open(run, &line);
                play(run, &script);
            }));
        }
    }
    probes
}

fn deflate_scripts(role: Role) -> Vec<Script> {
    let text: String = (0..400).map(|i| format!("{} κόσμε ", i * 7 % 90)).collect();
    let noise: Vec<u8> = (0..33_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let far = [&noise[..32_768], &noise[..300]].concat();
    let mut compressor = Compressor::new(Settings::default());
    let hello = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
    let shaped = |shape: Shape| Encoder::new(Settings::default()).message(text.as_bytes(), &shape).encode();
    let kinds = [Kind::Stored, Kind::Fixed, Kind::Dynamic];
    let mut lists: Vec<Vec<Frame>> = vec![
        vec![
            first(0xc1, &compressor.compress_message(text.as_bytes())),
            first(0xc1, &compressor.compress_message(text.as_bytes())),
            first(0x81, b"plain"),
            first(0xc1, &compressor.compress_message(text.as_bytes())),
            first(0x89, b"ping"),
        ],
        vec![first(0x41, &hello[..3]), first(0x89, b"p"), first(0x80, &hello[3..])],
        vec![first(0x41, &hello[..3]), first(0xc0, &hello[3..])],
        vec![first(0xc9, b"p")],
        vec![first(0xc1, b"\x00"), first(0x82, b""), first(0x81, b"")],
        vec![first(0xc1, hello), first(0x81, hello), first(0x82, hello), first(0x82, b"bin")],
        vec![first(0xc1, b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), first(0xc1, hello)],
        vec![first(0xc2, &hello[..4]), first(0x89, b"p")],
        vec![first(0xc2, b"\xf2\x48\xcd\x07"), first(0x89, b"p")],
        vec![first(0xc2, b"\x07"), first(0x89, b"p")],
        vec![first(0xc2, &Compressor::new(Settings::default()).compress_message(&vec![0; 200_001]))],
        vec![first(0xc1, &Compressor::new(Settings::default()).compress_message(b"\xff\xff\xff"))],
        vec![first(0xc2, &Encoder::new(Settings::default()).compress_message(&far))],
        vec![first(0x82, &far), first(0x82, &text.as_bytes().repeat(2))],
        vec![first(0x81, text.as_bytes()), first(0x81, text.as_bytes())],
    ];
    for kind in kinds {
        lists.push(vec![first(0xc1, &shaped(Shape { kind, ..Shape::default() }))]);
    }
    lists.push(vec![first(0xc1, &shaped(Shape { block_len_max: 100, ..Shape::default() }))]);
    lists.push(vec![first(0xc1, &shaped(Shape { finality: Finality::LastBlock, ..Shape::default() }))]);
    lists
        .into_iter()
        .map(|list| list.into_iter().map(|frame| Step::Receive(octets(role, frame))).collect())
        .collect()
}
