//! Frames, lawful and not, whole and cut.

use super::{Script, Step};
use std::time::Duration;
use wsgauntlet_wire::{Frame, Header, LengthForm, Opcode, Role};

/// A frame as the peer of `role` sends it, with a mask of its own for each payload.
pub fn octets(role: Role, frame: Frame) -> Vec<u8> {
    let key = [0x37, 0xfa, 0x21, frame.payload.len() as u8 ^ 0x3d];
    match role {
        Role::Server => frame.masked(key).to_octets(),
        Role::Client => frame.to_octets(),
    }
}

pub fn first(first: u8, payload: &[u8]) -> Frame {
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
pub fn scripts(role: Role) -> Vec<Script> {
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
    scripts.push(vec![Step::Receive(Vec::new()), Step::Receive(octets(role, first(0x89, b"p")))]);
    scripts.push(vec![Step::Receive(octets(role, first(0x89, b"p")).repeat(401))]);
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
    add(&[(0x01, b""), (0x02, b"b"), (0x80, b"c"), (0x89, b"p")]);
    add(&[(0x01, b""), (0x01, b"b"), (0x80, b"c"), (0x89, b"p")]);
    add(&[(0x01, b""), (0x81, b"b"), (0x89, b"p")]);
    add(&[(0x88, b"\x03\xf6")]);
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
    add(&[(0x01, b""), (0x00, b""), (0x00, b""), (0x80, b"end"), (0x89, b"p")]);
    add(&[(0x01, &text[text.len() - 4..text.len() - 2]), (0x89, b"p"), (0x80, &text[text.len() - 2..])]);
    add(&[(0x89, b"p"), (0x89, b"q"), (0x88, &[&b"\x03\xe8"[..], &[b'x'; 64]].concat())]);
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
    for len in [0, 3, 125, 126, 127, 1337, 1500, 9000, 32_768, 65_535, 65_536, 70_000, 200_001] {
        add(&[(0x82, &vec![b'x'; len]), (0x89, b"p")]);
    }
    add(&[(0x02, &vec![b'x'; 150_000]), (0x80, &vec![b'x'; 60_000]), (0x89, b"p")]);
    for code in [0u16, 999, 1000, 1001, 1004, 1005, 1006, 1012, 1015, 1016, 3000, 4000, 4999, 5000, 65_535] {
        add(&[(0x88, &code.to_be_bytes()), (0x89, b"p")]);
        add(&[(0x88, &[&code.to_be_bytes()[..], b"why"].concat()), (0x81, b"late")]);
        add(&[(0x81, b"m"), (0x88, &code.to_be_bytes()), (0x88, b"\x03\xe8")]);
    }
    // Cut in half, one of both reasons is cut within a character, masked or not.
    for reason in ["κόσμε", "€€€€"] {
        add(&[(0x88, &[&b"\x03\xe8"[..], reason.as_bytes()].concat()), (0x89, b"p")]);
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
        for key in [[0; 4], [0, 1, 2, 3], [9, 9, 8, 7], [1, 2, 0, 4]] {
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
