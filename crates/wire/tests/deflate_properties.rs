//! What must hold for every message that is compressed, cut or broken at random.

use flate2::{Compress, Compression, FlushCompress};
use proptest::collection::vec;
use proptest::prelude::*;
use wsgauntlet_wire::choices::compressible;
use wsgauntlet_wire::deflate::{
    AfterFinal, Compressor, DecompressError, Decompressor, Encoder, Inflater, Message, Settings, Shape, TAIL,
    Tail, Walk, WindowBits,
};

const LIMIT: usize = 1 << 20;

/// A shape that is lawful whatever was agreed.
fn shape() -> impl Strategy<Value = Shape> {
    any::<Shape>().prop_map(|shape| Shape { window_bits: None, ..shape })
}

fn decompress(
    decompressor: &mut Decompressor,
    payload: &[u8],
    chunk_len: usize,
) -> Result<Vec<u8>, DecompressError> {
    let mut output = Vec::new();
    for chunk in payload.chunks(chunk_len) {
        output.extend(decompressor.decompress_chunk(chunk)?);
    }
    output.extend(decompressor.finish_message()?);
    Ok(output)
}

/// The payload inflates lawfully to `data`, and its matches respect what was agreed.
fn check_lawful(walk: &Walk, data: &[u8], settings: Settings) -> Result<(), TestCaseError> {
    prop_assert_eq!((walk.end, walk.tail), (Ok(()), Tail::Removed));
    prop_assert!(walk.output == data, "{} octets became {}", data.len(), walk.output.len());
    prop_assert!(walk.distance_max <= settings.window_bits.window_len(), "distance {}", walk.distance_max);
    prop_assert!(settings.context_takeover || walk.beyond_message.is_none(), "{:?}", walk.beyond_message);
    prop_assert_eq!((walk.final_padding, walk.stored_padding), (None, None));
    Ok(())
}

/// The walk and zlib's inflater may only differ where zlib is known to be stricter than RFC 1951.
fn check_agreement(walk: &Walk, inflated: &Result<Vec<u8>, DecompressError>) -> Result<(), TestCaseError> {
    match (walk.end, inflated) {
        (Ok(()), Ok(output)) => prop_assert!(*output == walk.output, "different output"),
        (Ok(()), Err(error)) => prop_assert!(walk.distance_codes_max > 30, "refused by zlib alone: {error}"),
        (Err(fault), Ok(_)) => prop_assert!(false, "refused by the walk alone: {fault}"),
        (Err(_), Err(_)) => {}
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is encoded, in any legal shape, both decoders give back, and no match leaves the window or the context.
    #[test]
    fn every_shape_survives(
        settings: Settings,
        messages in vec((compressible(), shape()), 1..4),
        chunk_len in 1..5000usize,
    ) {
        let mut encoder = Encoder::new(settings);
        let (mut inflater, mut quick) = (Inflater::new(LIMIT), Inflater::new(LIMIT));
        let mut decompressor = Decompressor::new(settings.context_takeover, LIMIT);
        for (data, shape) in messages {
            let payload = encoder.message(&data, &shape).encode();
            let walk = inflater.inflate_message(&payload);
            prop_assert_eq!(quick.inflate(&payload), Ok(data.clone()));
            check_lawful(&walk, &data, settings)?;
            prop_assert!(shape.after_final == AfterFinal::Reach || walk.beyond_final.is_none());
            prop_assert_eq!(decompress(&mut decompressor, &payload, chunk_len), Ok(data));
        }
    }

    /// What the ordinary compressor sends is lawful for every window and context, and both decoders give it back.
    #[test]
    fn the_compressor_is_lawful(settings: Settings, messages in vec(compressible(), 1..6), chunk_len in 1..5000usize) {
        let mut compressor = Compressor::new(settings);
        let mut inflater = Inflater::new(LIMIT);
        let mut decompressor = Decompressor::new(settings.context_takeover, LIMIT);
        for data in messages {
            let payload = compressor.compress_message(&data);
            check_lawful(&inflater.inflate_message(&payload), &data, settings)?;
            prop_assert_eq!(decompress(&mut decompressor, &payload, chunk_len), Ok(data));
        }
    }

    /// The walk gives back what a foreign compressor made, at every level, and finds no match beyond that one's window.
    #[test]
    fn foreign_streams_are_walked(messages in vec(compressible(), 1..4), level in 0..=9u32, bits in 9..=15u8) {
        let mut stream = Compress::new_with_window_bits(Compression::new(level), false, bits);
        let mut inflater = Inflater::new(LIMIT);
        let window_bits = WindowBits::new(bits).expect("9 to 15");
        for data in messages.into_iter().filter(|data| !data.is_empty()) {
            let mut payload = Vec::with_capacity(data.len() * 2 + 1000);
            stream.compress_vec(&data, &mut payload, FlushCompress::Sync).expect("no misuse");
            let payload = payload.strip_suffix(&TAIL).expect("a sync flush");
            check_lawful(&inflater.inflate_message(payload), &data, Settings { window_bits, context_takeover: true })?;
        }
    }

    /// Random octets never panic, and the walk and zlib accept the same ones, with the same output.
    #[test]
    fn random_octets_are_judged_alike(messages in vec(vec(any::<u8>(), 0..60), 1..4), chunk_len in 1..60usize) {
        let mut inflater = Inflater::new(LIMIT);
        let mut decompressor = Decompressor::new(true, LIMIT);
        for payload in messages {
            let walk = inflater.inflate_message(&payload);
            check_agreement(&walk, &decompress(&mut decompressor, &payload, chunk_len))?;
            if walk.end.is_err() {
                break;
            }
        }
    }

    /// Lawful payloads with bits flipped, cut or with octets after them never panic, and both decoders judge them
    /// alike.
    #[test]
    fn damaged_payloads_are_judged_alike(
        settings: Settings,
        before in compressible(),
        data in compressible(),
        shape in shape(),
        flips in vec((any::<prop::sample::Index>(), 0..8u32), 0..3),
        cut in prop::option::of(any::<prop::sample::Index>()),
        trailing in vec(any::<u8>(), 0..4),
    ) {
        let mut encoder = Encoder::new(settings);
        let first = encoder.message(&before, &Shape::default()).encode();
        let mut payload = Message { trailing, ..encoder.message(&data, &shape) }.encode();
        for (place, bit) in flips {
            let place = place.index(payload.len());
            payload[place] ^= 1 << bit;
        }
        if let Some(cut) = cut {
            payload.truncate(cut.index(payload.len()));
        }
        let mut inflater = Inflater::new(LIMIT);
        let mut decompressor = Decompressor::new(true, LIMIT);
        inflater.inflate_message(&first);
        prop_assert_eq!(decompress(&mut decompressor, &first, 4096), Ok(before));
        let walk = inflater.inflate_message(&payload);
        check_agreement(&walk, &decompress(&mut decompressor, &payload, 777))?;
    }

    /// The walk never gives more octets than it was given, and a limit changes nothing before it.
    #[test]
    fn a_limit_only_cuts(data in compressible(), shape in shape(), limit in 0..2000usize) {
        let payload = Encoder::new(Settings::default()).message(&data, &shape).encode();
        let walk = Inflater::new(limit).inflate_message(&payload);
        prop_assert_eq!(&walk.output[..], &data[..data.len().min(limit)]);
        prop_assert_eq!(walk.end.is_ok(), data.len() <= limit);
    }

    /// With and without the walk the same comes out of any messages, good ones behind bad ones too.
    #[test]
    fn the_walk_changes_nothing(
        settings: Settings,
        messages in vec((compressible(), shape(), any::<proptest::sample::Index>(), 0..3u8), 1..6),
    ) {
        let mut encoder = Encoder::new(settings);
        let (mut walking, mut quick) = (Inflater::new(20_000), Inflater::new(20_000));
        for (data, shape, at, damage) in messages {
            let mut payload = encoder.message(&data, &shape).encode();
            match damage {
                1 => payload.truncate(at.index(payload.len() + 1)),
                2 if !payload.is_empty() => {
                    let at = at.index(payload.len());
                    payload[at] ^= 0x10;
                }
                _ => {}
            }
            let walk = walking.inflate_message(&payload);
            prop_assert_eq!(quick.inflate(&payload), walk.end.map(|()| walk.output));
        }
    }
}
