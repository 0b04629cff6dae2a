//! What the reference does with a set of differences, in every instance. Faults act together: a set can change an instance that
//! none of its members changes alone.
//!
//! A play records which quirks its steps asked for. Another set that agrees with the played one in these gives the same play, so
//! that most plays of a set are known from those of similar sets.

use super::difference::Difference;
use super::shape::{ShapeId, Shapes};
use super::workbench::Workbench;
use wsgauntlet_reference::{Quirk, QuirkSet, Variant};

/// Differences that are switched on together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Switched {
    quirks: QuirkSet,
    variants: Vec<Variant>,
}

impl Switched {
    pub(super) fn new(differences: &[Difference]) -> Switched {
        let mut switched = Switched::default();
        for difference in differences {
            match difference {
                Difference::Quirk(quirk) => switched.quirks.insert(*quirk),
                Difference::Variant(variant) => switched.variants.push(*variant),
            }
        }
        switched
    }
}

/// One play.
#[derive(Clone, Debug)]
struct Played {
    switched: Switched,
    /// The quirks that can have mattered.
    asked: QuirkSet,
    shape: ShapeId,
}

/// Number of a play among those of its instance.
pub(super) type PlayId = u32;

/// The plays so far.
#[derive(Debug)]
pub(super) struct Whole<'a> {
    bench: &'a Workbench<'a>,
    plays: Vec<Vec<Played>>,
    /// Quirks that change what is offered: they matter unasked.
    unasked: Vec<Quirk>,
    /// How many instances were played.
    pub count: usize,
}

impl<'a> Whole<'a> {
    pub(super) fn new(bench: &'a Workbench<'a>) -> Whole<'a> {
        let unasked = Quirk::all().filter(|quirk| quirk.offers_otherwise()).collect();
        Whole { bench, plays: vec![Vec::new(); bench.instances.len()], unasked, count: 0 }
    }

    /// The play of an instance with this set, if it is known.
    pub(super) fn known(&self, instance: u32, switched: &Switched) -> Option<PlayId> {
        let is_same = |played: &Played| {
            played.switched.variants == switched.variants
                && played.switched.quirks.agrees_within(&switched.quirks, &played.asked)
        };
        let place = self.plays[instance as usize].iter().position(is_same)?;
        Some(place as PlayId)
    }

    /// The play of an instance with this set.
    pub(super) fn play(
        &mut self,
        instance: u32,
        set: &[Difference],
        switched: &Switched,
        shapes: &mut Shapes,
    ) -> PlayId {
        if let Some(known) = self.known(instance, switched) {
            return known;
        }
        self.count += 1;
        let (verdict, mut asked) = self.bench.play_asked(instance as usize, set);
        self.unasked.iter().for_each(|quirk| asked.insert(*quirk));
        let plays = &mut self.plays[instance as usize];
        plays.push(Played { switched: switched.clone(), asked, shape: shapes.of_verdict(&verdict) });
        plays.len() as PlayId - 1
    }

    pub(super) fn shape(&self, instance: u32, play: PlayId) -> ShapeId {
        self.plays[instance as usize][play as usize].shape
    }

    /// Whether a difference can matter in a play.
    pub(super) fn is_asked(&self, instance: u32, play: PlayId, difference: Difference) -> bool {
        match difference {
            Difference::Quirk(quirk) => self.plays[instance as usize][play as usize].asked.contains(quirk),
            Difference::Variant(_) => true,
        }
    }
}
