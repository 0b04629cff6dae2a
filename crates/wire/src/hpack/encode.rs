//! Fields to field blocks, as an ordinary endpoint writes them.

use super::dynamic_table::DynamicTable;
use super::representation::{Indexing, Name, Representation, Text};
use super::{Field, huffman};

/// Encodes the blocks of one direction of a connection, in their order: indexed where a table has the field, Huffman where
/// that is no longer, added to the dynamic table else.
#[derive(Clone, Debug, Default)]
pub struct Encoder {
    table: DynamicTable,
    /// A change of the table's size that the next block begins with.
    resized: Option<usize>,
}

impl Encoder {
    /// An encoder whose table has up to `size` octets from the first block on.
    pub fn with_table_size(size: usize) -> Encoder {
        let mut encoder = Encoder::default();
        encoder.table.resize(size);
        encoder
    }

    /// Limits the dynamic table to `max` octets; the next block says so, RFC 7541 §4.2.
    pub fn resize(&mut self, max: usize) {
        self.table.resize(max);
        self.resized = Some(max);
    }

    /// The block of these fields.
    pub fn encode(&mut self, fields: &[Field]) -> Vec<u8> {
        let mut block = Vec::new();
        if let Some(size) = self.resized.take() {
            Representation::TableSize(size as u64).encode(&mut block);
        }
        for field in fields {
            self.representation(field).encode(&mut block);
        }
        block
    }

    fn representation(&mut self, field: &Field) -> Representation {
        let (whole, named) = self.table.find(field);
        if let Some(index) = whole {
            return Representation::Indexed(index);
        }
        let name = named.map_or_else(|| Name::Text(shortest(&field.name)), Name::Index);
        self.table.add(field.clone());
        Representation::Literal { indexing: Indexing::Incremental, name, value: shortest(&field.value) }
    }
}

fn shortest(octets: &[u8]) -> Text {
    match huffman::encode(octets).len() <= octets.len() {
        true => Text::Huffman(octets.to_vec()),
        false => Text::Plain(octets.to_vec()),
    }
}
