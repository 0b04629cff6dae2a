//! Strings in the Huffman code of RFC 7541 §5.2.

use super::huffman_codes::CODES;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What is wrong with a string, §5.2: each "MUST be treated as a decoding error".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HuffmanError {
    /// The code of the end of the string stands in it.
    #[error("a string contains the Huffman code of EOS")]
    EndOfString,
    /// Padding of eight bits or more.
    #[error("a string has more than seven bits of padding")]
    PaddingTooLong,
    /// Padding that is no beginning of EOS: not only ones.
    #[error("the padding of a string is not all ones")]
    PaddingNotOnes,
}

/// The longest code, that of EOS, in bits.
const CODE_LEN_MAX: u8 = 30;

/// The place in `CODES` of the code that stands for the end of the string.
const EOS: u16 = 256;

/// The symbol of a code and its length.
static SYMBOLS: LazyLock<HashMap<(u32, u8), u16>> =
    LazyLock::new(|| CODES.iter().zip(0..).map(|(code, symbol)| (*code, symbol)).collect());

/// Decodes a whole string.
///
/// # Errors
///
/// EOS stands in it, or the padding is too long or not all ones.
pub fn decode(octets: &[u8]) -> Result<Vec<u8>, HuffmanError> {
    let mut decoded = Vec::with_capacity(octets.len() * 2);
    let (mut code, mut len) = (0u32, 0u8);
    for octet in octets {
        for bit in (0..8).rev() {
            code = (code << 1) | u32::from((octet >> bit) & 1);
            len += 1;
            match SYMBOLS.get(&(code, len)) {
                Some(&EOS) => return Err(HuffmanError::EndOfString),
                Some(symbol) => {
                    decoded.push(*symbol as u8);
                    (code, len) = (0, 0);
                }
                None => debug_assert!(len < CODE_LEN_MAX, "the code is complete"),
            }
        }
    }
    if len > 7 {
        return Err(HuffmanError::PaddingTooLong);
    }
    match code == (1 << len) - 1 {
        true => Ok(decoded),
        false => Err(HuffmanError::PaddingNotOnes),
    }
}

/// Encodes a string, padded with ones to whole octets.
pub fn encode(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len());
    let (mut bits, mut len) = (0u64, 0u8);
    for octet in octets {
        let (code, code_len) = CODES[usize::from(*octet)];
        bits = (bits << code_len) | u64::from(code);
        len += code_len;
        while len >= 8 {
            len -= 8;
            out.push((bits >> len) as u8);
        }
    }
    if len > 0 {
        let padding = 8 - len;
        out.push(((bits << padding) as u8) | ((1 << padding) - 1));
    }
    out
}
