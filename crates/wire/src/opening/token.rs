//! Tokens and comma-separated lists, RFC 9110 §5.6.

/// `tchar` of RFC 9110 §5.6.2. RFC 6455 §4.1 says the same of subprotocols: "characters in the
/// range U+0021 to U+007E not including separator characters".
pub fn is_token_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet)
}

/// Whether `octets` are a token: one or more of these octets.
pub fn is_token(octets: &[u8]) -> bool {
    !octets.is_empty() && octets.iter().all(|octet| is_token_octet(*octet))
}

/// Without the spaces and tabs at either end.
pub fn trim(octets: &[u8]) -> &[u8] {
    let is_space = |octet: &u8| matches!(octet, b' ' | b'\t');
    let start = octets.iter().position(|o| !is_space(o)).unwrap_or(octets.len());
    let end = octets.iter().rposition(|o| !is_space(o)).map_or(start, |last| last + 1);
    &octets[start..end]
}

/// The elements of a list without quoted strings; empty ones are left out, RFC 9110 §5.6.1.2.
pub fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|octet| *octet == b',').map(trim).filter(|element| !element.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_tokens() {
        assert_eq!(list(b" a ,, b\t,").collect::<Vec<_>>(), [b"a", b"b"]);
        assert_eq!(trim(b" \t "), b"");
        assert!(is_token(b"permessage-deflate") && !is_token(b"") && !is_token(b"a b") && !is_token(b"a;"));
    }
}
