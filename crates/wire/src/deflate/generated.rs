//! The choices of compressed messages: blocks, tokens, tables and shapes. See [`crate::choices`].

use super::{
    AfterFinal, Alphabet, Block, Body, Empty, Ending, Finality, Kind, Match, Matching, Message, Padding,
    Settings, Shape, Tables, Token, WindowBits,
};
use crate::boundary;
use crate::choices::{Choices, Chosen};
use crate::{chosen_of, generated};

chosen_of! {
    AfterFinal: Forget Reach;
    Alphabet: CodeLengths Literals Distances;
    Empty: None Stored Fixed Dynamic;
    Ending: Removed Kept Absent;
    Finality: Never LastBlock EveryBlock;
    Kind: Smallest Stored Fixed Dynamic;
    Matching: Longest None;
    Padding: Zeros Ones;
}

generated!(
    Alphabet, Block, Body, Ending, Match, Message, Padding, Settings, Shape, Tables, Token, WindowBits
);

impl Chosen for WindowBits {
    fn simplest() -> Self {
        WindowBits::MAX
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let mut bits = self.get();
        choices.one_of(&mut bits, boundary::WINDOW_BITS);
        *self = WindowBits::new(bits).unwrap_or(*self);
    }
}

impl Chosen for Settings {
    fn simplest() -> Self {
        Settings::default()
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let Settings { window_bits, context_takeover } = self;
        window_bits.choose(choices);
        choices.flag(context_takeover, true);
    }
}

/// Any shape, that of a window larger than what was agreed included.
impl Chosen for Shape {
    fn simplest() -> Self {
        Shape::default()
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let Shape { kind, matching, block_len_max, finality, after_final, empty, window_bits } = self;
        kind.choose(choices);
        matching.choose(choices);
        choices.narrow(block_len_max, boundary::BLOCK_LENGTHS, u64::from(u32::MAX));
        finality.choose(choices);
        after_final.choose(choices);
        empty.choose(choices);
        window_bits.choose(choices);
    }
}

impl Chosen for Match {
    fn simplest() -> Self {
        Match::SHORTEST
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let (mut len, mut distance) = (self.len_octets(), self.distance());
        choices.narrow(&mut len, boundary::MATCH_LENGTHS, Match::LEN_MAX as u64);
        choices.narrow(&mut distance, boundary::DISTANCES, super::WINDOW_LEN_MAX as u64);
        *self = Match::new(len.max(Match::LEN_MIN), distance.max(1)).unwrap_or(*self);
    }
}

impl Chosen for Token {
    fn simplest() -> Self {
        Token::Literal(0)
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        choices.variant(
            self,
            &[
                Token::simplest,
                || Token::Match(Match::SHORTEST),
                || Token::InvalidLength { symbol: 286 },
                || Token::InvalidDistance { symbol: 30 },
            ],
        );
        match self {
            Token::Literal(octet) => choices.any(octet),
            Token::Match(found) => found.choose(choices),
            Token::InvalidLength { symbol } => choices.one_of(symbol, &[286, 287]),
            Token::InvalidDistance { symbol } => choices.one_of(symbol, &[30, 31]),
        }
    }
}

impl Chosen for Tables {
    fn simplest() -> Self {
        Tables::Fitted
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        choices.variant(
            self,
            &[
                Tables::simplest,
                || Tables::OverSubscribed(Alphabet::CodeLengths),
                || Tables::Incomplete(Alphabet::CodeLengths),
                || Tables::Given { literals: Vec::new(), distances: Vec::new() },
            ],
        );
        match self {
            Tables::Fitted => {}
            Tables::OverSubscribed(alphabet) | Tables::Incomplete(alphabet) => alphabet.choose(choices),
            Tables::Given { literals, distances } => {
                // Eight bits for each octet are a complete code, without or with the end of the block.
                choices.octets(literals, &[&[8; 256], &[8; 257], &[9; 286], &[15; 286]]);
                choices.octets(distances, &[&[1], &[1; 2], &[5; 30], &[5; 32]]);
            }
        }
    }
}

impl Chosen for Body {
    fn simplest() -> Self {
        Body::Stored(Vec::new())
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        choices.variant(
            self,
            &[
                Body::simplest,
                || Body::Fixed(Vec::new()),
                || Body::Dynamic { tokens: Vec::new(), tables: Tables::Fitted },
                || Body::StoredClaim { len: 0, nlen: u16::MAX, octets: Vec::new() },
                || Body::Reserved(Vec::new()),
            ],
        );
        match self {
            Body::Stored(octets) | Body::Reserved(octets) => choices.octets(octets, boundary::PAYLOADS),
            Body::StoredClaim { len, nlen, octets } => {
                choices.narrow(len, &[0, 1, 5, u16::MAX], u64::from(u16::MAX));
                choices.narrow(nlen, &[u16::MAX, !1, !5, 0], u64::from(u16::MAX));
                choices.octets(octets, boundary::PAYLOADS);
            }
            Body::Fixed(tokens) => tokens.choose(choices),
            Body::Dynamic { tokens, tables } => {
                tokens.choose(choices);
                tables.choose(choices);
            }
        }
    }
}

impl Chosen for Block {
    fn simplest() -> Self {
        Block::empty_stored()
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let Block { bfinal, body } = self;
        choices.flag(bfinal, false);
        body.choose(choices);
    }
}

/// Any message, lawful or not.
impl Chosen for Message {
    const OCTETS_MAX: usize = 256;

    fn simplest() -> Self {
        Message::default()
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let Message { blocks, ending, padding, trailing, cut_len } = self;
        blocks.choose(choices);
        ending.choose(choices);
        padding.choose(choices);
        let mut is_cut = cut_len.is_some();
        choices.rarely(&mut is_cut);
        if is_cut {
            choices.len(cut_len.get_or_insert_default(), u32::MAX as usize);
        }
        let mut trails = !trailing.is_empty();
        choices.rarely(&mut trails);
        if trails {
            choices.octets(trailing, boundary::PAYLOADS);
        }
    }
}
