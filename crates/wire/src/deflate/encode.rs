//! From octets to compressed messages in every legal shape. Illegal ones are made by editing the [`Message`].

use super::lz77::Matcher;
use super::message::{Block, Body, Message, Tables, len_bits};
use super::symbol::Token;
use super::{Settings, WINDOW_LEN_MAX, WindowBits};

/// How a message is laid out in blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Shape {
    /// The type of the blocks.
    pub kind: Kind,
    /// Whether repetitions become matches.
    pub matching: Matching,
    /// Octets of input for each block; 0 counts as 1.
    pub block_len_max: usize,
    /// Which blocks have the BFINAL bit.
    pub finality: Finality,
    /// Whether matches reach beyond a BFINAL block.
    pub after_final: AfterFinal,
    /// The empty block before each block, if any.
    pub empty: Empty,
    /// Matches reach this far back, and not as far as was agreed. Larger than agreed: illegal.
    pub window_bits: Option<WindowBits>,
}

impl Default for Shape {
    /// What an ordinary compressor makes.
    fn default() -> Shape {
        Shape {
            kind: Kind::Smallest,
            matching: Matching::Longest,
            block_len_max: WINDOW_LEN_MAX,
            finality: Finality::Never,
            after_final: AfterFinal::Forget,
            empty: Empty::None,
            window_bits: None,
        }
    }
}

/// The type of the blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Kind {
    /// BTYPE 00.
    Stored,
    /// BTYPE 01.
    Fixed,
    /// BTYPE 10, with codes made for the tokens.
    Dynamic,
    /// The shortest of the three, block by block.
    Smallest,
}

/// Whether repetitions are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Matching {
    /// The longest match within the window at each place.
    Longest,
    /// Literals only.
    None,
}

/// Which blocks have the BFINAL bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Finality {
    /// No block. What an ordinary sender does.
    Never,
    /// The last block of each message, the one that the lawful ending appends not counted.
    LastBlock,
    /// Every block.
    EveryBlock,
}

/// Whether matches reach beyond a BFINAL block. RFC 7692 is silent; decoders that start a new stream there cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum AfterFinal {
    /// Matches start anew behind the block, as behind a new stream.
    Forget,
    /// Matches go on reaching back, as far as the window does.
    Reach,
}

/// An empty block before each block, and alone in an empty message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Empty {
    /// No empty block.
    None,
    /// An empty block of BTYPE 00.
    Stored,
    /// An empty block of BTYPE 01.
    Fixed,
    /// An empty block of BTYPE 10.
    Dynamic,
}

/// Compresses one message after the other: slower than [`super::Compressor`], but in any shape and for any window.
#[derive(Clone, Debug)]
pub struct Encoder {
    settings: Settings,
    history: Vec<u8>,
}

impl Encoder {
    /// An encoder for the messages of one direction, with an empty history.
    pub fn new(settings: Settings) -> Encoder {
        Encoder { settings, history: Vec::new() }
    }

    /// The payload of an ordinary message (RFC 7692 §7.2.1). Matches stay within the window agreed, and within the
    /// message when the context is not taken over.
    pub fn compress_message(&mut self, data: &[u8]) -> Vec<u8> {
        self.message(data, &Shape::default()).encode()
    }

    /// A legal message of the given shape, before it is encoded, and so open to edits. The history takes `data` as
    /// sent.
    pub fn message(&mut self, data: &[u8], shape: &Shape) -> Message {
        let history_len = self.history.len();
        let mut octets = std::mem::take(&mut self.history);
        octets.extend_from_slice(data);
        let mut blocks = Vec::new();
        let window_bits = shape.window_bits.unwrap_or(self.settings.window_bits);
        let mut matcher = Matcher::new(&octets, window_bits.window_len());
        let mut floor = 0;
        let mut start = history_len;
        // An empty message has a block of its own only where the shape says something of it.
        let mut pending = !data.is_empty() || shape.finality != Finality::Never || shape.empty != Empty::None;
        while pending {
            let end = start.saturating_add(shape.block_len_max.max(1)).min(octets.len());
            blocks.extend(empty_block(shape.empty));
            let tokens = match shape.matching {
                Matching::Longest if shape.kind != Kind::Stored => matcher.tokens(start, end),
                Matching::Longest | Matching::None => {
                    octets[start..end].iter().copied().map(Token::Literal).collect()
                }
            };
            let bfinal = match shape.finality {
                Finality::Never => false,
                Finality::LastBlock => end == octets.len(),
                Finality::EveryBlock => true,
            };
            blocks.push(Block { bfinal, body: body(shape.kind, tokens, &octets[start..end]) });
            if bfinal && shape.after_final == AfterFinal::Forget {
                floor = end;
                matcher.forget_before(end);
            }
            start = end;
            pending = start < octets.len();
        }
        if self.settings.context_takeover {
            octets.drain(..floor.max(octets.len().saturating_sub(WINDOW_LEN_MAX)));
            self.history = octets;
        }
        Message::new(blocks)
    }

    /// Takes `data` as sent in a message that was made elsewhere.
    pub fn note_sent(&mut self, data: &[u8]) {
        if self.settings.context_takeover {
            self.history.extend_from_slice(data);
            self.history.drain(..self.history.len().saturating_sub(WINDOW_LEN_MAX));
        }
    }
}

fn empty_block(empty: Empty) -> Option<Block> {
    let body = match empty {
        Empty::None => return None,
        Empty::Stored => Body::Stored(Vec::new()),
        Empty::Fixed => Body::Fixed(Vec::new()),
        Empty::Dynamic => Body::Dynamic { tokens: Vec::new(), tables: Tables::Fitted },
    };
    Some(Block { bfinal: false, body })
}

fn body(kind: Kind, tokens: Vec<Token>, octets: &[u8]) -> Body {
    let stored = || Body::Stored(octets.to_vec());
    match kind {
        Kind::Stored => stored(),
        Kind::Fixed => Body::Fixed(tokens),
        Kind::Dynamic => Body::Dynamic { tokens, tables: Tables::Fitted },
        Kind::Smallest => {
            let bodies =
                [Body::Fixed(tokens.clone()), Body::Dynamic { tokens, tables: Tables::Fitted }, stored()];
            let blocks = bodies.map(|body| Block { bfinal: false, body });
            let [first, second, third] = blocks;
            let shorter = |a: Block, b: Block| if len_bits(&b) < len_bits(&a) { b } else { a };
            shorter(shorter(first, second), third).body
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Match;
    use super::*;

    const NO_CONTEXT: Settings = Settings { window_bits: WindowBits::MAX, context_takeover: false };

    fn fixed(finality: Finality, after_final: AfterFinal) -> Shape {
        Shape { kind: Kind::Fixed, block_len_max: 6, finality, after_final, ..Shape::default() }
    }

    /// The tokens of a message's last block.
    fn last_tokens(message: &Message) -> Vec<Token> {
        match message.blocks.last().map(|block| &block.body) {
            Some(Body::Fixed(tokens)) => tokens.clone(),
            other => panic!("not a fixed block: {other:?}"),
        }
    }

    fn literals(octets: &[u8]) -> Vec<Token> {
        octets.iter().copied().map(Token::Literal).collect()
    }

    fn matched(len: usize, distance: usize) -> Vec<Token> {
        vec![Token::Match(Match::new(len, distance).expect("a match that has a code"))]
    }

    #[test]
    fn an_empty_message_has_blocks_only_where_the_shape_says_so() {
        let own = |bfinal| Block { bfinal, body: Body::Stored(Vec::new()) };
        let before = |body| Block { bfinal: false, body };
        let dynamic = Body::Dynamic { tokens: Vec::new(), tables: Tables::Fitted };
        let table = [
            (Finality::Never, Empty::None, vec![]),
            (Finality::LastBlock, Empty::None, vec![own(true)]),
            (Finality::EveryBlock, Empty::None, vec![own(true)]),
            (Finality::Never, Empty::Stored, vec![own(false), own(false)]),
            (Finality::Never, Empty::Fixed, vec![before(Body::Fixed(Vec::new())), own(false)]),
            (Finality::Never, Empty::Dynamic, vec![before(dynamic), own(false)]),
        ];
        for (finality, empty, blocks) in table {
            let shape = Shape { kind: Kind::Stored, finality, empty, ..Shape::default() };
            assert_eq!(Encoder::new(Settings::default()).message(b"", &shape).blocks, blocks);
        }
    }

    #[test]
    fn blocks_are_as_long_and_as_final_as_the_shape_says() {
        let table = [
            (3, Finality::LastBlock, vec![(false, "abc"), (false, "def"), (true, "g")]),
            (7, Finality::EveryBlock, vec![(true, "abcdefg")]),
            (6, Finality::EveryBlock, vec![(true, "abcdef"), (true, "g")]),
            (6, Finality::Never, vec![(false, "abcdef"), (false, "g")]),
            (0, Finality::Never, ["a", "b", "c", "d", "e", "f", "g"].map(|octet| (false, octet)).to_vec()),
        ];
        for (block_len_max, finality, expected) in table {
            let shape = Shape { kind: Kind::Stored, block_len_max, finality, ..Shape::default() };
            let blocks: Vec<Block> = expected
                .into_iter()
                .map(|(bfinal, octets)| Block { bfinal, body: Body::Stored(octets.as_bytes().to_vec()) })
                .collect();
            assert_eq!(Encoder::new(Settings::default()).message(b"abcdefg", &shape).blocks, blocks);
        }
    }

    /// Within a message and over messages, RFC 7692 §7.2.3.4: what follows BFINAL is up to the shape.
    #[test]
    fn matches_reach_beyond_a_final_block_only_when_told() {
        let table = [
            (Finality::Never, AfterFinal::Forget, matched(6, 6)),
            (Finality::LastBlock, AfterFinal::Forget, literals(b"abcdef")),
            (Finality::EveryBlock, AfterFinal::Forget, literals(b"abcdef")),
            (Finality::LastBlock, AfterFinal::Reach, matched(6, 6)),
            (Finality::EveryBlock, AfterFinal::Reach, matched(6, 6)),
        ];
        for (finality, after_final, expected) in table {
            let mut encoder = Encoder::new(Settings::default());
            encoder.message(b"abcdef", &fixed(finality, after_final));
            let second = encoder.message(b"abcdef", &fixed(Finality::Never, AfterFinal::Forget));
            assert_eq!(last_tokens(&second), expected, "{finality:?}, {after_final:?}, the next message");
        }
        let halves = |finality, after_final| {
            let message = Encoder::new(NO_CONTEXT).message(b"abcdefabcdef", &fixed(finality, after_final));
            last_tokens(&message)
        };
        assert_eq!(halves(Finality::Never, AfterFinal::Forget), matched(6, 6));
        assert_eq!(halves(Finality::LastBlock, AfterFinal::Forget), matched(6, 6));
        assert_eq!(halves(Finality::EveryBlock, AfterFinal::Forget), literals(b"abcdef"));
        assert_eq!(halves(Finality::EveryBlock, AfterFinal::Reach), matched(6, 6));
    }

    #[test]
    fn what_was_sent_elsewhere_belongs_to_the_context() {
        let shape = fixed(Finality::Never, AfterFinal::Forget);
        for (settings, expected) in [(Settings::default(), matched(6, 6)), (NO_CONTEXT, literals(b"abcdef"))]
        {
            let mut encoder = Encoder::new(settings);
            encoder.note_sent(b"abcdef");
            assert_eq!(last_tokens(&encoder.message(b"abcdef", &shape)), expected);
            let no_match = Shape { matching: Matching::None, ..shape };
            assert_eq!(last_tokens(&encoder.message(b"abcdef", &no_match)), literals(b"abcdef"));
        }
    }

    #[test]
    fn the_history_is_a_window_long() {
        let long: Vec<u8> = (0..WINDOW_LEN_MAX + 10).map(|place| (place % 251) as u8).collect();
        let mut sent = Encoder::new(Settings::default());
        sent.message(&long, &Shape { kind: Kind::Stored, ..Shape::default() });
        assert_eq!(sent.history, long[10..]);
        let mut noted = Encoder::new(Settings::default());
        noted.note_sent(&long);
        assert_eq!(noted.history, long[10..]);
    }

    #[test]
    fn the_smallest_block_is_chosen() {
        let kind = |data: &[u8]| {
            let shape = Shape { matching: Matching::None, ..Shape::default() };
            Encoder::new(Settings::default()).message(data, &shape).blocks.remove(0).body
        };
        let all: Vec<u8> = (0..=255).collect();
        assert!(matches!(kind(b"Hello"), Body::Fixed(_)));
        assert!(matches!(kind(&[b'a'; 400]), Body::Dynamic { .. }));
        assert!(matches!(kind(&all), Body::Stored(_)));
        // 72 literals of 8 bits and 30 of 9 are as long as the octets and LEN and NLEN: the fixed codes stay.
        let as_long: Vec<u8> = (0..204).step_by(2).collect();
        assert!(matches!(kind(&as_long), Body::Fixed(_)));
    }
}
