use super::run::{Output, REQUEST, Run, response_with, sent_to};
use proptest::prelude::*;
use wsgauntlet_reference::{Config, DeflateConfig};
use wsgauntlet_wire::deflate::{Compressor, Settings};
use wsgauntlet_wire::{Frame, Opcode, Role};

/// What the endpoint does with `octets` cut at these places.
fn run(role: Role, octets: &[u8], cuts: &[usize], eof: bool) -> Output {
    let mut run = Run::new(config(role));
    let mut start = 0;
    for cut in cuts {
        run.receive(&octets[start..*cut]);
        start = *cut;
    }
    run.receive(&octets[start..]);
    if eof {
        run.receive_eof();
    }
    run.output
}

fn config(role: Role) -> Config {
    Config { message_len_max: 40, deflate: Some(DeflateConfig::default()), ..Config::new(role) }
}

/// Whole, in single octets, and cut at random, the outcome must be the same.
fn check(role: Role, octets: &[u8], cuts: Vec<prop::sample::Index>, eof: bool) -> Result<(), TestCaseError> {
    let whole = run(role, octets, &[], eof);
    let single: Vec<usize> = (0..octets.len()).collect();
    prop_assert_eq!(&run(role, octets, &single, eof), &whole);
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(octets.len() + 1)).collect();
    cuts.sort_unstable();
    prop_assert_eq!(&run(role, octets, &cuts, eof), &whole);
    Ok(())
}

/// The peer's head, which agrees to permessage-deflate.
fn opening(role: Role) -> Vec<u8> {
    let line = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    match role {
        Role::Server => REQUEST.replace("Host", &format!("{line}Host")).into_bytes(),
        Role::Client => response_with(&Run::new(config(role)).output.octets, line),
    }
}

/// Frames that are mostly lawful, so that a stream of them lives for a while.
fn frame() -> impl Strategy<Value = Frame> {
    let opcode = prop_oneof![
        4 => Just(Opcode::Text),
        3 => Just(Opcode::Binary),
        4 => Just(Opcode::Continuation),
        3 => Just(Opcode::Ping),
        2 => Just(Opcode::Pong),
        1 => Just(Opcode::Close),
        1 => any::<u8>().prop_map(Opcode::from_bits),
    ];
    let payload = prop_oneof![
        "[a-z\u{e9}\u{20ac}\u{1f600}]{0,12}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..130),
        prop::sample::select(vec![b"\x03\xe8".to_vec(), b"\x03\xe8bye".to_vec(), vec![]]),
    ];
    (opcode, payload, prop::bool::weighted(0.7))
        .prop_map(|(opcode, payload, fin)| Frame::new(opcode, payload).fin(fin || opcode.is_control()))
}

/// A message that is compressed, and its payload perhaps spoilt.
fn compressed() -> impl Strategy<Value = Frame> {
    let text = "[a\u{e9}]{0,50}".prop_map(String::into_bytes);
    let octets = prop::collection::vec(prop::sample::select(vec![b'a', 0xc3, 0xff]), 0..50);
    let edit = prop::option::weighted(0.3, (any::<prop::sample::Index>(), any::<u8>()));
    (prop_oneof![text, octets], edit, any::<bool>()).prop_map(|(data, edit, is_text)| {
        let mut payload = Compressor::new(Settings::default()).compress_message(&data);
        if let Some((at, octet)) = edit {
            let at = at.index(payload.len());
            payload[at] = octet;
        }
        let opcode = if is_text { Opcode::Text } else { Opcode::Binary };
        let mut frame = Frame::new(opcode, payload);
        frame.header.rsv = 4;
        frame
    })
}

fn role() -> impl Strategy<Value = Role> {
    prop::sample::select(vec![Role::Client, Role::Server])
}

proptest! {
    /// Any stream of frames has the same events and output in any segmentation.
    #[test]
    fn frames_in_any_segmentation(role in role(), frames in prop::collection::vec(frame(), 0..12),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8), eof: bool) {
        let mut octets = opening(role);
        for frame in frames {
            octets.extend(sent_to(role, frame));
        }
        check(role, &octets, cuts, eof)?;
    }

    /// Compressed messages, valid and not, have the same events and output in any segmentation.
    #[test]
    fn compressed_messages_in_any_segmentation(role in role(), frames in prop::collection::vec(compressed(), 1..4),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8), eof: bool) {
        let mut octets = opening(role);
        for frame in frames {
            octets.extend(sent_to(role, frame));
        }
        check(role, &octets, cuts, eof)?;
    }

    /// Any octets after the opening have the same events and output in any segmentation.
    #[test]
    fn octets_in_any_segmentation(role in role(), garbage in prop::collection::vec(any::<u8>(), 0..40),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8), eof: bool) {
        let mut octets = opening(role);
        octets.extend(garbage);
        check(role, &octets, cuts, eof)?;
    }

    /// A head with any octets in it has the same outcome in any segmentation.
    #[test]
    fn heads_in_any_segmentation(role in role(), at: prop::sample::Index, edit in prop::collection::vec(any::<u8>(), 0..6),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8), eof: bool) {
        let mut octets = opening(role);
        let at = at.index(octets.len());
        let end = (at + edit.len()).min(octets.len());
        octets.splice(at..end, edit);
        check(role, &octets, cuts, eof)?;
    }
}
