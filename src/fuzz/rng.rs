//! Choices drawn from a seed: the same seed makes the same choices.

use crate::case::payload::SplitMix64;

/// A source of choices.
#[derive(Clone, Debug)]
pub struct Rng(SplitMix64);

impl Rng {
    pub fn new(seed: u64) -> Rng {
        Rng(SplitMix64(seed))
    }

    /// The source of the `index`th thing that is made of a seed, whatever the others drew.
    pub fn numbered(seed: u64, index: u64) -> Rng {
        let mut mixed = SplitMix64(seed ^ index.wrapping_mul(0xd134_2543_de82_ef95));
        Rng(SplitMix64(mixed.draw()))
    }

    pub fn draw(&mut self) -> u64 {
        self.0.draw()
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

    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    pub fn octet(&mut self) -> u8 {
        (self.draw() >> 56) as u8
    }

    pub fn octets(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.octet()).collect()
    }
}
