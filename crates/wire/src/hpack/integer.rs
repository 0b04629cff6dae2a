//! Integers with a prefix, RFC 7541 §5.1.

/// More octets behind the prefix are not read: 2^32 fits into five, and nothing that is longer is lawful here.
pub const CONTINUATION_LEN_MAX: usize = 5;

/// An integer could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IntegerError {
    /// The octets end within it.
    #[error("the block ends within an integer")]
    Incomplete,
    /// It is larger than 2^32 - 1, or takes more than five octets behind its prefix.
    #[error("an integer is larger than this decoder reads")]
    TooLarge,
}

/// Appends `value` with a prefix of `bits` bits, 1 to 8; `first` holds what stands above the prefix.
pub fn encode(value: u64, bits: u8, first: u8, out: &mut Vec<u8>) {
    encode_in(value, bits, first, 0, out);
}

/// The same with `more` octets than it takes: continuations that add nothing. A value that fits into its prefix gets none.
pub fn encode_in(value: u64, bits: u8, first: u8, more: usize, out: &mut Vec<u8>) {
    let max = (1u64 << bits) - 1;
    if value < max {
        out.push(first | value as u8);
        return;
    }
    out.push(first | max as u8);
    let mut rest = value - max;
    while rest >= 128 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    if more == 0 {
        out.push(rest as u8);
        return;
    }
    out.push(rest as u8 | 0x80);
    out.extend(std::iter::repeat_n(0x80, more - 1));
    out.push(0);
}

/// Reads an integer with a prefix of `bits` bits, 1 to 8; gives it and how many octets it took.
///
/// # Errors
///
/// The octets end within it, or it is larger than 2^32 - 1.
pub fn decode(octets: &[u8], bits: u8) -> Result<(u64, usize), IntegerError> {
    let max = (1u64 << bits) - 1;
    let first = u64::from(*octets.first().ok_or(IntegerError::Incomplete)?) & max;
    if first < max {
        return Ok((first, 1));
    }
    let mut value = max;
    for (index, octet) in octets[1..].iter().enumerate() {
        if index == CONTINUATION_LEN_MAX {
            return Err(IntegerError::TooLarge);
        }
        value += u64::from(octet & 0x7f) << (7 * index);
        if octet & 0x80 == 0 {
            let fits = value <= u64::from(u32::MAX);
            return if fits { Ok((value, index + 2)) } else { Err(IntegerError::TooLarge) };
        }
    }
    match octets.len() > CONTINUATION_LEN_MAX {
        true => Err(IntegerError::TooLarge),
        false => Err(IntegerError::Incomplete),
    }
}
