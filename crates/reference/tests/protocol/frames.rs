use super::run::{Run, frames, sent_to};
use wsgauntlet_reference::{Config, Event, MessageKind, Violation};
use wsgauntlet_wire::{CloseCode, Frame, Opcode, Role, hex};

const ROLES: [Role; 2] = [Role::Client, Role::Server];

/// The octets of `text`, in which frames are written unmasked, as the peer of `role` sends them.
fn octets_for(role: Role, text: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    for frame in text.split('|') {
        let mut frame = hex::decode(frame).expect("hexadecimal");
        if role == Role::Server {
            // A key of zeros leaves the payload as it is.
            let at = match frame.get(1).map(|len| len & 0x7f) {
                Some(126) => 4,
                Some(127) => 10,
                Some(_) | None => 2,
            };
            frame.iter_mut().skip(1).take(1).for_each(|len| *len |= 0x80);
            if frame.len() >= at {
                frame.splice(at..at, [0; 4]);
            }
        }
        octets.extend(frame);
    }
    octets
}

/// Each row: the frames that a peer sends, unmasked, and the violation. The violation is seen at
/// the last octet of the row: without it, the connection lives.
#[test]
fn each_violation_fails_at_its_octet() {
    let table = [
        ("c1", Violation::ReservedBit),
        ("a1", Violation::ReservedBit),
        ("99", Violation::ReservedBit),
        ("83", Violation::ReservedOpcode),
        ("07", Violation::ReservedOpcode),
        ("8b", Violation::ReservedOpcode),
        ("8f", Violation::ReservedOpcode),
        ("80", Violation::ContinuationOfNothing),
        ("00", Violation::ContinuationOfNothing),
        ("8100 | 80", Violation::ContinuationOfNothing),
        ("0100 | 81", Violation::Interleaved),
        ("0201 00 | 01", Violation::Interleaved),
        ("09", Violation::ControlFragmented),
        ("08", Violation::ControlFragmented),
        ("897e", Violation::ControlTooLong),
        ("887f", Violation::ControlTooLong),
        ("8801", Violation::CloseOneOctet),
        ("827e007d", Violation::LengthNotMinimal),
        ("827f000000000000ffff", Violation::LengthNotMinimal),
        ("827f80", Violation::LengthTopBit),
        ("827f7fffffffffffffff", Violation::FrameTooLong),
        ("827f0000000004000001", Violation::FrameTooLong),
        ("0201 00 | 807f0000000004000000", Violation::MessageTooLong),
    ];
    for role in ROLES {
        for (text, violation) in table {
            let octets = octets_for(role, text);
            // The key of the last header is not awaited.
            let octets = strip_last_key(role, text, octets);
            expect_failure(role, &octets, violation, text);
        }
    }
}

fn strip_last_key(role: Role, text: &str, mut octets: Vec<u8>) -> Vec<u8> {
    let last = text.rsplit('|').next().expect("a frame");
    let len = hex::decode(last).expect("hexadecimal").len();
    let is_whole_header = match len {
        2 => !last.contains("7e") && !last.contains("7f"),
        4 | 10 => true,
        _ => false,
    };
    if role == Role::Server && is_whole_header {
        octets.truncate(octets.len() - 4);
    }
    octets
}

#[track_caller]
fn expect_failure(role: Role, octets: &[u8], violation: Violation, what: &str) {
    let (last, before) = octets.split_last().expect("octets");
    let mut run = Run::open(role);
    run.receive(before);
    assert!(run.output.ends.is_empty(), "{role} {what}: {:?}", run.output);
    run.receive(&[*last]);
    let events = &run.output.events;
    assert!(events.ends_with(&[Event::Failed(violation), Event::Ended]), "{role} {what}: {events:?}");
    let code = violation.close_code();
    let close = (0x88, code.0.to_be_bytes().to_vec());
    assert_eq!(run.frames().last(), Some(&close), "{role} {what}");
    assert!(run.is_closed(), "{role} {what}");
    // §7.1.7: "MUST NOT continue to attempt to process data".
    let sent = run.output.octets.len();
    run.receive(&sent_to(role, Frame::new(Opcode::Ping, "")));
    assert_eq!(run.output.octets.len(), sent, "{role} {what}");
}

/// Each row: text fragments, and the octet of the last that cannot stand there.
#[test]
fn invalid_utf8_fails_at_its_octet() {
    let table = [
        "8101 80",
        "8102 c0",
        "8103 61eda0",
        "8104 f490",
        "8105 f5",
        "0101 ce | 8005 41",
        "0103 cebae1 | 8900 | 8003 41",
    ];
    for role in ROLES {
        for text in table {
            expect_failure(role, &octets_for(role, text), Violation::TextNotUtf8, text);
        }
    }
    for (text, violation) in [
        ("8804 03e8ff", Violation::CloseReasonNotUtf8),
        ("8803 03e8ce", Violation::CloseReasonNotUtf8),
        ("8806 03ec", Violation::CloseCode(CloseCode(1004))),
        ("8101 ce", Violation::TextNotUtf8),
        ("0101 ce | 8000", Violation::TextNotUtf8),
    ] {
        for role in ROLES {
            expect_failure(role, &octets_for(role, text), violation, text);
        }
    }
}

/// §5.1: before the payload, and whatever the frame.
#[test]
fn the_mask_must_fit_the_role() {
    for opcode in [Opcode::Text, Opcode::Binary, Opcode::Close, Opcode::Ping, Opcode::Pong] {
        let frame = Frame::new(opcode, "");
        expect_failure(Role::Server, &frame.to_octets()[..2], Violation::Unmasked, "unmasked");
        let frame = Frame::new(opcode, "").masked([1, 2, 3, 4]);
        expect_failure(Role::Client, &frame.to_octets()[..2], Violation::Masked, "masked");
    }
}

/// Lengths on both sides of each boundary come back, whole and in two fragments.
#[test]
fn messages_are_echoed() {
    for role in ROLES {
        for len in [0, 1, 125, 126, 127, 65_535, 65_536, 65_537] {
            let payload: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let mut run = Run::open(role);
            run.receive(&sent_to(role, Frame::new(Opcode::Binary, &payload[..])));
            let (head, tail) = payload.split_at(len / 3);
            run.receive(&sent_to(role, Frame::new(Opcode::Binary, head).fin(false)));
            run.receive(&sent_to(role, Frame::new(Opcode::Continuation, tail)));
            assert_eq!(run.frames(), [(0x82, payload.clone()), (0x82, payload)], "{len}");
        }
    }
}

/// §5.4: control frames in the middle of a message do not disturb it.
#[test]
fn pings_amid_a_message_are_answered_first() {
    for role in ROLES {
        let mut run = Run::open(role);
        for frame in [
            Frame::new(Opcode::Text, "frag").fin(false),
            Frame::new(Opcode::Ping, "p1"),
            Frame::new(Opcode::Pong, "unasked"),
            Frame::new(Opcode::Continuation, "").fin(false),
            Frame::new(Opcode::Ping, vec![b'p'; 125]),
            Frame::new(Opcode::Continuation, "ment"),
        ] {
            run.receive(&sent_to(role, frame));
        }
        assert_eq!(
            run.frames(),
            [(0x8a, b"p1".to_vec()), (0x8a, vec![b'p'; 125]), (0x81, b"fragment".to_vec())]
        );
    }
}

/// All frames of a client carry a key, each another one.
#[test]
fn a_client_masks_with_fresh_keys() {
    let mut run = Run::open(Role::Client);
    for _ in 0..100 {
        run.receive(&Frame::new(Opcode::Ping, "").to_octets());
    }
    let frames = wsgauntlet_wire::naive::frames(&run.output.octets);
    let keys: std::collections::HashSet<[u8; 4]> = frames.iter().map(|frame| frame.key).collect();
    assert!(frames.iter().all(|frame| frame.masked));
    assert_eq!((frames.len(), keys.len()), (100, 100));
}

#[test]
fn a_message_may_be_as_long_as_the_limit() {
    let config = |len| Config { message_len_max: len, ..Config::new(Role::Client) };
    for (limit, passes) in [(6, true), (5, false)] {
        let mut run = Run::open_with(config(limit));
        run.receive(&Frame::new(Opcode::Binary, "abc").fin(false).to_octets());
        run.receive(&Frame::new(Opcode::Continuation, "def").to_octets());
        let echo = run.frames() == [(0x82, b"abcdef".to_vec())];
        assert_eq!(echo, passes);
        assert_eq!(run.output.events.contains(&Event::Failed(Violation::MessageTooLong)), !passes);
    }
}

#[test]
fn events_tell_what_arrived() {
    let mut run = Run::open(Role::Client);
    for frame in
        [Frame::new(Opcode::Ping, "a"), Frame::new(Opcode::Pong, "b"), Frame::new(Opcode::Text, "\u{3ba}")]
    {
        run.receive(&frame.to_octets());
    }
    assert_eq!(
        run.output.events,
        [
            Event::Ping(b"a".to_vec()),
            Event::Pong(b"b".to_vec()),
            Event::Message { kind: MessageKind::Text, payload: "\u{3ba}".as_bytes().to_vec() }
        ]
    );
    assert_eq!(frames(&run.output.octets).len(), 2);
}
