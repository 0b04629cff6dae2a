//! What a field block consists of, RFC 7541 §6, each part with every value that its octets can have.

use super::huffman;
use super::integer;

/// A string, §5.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// As it is.
    Plain(Vec<u8>),
    /// In the Huffman code.
    Huffman(Vec<u8>),
    /// Any octets that claim to be in the Huffman code.
    RawHuffman(Vec<u8>),
    /// A length that is not that of the octets behind it.
    Declared {
        /// What the length says.
        len: u64,
        /// What follows.
        octets: Vec<u8>,
    },
}

impl Text {
    fn encode(&self, out: &mut Vec<u8>) {
        let (first, len, octets) = match self {
            Text::Plain(octets) => (0, octets.len() as u64, octets.clone()),
            Text::Huffman(octets) => {
                let coded = huffman::encode(octets);
                (0x80, coded.len() as u64, coded)
            }
            Text::RawHuffman(octets) => (0x80, octets.len() as u64, octets.clone()),
            Text::Declared { len, octets } => (0, *len, octets.clone()),
        };
        integer::encode(len, 7, first, out);
        out.extend_from_slice(&octets);
    }
}

/// How a literal names its field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// By the name of an indexed field. An index of 0 reads as a literal name.
    Index(u64),
    /// By its own octets.
    Text(Text),
}

/// What a literal asks of the dynamic table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indexing {
    /// To add the field, §6.2.1.
    Incremental,
    /// Nothing, §6.2.2.
    Without,
    /// Nothing, and the same of intermediaries, §6.2.3.
    Never,
}

/// A part of a field block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Representation {
    /// §6.1. An index of 0 "MUST be treated as a decoding error".
    Indexed(u64),
    /// §6.2.
    Literal {
        /// What it asks of the table.
        indexing: Indexing,
        /// The name of the field.
        name: Name,
        /// The value of the field.
        value: Text,
    },
    /// §6.3. Lawful at the beginning of a block, up to what SETTINGS_HEADER_TABLE_SIZE says.
    TableSize(u64),
    /// Any octets.
    Raw(Vec<u8>),
}

impl Representation {
    /// Appends its octets.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Representation::Indexed(index) => integer::encode(*index, 7, 0x80, out),
            Representation::Literal { indexing, name, value } => {
                let (bits, first) = match indexing {
                    Indexing::Incremental => (6, 0x40),
                    Indexing::Without => (4, 0x00),
                    Indexing::Never => (4, 0x10),
                };
                match name {
                    Name::Index(index) => integer::encode(*index, bits, first, out),
                    Name::Text(text) => {
                        integer::encode(0, bits, first, out);
                        text.encode(out);
                    }
                }
                value.encode(out);
            }
            Representation::TableSize(size) => integer::encode(*size, 5, 0x20, out),
            Representation::Raw(octets) => out.extend_from_slice(octets),
        }
    }
}
