//! What an endpoint of ours does by itself.

use super::*;
use crate::case::script::CompressedSpec;
use crate::case::{Compress, Cut};
use wsgauntlet_wire::opening::DeflateOffer;
use wsgauntlet_wire::{Frame, Header, mask};

const KEEPS_HEAD: EndpointConfig = EndpointConfig {
    role: Role::Server,
    seed: 1,
    holds_head: false,
    compresses_ordinarily: true,
    holds_answers: false,
};

fn endpoint(role: Role) -> Endpoint {
    Endpoint::new(EndpointConfig { role, ..KEEPS_HEAD })
}

/// Everything that is polled now.
fn polled(endpoint: &mut Endpoint) -> Vec<Output> {
    std::iter::from_fn(|| endpoint.poll()).collect()
}

/// The octets of all writes that are polled now.
fn written(endpoint: &mut Endpoint) -> Vec<u8> {
    let writes = polled(endpoint).into_iter().filter_map(|output| match output {
        Output::Act(Action::Write(octets)) => Some(octets),
        Output::Act(_) | Output::StepBegins(_) => None,
    });
    writes.flatten().collect()
}

/// The frames of octets, unmasked.
fn frames(mut octets: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    while let Some((header, len)) = Header::decode(octets) {
        let (payload, rest) = octets[len..].split_at(header.payload_len as usize);
        let mut payload = payload.to_vec();
        header.key.into_iter().for_each(|key| mask::apply(key, 0, &mut payload));
        frames.push(Frame { header, payload });
        octets = rest;
    }
    assert!(octets.is_empty(), "whole frames are written");
    frames
}

fn see(endpoint: &mut Endpoint, seen: Seen) {
    endpoint.see(&seen, &Opening::default(), AfterClose::EndTcp);
}

fn text(payload: &str) -> Write {
    let frame = FrameSpec::new(Opcode::Text, Payload::Literal(payload.into()));
    Write { pieces: vec![Piece::Frame(frame)], ..Write::default() }
}

fn request() -> RequestHead {
    let octets = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n\r\n";
    RequestHead::parse(octets).expect("a head").expect("all of it").0
}

/// Fails if pings are not answered, or their payload is lost: targets that check their peer would drop the connection.
#[test]
fn a_ping_is_answered() {
    for role in [Role::Client, Role::Server] {
        let mut endpoint = endpoint(role);
        see(&mut endpoint, Seen::Ping(b"p1".to_vec()));
        let pongs = frames(&written(&mut endpoint));
        assert_eq!(pongs.len(), 1);
        assert_eq!((pongs[0].header.opcode, &pongs[0].payload[..]), (Opcode::Pong, &b"p1"[..]));
    }
}

/// Fails if a flood of pings is answered without end: a play would never be over.
#[test]
fn a_flood_of_pings_is_not_answered_without_end() {
    let mut endpoint = endpoint(Role::Client);
    for _ in 0..PONGS_MAX + 10 {
        see(&mut endpoint, Seen::Ping(Vec::new()));
    }
    assert_eq!(frames(&written(&mut endpoint)).len(), PONGS_MAX);
}

/// §5.5.1: "The application MUST NOT send any more data frames after sending a Close frame." Fails if a ping, or a Close, is
/// answered behind our own Close, whether the script sent it or we did.
#[test]
fn nothing_is_answered_after_its_close() {
    let scripted = FrameSpec::new(Opcode::Close, Payload::Literal(vec![3, 232]));
    let scripted = Write { pieces: vec![Piece::Frame(scripted)], ..Write::default() };
    let closes: [&dyn Fn(&mut Endpoint); 3] =
        [&|endpoint| endpoint.close(None), &|endpoint| endpoint.write(&scripted, None, None), &|endpoint| {
            see(endpoint, Seen::Close(vec![3, 232]))
        }];
    for close in closes {
        let mut endpoint = endpoint(Role::Client);
        close(&mut endpoint);
        assert!(endpoint.sent_close());
        assert_eq!(frames(&written(&mut endpoint)).len(), 1);
        see(&mut endpoint, Seen::Ping(b"late".to_vec()));
        see(&mut endpoint, Seen::Close(vec![3, 232]));
        endpoint.close(Some(7));
        assert_eq!(polled(&mut endpoint), []);
    }
}

/// Fails if a Close is answered with a code that may not be sent, or if our client ends TCP, which is the server's to do.
#[test]
fn a_close_is_answered_with_its_code() {
    for (received, answer) in
        [(vec![3, 233], vec![3, 233]), (vec![3, 237], vec![]), (vec![], vec![]), (vec![3], vec![])]
    {
        let mut endpoint = endpoint(Role::Client);
        see(&mut endpoint, Seen::Close(received));
        let closes = frames(&written(&mut endpoint));
        assert_eq!((closes[0].header.opcode, &closes[0].payload), (Opcode::Close, &answer));
        assert!(!endpoint.half_closed());
    }
}

/// Fails if our server does not end TCP after the closing handshake, or ends it where a script looks who lingers.
#[test]
fn a_server_ends_tcp_unless_it_is_to_linger() {
    let ends = |after| {
        let mut endpoint = endpoint(Role::Server);
        endpoint.see(&Seen::Close(vec![3, 232]), &Opening::default(), after);
        polled(&mut endpoint).last() == Some(&Output::Act(Action::HalfClose))
    };
    assert!(ends(AfterClose::EndTcp));
    assert!(!ends(AfterClose::Linger));
}

/// §5.1: "a client MUST mask all frames that it sends", §5.3: with a key that is fresh. "A server MUST NOT mask any frames".
/// Fails if a role is mixed up, or one key is used for all.
#[test]
fn a_client_masks_with_fresh_keys() {
    let keys = |role| {
        let mut endpoint = endpoint(role);
        see(&mut endpoint, Seen::Ping(Vec::new()));
        endpoint.write(&text("abc"), None, None);
        endpoint.close(None);
        frames(&written(&mut endpoint)).iter().map(|frame| frame.header.key).collect::<Vec<_>>()
    };
    let masked: std::collections::BTreeSet<_> = keys(Role::Client).into_iter().flatten().collect();
    assert_eq!(masked.len(), 3);
    assert_eq!(keys(Role::Server), [None, None, None]);
}

/// Fails if the pieces of a cut are not kept apart, in the player or in the fuzzer: TCP would join them, and the target would
/// read them as one.
#[test]
fn the_pieces_of_a_cut_are_kept_apart() {
    let mut endpoint = endpoint(Role::Client);
    let write = Write { cut: Cut::At(vec![1, 3]), segments: 2, ..text("abc") };
    endpoint.write(&write, Some(4), None);
    let outputs = polled(&mut endpoint);
    let lens: Vec<Option<usize>> = outputs
        .iter()
        .map(|output| match output {
            Output::Act(Action::Write(octets)) => Some(octets.len()),
            _ => None,
        })
        .collect();
    assert_eq!(outputs[0], Output::StepBegins(4));
    assert_eq!(lens, [None, None, Some(1), None, None, Some(2), None, None, Some(6)]);
    for at in [1, 4, 7] {
        assert_eq!(outputs[at], Output::Act(Action::Segments(2)));
    }
    for at in [3, 6] {
        assert_eq!(outputs[at], Output::Act(Action::Pause));
    }
}

/// Fails if the first frame of our server can arrive with its response, where the script does not ask for that.
#[test]
fn a_server_keeps_its_first_write_apart_from_its_head() {
    let mut endpoint = endpoint(Role::Server);
    see(&mut endpoint, Seen::Request(request()));
    endpoint.write(&text("a"), None, None);
    endpoint.write(&text("b"), None, None);
    let pauses: Vec<bool> =
        polled(&mut endpoint).iter().map(|output| *output == Output::Act(Action::Pause)).collect();
    assert_eq!(pauses, [false, true, false, false]);
}

/// Fails if a head that is to go out with the first write goes out alone, or is cut where the write is not.
#[test]
fn a_held_head_goes_out_with_the_first_write() {
    let mut endpoint = Endpoint::new(EndpointConfig { holds_head: true, ..KEEPS_HEAD });
    see(&mut endpoint, Seen::Request(request()));
    assert!(endpoint.has_opened() && endpoint.holds_head() && endpoint.is_idle());
    endpoint.write(&text("abc"), None, None);
    let outputs = polled(&mut endpoint);
    let [Output::Act(Action::Write(octets))] = &outputs[..] else { panic!("one write: {outputs:?}") };
    assert!(octets.starts_with(b"HTTP/1.1 101 ") && octets.ends_with(b"abc"));
}

/// Fails if anything is written behind the end of our direction: the target could not get it.
#[test]
fn nothing_is_written_after_a_half_close() {
    let mut endpoint = endpoint(Role::Client);
    endpoint.half_close();
    see(&mut endpoint, Seen::Ping(Vec::new()));
    see(&mut endpoint, Seen::Close(Vec::new()));
    endpoint.write(&text("abc"), None, None);
    endpoint.half_close();
    assert_eq!(polled(&mut endpoint), [Output::Act(Action::HalfClose)]);
}

/// Fails if our server compresses otherwise than its own response agreed to: with no context takeover the same message makes
/// the same octets again.
#[test]
fn messages_are_compressed_by_what_was_agreed() {
    let message = Piece::Compressed(CompressedSpec {
        frame: FrameSpec {
            rsv: 4,
            ..FrameSpec::new(Opcode::Text, Payload::Literal(b"again and again".to_vec()))
        },
        how: Compress::default(),
        fragments: Cut::Whole,
        between: Vec::new(),
    });
    let write = Write { pieces: vec![message], ..Write::default() };
    let opening = Opening { deflate: Some(DeflateOffer::default()), ..Opening::default() };
    let mut server = endpoint(Role::Server);
    server.see(&Seen::Request(request()), &opening, AfterClose::EndTcp);
    let agreed = server.agreed(None);
    assert!(agreed.is_some_and(|params| params.server_no_context_takeover));
    written(&mut server);
    let payloads = |endpoint: &mut Endpoint, agreed| {
        endpoint.write(&write, None, agreed);
        endpoint.write(&write, None, agreed);
        frames(&written(endpoint)).into_iter().map(|frame| frame.payload).collect::<Vec<_>>()
    };
    let same = payloads(&mut server, agreed);
    assert_eq!(same[0], same[1]);
    let with_context = payloads(&mut endpoint(Role::Server), Some(DeflateParams::default()));
    assert_ne!(with_context[0], with_context[1]);
}

/// Fails if the answer to a client's Close is lost where the play was decided before it was written.
#[test]
fn a_close_answer_that_was_not_polled_is_still_owed() {
    let mut endpoint = endpoint(Role::Server);
    endpoint.write(&text("abc"), None, None);
    see(&mut endpoint, Seen::Close(vec![3, 232]));
    assert_eq!(endpoint.into_close_answer(), Some(vec![0x88, 2, 3, 232]));
}

/// A Close that is held is answered when the script says so, and pings are not; as a server the endpoint then ends TCP.
#[test]
fn answers_are_held_until_the_script_gives_them() {
    let mut endpoint = Endpoint::new(EndpointConfig { holds_answers: true, ..KEEPS_HEAD });
    let opening = Opening::default();
    endpoint.see(&Seen::Ping(b"p".to_vec()), &opening, AfterClose::EndTcp);
    endpoint.see(&Seen::Close(b"\x03\xe8".to_vec()), &opening, AfterClose::EndTcp);
    assert!(endpoint.is_idle(), "nothing is answered yet");
    endpoint.answer_held();
    let answer = Output::Act(Action::Write(b"\x88\x02\x03\xe8".to_vec()));
    assert_eq!(endpoint.poll(), Some(answer));
    assert_eq!(endpoint.poll(), Some(Output::Act(Action::HalfClose)));
    endpoint.answer_held();
    assert!(endpoint.is_idle(), "once is enough");
}
