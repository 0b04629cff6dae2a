//! Field compression of HTTP/2, RFC 7541.
//!
//! [`Decoder`] reads field blocks strictly and says what is wrong with one. [`Representation`] can say everything, lawful or
//! not: any index, any size of the table, strings whose Huffman code is broken. [`Encoder`] writes ordinary blocks.

mod decode;
mod dynamic_table;
mod encode;
mod huffman;
mod huffman_codes;
pub mod integer;
mod representation;
mod static_table;

pub use decode::{DecodeError, Decoder};
pub use encode::Encoder;
pub use huffman::{HuffmanError, decode as huffman_decode, encode as huffman_encode};
pub use representation::{Indexing, Name, Representation, Text};

/// The size of the dynamic table before anybody changes it, in octets, RFC 9113 §6.5.2.
pub const TABLE_SIZE_DEFAULT: usize = 4096;

/// A field line: name and value as octets, since a peer can send any.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// In lower case where the sender follows RFC 9113 §8.2. A pseudo-header field begins with `:`.
    pub name: Vec<u8>,
    /// Without any transformation.
    pub value: Vec<u8>,
}

impl Field {
    /// A field with this name and this value.
    pub fn new(name: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Field {
        Field { name: name.into(), value: value.into() }
    }

    /// Its size in a dynamic table, RFC 7541 §4.1: the octets of both, and 32.
    pub fn size(&self) -> usize {
        self.name.len() + self.value.len() + 32
    }

    /// Whether its name begins with a colon, RFC 9113 §8.3.
    pub fn is_pseudo(&self) -> bool {
        self.name.first() == Some(&b':')
    }
}
