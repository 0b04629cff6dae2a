//! The codecs: octets to values and back, against themselves in pieces, and against others.

use crate::halves;
use flate2::{Decompress, FlushDecompress};
use wsgauntlet_reference::opening_server::ServerOpening;
use wsgauntlet_reference::{Config, DeflateConfig};
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::deflate::{Inflater, TAIL, Tail};
use wsgauntlet_wire::frame::{FrameReader, Read};
use wsgauntlet_wire::opening::{DeflateOffer, RequestHead, ResponseHead, extension};
use wsgauntlet_wire::utf8::{self, Utf8Validator};
use wsgauntlet_wire::{Header, Role, naive};

/// What a reader finds: headers, and the payload of each.
fn read(pieces: &[&[u8]]) -> Vec<(Header, Vec<u8>)> {
    let mut reader = FrameReader::new();
    let mut frames: Vec<(Header, Vec<u8>)> = Vec::new();
    for piece in pieces {
        let mut rest = *piece;
        while let Some(read) = reader.read(&mut rest) {
            match read {
                Read::Header(header) => frames.push((header, Vec::new())),
                Read::Payload(octets) => frames.last_mut().expect("a header").1.extend(octets),
                Read::FrameEnd => {}
            }
        }
    }
    frames
}

/// Frames are read the same in any cut, as the naive decoder reads them, and are written as they were.
pub fn run_frames(octets: &[u8]) {
    let (first, second) = halves(octets);
    let whole = [first, second].concat();
    let frames = read(&[&whole]);
    assert_eq!(read(&[first, second]), frames);
    let naive = naive::frames(&whole);
    assert_eq!(frames.len().min(naive::FRAMES_MAX), naive.len());
    for ((header, payload), naive) in frames.iter().zip(&naive) {
        assert_eq!((header.fin, header.opcode.bits()), (naive.fin, naive.opcode));
        assert_eq!((header.payload_len, payload), (naive.declared_len, &naive.payload));
        let mut written = Vec::new();
        header.encode(&mut written);
        assert_eq!(Header::decode(&written), Some((*header, written.len())));
        assert!(whole[naive.start..].starts_with(&written));
    }
}

/// A server decides the same whatever way a request is cut.
pub fn run_request(octets: &[u8]) {
    let (first, second) = halves(octets);
    let whole = [first, second].concat();
    let mut config = Config::new(Role::Server);
    config.deflate = Some(DeflateConfig::default());
    let decide = |pieces: &[&[u8]]| {
        let mut opening = ServerOpening::default();
        let mut outcome = String::new();
        for piece in pieces {
            outcome = format!("{:?}", opening.receive(&config, &mut &**piece));
            if outcome != "Incomplete" {
                break;
            }
        }
        outcome
    };
    assert_eq!(decide(&[first, second]), decide(&[&whole]));
    let _parsed = RequestHead::parse(&whole);
}

/// A response is read, or is none; what it agrees to is looked at.
pub fn run_response(octets: &[u8]) {
    if let Ok(Some((head, len))) = ResponseHead::parse(octets) {
        assert!(len <= octets.len());
        let _agreed = wsgauntlet_wire::opening::DeflateParams::agreed_in(&head.fields);
    }
}

/// An offer that was understood is written so that it is understood again.
pub fn run_extensions(octets: &[u8]) {
    let Ok(extensions) = extension::parse(octets) else { return };
    for found in &extensions {
        let Ok(offer) = DeflateOffer::parse(found) else { continue };
        let again = extension::parse(offer.to_element().as_bytes()).expect("an element");
        assert_eq!(DeflateOffer::parse(&again[0]), Ok(offer));
    }
}

/// UTF-8 as it arrives is what it is as a whole.
pub fn run_utf8(octets: &[u8]) {
    let (first, second) = halves(octets);
    let whole = [first, second].concat();
    let mut validator = Utf8Validator::new();
    let valid =
        validator.push(first).and_then(|()| validator.push(second)).is_ok() && validator.is_complete();
    assert_eq!(valid, std::str::from_utf8(&whole).is_ok());
    assert_eq!(valid, utf8::is_valid(&whole));
}

/// A close payload is read, and is written as it was.
pub fn run_close_payload(octets: &[u8]) {
    let Ok(payload) = ClosePayload::decode(octets) else { return };
    match payload.code {
        Some(code) => assert_eq!(ClosePayload::encode(code, payload.reason.as_bytes()), octets),
        None => assert!(octets.is_empty()),
    }
}

/// How far a message is inflated, in octets.
const OUTPUT_LEN_MAX: usize = 1 << 20;

/// What inflates here inflates with zlib to the same, and the other way round.
pub fn run_deflate(octets: &[u8]) {
    let walk = Inflater::new(OUTPUT_LEN_MAX).inflate_message(octets);
    // Behind a BFINAL block zlib reads nothing; what only ends with the octets that are appended is another matter.
    if walk.final_end.is_some() || walk.tail == Tail::InsideBlock || walk.output.len() >= OUTPUT_LEN_MAX {
        return;
    }
    let mut zlib = Decompress::new(false);
    let mut output = Vec::with_capacity(walk.output.len() + 1024);
    let input = [octets, &TAIL].concat();
    let inflated = zlib.decompress_vec(&input, &mut output, FlushDecompress::Sync);
    if walk.end.is_ok() {
        assert!(inflated.is_ok(), "zlib does not inflate it: {inflated:?}");
        assert_eq!(output, walk.output);
    } else if inflated.is_ok() {
        assert!(
            zlib.total_in() < input.len() as u64
                || walk.output.starts_with(&output)
                || output.starts_with(&walk.output)
        );
    }
}
