//! The two decoders of frames, `FrameReader` and `naive::frames`, held against each other and against that of the crate
//! tungstenite: whatever arrives, lawful or not, and however it is cut.

use proptest::collection::vec;
use proptest::prelude::*;
use std::io::Cursor;
use tungstenite::error::{CapacityError, Error, ProtocolError};
use tungstenite::protocol::frame::{Frame as ForeignFrame, FrameSocket};
use tungstenite::protocol::{Message, Role as ForeignRole, WebSocket};
use wsgauntlet_wire::frame::Read;
use wsgauntlet_wire::naive::{self, NaiveFrame};
use wsgauntlet_wire::{Frame, FrameReader, Header, LengthForm, Opcode, Role};

/// The longest frame that tungstenite is asked to take: it makes room for all of it at once.
const FOREIGN_LEN_MAX: usize = 1 << 20;

/// A frame of `FrameReader`: its header, what came of its payload, and whether it came to its end.
#[derive(Debug, PartialEq)]
struct ReadFrame {
    header: Header,
    payload: Vec<u8>,
    complete: bool,
}

/// What `FrameReader` finds in pieces of `piece_len` octets.
fn read(octets: &[u8], piece_len: usize) -> Vec<ReadFrame> {
    let mut reader = FrameReader::new();
    let mut frames: Vec<ReadFrame> = Vec::new();
    for mut piece in octets.chunks(piece_len) {
        while let Some(read) = reader.read(&mut piece) {
            if let Read::Header(header) = read {
                frames.push(ReadFrame { header, payload: Vec::new(), complete: false });
                continue;
            }
            let frame = frames.last_mut().expect("a header comes first");
            match read {
                Read::Header(_) => {}
                Read::Payload(octets) => frame.payload.extend(octets),
                Read::FrameEnd => frame.complete = true,
            }
        }
    }
    let between_frames = frames.last().is_none_or(|frame| frame.complete);
    assert_eq!(reader.at_boundary(), between_frames && reader.partial_header().is_empty());
    frames
}

fn length_bits(form: LengthForm) -> u8 {
    match form {
        LengthForm::Seven => 7,
        LengthForm::Sixteen => 16,
        LengthForm::SixtyFour => 64,
    }
}

/// Both of ours say the same of a frame.
fn check_same(read: &ReadFrame, naive: &NaiveFrame) -> Result<(), TestCaseError> {
    let header = &read.header;
    let rsv = [naive.rsv1, naive.rsv2, naive.rsv3];
    prop_assert_eq!((header.fin, header.opcode.bits()), (naive.fin, naive.opcode));
    prop_assert_eq!([4, 2, 1].map(|bit| header.rsv & bit != 0), rsv);
    prop_assert_eq!(header.key, naive.masked.then_some(naive.key));
    prop_assert_eq!(length_bits(header.length_form), naive.length_bits);
    prop_assert_eq!(header.payload_len, naive.declared_len);
    prop_assert_eq!((&read.payload, read.complete), (&naive.payload, naive.complete));
    Ok(())
}

/// tungstenite says the same of a frame. It leaves the payload masked until it writes the frame again.
fn check_foreign(foreign: ForeignFrame, naive: &NaiveFrame) -> Result<(), TestCaseError> {
    let header = foreign.header().clone();
    prop_assert_eq!((header.is_final, u8::from(header.opcode)), (naive.fin, naive.opcode));
    prop_assert_eq!([header.rsv1, header.rsv2, header.rsv3], [naive.rsv1, naive.rsv2, naive.rsv3]);
    prop_assert_eq!(header.mask, naive.masked.then_some(naive.key));
    let len = foreign.payload().len() as u64;
    prop_assert_eq!((len, true), (naive.declared_len, naive.complete));
    let mut written = Vec::new();
    foreign.format(&mut written).expect("memory takes everything");
    prop_assert_eq!(&written[header.len(len)..], &naive.payload);
    Ok(())
}

/// Each frame that tungstenite takes is the naive decoder's; it stops only where its own rules or the octets end.
fn check_all_foreign(octets: &[u8], naive: &[NaiveFrame]) -> Result<(), TestCaseError> {
    let mut socket = FrameSocket::new(Cursor::new(octets));
    let mut expected = naive.iter();
    loop {
        let read = socket.read(Some(FOREIGN_LEN_MAX));
        let frame = expected.next();
        match (read, frame) {
            (Ok(Some(foreign)), Some(frame)) => check_foreign(foreign, frame)?,
            (Ok(None), frame) => {
                prop_assert!(frame.is_none_or(|frame| !frame.complete), "not found: {frame:?}");
                return Ok(());
            }
            (Err(Error::Protocol(ProtocolError::InvalidOpcode(opcode))), Some(frame)) => {
                prop_assert_eq!(opcode, frame.opcode);
                prop_assert!(Opcode::from_bits(opcode).is_reserved());
                return Ok(());
            }
            (Err(Error::Capacity(CapacityError::MessageTooLong { .. })), Some(frame)) => {
                prop_assert!(frame.declared_len > FOREIGN_LEN_MAX as u64);
                return Ok(());
            }
            (other, frame) => prop_assert!(false, "{other:?} for {frame:?}"),
        }
    }
}

/// Frames, then perhaps octets that are none, and perhaps cut.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let cut = prop::option::of(any::<prop::sample::Index>());
    (vec(any::<Frame>(), 0..6), vec(any::<u8>(), 0..24), cut).prop_map(|(frames, rest, cut)| {
        let mut octets: Vec<u8> = frames.iter().flat_map(Frame::to_octets).collect();
        octets.extend(rest);
        octets.truncate(cut.map_or(usize::MAX, |cut| cut.index(octets.len() + 1)));
        octets
    })
}

/// One lawful message: its opcode, its fragments, and the Ping before each.
#[derive(Clone, Debug)]
struct Sent {
    text: bool,
    fragments: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

fn sent() -> impl Strategy<Value = Sent> {
    let octets = vec(0..0x80u8, 0..300);
    let ping = prop::option::of(vec(any::<u8>(), 0..126));
    (any::<bool>(), vec((octets, ping), 1..5)).prop_map(|(text, fragments)| Sent { text, fragments })
}

/// The messages and the Pings in the order of their last frames.
fn messages(frames: impl Iterator<Item = (Opcode, bool, Vec<u8>)>) -> Vec<Message> {
    let mut seen = Vec::new();
    let mut text = false;
    let mut message = Vec::new();
    for (opcode, fin, payload) in frames {
        if opcode == Opcode::Ping {
            seen.push(Message::Ping(payload.into()));
            continue;
        }
        if opcode != Opcode::Continuation {
            text = opcode == Opcode::Text;
        }
        message.extend(payload);
        if fin {
            let whole = std::mem::take(&mut message);
            seen.push(match text {
                true => Message::text(String::from_utf8(whole).expect("only ASCII was sent")),
                false => Message::binary(whole),
            });
        }
    }
    seen
}

/// What tungstenite reads as an endpoint of its own; what it would write back goes nowhere.
fn foreign_messages(octets: &[u8], role: Role) -> Vec<Message> {
    struct OneWay<'a>(&'a [u8]);
    impl std::io::Read for OneWay<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            self.0.read(into)
        }
    }
    impl std::io::Write for OneWay<'_> {
        fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> {
            Ok(octets.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let foreign_role = match role {
        Role::Client => ForeignRole::Client,
        Role::Server => ForeignRole::Server,
    };
    let mut socket = WebSocket::from_raw_socket(OneWay(octets), foreign_role, None);
    let mut messages = Vec::new();
    loop {
        match socket.read() {
            Ok(message) => messages.push(message),
            Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => return messages,
            Err(error) => panic!("lawful frames were refused: {error}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Frames of all kinds are read alike by the three, in any segmentation.
    #[test]
    fn frames_are_read_alike(octets in stream(), piece_len in prop_oneof![1..20usize, Just(usize::MAX)]) {
        let naive = naive::frames(&octets);
        let read = read(&octets, piece_len);
        prop_assert_eq!(read.len(), naive.len());
        for (read, naive) in read.iter().zip(&naive) {
            check_same(read, naive)?;
        }
        let ends = naive.iter().map(|frame| frame.end);
        prop_assert!(naive.iter().skip(1).map(|frame| frame.start).eq(ends.take(naive.len().saturating_sub(1))));
        check_all_foreign(&octets, &naive)?;
    }

    /// The first octets of a connection can be anything, and are read alike.
    #[test]
    fn random_octets_are_read_alike(octets in vec(any::<u8>(), 0..200), piece_len in 1..20usize) {
        let naive = naive::frames(&octets);
        let read = read(&octets, piece_len);
        prop_assert_eq!(read.len(), naive.len());
        for (read, naive) in read.iter().zip(&naive) {
            check_same(read, naive)?;
        }
        check_all_foreign(&octets, &naive)?;
    }

    /// What tungstenite makes of lawful frames as an endpoint, in either role, both of ours find in them.
    #[test]
    fn messages_are_read_alike(sent in vec(sent(), 1..5), server in any::<bool>(), key in any::<[u8; 4]>()) {
        let role = if server { Role::Server } else { Role::Client };
        let mut octets = Vec::new();
        for message in &sent {
            for (index, (fragment, ping)) in message.fragments.iter().enumerate() {
                let opcode = match (index, message.text) {
                    (0, true) => Opcode::Text,
                    (0, false) => Opcode::Binary,
                    _ => Opcode::Continuation,
                };
                let fin = index + 1 == message.fragments.len();
                let ping = ping.iter().map(|payload| Frame::new(Opcode::Ping, payload.clone()));
                for frame in ping.chain([Frame::new(opcode, fragment.clone()).fin(fin)]) {
                    let frame = if role.peer().masks() { frame.masked(key) } else { frame };
                    frame.encode(&mut octets);
                }
            }
        }
        let foreign = foreign_messages(&octets, role);
        let ours = read(&octets, usize::MAX);
        prop_assert_eq!(
            &messages(ours.into_iter().map(|frame| (frame.header.opcode, frame.header.fin, frame.payload))),
            &foreign
        );
        let naive = naive::frames(&octets).into_iter();
        prop_assert_eq!(
            &messages(naive.map(|frame| (Opcode::from_bits(frame.opcode), frame.fin, frame.payload))),
            &foreign
        );
    }
}
