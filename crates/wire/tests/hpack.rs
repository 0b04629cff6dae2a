//! Field compression: the examples of RFC 7541 Appendix C, what has to be refused, and a comparison with another implementation.

use proptest::prelude::*;
use wsgauntlet_wire::hex;
use wsgauntlet_wire::hpack::{
    DecodeError, Decoder, Encoder, Field, HuffmanError, Indexing, Name, Representation, Text, huffman_decode,
    huffman_encode, integer,
};

/// One block of an example: its octets, and its fields as `name: value` lines.
type Block = (&'static str, &'static [(&'static str, &'static str)]);

const REQUESTS: [&[(&str, &str)]; 3] = [
    &[(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "www.example.com")],
    &[
        (":method", "GET"),
        (":scheme", "http"),
        (":path", "/"),
        (":authority", "www.example.com"),
        ("cache-control", "no-cache"),
    ],
    &[
        (":method", "GET"),
        (":scheme", "https"),
        (":path", "/index.html"),
        (":authority", "www.example.com"),
        ("custom-key", "custom-value"),
    ],
];

const RESPONSES: [&[(&str, &str)]; 3] = [
    &[
        (":status", "302"),
        ("cache-control", "private"),
        ("date", "Mon, 21 Oct 2013 20:13:21 GMT"),
        ("location", "https://www.example.com"),
    ],
    &[
        (":status", "307"),
        ("cache-control", "private"),
        ("date", "Mon, 21 Oct 2013 20:13:21 GMT"),
        ("location", "https://www.example.com"),
    ],
    &[
        (":status", "200"),
        ("cache-control", "private"),
        ("date", "Mon, 21 Oct 2013 20:13:22 GMT"),
        ("location", "https://www.example.com"),
        ("content-encoding", "gzip"),
        ("set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"),
    ],
];

/// C.3 and C.4: requests without Huffman coding and with it.
const REQUEST_BLOCKS: [[&str; 3]; 2] = [
    [
        "828684410f7777772e6578616d706c652e636f6d",
        "828684be58086e6f2d6361636865",
        "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
    ],
    [
        "828684418cf1e3c2e5f23a6ba0ab90f4ff",
        "828684be5886a8eb10649cbf",
        "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
    ],
];

/// C.5 and C.6: responses without Huffman coding and with it, and a table of 256 octets.
const RESPONSE_BLOCKS: [[&str; 3]; 2] = [
    [
        "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d",
        "4803333037c1c0bf",
        "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31",
    ],
    [
        "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
        "4883640effc1c0bf",
        "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
    ],
];

fn octets(digits: &str) -> Vec<u8> {
    hex::decode(digits).expect("pairs of hexadecimal digits")
}

fn fields(list: &[(&str, &str)]) -> Vec<Field> {
    list.iter().map(|(name, value)| Field::new(*name, *value)).collect()
}

/// Appendix C.2: one representation each. A change of a prefix's length, or of a first octet, fails.
#[test]
fn the_examples_of_single_fields_are_read() {
    let examples: [Block; 4] = [
        ("400a637573746f6d2d6b65790d637573746f6d2d686561646572", &[("custom-key", "custom-header")]),
        ("040c2f73616d706c652f70617468", &[(":path", "/sample/path")]),
        ("100870617373776f726406736563726574", &[("password", "secret")]),
        ("82", &[(":method", "GET")]),
    ];
    for (block, expected) in examples {
        assert_eq!(Decoder::default().decode(&octets(block)), Ok(fields(expected)), "{block}");
    }
}

/// Appendix C.3 to C.6: sequences of blocks with one table, which evicts in C.5 and C.6.
#[test]
fn the_examples_of_connections_are_read() {
    for blocks in REQUEST_BLOCKS {
        let mut decoder = Decoder::default();
        for (block, expected) in blocks.iter().zip(REQUESTS) {
            assert_eq!(decoder.decode(&octets(block)), Ok(fields(expected)), "{block}");
        }
    }
    for blocks in RESPONSE_BLOCKS {
        let mut decoder = Decoder::with_table_size(256);
        for (block, expected) in blocks.iter().zip(RESPONSES) {
            assert_eq!(decoder.decode(&octets(block)), Ok(fields(expected)), "{block}");
        }
    }
}

/// The encoder makes the blocks of C.4 and C.6, octet by octet.
#[test]
fn the_examples_are_written() {
    let mut encoder = Encoder::default();
    for (expected, list) in REQUEST_BLOCKS[1].iter().zip(REQUESTS) {
        assert_eq!(encoder.encode(&fields(list)), octets(expected));
    }
    let mut encoder = Encoder::with_table_size(256);
    for (expected, list) in RESPONSE_BLOCKS[1].iter().zip(RESPONSES) {
        assert_eq!(encoder.encode(&fields(list)), octets(expected));
    }
}

/// Appendix C.1: 10 and 1337 with prefixes of 5 bits, 42 with one of 8.
#[test]
fn the_examples_of_integers_are_read_and_written() {
    for (value, bits, expected) in [(10, 5, &[0x0a][..]), (1337, 5, &[0x1f, 0x9a, 0x0a]), (42, 8, &[0x2a])] {
        let mut written = Vec::new();
        integer::encode(value, bits, 0, &mut written);
        assert_eq!(written, expected);
        assert_eq!(integer::decode(expected, bits), Ok((value, expected.len())));
    }
    let mut longer = Vec::new();
    integer::encode_in(1337, 5, 0, 2, &mut longer);
    assert_eq!(longer, [0x1f, 0x9a, 0x8a, 0x80, 0x00]);
    assert_eq!(integer::decode(&longer, 5), Ok((1337, 5)));
    assert_eq!(integer::decode(&[0x1f, 0x80, 0x80], 5), Err(integer::IntegerError::Incomplete));
    assert_eq!(
        integer::decode(&[0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], 5),
        Err(integer::IntegerError::TooLarge)
    );
}

/// What RFC 7541 has a decoder refuse, each with its reason.
#[test]
fn broken_blocks_are_refused() {
    let block = |parts: &[Representation]| {
        let mut block = Vec::new();
        parts.iter().for_each(|part| part.encode(&mut block));
        Decoder::default().decode(&block)
    };
    let literal = |value: Text| Representation::Literal {
        indexing: Indexing::Without,
        name: Name::Text(Text::Plain(b"a".to_vec())),
        value,
    };
    assert_eq!(block(&[Representation::Indexed(0)]), Err(DecodeError::Index(0)));
    assert_eq!(block(&[Representation::Indexed(62)]), Err(DecodeError::Index(62)));
    assert_eq!(
        block(&[Representation::Indexed(2), Representation::TableSize(0)]),
        Err(DecodeError::SizeBehindField)
    );
    assert_eq!(
        block(&[Representation::TableSize(4097)]),
        Err(DecodeError::SizeAboveLimit { size: 4097, limit: 4096 })
    );
    let declared = Text::Declared { len: 9, octets: b"b".to_vec() };
    assert_eq!(block(&[literal(declared)]), Err(DecodeError::StringIncomplete));
    // EOS is 30 ones; then two ones more.
    let coded = |octets: &[u8]| block(&[literal(Text::RawHuffman(octets.to_vec()))]);
    assert_eq!(coded(&[0xff; 4]), Err(DecodeError::Huffman(HuffmanError::EndOfString)));
    // `0` is 00000: three bits of padding are zeros, or 8 ones follow those that are right.
    assert_eq!(coded(&[0x00]), Err(DecodeError::Huffman(HuffmanError::PaddingNotOnes)));
    assert_eq!(coded(&[0x07, 0xff]), Err(DecodeError::Huffman(HuffmanError::PaddingTooLong)));
    assert_eq!(coded(&[0x07]), Ok(vec![Field::new("a", "0")]));
}

/// A name that another implementation takes, too: some of the static table, so that indices occur.
fn name() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(b":path".to_vec()),
        Just(b":protocol".to_vec()),
        Just(b"date".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..40)
    ]
}

fn lists() -> impl Strategy<Value = Vec<Vec<Field>>> {
    let field = (name(), proptest::collection::vec(any::<u8>(), 0..200))
        .prop_map(|(name, value)| Field { name, value });
    proptest::collection::vec(proptest::collection::vec(field, 1..12), 1..6)
}

proptest! {
    /// Every string comes back from its Huffman code.
    #[test]
    fn huffman_comes_back(text in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(huffman_decode(&huffman_encode(&text)), Ok(text));
    }

    /// Blocks that were encoded one after another come back, for this decoder and for that of loona-hpack.
    #[test]
    fn blocks_come_back(lists in lists(), size in prop_oneof![Just(None), (0usize..4097).prop_map(Some)]) {
        let (mut encoder, mut decoder) = (Encoder::default(), Decoder::default());
        let mut other = loona_hpack::Decoder::new();
        for list in lists {
            if let Some(size) = size {
                encoder.resize(size);
            }
            let block = encoder.encode(&list);
            let read: Vec<Field> = other.decode(&block).expect("a block").into_iter()
                .map(|(name, value)| Field { name, value }).collect();
            prop_assert_eq!(&read, &list);
            prop_assert_eq!(decoder.decode(&block), Ok(list));
        }
    }

    /// Blocks of the other encoder are read as they were meant.
    #[test]
    fn blocks_of_another_encoder_are_read(lists in lists()) {
        let (mut encoder, mut decoder) = (loona_hpack::Encoder::new(), Decoder::default());
        for list in lists {
            let pairs = list.iter().map(|field| (&field.name[..], &field.value[..]));
            let block = encoder.encode(pairs);
            prop_assert_eq!(decoder.decode(&block), Ok(list));
        }
    }

    /// Whatever arrives is read or refused, and never ends the process.
    #[test]
    fn any_octets_are_read_or_refused(block in proptest::collection::vec(any::<u8>(), 0..200)) {
        let fields = Decoder::default().decode(&block);
        prop_assert!(fields.is_err() || fields.is_ok_and(|fields| fields.len() <= block.len()));
    }
}
