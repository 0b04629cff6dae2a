use super::run::{REQUEST, Run, response_with, sent_to};
use wsgauntlet_reference::{Config, DeflateConfig, Event, Violation};
use wsgauntlet_wire::deflate::{Compressor, Decompressor, Settings, WindowBits};
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::{Frame, Opcode, Role};

fn config(role: Role) -> Config {
    Config { deflate: Some(DeflateConfig::default()), message_len_max: 300_000, ..Config::new(role) }
}

/// An endpoint that agreed to these parameters, its output cleared.
fn agreed(role: Role, params: &str) -> Run {
    let mut run = Run::new(config(role));
    let line = format!("Sec-WebSocket-Extensions: permessage-deflate{params}\r\n");
    match role {
        Role::Server => run.receive(REQUEST.replace("Host", &format!("{line}Host")).as_bytes()),
        Role::Client => {
            let response = response_with(&run.output.octets, &line);
            run.receive(&response);
        }
    }
    assert!(matches!(run.output.events[..], [Event::Open { deflate: Some(_), .. }]), "{:?}", run.output);
    run.output = Default::default();
    run
}

/// Each row: the offers, and the element of the response.
#[test]
fn a_server_takes_the_first_offer_that_is_acceptable() {
    let table = [
        ("permessage-deflate", Some("permessage-deflate")),
        ("foo, permessage-deflate; client_max_window_bits", Some("permessage-deflate")),
        (
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
            Some("permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
        ),
        (
            "permessage-deflate; server_max_window_bits=8; client_max_window_bits=\"9\"",
            Some("permessage-deflate; server_max_window_bits=8; client_max_window_bits=9"),
        ),
        (
            "permessage-deflate; foo, permessage-deflate; server_max_window_bits=16, \
             permessage-deflate; server_max_window_bits=10, permessage-deflate",
            Some("permessage-deflate; server_max_window_bits=10"),
        ),
        ("permessage-deflate; server_max_window_bits=08", None),
        ("permessage-deflate; server_no_context_takeover; server_no_context_takeover", None),
        ("x-webkit-deflate-frame", None),
    ];
    for (offers, expected) in table {
        let mut run = Run::new(config(Role::Server));
        let line = format!("Sec-WebSocket-Extensions: {offers}\r\nHost");
        run.receive(REQUEST.replace("Host", &line).as_bytes());
        let text = run.text();
        let answer = text.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Extensions: "));
        assert!(text.starts_with("HTTP/1.1 101 "), "{offers}");
        assert_eq!(answer, expected, "{offers}");
    }
}

/// Messages in both directions, with each combination of window and context.
#[test]
fn compressed_messages_are_echoed_compressed() {
    let text: String = (0..600).map(|i| format!("{} κόσμε ", i % 7)).collect();
    let messages = ["", "Hello", "Hello", &text, &text, "x"];
    for role in [Role::Client, Role::Server] {
        for (theirs, ours) in [(15, 15), (8, 9), (9, 8), (10, 12)] {
            for takeover in [true, false] {
                let params = parameters(role, theirs, ours, takeover);
                let mut run = agreed(role, &params);
                let settings = |bits| Settings {
                    window_bits: WindowBits::new(bits).expect("8 to 15"),
                    context_takeover: takeover,
                };
                let mut compressor = Compressor::new(settings(theirs));
                let mut decompressor = Decompressor::new(takeover, 300_000);
                for message in messages {
                    let payload = compressor.compress_message(message.as_bytes());
                    let mut frame = Frame::new(Opcode::Text, payload);
                    frame.header.rsv = 4;
                    run.receive(&sent_to(role, frame));
                    let frames = run.frames();
                    let (first, payload) = frames.last().expect("an echo");
                    assert_eq!(*first, 0xc1, "{params}");
                    let mut echo = decompressor.decompress_chunk(payload).expect("DEFLATE");
                    echo.extend(decompressor.finish_message().expect("DEFLATE"));
                    assert_eq!(echo, message.as_bytes(), "{params}");
                }
            }
        }
    }
}

/// What the endpoint of `role` agrees to, where the peer sends with `theirs` bits.
fn parameters(role: Role, theirs: u8, ours: u8, takeover: bool) -> String {
    let (server, client) = match role {
        Role::Client => (theirs, ours),
        Role::Server => (ours, theirs),
    };
    let mut params = format!("; server_max_window_bits={server}; client_max_window_bits={client}");
    if !takeover {
        params.push_str("; server_no_context_takeover; client_no_context_takeover");
    }
    params
}

/// Each row: first octet and payload of frames, and what they lead to.
#[test]
fn what_does_not_inflate_fails() {
    let hello: &[u8] = &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let bomb = Compressor::new(Settings::default()).compress_message(&vec![0; 300_001]);
    let limit = Compressor::new(Settings::default()).compress_message(&vec![0; 300_000]);
    let not_utf8 = Compressor::new(Settings::default()).compress_message(b"\xff");
    type Row<'a> = (&'a [(u8, &'a [u8])], Option<Violation>);
    let table: [Row<'_>; 13] = [
        (&[(0xc1, hello)], None),
        (&[(0x41, &hello[..3]), (0x89, b"p"), (0x80, &hello[3..])], None),
        (&[(0x41, b""), (0x00, hello), (0x80, b"")], None),
        (&[(0x81, b"plain"), (0xc1, hello)], None),
        (&[(0xc2, &limit)], None),
        (&[(0xc1, &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00]), (0xc1, hello)], None),
        (&[(0x41, &hello[..3]), (0xc0, &hello[3..])], Some(Violation::ReservedBit)),
        (&[(0xc9, b"")], Some(Violation::ReservedBit)),
        (&[(0xa1, b"")], Some(Violation::ReservedBit)),
        (&[(0xc2, &bomb)], Some(Violation::MessageTooLong)),
        (&[(0xc1, b"\x07")], Some(Violation::NotDeflate)),
        (&[(0xc1, &hello[..4])], Some(Violation::NotDeflate)),
        (&[(0xc1, &not_utf8)], Some(Violation::TextNotUtf8)),
    ];
    for role in [Role::Client, Role::Server] {
        for (frames, expected) in &table {
            let mut run = agreed(role, "");
            for (first, payload) in *frames {
                let mut frame = Frame::new(Opcode::from_bits(*first), *payload);
                frame.header.fin = first & 0x80 != 0;
                frame.header.rsv = (first >> 4) & 7;
                run.receive(&sent_to(role, frame));
            }
            let failed = run.output.events.iter().find_map(|event| match event {
                Event::Failed(violation) => Some(*violation),
                _ => None,
            });
            assert_eq!(failed, *expected, "{role} {frames:02x?}");
        }
    }
}

/// Without the extension, RSV1 is a reserved bit like the others.
#[test]
fn what_was_not_agreed_is_not_used() {
    let mut run = Run::open_with(config(Role::Server));
    run.receive(&sent_to(Role::Server, Frame::new(Opcode::Text, "Hello")));
    assert_eq!(run.frames(), [(0x81, b"Hello".to_vec())]);
    let mut frame = Frame::new(Opcode::Text, "");
    frame.header.rsv = 4;
    run.receive(&sent_to(Role::Server, frame));
    assert!(run.output.events.contains(&Event::Failed(Violation::ReservedBit)));
    assert_eq!(DeflateParams::default().to_element(), "permessage-deflate");
}
