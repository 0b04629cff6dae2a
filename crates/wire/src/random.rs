//! A pseudo-random generator: the same seed gives the same values. It is the only source of masking keys, nonces and payloads,
//! so that a play can be repeated. A client that meets real proxies must not use it (RFC 6455 §10.3 asks for unpredictable
//! keys); the runner seeds it from the system for each connection.

/// SplitMix64 (Steele, Lea, Flood 2014): every seed gives a full period of 2^64.
#[derive(Clone, Debug)]
pub struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    /// The generator of this seed.
    pub fn new(seed: u64) -> SplitMix64 {
        SplitMix64 { state: seed }
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// §5.3: a fresh key, "from the set of allowed 32-bit values".
    pub fn masking_key(&mut self) -> [u8; 4] {
        ((self.next_u64() >> 32) as u32).to_be_bytes()
    }

    /// §4.1: "a nonce consisting of a randomly selected 16-byte value".
    pub fn nonce(&mut self) -> [u8; 16] {
        let (high, low) = (self.next_u64(), self.next_u64());
        ((u128::from(high) << 64) | u128::from(low)).to_be_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first values for seed 1234567, as published with the algorithm's C code.
    #[test]
    fn known_values() {
        let mut rng = SplitMix64::new(1_234_567);
        assert_eq!(rng.next_u64(), 6_457_827_717_110_365_317);
        assert_eq!(rng.next_u64(), 3_203_168_211_198_807_973);
    }
}
