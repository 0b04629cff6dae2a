//! Octets as hexadecimal digits, for case files and transcripts.

/// Why a text is not octets in hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HexError {
    /// A character that is neither a digit nor one that is ignored.
    #[error("{0:?} is not a hexadecimal digit")]
    NotADigit(char),
    /// An odd number of digits.
    #[error("an octet has two hexadecimal digits")]
    HalfOctet,
}

/// The octets of `text`, in which spaces, `|` and line breaks are ignored.
///
/// # Errors
///
/// A character that is not a hexadecimal digit, or an odd number of digits.
pub fn decode(text: &str) -> Result<Vec<u8>, HexError> {
    let mut digits = Vec::with_capacity(text.len());
    for c in text.chars().filter(|c| !c.is_ascii_whitespace() && *c != '|') {
        digits.push(c.to_digit(16).ok_or(HexError::NotADigit(c))? as u8);
    }
    if digits.len() % 2 != 0 {
        return Err(HexError::HalfOctet);
    }
    Ok(digits.chunks_exact(2).map(|pair| (pair[0] << 4) | pair[1]).collect())
}

/// Two digits for each octet, with spaces between them: `81 05 48`.
pub fn encode(octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len() * 3);
    for (index, octet) in octets.iter().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        out.push(char::from_digit(u32::from(octet >> 4), 16).expect("four bits"));
        out.push(char::from_digit(u32::from(octet & 15), 16).expect("four bits"));
    }
    out
}

/// The first `octets_max` octets, then `..` if there were more.
pub fn encode_short(octets: &[u8], octets_max: usize) -> String {
    if octets.len() <= octets_max {
        return encode(octets);
    }
    format!("{} ..", encode(&octets[..octets_max]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_and_mistakes() {
        assert_eq!(decode("81 05 | 48").as_deref(), Ok(&[0x81, 5, 0x48][..]));
        assert_eq!(decode("8"), Err(HexError::HalfOctet));
        assert_eq!(decode("8g"), Err(HexError::NotADigit('g')));
        assert_eq!(encode(&[0x81, 5]), "81 05");
        assert_eq!(encode_short(&[1, 2, 3], 2), "01 02 ..");
        assert_eq!(encode_short(&[1, 2], 2), "01 02");
    }
}
