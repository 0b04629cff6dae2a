//! The bitstream of permessage-deflate: the octets of RFC 7692 §7.2.3, each fact that a walk reports, each way to break
//! a message. What must hold for any message is in `deflate_properties.rs`.

use wsgauntlet_wire::deflate::{
    Alphabet, BLOCKS_RECORDED_MAX, Block, BlockKind, Body, Compressor, DecompressError, Decompressor,
    Encoder, Ending, Fault, FaultKind, Inflater, Match, Message, Padding, Settings, Tables, Tail, Token,
    Walk, WindowBits,
};

const LIMIT: usize = 1 << 20;

fn hex(octets: &str) -> Vec<u8> {
    octets.split_whitespace().map(|octet| u8::from_str_radix(octet, 16).expect("hexadecimal")).collect()
}

fn literals(text: &[u8]) -> Vec<Token> {
    text.iter().copied().map(Token::Literal).collect()
}

fn matched(len: usize, distance: usize) -> Token {
    Token::Match(Match::new(len, distance).expect("a match that has a code"))
}

fn block(body: Body) -> Block {
    Block { bfinal: false, body }
}

fn bfinal(body: Body) -> Block {
    Block { bfinal: true, body }
}

fn fixed(text: &[u8]) -> Body {
    Body::Fixed(literals(text))
}

fn walk(payload: &[u8]) -> Walk {
    Inflater::new(LIMIT).inflate_message(payload)
}

fn decompress(payload: &[u8]) -> Result<Vec<u8>, DecompressError> {
    let mut decompressor = Decompressor::new(true, LIMIT);
    let mut output = decompressor.decompress_chunk(payload)?;
    output.extend(decompressor.finish_message()?);
    Ok(output)
}

/// One connection's worth of messages: what is sent, and the octets of each.
#[track_caller]
fn check_example(messages: &[(Message, &str, &str)]) {
    let mut inflater = Inflater::new(LIMIT);
    let mut decompressor = Decompressor::new(true, LIMIT);
    for (message, octets, text) in messages {
        let payload = hex(octets);
        assert_eq!(message.encode(), payload, "encoding {text:?}");
        let walk = inflater.inflate_message(&payload);
        assert_eq!((walk.end, walk.tail), (Ok(()), Tail::Removed));
        assert_eq!(walk.output, text.as_bytes());
        // Octet by octet, as if each were a fragment.
        let mut output = Vec::new();
        for octet in &payload {
            output.extend(decompressor.decompress_chunk(&[*octet]).expect("lawful data"));
        }
        output.extend(decompressor.finish_message().expect("a lawful end"));
        assert_eq!(output, text.as_bytes());
    }
}

#[test]
fn rfc7692_7_2_3_1_one_compressed_block() {
    check_example(&[(Message::new(vec![block(fixed(b"Hello"))]), "f2 48 cd c9 c9 07 00", "Hello")]);
    let flushed = Message { ending: Ending::Kept, ..Message::new(vec![block(fixed(b"Hello"))]) };
    assert_eq!(flushed.encode(), hex("f2 48 cd c9 c9 07 00 00 00 ff ff"), "before the tail is removed");
    assert_eq!(Compressor::new(Settings::default()).compress_message(b"Hello"), hex("f2 48 cd c9 c9 07 00"));
    assert_eq!(Encoder::new(Settings::default()).compress_message(b"Hello"), hex("f2 48 cd c9 c9 07 00"));
}

#[test]
fn rfc7692_7_2_3_2_sharing_the_window() {
    let first = Message::new(vec![block(fixed(b"Hello"))]);
    let second = Message::new(vec![block(Body::Fixed(vec![Token::Literal(b'H'), matched(4, 5)]))]);
    check_example(&[(first, "f2 48 cd c9 c9 07 00", "Hello"), (second, "f2 00 11 00 00", "Hello")]);

    let mut inflater = Inflater::new(LIMIT);
    inflater.inflate_message(&hex("f2 48 cd c9 c9 07 00"));
    let walk = inflater.inflate_message(&hex("f2 00 11 00 00"));
    assert_eq!((walk.distance_max, walk.beyond_message), (5, Some(4)));

    let mut taking_over = Compressor::new(Settings::default());
    let payloads = [taking_over.compress_message(b"Hello"), taking_over.compress_message(b"Hello")];
    assert_eq!(payloads, [hex("f2 48 cd c9 c9 07 00"), hex("f2 00 11 00 00")]);

    // "If the "agreed parameters" contain the "client_no_context_takeover" extension parameter, the client compresses
    // the payload of the next message into the same bytes".
    let mut fresh = Compressor::new(Settings { context_takeover: false, ..Settings::default() });
    let payloads = [fresh.compress_message(b"Hello"), fresh.compress_message(b"Hello")];
    assert_eq!(payloads, [hex("f2 48 cd c9 c9 07 00"), hex("f2 48 cd c9 c9 07 00")]);

    let mut inflater = Inflater::new(LIMIT);
    inflater.inflate_message(&hex("f2 48 cd c9 c9 07 00"));
    inflater.forget_history();
    let end = inflater.inflate_message(&hex("f2 00 11 00 00")).end;
    assert_eq!(end.map_err(|fault| fault.kind), Err(FaultKind::DistanceTooFar { distance: 5, available: 1 }));
}

#[test]
fn rfc7692_7_2_3_3_a_block_without_compression() {
    let message = Message::new(vec![block(Body::Stored(b"Hello".to_vec()))]);
    check_example(&[(message, "00 05 00 fa ff 48 65 6c 6c 6f 00", "Hello")]);
}

#[test]
fn rfc7692_7_2_3_4_a_block_with_bfinal() {
    let message = || Message::new(vec![bfinal(fixed(b"Hello"))]);
    check_example(&[
        (message(), "f3 48 cd c9 c9 07 00 00", "Hello"),
        (message(), "f3 48 cd c9 c9 07 00 00", "Hello"),
        // The window goes on after BFINAL for our decoders.
        (Message::new(vec![block(Body::Fixed(vec![matched(5, 10)]))]), "02 b3 00 00", "Hello"),
    ]);
    let walk = walk(&hex("f3 48 cd c9 c9 07 00 00"));
    assert_eq!((walk.final_end, walk.final_padding), (Some(7), None));
    let kinds: Vec<_> = walk.blocks.iter().map(|block| (block.kind, block.bfinal, block.start_bit)).collect();
    assert_eq!(kinds, [(BlockKind::Fixed, true, 0), (BlockKind::Stored, false, 56)]);
}

#[test]
fn rfc7692_7_2_3_5_two_blocks() {
    let message = Message::new(vec![block(fixed(b"He")), Block::empty_stored(), block(fixed(b"llo"))]);
    check_example(&[(message, "f2 48 05 00 00 00 ff ff ca c9 c9 07 00", "Hello")]);
    let walk = walk(&hex("f2 48 05 00 00 00 ff ff ca c9 c9 07 00"));
    // "The first 3 octets (0xf2 0x48 0x05) and the least significant two bits of the 4th octet (0x00) constitute one
    // DEFLATE block".
    let blocks: Vec<_> =
        walk.blocks.iter().map(|block| (block.start_bit, block.kind, block.len_out)).collect();
    let stored = BlockKind::Stored;
    assert_eq!(
        blocks,
        [(0, BlockKind::Fixed, 2), (26, stored, 0), (64, BlockKind::Fixed, 3), (98, stored, 0)]
    );
}

#[test]
fn rfc7692_7_2_3_6_an_empty_fragment() {
    check_example(&[(Message::default(), "00", ""), (Message::default(), "00", "")]);
    for settings in [Settings::default(), Settings { window_bits: WindowBits::MIN, ..Settings::default() }] {
        let mut compressor = Compressor::new(settings);
        assert_eq!(
            [compressor.compress_message(b""), compressor.compress_message(b"")],
            [hex("00"), hex("00")]
        );
    }
}

#[test]
fn each_end_of_a_payload_is_told_apart() {
    let hello = || vec![block(fixed(b"Hello"))];
    let ended = |ending, blocks| Message { ending, ..Message::new(blocks) };
    let cut = |cut_len, blocks| Message { cut_len: Some(cut_len), ..Message::new(blocks) };
    let table = [
        ("lawful", Message::new(hello()), Tail::Removed, true),
        ("lawful, BFINAL", Message::new(vec![bfinal(fixed(b"Hello"))]), Tail::Removed, true),
        (
            "lawful, BFINAL in the last block",
            Message::new(vec![bfinal(Body::Stored(vec![]))]),
            Tail::Removed,
            true,
        ),
        ("no octets", cut(0, hello()), Tail::EmptyPayload, false),
        ("tail kept", ended(Ending::Kept, hello()), Tail::Kept, false),
        (
            "stored block alone",
            ended(Ending::Absent, vec![block(Body::Stored(b"Hello".to_vec()))]),
            Tail::NoEmptyBlock { after_final: false },
            false,
        ),
        (
            "stream that ended",
            ended(Ending::Absent, vec![bfinal(fixed(b"Hello"))]),
            Tail::NoEmptyBlock { after_final: true },
            false,
        ),
        ("cut in a fixed block", cut(3, hello()), Tail::InsideBlock, false),
        (
            "cut in a stored block",
            cut(7, vec![block(Body::Stored(b"Hello".to_vec()))]),
            Tail::InsideBlock,
            false,
        ),
        (
            "reserved block type",
            Message::new(vec![block(Body::Reserved(vec![0; 9]))]),
            Tail::NotReached,
            false,
        ),
        // The appended octets are its content: DEFLATE data all the same.
        (
            "stored block that swallows the tail",
            cut(6, vec![block(Body::Stored(b"Hello".to_vec()))]),
            Tail::InsideBlock,
            true,
        ),
    ];
    for (name, message, tail, inflates) in table {
        let walk = walk(&message.encode());
        assert_eq!((walk.tail, walk.end.is_ok()), (tail, inflates), "{name}: {walk:?}");
        assert_eq!(decompress(&message.encode()).is_ok(), inflates, "{name}");
    }
}

#[test]
fn a_fixed_block_that_leaves_fewer_than_three_bits_has_no_empty_block() {
    // 3 bits of header, five literals of 9 bits and 7 bits for the end of the block: one bit of the payload is left.
    let message = Message { ending: Ending::Absent, ..Message::new(vec![block(fixed(&[0xff; 5]))]) };
    let walk = walk(&message.encode());
    assert_eq!(walk.tail, Tail::NoEmptyBlock { after_final: false });
    assert_eq!(walk.end.map_err(|fault| fault.kind), Err(FaultKind::CutShort));
}

#[test]
fn three_bits_are_a_header_and_what_it_starts_is_a_block() {
    // 37 bits, so that the header of a second block ends with the payload.
    let before = block(fixed(&[0xff; 3]));
    let cut =
        |second| Message { cut_len: Some(5), ..Message::new(vec![before.clone(), block(second)]) }.encode();
    assert_eq!(walk(&cut(Body::Fixed(vec![]))).tail, Tail::InsideBlock, "it ends within the tail");
    assert_eq!(walk(&cut(Body::Reserved(vec![]))).tail, Tail::NotReached);
    assert_eq!(walk(&cut(Body::Stored(vec![]))).tail, Tail::Removed);
    // LEN is in the payload, and NLEN, which does not fit to it, in the tail.
    let walk = walk(&hex("00 05 00"));
    let mismatch = FaultKind::StoredLengthMismatch { len: 5, nlen: 0 };
    assert_eq!((walk.end.map_err(|fault| fault.kind), walk.tail), (Err(mismatch), Tail::InsideBlock));
}

#[test]
fn a_stored_block_that_ends_too_soon_is_cut_short() {
    // Ten octets are declared, two are there, and the four of the tail.
    let walk = walk(&hex("00 0a 00 f5 ff 61 62"));
    assert_eq!(walk.end.map_err(|fault| fault.kind), Err(FaultKind::CutShort));
}

#[test]
fn tables_are_sized_to_what_can_be_declared() {
    let given = |literals, distances| {
        let body = Body::Dynamic { tokens: vec![], tables: Tables::Given { literals, distances } };
        let walk = walk(&Message::new(vec![block(body)]).encode());
        (walk.end.expect_err("no complete code").kind, walk.distance_codes_max)
    };
    assert_eq!(given(vec![], vec![]), (FaultKind::MissingEndOfBlock, 1));
    assert_eq!(given(vec![9; 300], vec![5; 40]), (FaultKind::IncompleteCode(Alphabet::Literals), 32));
    // 286 cannot be declared, and so it is left out.
    let tokens = vec![Token::Literal(b'a'), Token::InvalidLength { symbol: 286 }];
    let walk = walk(&Message::new(vec![block(Body::Dynamic { tokens, tables: Tables::Fitted })]).encode());
    assert_eq!((walk.end, walk.output), (Ok(()), b"a".to_vec()));
}

#[test]
fn each_illegal_shape_has_its_fault() {
    let dynamic = |tables| Body::Dynamic { tokens: literals(b"Hello"), tables };
    let given = |literals: &[(usize, u8)], distances: &[u8]| {
        let mut lengths = vec![0; 286];
        literals.iter().for_each(|&(symbol, len)| lengths[symbol] = len);
        dynamic(Tables::Given { literals: lengths, distances: distances.to_vec() })
    };
    let tokens = |tokens: &[Token]| Body::Fixed(tokens.to_vec());
    let claim = Body::StoredClaim { len: 5, nlen: 5, octets: b"Hello".to_vec() };
    let table = [
        (Body::Reserved(vec![]), FaultKind::InvalidBlockType, 1),
        (claim, FaultKind::StoredLengthMismatch { len: 5, nlen: 5 }, 8),
        (
            dynamic(Tables::OverSubscribed(Alphabet::CodeLengths)),
            FaultKind::OverSubscribed(Alphabet::CodeLengths),
            17,
        ),
        (
            dynamic(Tables::Incomplete(Alphabet::CodeLengths)),
            FaultKind::IncompleteCode(Alphabet::CodeLengths),
            17,
        ),
        (
            dynamic(Tables::OverSubscribed(Alphabet::Literals)),
            FaultKind::OverSubscribed(Alphabet::Literals),
            0,
        ),
        (dynamic(Tables::Incomplete(Alphabet::Literals)), FaultKind::IncompleteCode(Alphabet::Literals), 0),
        (
            dynamic(Tables::OverSubscribed(Alphabet::Distances)),
            FaultKind::OverSubscribed(Alphabet::Distances),
            0,
        ),
        (dynamic(Tables::Incomplete(Alphabet::Distances)), FaultKind::IncompleteCode(Alphabet::Distances), 0),
        (given(&[(0, 1), (1, 1)], &[0]), FaultKind::MissingEndOfBlock, 0),
        (tokens(&[Token::InvalidLength { symbol: 286 }]), FaultKind::InvalidSymbol(Alphabet::Literals), 3),
        (tokens(&[Token::InvalidLength { symbol: 287 }]), FaultKind::InvalidSymbol(Alphabet::Literals), 3),
        (tokens(&[Token::InvalidDistance { symbol: 30 }]), FaultKind::InvalidSymbol(Alphabet::Distances), 10),
        (tokens(&[Token::InvalidDistance { symbol: 31 }]), FaultKind::InvalidSymbol(Alphabet::Distances), 10),
        (tokens(&[matched(3, 1)]), FaultKind::DistanceTooFar { distance: 1, available: 0 }, 10),
        (
            tokens(&[Token::Literal(0), matched(3, 32_768)]),
            FaultKind::DistanceTooFar { distance: 32_768, available: 1 },
            18,
        ),
    ];
    for (body, kind, bit) in table {
        let payload = Message::new(vec![block(body)]).encode();
        let fault = walk(&payload).end.expect_err("illegal");
        assert_eq!(fault.kind, kind);
        assert!(fault.bit == bit || bit == 0, "{fault} instead of bit {bit}");
        assert!(decompress(&payload).is_err(), "{kind}");
    }
}

#[test]
fn faults_of_hand_made_dynamic_headers() {
    // BFINAL 0, BTYPE 10, HLIT 30 (287 codes).
    assert_eq!(
        walk(&hex("f4 00 00 00")).end,
        Err(Fault { kind: FaultKind::TooManyCodes { literals: 287 }, bit: 3 })
    );
    // Code lengths 16 and 17 have one bit each; the first symbol repeats what is not there.
    let end = walk(&hex("04 00 12 00 00 00")).end;
    assert_eq!(end, Err(Fault { kind: FaultKind::InvalidRepeat, bit: 29 }));
    // Code lengths 17 and 18: repetitions of zero run over the 258 codes declared.
    let end = walk(&hex("04 00 90 e0 ff ff ff")).end;
    assert_eq!(end.map_err(|fault| fault.kind), Err(FaultKind::InvalidRepeat));
}

#[test]
fn a_single_code_of_one_bit_is_no_incomplete_code() {
    // §3.2.7: "If only one distance code is used, it is encoded using one bit, not zero bits".
    let tokens = vec![Token::Literal(b'a'), matched(258, 1)];
    let payload = Message::new(vec![block(Body::Dynamic { tokens, tables: Tables::Fitted })]).encode();
    assert_eq!(walk(&payload).output, [b'a'; 259]);
    assert_eq!(decompress(&payload), Ok(vec![b'a'; 259]));
}

#[test]
fn distance_codes_beyond_thirty_may_be_declared() {
    // RFC 1951 §3.2.7 allows HDIST of 31; zlib calls it "too many length or distance symbols".
    let mut lengths = vec![0; 257];
    lengths[usize::from(b'a')] = 1;
    lengths[256] = 1;
    let tables = Tables::Given { literals: lengths, distances: vec![5; 32] };
    let payload = Message::new(vec![block(Body::Dynamic { tokens: literals(b"aa"), tables })]).encode();
    let walk = walk(&payload);
    assert_eq!((walk.end, walk.output, walk.distance_codes_max), (Ok(()), b"aa".to_vec(), 32));
    assert!(matches!(decompress(&payload), Err(DecompressError::Corrupt { .. })));
}

#[test]
fn padding_of_ones_is_reported() {
    let padded = |blocks| Message { padding: Padding::Ones, ..Message::new(blocks) }.encode();
    let facts = |payload: &[u8]| {
        let walk = walk(payload);
        assert_eq!((walk.end, walk.tail), (Ok(()), Tail::Removed));
        (walk.final_padding, walk.stored_padding)
    };
    assert_eq!(facts(&padded(vec![block(fixed(b"Hello"))])), (None, Some(53)));
    assert_eq!(facts(&padded(vec![bfinal(fixed(b"Hello"))])), (Some(50), Some(59)));
    assert_eq!(facts(&hex("f3 48 cd c9 c9 07 00 00")), (None, None));
}

#[test]
fn octets_after_a_final_block_are_found() {
    let message = Message {
        trailing: hex("de ad be ef"),
        ending: Ending::Absent,
        ..Message::new(vec![bfinal(fixed(b"Hi"))])
    };
    let payload = message.encode();
    let walk = walk(&payload);
    assert_eq!((walk.output, walk.final_end), (b"Hi".to_vec(), Some(payload.len() - 4)));
    assert!(walk.end.is_err());
    assert!(decompress(&payload).is_err());
}

#[test]
fn distances_at_the_windows_end_and_one_beyond_are_told_apart() {
    for bits in 8..=15 {
        let window = WindowBits::new(bits).expect("8 to 15").window_len();
        let history: Vec<u8> = (0..window + 1).map(|place| (place * 7 + place / 256 * 31) as u8).collect();
        for distance in [window - 1, window, window + 1] {
            let Some(found) = Match::new(3, distance) else {
                assert_eq!(distance, 32_769, "every distance up to 32,768 has a code");
                continue;
            };
            let blocks =
                vec![block(Body::Stored(history.clone())), block(Body::Fixed(vec![Token::Match(found)]))];
            let payload = Message::new(blocks).encode();
            let walk = walk(&payload);
            assert_eq!((walk.end, walk.distance_max), (Ok(()), distance));
            assert_eq!(walk.beyond_message, None);
            assert_eq!(decompress(&payload), Ok(walk.output));
        }
    }
}

#[test]
fn the_reach_beyond_the_message_is_counted_in_octets() {
    let mut inflater = Inflater::new(LIMIT);
    inflater.inflate_message(&Message::new(vec![block(fixed(b"0123456789"))]).encode());
    let message = |tokens: Vec<Token>| Message::new(vec![block(Body::Fixed(tokens))]).encode();
    let inside = inflater.inflate_message(&message(vec![Token::Literal(b'x'), matched(3, 1)]));
    assert_eq!((inside.output, inside.beyond_message), (b"xxxx".to_vec(), None));
    let beyond = inflater.inflate_message(&message(vec![Token::Literal(b'y'), matched(6, 5), matched(3, 1)]));
    assert_eq!((beyond.output, beyond.beyond_message), (b"yxxxxyxxxx".to_vec(), Some(4)));
    let blocks = vec![bfinal(fixed(b"abc")), block(Body::Fixed(vec![Token::Literal(b'd'), matched(3, 4)]))];
    let across = inflater.inflate_message(&Message::new(blocks).encode());
    assert_eq!(
        (across.output, across.beyond_message, across.beyond_final),
        (b"abcdabc".to_vec(), None, Some(3))
    );
}

#[test]
fn the_first_match_of_the_greatest_distance_is_named() {
    let tokens = vec![Token::Literal(0), Token::Literal(1), matched(3, 2), matched(3, 2), matched(3, 1)];
    let walk = walk(&Message::new(vec![block(Body::Fixed(tokens))]).encode());
    // Behind three bits of header and two literals of eight.
    assert_eq!((walk.distance_max, walk.distance_max_bit), (2, 19));
}

#[test]
fn output_is_bounded_to_the_octet() {
    let bodies = [
        Body::Stored(vec![7; 300]),
        fixed(&[7; 300]),
        Body::Fixed(vec![Token::Literal(7), matched(258, 1), matched(41, 1)]),
    ];
    for body in bodies {
        let payload = Message::new(vec![block(body)]).encode();
        for (limit, fits) in [(300, true), (299, false), (1, false), (0, false)] {
            let walk = Inflater::new(limit).inflate_message(&payload);
            let end = if fits { Ok(()) } else { Err(FaultKind::OutputTooLong { limit }) };
            assert_eq!(walk.end.map_err(|fault| fault.kind), end);
            assert_eq!(walk.output, vec![7; limit]);

            let mut decompressor = Decompressor::new(true, limit);
            let output = decompressor.decompress_chunk(&payload);
            let expected = if fits { Ok(vec![7; 300]) } else { Err(DecompressError::TooLong { limit }) };
            assert_eq!(output, expected);
            assert_eq!(decompressor.finish_message().is_ok(), fits, "an error stays");
        }
    }
}

#[test]
fn the_limit_is_for_each_message() {
    let mut decompressor = Decompressor::new(true, 5);
    for _ in 0..3 {
        assert_eq!(decompressor.decompress_chunk(&hex("f2 48 cd c9 c9 07 00")), Ok(b"Hello".to_vec()));
        assert_eq!(decompressor.finish_message(), Ok(vec![]));
    }
}

#[test]
fn the_record_of_blocks_is_bounded() {
    let count = BLOCKS_RECORDED_MAX + 10;
    let walk = walk(&Message::new(vec![block(Body::Fixed(vec![])); count]).encode());
    assert_eq!((walk.end, walk.blocks.len(), walk.block_count), (Ok(()), BLOCKS_RECORDED_MAX, count + 1));
}

#[test]
fn a_match_with_every_length_and_distance_code_survives() {
    let history: Vec<u8> = (0..32_768).map(|place| (place * 7 + place / 256 * 31) as u8).collect();
    let tokens: Vec<Token> =
        (0..1024).map(|n| matched(3 + n % 256, 1 + n * 32)).chain([matched(258, 32_768)]).collect();
    let mut expected = history.clone();
    for token in &tokens {
        let Token::Match(found) = token else { unreachable!("only matches") };
        for _ in 0..found.len_octets() {
            expected.push(expected[expected.len() - found.distance()]);
        }
    }
    for body in [Body::Fixed(tokens.clone()), Body::Dynamic { tokens, tables: Tables::Fitted }] {
        let payload = Message::new(vec![block(Body::Stored(history.clone())), block(body)]).encode();
        assert_eq!(decompress(&payload).as_ref(), Ok(&expected), "a foreign decoder");
        assert_eq!(walk(&payload).output, expected);
    }
}
