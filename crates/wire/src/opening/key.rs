//! `Sec-WebSocket-Key` and `Sec-WebSocket-Accept`, RFC 6455 §4.1, §4.2.1, §4.2.2.

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha1::{Digest, Sha1};

/// "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", §1.3.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Pad bits other than zero decode to the same 16 octets (erratum 3150), so they are accepted.
const DECODER: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// Why a value is not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Characters or padding that base64 (RFC 4648 §4) does not have.
    #[error("not base64")]
    NotBase64,
    /// Base64 of another number of octets than 16.
    #[error("{0} octets when decoded, not 16")]
    WrongLength(usize),
}

/// "a base64-encoded value that, when decoded, is 16 bytes in length", §4.2.1.
///
/// # Errors
///
/// A value that is not base64, or not of 16 octets.
pub fn validate(key: &[u8]) -> Result<(), KeyError> {
    let decoded = DECODER.decode(key).map_err(|_| KeyError::NotBase64)?;
    if decoded.len() == 16 { Ok(()) } else { Err(KeyError::WrongLength(decoded.len())) }
}

/// The value of `Sec-WebSocket-Key` for a nonce, §4.1.
pub fn encode(nonce: [u8; 16]) -> String {
    base64::engine::general_purpose::STANDARD.encode(nonce)
}

/// The nonce of a valid key; `None` of an invalid one.
pub fn nonce(key: &[u8]) -> Option<[u8; 16]> {
    DECODER.decode(key).ok()?.try_into().ok()
}

/// The accept value for the key as it was sent: base64 of SHA-1 of the key and the GUID.
pub fn accept(key: &[u8]) -> String {
    let digest = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    base64::engine::general_purpose::STANDARD.encode(digest)
}

/// What a server did in place of [`accept`], as far as its wrong value `given` tells: a clause for behind "it is".
pub fn explain(given: &[u8], key: &[u8]) -> Option<&'static str> {
    let of = |parts: &[&[u8]]| Sha1::digest(parts.concat());
    let base64 = |octets: &[u8]| base64::engine::general_purpose::STANDARD.encode(octets).into_bytes();
    let due = accept(key).into_bytes();
    if given == due {
        return None;
    }
    let url_safe = base64::engine::general_purpose::URL_SAFE.encode(of(&[key, GUID])).into_bytes();
    let hex: String = of(&[key, GUID]).iter().map(|octet| format!("{octet:02x}")).collect();
    let lowered_guid = GUID.to_ascii_lowercase();
    let decoded = nonce(key).unwrap_or_default();
    let unpadded = |value: &[u8]| value.strip_suffix(b"=").is_some_and(|value| value == given);
    let made: [(bool, &'static str); 12] = [
        (given == key, "the key itself"),
        (given == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "the value of the example in RFC 6455 §1.3"),
        (given == accept(b"").as_bytes(), "the value of an empty key: the key was not read from the request"),
        (given == base64(&of(&[key])), "the hash of the key without the GUID of RFC 6455 §1.3"),
        (given == base64(&of(&[GUID, key])), "the hash of the GUID followed by the key: the key comes first"),
        (
            given == base64(&of(&[key, &lowered_guid])),
            "made with the GUID in lower case: its letters are capitals",
        ),
        (
            given == base64(&of(&[&decoded, GUID])),
            "made of the decoded key: the key is hashed as it was sent",
        ),
        (given.eq_ignore_ascii_case(hex.as_bytes()), "the hash in hexadecimal: base64 is wanted"),
        (given == base64(hex.as_bytes()), "the base64 of the hash in hexadecimal: the 20 octets are wanted"),
        (unpadded(&due), "without its padding \"=\""),
        (given == url_safe, "in the URL-safe alphabet: base64 has + and /"),
        (given.eq_ignore_ascii_case(&due), "in other letter case: base64 is case-sensitive"),
    ];
    made.into_iter().find(|(is_it, _)| *is_it).map(|(_, what)| what)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each of these was seen in a server under construction; any other value is explained by nothing.
    #[test]
    fn wrong_accept_values_are_explained() {
        let key = b"x3JJHMbDL1EzLkh9GBhXDw==";
        let due = accept(key);
        assert_eq!(explain(b"anything else", key), None);
        assert_eq!(explain(due.as_bytes(), key), None);
        for (given, part) in [
            (accept(b""), "empty key"),
            (due.to_ascii_lowercase(), "letter case"),
            (due.trim_end_matches('=').to_owned(), "padding"),
            ("x3JJHMbDL1EzLkh9GBhXDw==".to_owned(), "the key itself"),
        ] {
            let what = explain(given.as_bytes(), key);
            assert!(what.is_some_and(|what| what.contains(part)), "{given}: {what:?}");
        }
    }

    #[test]
    fn example_of_section_1_3() {
        assert_eq!(accept(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(nonce(b"dGhlIHNhbXBsZSBub25jZQ=="), Some(*b"the sample nonce"));
    }

    #[test]
    fn only_sixteen_octets_in_base64_are_a_key() {
        assert_eq!(validate(b"AQIDBAUGBwgJCgsMDQ4PEA=="), Ok(()));
        assert_eq!(validate(b"AQIDBAUGBwgJCgsMDQ4PEC=="), Ok(()), "erratum 3150");
        assert_eq!(validate(b"AQIDBAUGBwgJCgsMDQ4P"), Err(KeyError::WrongLength(15)));
        assert_eq!(validate(b"AQIDBAUGBwgJCgsMDQ4PEBE="), Err(KeyError::WrongLength(17)));
        for bad in [&b""[..], b"AQIDBAUGBwgJCgsMDQ4PEA", b"AQIDBAUGBwgJCgsMDQ4P_A==", b"A AID", b"!"] {
            assert!(validate(bad).is_err(), "{bad:?}");
        }
    }
}
