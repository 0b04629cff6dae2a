//! Compressed messages: what they inflate to, in blocks of another shape, and then with something about these changed.

use super::rearrange;
use wsgauntlet::fuzz::Rng;
use wsgauntlet_wire::boundary;
use wsgauntlet_wire::deflate::{
    AfterFinal, Block, Body, Empty, Encoder, Ending, Finality, Inflater, Kind, Match, Matching, Message,
    Padding, Settings, Shape, Tables, Token,
};

/// How far a message is inflated, in octets.
const OUTPUT_LEN_MAX: usize = 1 << 14;

/// Another message of the same data, or nearly.
pub(super) fn mutate(octets: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut data = Inflater::new(OUTPUT_LEN_MAX).inflate_message(octets).output;
    if rng.once_in(3) {
        let copied = data[..rng.below(data.len() + 1)].to_vec();
        data.extend(copied);
    }
    if rng.once_in(3) {
        data.truncate(rng.below(data.len() + 1));
    }
    let mut message = Encoder::new(Settings::default()).message(&data, &some_shape(rng));
    if rng.once_in(2) {
        change(&mut message, rng);
    }
    message.encode()
}

fn some_shape(rng: &mut Rng) -> Shape {
    Shape {
        kind: *rng.pick(&[Kind::Stored, Kind::Fixed, Kind::Dynamic, Kind::Smallest]),
        matching: *rng.pick(&[Matching::Longest, Matching::None]),
        block_len_max: *rng.pick(boundary::BLOCK_LENGTHS),
        finality: *rng.pick(&[Finality::Never, Finality::LastBlock, Finality::EveryBlock]),
        after_final: *rng.pick(&[AfterFinal::Forget, AfterFinal::Reach]),
        empty: *rng.pick(&[Empty::None, Empty::Stored, Empty::Fixed, Empty::Dynamic]),
        window_bits: None,
    }
}

fn change(message: &mut Message, rng: &mut Rng) {
    match rng.below(6) {
        0 => message.ending = *rng.pick(&[Ending::Removed, Ending::Kept, Ending::Absent]),
        1 => message.padding = *rng.pick(&[Padding::Zeros, Padding::Ones]),
        2 => rearrange(&mut message.blocks, Block::empty_stored(), rng),
        3 => {
            let reserved = Block { bfinal: rng.once_in(2), body: Body::Reserved(rng.octets(3)) };
            rearrange(&mut message.blocks, reserved, rng);
        }
        _ => {
            let at = rng.below(message.blocks.len());
            if let Some(block) = message.blocks.get_mut(at) {
                change_block(block, rng);
            }
        }
    }
}

fn change_block(block: &mut Block, rng: &mut Rng) {
    if rng.once_in(4) {
        block.bfinal = !block.bfinal;
        return;
    }
    match &mut block.body {
        Body::Stored(octets) | Body::Reserved(octets) | Body::StoredClaim { octets, .. } => {
            octets.truncate(rng.below(octets.len() + 1));
        }
        Body::Dynamic { tables, .. } if rng.once_in(3) => *tables = some_tables(rng),
        Body::Fixed(tokens) | Body::Dynamic { tokens, .. } => rearrange(tokens, some_token(rng), rng),
    }
}

fn some_tables(rng: &mut Rng) -> Tables {
    let alphabet = *rng.pick(boundary::ALPHABETS);
    match rng.below(3) {
        0 => Tables::OverSubscribed(alphabet),
        1 => Tables::Incomplete(alphabet),
        _ => Tables::Given {
            literals: (0..286).map(|_| rng.octet() % 16).collect(),
            distances: (0..30).map(|_| rng.octet() % 16).collect(),
        },
    }
}

fn some_token(rng: &mut Rng) -> Token {
    let len = *rng.pick(boundary::MATCH_LENGTHS);
    let distance = *rng.pick(boundary::DISTANCES);
    match rng.below(4) {
        0 => Token::Literal(rng.octet()),
        1 => Token::InvalidLength { symbol: 286 },
        2 => Token::InvalidDistance { symbol: 30 },
        _ => Token::Match(Match::new(len, distance).expect("lengths and distances of the format")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Blocks of every type come of one message, sound ones and others.
    #[test]
    fn messages_of_every_shape() {
        let octets = Encoder::new(Settings::default()).compress_message(b"a message, a message, a message");
        let walks: Vec<_> = (0..400)
            .map(|seed| Inflater::new(OUTPUT_LEN_MAX).inflate_message(&mutate(&octets, &mut Rng::new(seed))))
            .collect();
        let kinds: BTreeSet<String> =
            walks.iter().flat_map(|walk| &walk.blocks).map(|block| format!("{:?}", block.kind)).collect();
        assert!(kinds.len() >= 3, "{kinds:?}");
        assert!(walks.iter().filter(|walk| walk.end.is_ok()).count() > 100);
        assert!(walks.iter().filter(|walk| walk.end.is_err()).count() > 20);
    }
}
