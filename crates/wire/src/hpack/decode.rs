//! Field blocks to fields.

use super::dynamic_table::DynamicTable;
use super::huffman::{self, HuffmanError};
use super::integer::{self, IntegerError};
use super::{Field, TABLE_SIZE_DEFAULT};

/// What is wrong with a block: a connection error of type COMPRESSION_ERROR, RFC 9113 §4.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// RFC 7541 §5.1.
    #[error(transparent)]
    Integer(#[from] IntegerError),
    /// RFC 7541 §5.2.
    #[error(transparent)]
    Huffman(#[from] HuffmanError),
    /// RFC 7541 §5.2: a length beyond the end of the block.
    #[error("the block ends within a string")]
    StringIncomplete,
    /// RFC 7541 §2.3.3 and §6.1: 0, or greater than the sum of both tables.
    #[error("there is no field with the index {0}")]
    Index(u64),
    /// RFC 7541 §4.2: a change of the table's size behind a field.
    #[error("the size of the table changes behind a field")]
    SizeBehindField,
    /// RFC 7541 §6.3: a size above the limit that the decoder set.
    #[error("the table grows to {size} octets, more than the limit of {limit}")]
    SizeAboveLimit {
        /// What the block says.
        size: u64,
        /// What SETTINGS_HEADER_TABLE_SIZE allows.
        limit: usize,
    },
}

/// Decodes the blocks of one direction of a connection, in their order.
#[derive(Clone, Debug)]
pub struct Decoder {
    table: DynamicTable,
    limit: usize,
}

impl Default for Decoder {
    fn default() -> Decoder {
        Decoder { table: DynamicTable::default(), limit: TABLE_SIZE_DEFAULT }
    }
}

impl Decoder {
    /// A decoder whose table has up to `size` octets from the first block on.
    pub fn with_table_size(size: usize) -> Decoder {
        let mut decoder = Decoder::default();
        decoder.table.resize(size);
        decoder.limit = size;
        decoder
    }

    /// Allows a table of up to `limit` octets, as SETTINGS_HEADER_TABLE_SIZE does once it is acknowledged.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// The fields of a whole block, in their order.
    ///
    /// # Errors
    ///
    /// The block breaks a rule of RFC 7541. The table is not to be used any more then.
    pub fn decode(&mut self, block: &[u8]) -> Result<Vec<Field>, DecodeError> {
        let mut fields = Vec::new();
        let mut rest = block;
        while let Some(first) = rest.first() {
            if first & 0xe0 == 0x20 {
                let size = take_integer(&mut rest, 5)?;
                if !fields.is_empty() {
                    return Err(DecodeError::SizeBehindField);
                }
                self.resize(size)?;
            } else {
                fields.push(self.field(*first, &mut rest)?);
            }
        }
        Ok(fields)
    }

    fn resize(&mut self, size: u64) -> Result<(), DecodeError> {
        let above = DecodeError::SizeAboveLimit { size, limit: self.limit };
        let allowed = usize::try_from(size).ok().filter(|size| *size <= self.limit);
        self.table.resize(allowed.ok_or(above)?);
        Ok(())
    }

    fn field(&mut self, first: u8, rest: &mut &[u8]) -> Result<Field, DecodeError> {
        if first & 0x80 != 0 {
            let index = take_integer(rest, 7)?;
            return self.table.get(index).ok_or(DecodeError::Index(index));
        }
        let is_added = first & 0x40 != 0;
        let index = take_integer(rest, if is_added { 6 } else { 4 })?;
        let name = match index {
            0 => take_text(rest)?,
            _ => self.table.get(index).ok_or(DecodeError::Index(index))?.name,
        };
        let field = Field { name, value: take_text(rest)? };
        if is_added {
            self.table.add(field.clone());
        }
        Ok(field)
    }
}

fn take_integer(rest: &mut &[u8], bits: u8) -> Result<u64, DecodeError> {
    let (value, len) = integer::decode(rest, bits)?;
    *rest = &rest[len..];
    Ok(value)
}

fn take_text(rest: &mut &[u8]) -> Result<Vec<u8>, DecodeError> {
    let is_coded = rest.first().is_some_and(|first| first & 0x80 != 0);
    let len = take_integer(rest, 7)?;
    let text = usize::try_from(len).ok().and_then(|len| rest.split_at_checked(len));
    let (text, behind) = text.ok_or(DecodeError::StringIncomplete)?;
    *rest = behind;
    Ok(if is_coded { huffman::decode(text)? } else { text.to_vec() })
}
