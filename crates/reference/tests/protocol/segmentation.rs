//! The same octets in any segmentation give the same events and the same output.

use super::run::{Output, REQUEST, Run, response_with, sent_to};
use proptest::prelude::*;
use wsgauntlet_reference::{Config, DeflateConfig};
use wsgauntlet_wire::choices::compressible;
use wsgauntlet_wire::deflate::{Compressor, Message, Settings};
use wsgauntlet_wire::frame::RSV1;
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

/// The longest payload, in octets: each octet is received by itself.
const PAYLOAD_LEN_MAX: usize = 130;

/// Frames of which nine in ten are lawful by themselves, so that a stream of them lives for a while.
fn frame() -> impl Strategy<Value = Frame> {
    (any::<Frame>(), prop::bool::weighted(0.9)).prop_map(|(mut frame, lawful)| {
        frame.payload.truncate(PAYLOAD_LEN_MAX);
        if !lawful {
            return frame;
        }
        let opcode = frame.header.opcode;
        Frame::new(opcode, frame.payload).fin(frame.header.fin || opcode.is_control())
    })
}

/// A compressed message of any blocks, half of them those of the ordinary compressor.
fn compressed() -> impl Strategy<Value = Frame> {
    let ordinary = compressible().prop_map(|mut data| {
        data.truncate(PAYLOAD_LEN_MAX);
        Compressor::new(Settings::default()).compress_message(&data)
    });
    let blocks = any::<Message>().prop_map(|message| message.encode());
    (prop_oneof![ordinary, blocks], any::<bool>()).prop_map(|(mut payload, is_text)| {
        payload.truncate(2 * PAYLOAD_LEN_MAX);
        let opcode = if is_text { Opcode::Text } else { Opcode::Binary };
        let mut frame = Frame::new(opcode, payload);
        frame.header.rsv = RSV1;
        frame
    })
}

proptest! {
    /// Any stream of frames has the same events and output in any segmentation.
    #[test]
    fn frames_in_any_segmentation(role: Role, frames in prop::collection::vec(frame(), 0..12),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8), eof: bool) {
        let mut octets = opening(role);
        for frame in frames {
            octets.extend(sent_to(role, frame));
        }
        check(role, &octets, cuts, eof)?;
    }

    /// Compressed messages, valid and not, have the same events and output in any segmentation.
    #[test]
    fn compressed_messages_in_any_segmentation(role: Role, frames in prop::collection::vec(compressed(), 1..4),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8), eof: bool) {
        let mut octets = opening(role);
        for frame in frames {
            octets.extend(sent_to(role, frame));
        }
        check(role, &octets, cuts, eof)?;
    }

    /// Any octets after the opening have the same events and output in any segmentation.
    #[test]
    fn octets_in_any_segmentation(role: Role, garbage in prop::collection::vec(any::<u8>(), 0..40),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8), eof: bool) {
        let mut octets = opening(role);
        octets.extend(garbage);
        check(role, &octets, cuts, eof)?;
    }

    /// A head with any octets in it has the same outcome in any segmentation.
    #[test]
    fn heads_in_any_segmentation(role: Role, at: prop::sample::Index, edit in prop::collection::vec(any::<u8>(), 0..6),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8), eof: bool) {
        let mut octets = opening(role);
        let at = at.index(octets.len());
        let end = (at + edit.len()).min(octets.len());
        octets.splice(at..end, edit);
        check(role, &octets, cuts, eof)?;
    }
}
