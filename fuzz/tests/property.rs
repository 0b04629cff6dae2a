//! What a crate that depends on `wsgauntlet` can write with its generators: properties of scripts, frames and heads.

use arbitrary::{Arbitrary, Unstructured};
use proptest::prelude::*;
use wsgauntlet::case::{Instance, Piece, Script, Step};
use wsgauntlet::wire::opening::RequestHead;
use wsgauntlet::wire::{Frame, FrameReader, Role};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// However a script cuts a write, all octets of its frames are sent, in their order.
    #[test]
    fn prop(script: Script) {
        for step in &script.steps {
            let Step::Send(write) = step else { continue };
            for piece in &write.pieces {
                let Piece::Frame(frame) = piece else { continue };
                let octets = frame.encode(Role::Client, [1, 2, 3, 4]);
                prop_assert!(write.cut.split(&octets).concat() == octets, "{:?}", write.cut);
            }
        }
    }

    /// The role of an instance is in its id.
    #[test]
    fn ids_name_the_role(instance: Instance) {
        let end = format!("@{}+h1", instance.role);
        prop_assert!(instance.id.as_str().ends_with(&end), "{}", instance.id);
    }

    /// Frames whose headers declare the length of their payload leave a reader between two frames.
    #[test]
    fn whole_frames_are_read_to_the_end(frames: Vec<Frame>) {
        let sound = frames.iter().filter(|frame| frame.header.payload_len == frame.payload.len() as u64);
        let octets: Vec<u8> = sound.flat_map(Frame::to_octets).collect();
        let (mut reader, mut rest) = (FrameReader::new(), &octets[..]);
        while reader.read(&mut rest).is_some() {}
        prop_assert!(reader.at_boundary());
    }
}

/// The same types are `Arbitrary`, for fuzz targets of one's own.
#[test]
fn fuzz_targets_read_the_same_types() {
    let mut unstructured = Unstructured::new(b"octets of a fuzzer");
    let head = RequestHead::arbitrary(&mut unstructured).expect("there always is a head");
    assert!(head.draft().to_octets().ends_with(b"\r\n\r\n"));
    let script = Script::arbitrary(&mut unstructured).expect("there always is a script");
    assert_eq!(script, script.clone());
}
