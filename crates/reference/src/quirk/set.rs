//! A set of quirks: those that an endpoint has, or those that its steps asked for.

use super::catalogue::{AREA_COUNT, InArea, Quirk};
use std::fmt;

/// One bit for each quirk of an area: at most 128 of them.
type Bits = u128;

/// A set of quirks. An endpoint that is configured with an empty one is strict.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct QuirkSet([Bits; AREA_COUNT]);

impl QuirkSet {
    /// Adds one.
    pub fn insert(&mut self, quirk: impl Into<Quirk>) {
        let (area, number) = quirk.into().place();
        self.0[area as usize] |= 1 << number;
    }

    /// Adds all quirks of an area.
    pub(crate) fn insert_area<A: InArea>(&mut self) {
        self.0[A::AREA as usize] = Bits::MAX;
    }

    /// Whether it holds a quirk.
    pub fn contains(&self, quirk: impl Into<Quirk>) -> bool {
        let (area, number) = quirk.into().place();
        self.0[area as usize] & (1 << number) != 0
    }

    /// Whether it holds the same quirks of `within` as another set.
    pub fn agrees_within(&self, other: &QuirkSet, within: &QuirkSet) -> bool {
        let areas = self.0.iter().zip(&other.0).zip(&within.0);
        areas.into_iter().all(|((own, other), within)| (own ^ other) & within == 0)
    }

    /// Whether it holds no quirk.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|bits| *bits == 0)
    }

    /// Its quirks, in the order of the catalogue.
    pub fn iter(&self) -> impl Iterator<Item = Quirk> + '_ {
        Quirk::all().filter(|quirk| self.contains(*quirk))
    }

    /// Its quirks of one area, in the order of the area's table.
    pub(crate) fn of<A: InArea>(&self) -> impl Iterator<Item = A> + Clone + use<A> {
        let mut bits = self.0[A::AREA as usize];
        std::iter::from_fn(move || {
            let quirk = A::QUIRKS.get(bits.trailing_zeros() as usize)?;
            bits &= bits - 1;
            Some(*quirk)
        })
    }
}

impl From<Quirk> for QuirkSet {
    fn from(quirk: Quirk) -> QuirkSet {
        QuirkSet::from_iter([quirk])
    }
}

impl<Q: Into<Quirk>> FromIterator<Q> for QuirkSet {
    fn from_iter<I: IntoIterator<Item = Q>>(quirks: I) -> QuirkSet {
        let mut set = QuirkSet::default();
        quirks.into_iter().for_each(|quirk| set.insert(quirk));
        set
    }
}

impl fmt::Debug for QuirkSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|quirk| quirk.info().name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quirk::catalogue::{Leniency, Pongs};

    /// No quirk takes another's bit, and each area finds its own.
    #[test]
    fn a_set_holds_what_was_put_in() {
        for quirk in Quirk::all() {
            let set = QuirkSet::from(quirk);
            assert!(set.iter().eq([quirk]) && !set.is_empty());
        }
        let set: QuirkSet =
            [Quirk::from(Pongs::Late), Leniency::Masked.into(), Leniency::Rsv1.into()].into_iter().collect();
        assert!(set.of::<Leniency>().eq([Leniency::Masked, Leniency::Rsv1]));
        assert!(set.of::<Pongs>().eq([Pongs::Late]));
        assert!(Quirk::all().collect::<QuirkSet>().iter().eq(Quirk::all()));
    }

    /// Quirks outside the third set make no difference.
    #[test]
    fn sets_agree_within_a_set() {
        let [late, masked, rsv1] =
            [Quirk::from(Pongs::Late), Leniency::Masked.into(), Leniency::Rsv1.into()].map(QuirkSet::from);
        assert!(late.agrees_within(&masked, &rsv1));
        assert!(!late.agrees_within(&masked, &late) && !late.agrees_within(&masked, &masked));
        assert!(late.agrees_within(&late, &late));
    }
}
