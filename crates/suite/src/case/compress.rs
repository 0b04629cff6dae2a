//! How our peer compresses a message: in any lawful shape, and in every unlawful one that a case asks for.

use wsgauntlet_wire::deflate::{
    Alphabet, Block, Body, Encoder, Ending, Finality, Kind, Match, Message, Padding, Shape, Tables, Token,
};

/// The compression of one message. By default an ordinary one.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Compress {
    /// Which DEFLATE blocks hold the message.
    pub shape: Shape,
    /// Which octets the blocks hold.
    pub content: Content,
    /// How the compressed data ends, RFC 7692 §7.2.1.
    pub ending: Ending,
    /// The bits that fill the last octet.
    pub padding: Padding,
    /// Octets after the ending.
    pub trailing: Vec<u8>,
    /// Only this number of octets of the result is sent.
    pub cut_len: Option<usize>,
}

/// What the blocks hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Content {
    /// The message, in the shape.
    #[default]
    Shaped,
    /// One block of these tokens, which are to inflate to the message.
    Tokens(Vec<TokenRun>),
    /// One block that is no DEFLATE data, with the message in it as far as it goes.
    Fault(BlockFault),
}

/// Tokens in a row.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum TokenRun {
    /// Literal octets.
    Literals(Vec<u8>),
    /// The same match, `count` times.
    Matches {
        /// Length and distance of the match, in octets.
        found: Match,
        /// How often it stands in a row.
        count: usize,
    },
    /// A symbol of the alphabet of lengths that RFC 1951 §3.2.5 gives no meaning.
    InvalidLength {
        /// 286 or 287.
        symbol: u16,
    },
    /// A symbol of the alphabet of distances that RFC 1951 §3.2.5 gives no meaning.
    InvalidDistance {
        /// 30 or 31.
        symbol: u16,
    },
}

/// What is wrong with a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum BlockFault {
    /// BTYPE 11.
    ReservedType,
    /// NLEN is not the complement of LEN.
    StoredLength,
    /// The code lengths of this alphabet use more codes than there are.
    OverSubscribed(Alphabet),
    /// The code lengths of this alphabet leave codes unused.
    Incomplete(Alphabet),
    /// A dynamic block without a code for its end.
    NoEndOfBlock,
}

impl Compress {
    /// Whether any compressor will do.
    pub fn is_ordinary(&self) -> bool {
        *self == Compress::default()
    }

    /// The payload of all frames of the message `data`.
    pub fn payload(&self, encoder: &mut Encoder, data: &[u8]) -> Vec<u8> {
        let mut message = match self.body(data) {
            None => encoder.message(data, &self.shape),
            Some(body) => {
                encoder.note_sent(data);
                let bfinal = match self.shape.finality {
                    Finality::Never => false,
                    Finality::LastBlock | Finality::EveryBlock => true,
                };
                Message::new(vec![Block { bfinal, body }])
            }
        };
        message.ending = self.ending;
        message.padding = self.padding;
        message.trailing.clone_from(&self.trailing);
        message.cut_len = self.cut_len;
        message.encode()
    }

    fn body(&self, data: &[u8]) -> Option<Body> {
        match &self.content {
            Content::Shaped => None,
            Content::Tokens(runs) => {
                let tokens = runs.iter().flat_map(TokenRun::tokens).collect();
                Some(match self.shape.kind {
                    Kind::Dynamic => Body::Dynamic { tokens, tables: Tables::Fitted },
                    Kind::Stored | Kind::Fixed | Kind::Smallest => Body::Fixed(tokens),
                })
            }
            Content::Fault(fault) => Some(fault.body(data)),
        }
    }
}

impl TokenRun {
    fn tokens(&self) -> Vec<Token> {
        match self {
            TokenRun::Literals(octets) => octets.iter().copied().map(Token::Literal).collect(),
            TokenRun::Matches { found, count } => vec![Token::Match(*found); *count],
            TokenRun::InvalidLength { symbol } => vec![Token::InvalidLength { symbol: *symbol }],
            TokenRun::InvalidDistance { symbol } => vec![Token::InvalidDistance { symbol: *symbol }],
        }
    }
}

impl BlockFault {
    fn body(self, data: &[u8]) -> Body {
        let tokens = || data.iter().copied().map(Token::Literal).collect();
        match self {
            BlockFault::ReservedType => Body::Reserved(data.to_vec()),
            BlockFault::StoredLength => {
                let len = data.len() as u16;
                Body::StoredClaim { len, nlen: len, octets: data.to_vec() }
            }
            BlockFault::OverSubscribed(alphabet) => {
                Body::Dynamic { tokens: tokens(), tables: Tables::OverSubscribed(alphabet) }
            }
            BlockFault::Incomplete(alphabet) => {
                Body::Dynamic { tokens: tokens(), tables: Tables::Incomplete(alphabet) }
            }
            BlockFault::NoEndOfBlock => {
                // All octets have a code of eight bits, so that the code is complete without the end of the block.
                let tables = Tables::Given { literals: vec![8; 256], distances: vec![1] };
                Body::Dynamic { tokens: tokens(), tables }
            }
        }
    }
}
