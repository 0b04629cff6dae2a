//! Choices drawn from a seed: the same seed makes the same choices.

use wsgauntlet_wire::SplitMix64;

/// A source of choices.
#[derive(Clone, Debug)]
pub struct Rng {
    random: SplitMix64,
    /// What is drawn first, the last first.
    given: Vec<u8>,
}

impl Rng {
    /// The source of choices of this seed.
    pub fn new(seed: u64) -> Rng {
        Rng { random: SplitMix64::new(seed), given: Vec::new() }
    }

    /// Draws from `octets` as long as there are any, so that an engine that mutates octets mutates choices.
    pub fn of_octets(octets: &[u8]) -> Rng {
        let mut given = octets.to_vec();
        given.reverse();
        Rng { random: SplitMix64::new(octets.len() as u64), given }
    }

    /// The source of the `index`th thing that is made of a seed, whatever the others drew.
    pub fn numbered(seed: u64, index: u64) -> Rng {
        let mut mixed = SplitMix64::new(seed ^ index.wrapping_mul(0xd134_2543_de82_ef95));
        Rng::new(mixed.next_u64())
    }

    /// 64 bits.
    pub fn draw(&mut self) -> u64 {
        if self.given.is_empty() {
            return self.random.next_u64();
        }
        // Two octets decide about as much as a choice needs.
        let high = self.given.pop().unwrap_or_default();
        let low = self.given.pop().unwrap_or_default();
        (u64::from(high) << 56) | (u64::from(low) << 48)
    }

    /// 0 to `bound - 1`; 0 where `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let scaled = (u128::from(self.draw()) * bound as u128) >> 64;
        scaled as usize
    }

    /// Once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of `choices`. Panics if there are none.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// Any octet.
    pub fn octet(&mut self) -> u8 {
        (self.draw() >> 56) as u8
    }

    /// `len` octets.
    pub fn octets(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.octet()).collect()
    }
}
