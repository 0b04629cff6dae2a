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

#[cfg(test)]
mod tests {
    use super::*;

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
