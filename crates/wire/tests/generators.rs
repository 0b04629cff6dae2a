//! The generators of `arbitrary` and proptest: every value can be written as choices and read back, and what is generated
//! keeps the promises of its type.

use arbitrary::{Arbitrary, Unstructured};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeSet;
use std::fmt::Debug;
use wsgauntlet_wire::choices::Chosen;
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::deflate::{Message, Settings, Shape};
use wsgauntlet_wire::opening::head::{HEAD_LEN_MAX, HeadDraft};
use wsgauntlet_wire::opening::{
    DeflateOffer, DeflateParams, Extension, RequestHead, ResponseHead, extension,
};
use wsgauntlet_wire::{Frame, Header, Opcode, boundary};

/// The choices of a value make the value, for `Unstructured` too, and octets behind them are left there.
#[track_caller]
fn check<T: Chosen + Debug + PartialEq + for<'a> Arbitrary<'a>>(value: &T) {
    let choices = value.choices();
    assert_eq!(T::from_choices(&choices), *value);
    let more = [&choices[..], b"more"].concat();
    let mut unstructured = Unstructured::new(&more);
    assert_eq!(T::arbitrary(&mut unstructured).expect("there always is a value"), *value);
    assert_eq!(unstructured.take_rest(), b"more");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn frames_are_inverted(frame: Frame, header: Header, close: ClosePayload) {
        check(&frame);
        check(&header);
        check(&close);
    }

    #[test]
    fn heads_are_inverted(request: RequestHead, response: ResponseHead, draft: HeadDraft) {
        check(&request);
        check(&response);
        check(&draft);
    }

    #[test]
    fn extensions_are_inverted(extension: Extension, offer: DeflateOffer, params: DeflateParams) {
        check(&extension);
        check(&offer);
        check(&params);
    }

    #[test]
    fn blocks_are_inverted(message: Message, shape: Shape, settings: Settings) {
        check(&message);
        check(&shape);
        check(&settings);
    }

    /// Whatever the octets, they are the choices of a value.
    #[test]
    fn any_octets_are_choices(octets in prop::collection::vec(any::<u8>(), 0..300)) {
        check(&Vec::<Frame>::from_choices(&octets).into_iter().next().unwrap_or(Frame::simplest()));
        check(&Message::from_choices(&octets));
        check(&HeadDraft::from_choices(&octets));
    }

    /// A header that is generated is written in octets that decode to it.
    #[test]
    fn headers_can_be_written(header: Header) {
        let mut octets = Vec::new();
        header.encode(&mut octets);
        prop_assert_eq!(Header::decode(&octets), Some((header, octets.len())));
    }

    /// Heads that are generated are well-formed: their octets are parsed as the same heads.
    #[test]
    fn heads_are_well_formed(request: RequestHead, response: ResponseHead) {
        let octets = request.draft().to_octets();
        prop_assume!(octets.len() <= HEAD_LEN_MAX);
        prop_assert_eq!(RequestHead::parse(&octets), Ok(Some((request, octets.len()))));
        let octets = response.draft().to_octets();
        prop_assume!(octets.len() <= HEAD_LEN_MAX);
        prop_assert_eq!(ResponseHead::parse(&octets), Ok(Some((response, octets.len()))));
    }

    /// Extensions that are generated are written so that they are read as the same.
    #[test]
    fn extensions_are_well_formed(first: Extension, second: Extension) {
        let list = format!("{} , {}", first.to_element(), second.to_element());
        prop_assert_eq!(extension::parse(list.as_bytes()), Ok(vec![first, second]));
    }

    #[test]
    fn close_payloads_can_be_read(close: ClosePayload) {
        let octets = close.code.map_or(Vec::new(), |code| ClosePayload::encode(code, close.reason.as_bytes()));
        prop_assert_eq!(ClosePayload::decode(&octets), Ok(close));
    }
}

/// The tables are what is generated: each close code, opcode and length of them comes.
#[test]
fn every_entry_of_the_tables_comes() {
    let mut runner = TestRunner::deterministic();
    let (mut codes, mut opcodes, mut lengths) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for _ in 0..20_000 {
        let frame = any::<Frame>().new_tree(&mut runner).expect("a value").current();
        opcodes.insert(frame.header.opcode);
        lengths.insert(frame.payload.len());
        let code = any::<ClosePayload>().new_tree(&mut runner).expect("a value").current().code;
        codes.extend(code.map(|code| code.0));
    }
    let tables = [boundary::REGISTERED_CLOSE_CODES, boundary::OPEN_CLOSE_CODES, boundary::BAD_CLOSE_CODES];
    let missing: Vec<_> = tables.concat().into_iter().filter(|code| !codes.contains(code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(opcodes.len(), 16);
    let tables = [boundary::LENGTHS, boundary::LONG_LENGTHS].concat();
    let missing: Vec<_> = tables.iter().filter(|len| !lengths.contains(len)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// A failing value shrinks to the simplest one that fails: here a Close frame without anything else.
#[test]
fn values_shrink_towards_the_simplest() {
    let fails = |frame: &Frame| frame.header.opcode == Opcode::Close;
    let mut runner = TestRunner::deterministic();
    let mut tree = loop {
        let tree = any::<Frame>().new_tree(&mut runner).expect("a value");
        if fails(&tree.current()) && !tree.current().payload.is_empty() {
            break tree;
        }
    };
    loop {
        let moved = if fails(&tree.current()) { tree.simplify() } else { tree.complicate() };
        if !moved {
            break;
        }
    }
    let smallest = tree.current();
    assert_eq!(smallest, Frame::new(Opcode::Close, Vec::new()));
}
