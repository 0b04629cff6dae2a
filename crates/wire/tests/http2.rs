//! Frames of HTTP/2: layouts of RFC 9113 §6, what breaks them, and any segmentation.

use proptest::prelude::*;
use wsgauntlet_wire::http2::{
    ErrorCode, FRAME_LEN_DEFAULT, FRAME_LEN_MAX, FrameHeader, FrameReader, FrameType, Padding, Payload,
    PayloadError, Priority, RawFrame, Setting, SettingId, TooLong, flags,
};

/// Octets that §4.1 and §6 draw, written by hand.
#[test]
fn layouts_are_those_of_the_rfc() {
    let connect_protocol = Payload::Settings(vec![Setting::new(SettingId::ENABLE_CONNECT_PROTOCOL, 1)]);
    let data = Payload::Data { data: b"hi".to_vec(), padding: Padding(Some(vec![0; 3])) };
    let goaway = Payload::GoAway { last: 5, code: ErrorCode::CANCEL, debug: b"x".to_vec() };
    for (payload, stream, more, expected) in [
        (&connect_protocol, 0, 0, &[0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 1][..]),
        (&data, 1, flags::END_STREAM, &[0, 0, 6, 0, 9, 0, 0, 0, 1, 3, b'h', b'i', 0, 0, 0]),
        (&Payload::SettingsAck, 0, 0, &[0, 0, 0, 4, 1, 0, 0, 0, 0]),
        (&Payload::RstStream(ErrorCode::CANCEL), 3, 0, &[0, 0, 4, 3, 0, 0, 0, 0, 3, 0, 0, 0, 8]),
        (&Payload::WindowUpdate(7), 0, 0, &[0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 7]),
        (&goaway, 0, 0, &[0, 0, 9, 7, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 8, b'x']),
    ] {
        let frame = payload.frame(stream, more);
        assert_eq!(frame.to_octets(), expected);
        assert_eq!(Payload::parse(&frame).as_ref(), Ok(payload));
    }
}

/// Sizes that a type forbids, and padding that does not fit.
#[test]
fn broken_layouts_are_named() {
    let parsed = |kind: FrameType, flags: u8, len: usize| {
        Payload::parse(&RawFrame::new(kind, flags, 1, vec![4; len])).err()
    };
    for (kind, flags, lens) in [
        (FrameType::PRIORITY, 0, &[4, 6][..]),
        (FrameType::RST_STREAM, 0, &[3, 5]),
        (FrameType::SETTINGS, 0, &[5, 7]),
        (FrameType::SETTINGS, flags::ACK, &[6]),
        (FrameType::PUSH_PROMISE, 0, &[3]),
        (FrameType::PING, 0, &[7, 9]),
        (FrameType::GOAWAY, 0, &[7]),
        (FrameType::WINDOW_UPDATE, 0, &[3, 5]),
        (FrameType::HEADERS, flags::PRIORITY, &[4]),
    ] {
        for len in lens {
            assert_eq!(
                parsed(kind, flags, *len),
                Some(PayloadError::Size { kind, len: *len }),
                "{kind} of {len}"
            );
        }
    }
    let kind = FrameType::DATA;
    assert_eq!(parsed(kind, flags::PADDED, 0), Some(PayloadError::Size { kind, len: 0 }));
    assert_eq!(parsed(kind, flags::PADDED, 4), Some(PayloadError::Padding { kind, padding: 4 }));
    assert_eq!(parsed(kind, flags::PADDED, 5), None);
}

/// A frame beyond the limit is named, and stays where it is.
#[test]
fn a_frame_that_is_too_long_is_not_taken() {
    let mut reader = FrameReader::default();
    reader.push(&RawFrame::new(FrameType::PING, 0, 0, [0; 8]).to_octets());
    let header = FrameHeader {
        len: FRAME_LEN_MAX,
        kind: FrameType::DATA,
        flags: 0,
        reserved: true,
        stream: 0x7fff_ffff,
    };
    let mut octets = Vec::new();
    header.encode(&mut octets);
    assert_eq!(FrameHeader::decode(&octets), Some(header));
    reader.push(&octets);
    assert!(reader.next_frame(FRAME_LEN_DEFAULT).is_ok_and(|frame| frame.is_some()));
    let error = TooLong { kind: FrameType::DATA, len: FRAME_LEN_MAX, max: FRAME_LEN_DEFAULT };
    assert_eq!(reader.next_frame(FRAME_LEN_DEFAULT), Err(error));
    assert_eq!(reader.rest(), octets);
}

fn payloads() -> impl Strategy<Value = Payload> {
    let octets = || proptest::collection::vec(any::<u8>(), 0..60);
    let padding = || proptest::option::of(proptest::collection::vec(any::<u8>(), 0..256)).prop_map(Padding);
    let stream = 0u32..1 << 31;
    let priority = (any::<bool>(), stream.clone(), any::<u8>())
        .prop_map(|(exclusive, depends_on, weight)| Priority { exclusive, depends_on, weight });
    let setting = (any::<u16>(), any::<u32>()).prop_map(|(id, value)| Setting::new(SettingId(id), value));
    prop_oneof![
        (octets(), padding()).prop_map(|(data, padding)| Payload::Data { data, padding }),
        (proptest::option::of(priority.clone()), octets(), padding())
            .prop_map(|(priority, block, padding)| Payload::Headers { priority, block, padding }),
        priority.prop_map(Payload::Priority),
        any::<u32>().prop_map(|code| Payload::RstStream(ErrorCode(code))),
        proptest::collection::vec(setting, 0..9).prop_map(Payload::Settings),
        (stream.clone(), octets(), padding()).prop_map(|(stream, block, padding)| Payload::PushPromise {
            stream,
            block,
            padding
        }),
        (any::<bool>(), any::<[u8; 8]>()).prop_map(|(ack, opaque)| Payload::Ping { ack, opaque }),
        (stream.clone(), any::<u32>(), octets()).prop_map(|(last, code, debug)| Payload::GoAway {
            last,
            code: ErrorCode(code),
            debug
        }),
        stream.prop_map(Payload::WindowUpdate),
        octets().prop_map(Payload::Continuation),
        octets().prop_map(Payload::Unknown),
    ]
}

proptest! {
    /// Payloads come back from their frames, however the octets arrive.
    #[test]
    fn frames_come_back(payloads in proptest::collection::vec(payloads(), 1..8), step in 1usize..40) {
        let frames: Vec<RawFrame> = payloads.iter().map(|payload| payload.frame(1, flags::END_HEADERS)).collect();
        let octets: Vec<u8> = frames.iter().flat_map(RawFrame::to_octets).collect();
        let (mut reader, mut read) = (FrameReader::default(), Vec::new());
        for piece in octets.chunks(step) {
            reader.push(piece);
            while let Some(frame) = reader.next_frame(FRAME_LEN_MAX).expect("any length is allowed") {
                read.push(frame);
            }
        }
        prop_assert_eq!(&read, &frames);
        let parsed: Vec<Payload> = read.iter().map(|frame| Payload::parse(frame).expect("a layout")).collect();
        prop_assert_eq!(parsed, payloads);
    }

    /// Whatever arrives has a meaning or a reason.
    #[test]
    fn any_frame_is_parsed_or_refused(kind in 0u8..11, flags: u8, octets in proptest::collection::vec(any::<u8>(), 0..40)) {
        let frame = RawFrame::new(FrameType(kind), flags, 1, octets);
        if let Ok(payload) = Payload::parse(&frame) {
            let again = payload.frame(1, 0);
            prop_assert!(again.payload.len() <= frame.payload.len());
        }
    }
}
