//! Masking, RFC 6455 §5.3: "Octet i of the transformed data is the XOR of octet i of the original
//! data with octet at index i modulo 4 of the masking key". Its own inverse.

/// Masks or unmasks `octets`, the first of which stands at `offset` in the payload.
pub fn apply(key: [u8; 4], offset: u64, octets: &mut [u8]) {
    let phase = (offset % 4) as usize;
    let turned = [key[phase], key[(phase + 1) % 4], key[(phase + 2) % 4], key[(phase + 3) % 4]];
    let word = u32::from_ne_bytes(turned);
    let mut chunks = octets.chunks_exact_mut(4);
    for chunk in &mut chunks {
        let value = u32::from_ne_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]) ^ word;
        chunk.copy_from_slice(&value.to_ne_bytes());
    }
    for (octet, key) in chunks.into_remainder().iter_mut().zip(turned) {
        *octet ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Masking in pieces at any offset equals masking octet by octet.
    #[test]
    fn pieces_equal_the_whole() {
        let key = [0x37, 0xfa, 0x21, 0x3d];
        let plain: Vec<u8> = (0..=40).collect();
        let naive: Vec<u8> = plain.iter().enumerate().map(|(i, o)| o ^ key[i % 4]).collect();
        for cut in 0..=plain.len() {
            let mut octets = plain.clone();
            let (left, right) = octets.split_at_mut(cut);
            apply(key, 0, left);
            apply(key, cut as u64, right);
            assert_eq!(octets, naive);
        }
    }
}
