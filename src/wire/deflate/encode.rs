//! From octets to compressed messages in every legal shape. Illegal ones are made by editing the [`Message`].

use super::lz77::Matcher;
use super::message::{Block, Body, Message, Tables, len_bits};
use super::symbol::Token;
use super::{Settings, WINDOW_LEN_MAX, WindowBits};

/// How a message is laid out in blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    pub kind: Kind,
    pub matching: Matching,
    /// Octets of input for each block; 0 counts as 1.
    pub block_len_max: usize,
    pub finality: Finality,
    pub after_final: AfterFinal,
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
pub enum Kind {
    Stored,
    Fixed,
    Dynamic,
    /// The shortest of the three, block by block.
    Smallest,
}

/// Whether repetitions are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Matching {
    /// The longest match within the window at each place.
    Longest,
    /// Literals only.
    None,
}

/// Which blocks have the BFINAL bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Finality {
    Never,
    /// The last block of each message, the one that the lawful ending appends not counted.
    LastBlock,
    EveryBlock,
}

/// Whether matches reach beyond a BFINAL block. RFC 7692 is silent; decoders that start a new stream there cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AfterFinal {
    Forget,
    Reach,
}

/// An empty block before each block, and alone in an empty message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Empty {
    None,
    Stored,
    Fixed,
    Dynamic,
}

/// Compresses one message after the other: slower than [`super::Compressor`], but in any shape and for any window.
#[derive(Clone, Debug)]
pub struct Encoder {
    settings: Settings,
    history: Vec<u8>,
}

impl Encoder {
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
