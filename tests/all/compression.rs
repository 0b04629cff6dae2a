//! Compression in scripts, in what is observed, and under the monitors.

use crate::support;
use crate::support::cases::own;
use std::time::Duration;
use wsgauntlet::embedded;
use wsgauntlet::runner::reference::{self};
use wsgauntlet_reference::Config;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{self, VerdictKind};
use wsgauntlet_suite::transcript::{Capabilities, EventKind, Observer, Seen, Transcript};
use wsgauntlet_wire::deflate::{
    AfterFinal, Block, Body, Empty, Encoder, Ending, Finality, Kind, Match, Matching, Message, Padding,
    Settings, Shape, Token,
};
use wsgauntlet_wire::{Frame, Opcode, Role};

/// The first instance, for `role`, of a case with these lines.
fn instance(lines: &str, role: Role) -> Instance {
    let library = own("deflate", "rfc7692/6.2/receive-compressed-message", lines);
    let library = library.unwrap_or_else(|mistakes| panic!("{mistakes}"));
    library.instances(role).next().expect("an instance").clone()
}

fn play(instance: &Instance, config: Config) -> (VerdictKind, Transcript) {
    let transcript = support::reference::play(instance, config);
    (oracle::judge(instance, &transcript, embedded::catalogue()).kind, transcript)
}

/// Every shape that a case can ask for reaches the reference, which echoes the message.
#[test]
fn shapes_of_cases_are_played() {
    for compress in [
        "true",
        "{ kind = 'stored' }",
        "{ kind = 'fixed', matching = 'none', window = 9 }",
        "{ kind = 'dynamic', block = 3, empty = 'fixed' }",
        "{ kind = 'smallest', finality = 'every', after-final = 'reach' }",
        "{ finality = 'last', empty = 'stored' }",
        "{ tokens = ['abca', { match = [3, 3] }] }",
    ] {
        for fragments in ["", ", fragments = 2", ", fragments = [0, 0, 1], between = { ping = 'p' }"] {
            for role in [Role::Server, Role::Client] {
                let steps = format!(
                    "opening = {{ deflate = 'permessage-deflate' }}\nsteps = [ \
                     {{ send = {{ text = 'abcabca', compress = {compress}{fragments} }} }}, \
                     {{ expect = {{ text = 'abcabca' }} }} ]"
                );
                let instance = instance(&steps, role);
                let (kind, transcript) = play(&instance, reference::config(role));
                assert_eq!(kind, VerdictKind::Pass, "{compress} {fragments} {role}");
                let sent = transcript.sent();
                let again = play(&instance, reference::config(role)).1.sent();
                assert_eq!(sent, again, "a play repeats");
            }
        }
    }
}

/// A condition that does not hold ends a script with neither praise nor blame.
#[test]
fn a_declined_configuration_is_inapplicable() {
    let steps = "opening = { deflate = 'permessage-deflate' }\nsteps = [ \
                 { send = { text = 'x', compress = true } }, { expect = { text = 'x' } } ]";
    let instance = instance(steps, Role::Server);
    assert_eq!(play(&instance, reference::config(Role::Server)).0, VerdictKind::Pass);
    assert_eq!(play(&instance, Config::new(Role::Server)).0, VerdictKind::Inapplicable);
}

/// The agreement of our own response answers the client's offer.
#[test]
fn our_response_is_lawful() {
    let steps = "opening = { deflate = 'permessage-deflate; ${target}_max_window_bits=9' }\nsteps = [ \
                 { if-deflate = '${target}_max_window_bits=9' }, { send = { text = 'x', compress = true } }, \
                 { expect = { text = 'x' } } ]";
    let instance = instance(steps, Role::Client);
    assert_eq!(play(&instance, reference::config(Role::Client)).0, VerdictKind::Pass);
    let mut config = reference::config(Role::Client);
    let deflate = config.deflate.as_mut().expect("the reference offers it");
    deflate.offers[0].client_max_window_bits = None;
    assert_eq!(play(&instance, config).0, VerdictKind::Inapplicable, "a limit that was not offered");
}

/// What a server answers to `offer`, and what it sends then: a frame for each payload, the first with RSV1.
fn server_sends(offer: &str, answer: &str, messages: &[Vec<Vec<u8>>]) -> Transcript {
    let request = format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Extensions: {offer}\r\n\r\n"
    );
    let answer =
        if answer.is_empty() { String::new() } else { format!("Sec-WebSocket-Extensions: {answer}\r\n") };
    let mut octets = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n{answer}\r\n"
    )
    .into_bytes();
    for fragments in messages {
        for (index, payload) in fragments.iter().enumerate() {
            let opcode = if index == 0 { Opcode::Text } else { Opcode::Continuation };
            let rsv = if index == 0 { 4 } else { 0 };
            let mut frame = Frame::new(opcode, payload.clone()).fin(index + 1 == fragments.len());
            frame.header.rsv = rsv;
            frame.encode(&mut octets);
        }
    }
    let mut transcript = Transcript::new(Role::Server, Capabilities::FULL);
    transcript.push(Duration::ZERO, EventKind::Connected);
    transcript.push(Duration::ZERO, EventKind::Sent(request.into_bytes()));
    transcript.push(Duration::ZERO, EventKind::Received(octets));
    transcript
}

/// The requirements of RFC 7692 that the monitors find broken, and those that they find met.
fn monitored(transcript: &Transcript) -> (Vec<String>, Vec<String>) {
    let instance = instance("closing = false\nsteps = ['open']", Role::Server);
    let verdict = oracle::judge(&instance, transcript, embedded::catalogue());
    let of_deflate = |id: &str| id.starts_with("rfc7692/");
    let broken = verdict.failures().map(|failure| failure.requirement.to_string());
    let met = verdict.met.iter().map(ToString::to_string);
    (broken.filter(|id| of_deflate(id)).collect(), met.filter(|id| of_deflate(id)).collect())
}

/// Two messages as this makes them, each in one frame.
fn hello_twice(mut make: impl FnMut(&mut Encoder) -> Vec<u8>, settings: Settings) -> Vec<Vec<Vec<u8>>> {
    let mut encoder = Encoder::new(settings);
    (0..2).map(|_| vec![make(&mut encoder)]).collect()
}

/// No lawful shape of a message raises an alarm.
#[test]
fn lawful_messages_are_not_blamed() {
    let data = "Hello Hello, and Hello again".repeat(20);
    let mut shapes = Vec::new();
    for kind in [Kind::Stored, Kind::Fixed, Kind::Dynamic, Kind::Smallest] {
        for finality in [Finality::Never, Finality::LastBlock, Finality::EveryBlock] {
            for empty in [Empty::None, Empty::Stored, Empty::Fixed, Empty::Dynamic] {
                for after_final in [AfterFinal::Forget, AfterFinal::Reach] {
                    let ordinary = Shape::default();
                    shapes.push(Shape { kind, finality, empty, after_final, block_len_max: 100, ..ordinary });
                }
            }
        }
    }
    for shape in shapes {
        for data in ["", data.as_str()] {
            let make = |encoder: &mut Encoder| encoder.message(data.as_bytes(), &shape).encode();
            let whole = hello_twice(make, Settings::default());
            let halves = whole.iter().map(|message| {
                let (first, second) = message[0].split_at(message[0].len() / 2);
                vec![first.to_vec(), second.to_vec()]
            });
            for messages in [whole.clone(), halves.collect()] {
                let transcript = server_sends("permessage-deflate", "permessage-deflate", &messages);
                let (broken, met) = monitored(&transcript);
                assert!(broken.is_empty(), "{shape:?} of {} octets: {broken:?}", data.len());
                assert!(met.contains(&"rfc7692/6.1/send-compressed-message".to_owned()));
            }
        }
    }
}

fn blocks(bodies: Vec<Body>) -> Message {
    Message::new(bodies.into_iter().map(|body| Block { bfinal: false, body }).collect())
}

/// The name of a row, its offer, the fragments of each of its messages, and the requirement.
type Row<'a> = (&'a str, &'a str, Vec<Vec<Vec<u8>>>, &'a str);

/// Each offence against RFC 7692 §6.1 and §7.2.1 is noticed as what it is.
#[test]
fn offences_are_named() {
    let plain = "permessage-deflate";
    let literals = |text: &str| text.bytes().map(Token::Literal).collect::<Vec<_>>();
    let far = |distance| {
        let stored = Body::Stored(b"0123456789abcdef".repeat(20));
        let found = Match::new(3, distance).expect("a match");
        blocks(vec![stored, Body::Fixed(vec![Token::Match(found)])]).encode()
    };
    let edited = |ending, padding| {
        let mut message = blocks(vec![Body::Fixed(literals("Hello"))]);
        message.blocks[0].bfinal = true;
        (message.ending, message.padding) = (ending, padding);
        message.encode()
    };
    let hello = blocks(vec![Body::Fixed(literals("Hello"))]).encode();
    let again = vec![0xf2, 0x00, 0x11, 0x00, 0x00];
    let swallowing = vec![0x00, 0x04, 0x00, 0xfb, 0xff];
    let cut =
        blocks(vec![Body::Stored(b"Hel".to_vec()), Body::Stored(Vec::new()), Body::Stored(b"lo".to_vec())]);
    let cut = cut.encode();
    let (first, second) = cut.split_at(9);
    let rows: Vec<Row> = vec![
        (plain, plain, vec![vec![vec![0x07]]], "6.1/send-compressed-message"),
        (plain, plain, vec![vec![Vec::new()]], "7.2.1/message-ends-with-empty-block"),
        (
            plain,
            plain,
            vec![vec![edited(Ending::Absent, Padding::Zeros)]],
            "7.2.1/message-ends-with-empty-block",
        ),
        (plain, plain, vec![vec![swallowing]], "7.2.1/message-ends-with-empty-block"),
        (plain, plain, vec![vec![edited(Ending::Kept, Padding::Zeros)]], "7.2.1/tail-octets-removed"),
        (plain, plain, vec![vec![edited(Ending::Removed, Padding::Ones)]], "7.2.1/bfinal-padding"),
        (
            plain,
            plain,
            vec![vec![first.to_vec(), second[4..].to_vec()]],
            "7.2.1/tail-kept-in-non-final-fragments",
        ),
        (
            "permessage-deflate; server_max_window_bits=8",
            "permessage-deflate; server_max_window_bits=8",
            vec![vec![far(257)]],
            "7.2.1/server-window-within-agreed",
        ),
        (
            "permessage-deflate; server_no_context_takeover",
            "permessage-deflate; server_no_context_takeover",
            vec![vec![hello.clone()], vec![again.clone()]],
            "7.2.1/server-starts-with-empty-window",
        ),
        (
            plain,
            plain,
            vec![vec![vec![0x00, 0x01, 0x00, 0xfe, 0xff, 0xff, 0x00]]],
            "6.1/decompressed-data-constraints",
        ),
        (plain, "", vec![vec![hello.clone()]], "5/declined-means-uncompressed"),
        ("permessage-deflate; foo", plain, vec![], "7/server-declines-bad-offer"),
        (
            "permessage-deflate; server_no_context_takeover",
            plain,
            vec![],
            "7.1.1.1/server-no-context-takeover-echoed",
        ),
        (
            "permessage-deflate; server_max_window_bits=9",
            plain,
            vec![],
            "7.1.2.1/server-max-window-bits-not-greater",
        ),
        (
            plain,
            "permessage-deflate; client_max_window_bits=12",
            vec![],
            "7.1.2.2/client-max-window-bits-needs-offer",
        ),
        (
            plain,
            "permessage-deflate; server_max_window_bits=16",
            vec![],
            "7.1.2.1/answered-server-max-window-bits-value",
        ),
        (plain, "permessage-deflate; server_max_window_bits=9", vec![], "7.3/window-of-1024-or-more"),
    ];
    for (offer, answer, messages, requirement) in rows {
        let (broken, _) = monitored(&server_sends(offer, answer, &messages));
        let wanted = format!("rfc7692/{requirement}");
        assert!(broken.contains(&wanted), "{requirement}: {broken:?}");
    }
    let within = vec![vec![far(256)]];
    let bits = "permessage-deflate; server_max_window_bits=8";
    assert_eq!(monitored(&server_sends(bits, bits, &within)).0, Vec::<String>::new());
    let kept = vec![vec![hello], vec![again]];
    assert_eq!(monitored(&server_sends(plain, plain, &kept)).0, Vec::<String>::new());
}

fn seen(transcript: &Transcript) -> Vec<Seen> {
    let mut observer = Observer::new(transcript.role, 0);
    for (index, event) in transcript.events.iter().enumerate() {
        observer.take(index, &event.kind);
    }
    observer.observations().iter().skip(1).map(|observation| observation.seen.clone()).collect()
}

/// The observer inflates what was agreed to be compressed, tells what it cannot, and keeps no bomb.
#[test]
fn compressed_messages_are_observed() {
    let plain = "permessage-deflate";
    let make = |encoder: &mut Encoder| encoder.compress_message(b"Hello");
    let messages = hello_twice(make, Settings::default());
    let hello = Seen::Message {
        opcode: Opcode::Text,
        rsv: 4,
        compressed: true,
        payload: b"Hello".to_vec(),
        frames: 1,
    };
    assert_eq!(seen(&server_sends(plain, plain, &messages)), [hello.clone(), hello]);
    let broken = seen(&server_sends(plain, plain, &[vec![vec![0x07]]]));
    assert!(matches!(broken[..], [Seen::Undecodable { opcode: Opcode::Text, .. }]), "{broken:?}");
    let raw = seen(&server_sends(plain, "", &messages[..1]));
    assert!(matches!(&raw[..], [Seen::Message { compressed: false, payload, .. }] if payload.len() == 7));
    let bomb = Encoder::new(Settings::default()).compress_message(&vec![0; 3 << 20]);
    assert_eq!(seen(&server_sends(plain, plain, &[vec![bomb]])), [Seen::Flood]);
}

/// `Matching` and windows of a shape hold for a message alone: the next one may reach as far as was agreed.
#[test]
fn a_narrow_message_does_not_shorten_the_history() {
    let mut encoder = Encoder::new(Settings::default());
    let data: Vec<u8> = (0..4000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    encoder.message(&data, &Shape { matching: Matching::None, ..Shape::default() });
    let narrow = wsgauntlet_wire::deflate::WindowBits::new(8);
    encoder.message(b"between", &Shape { window_bits: narrow, ..Shape::default() });
    assert!(encoder.compress_message(&data[..200]).len() < 40);
}
