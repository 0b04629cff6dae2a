//! Which differences come into question: those that change an instance in the way in which it deviates.

use super::difference::Difference;
use super::index::Index;
use super::relation::explains;
use super::shape::ShapeId;
use super::subject::{Subject, is_decided, is_deviation};
use std::collections::HashMap;

/// A difference that comes into question, with what it changes of what was decided.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// All that change exactly this: no instance that was decided tells them apart.
    pub equivalent: Vec<Difference>,
    /// Instances in order, each with the shape that is predicted.
    pub cells: Vec<(u32, ShapeId)>,
}

impl Candidate {
    /// The first of the equivalent differences.
    pub(super) fn difference(&self) -> Difference {
        self.equivalent[0]
    }

    /// Puts one of the equivalent differences first.
    pub(super) fn prefer(&mut self, difference: Difference) {
        if let Some(place) = self.equivalent.iter().position(|one| *one == difference) {
            self.equivalent[..=place].rotate_right(1);
        }
    }

    /// What it alone changes an instance to. `None`: nothing changes.
    pub(super) fn cell(&self, instance: u32) -> Option<ShapeId> {
        let place = self.cells.binary_search_by_key(&instance, |(own, _)| *own).ok()?;
        Some(self.cells[place].1)
    }
}

/// All differences that show in an instance that was decided.
#[derive(Clone, Debug)]
pub(super) struct Candidates {
    /// First the likely ones, then the others, each in the order of the index.
    pub all: Vec<Candidate>,
    /// How many are likely: they change an instance in the way in which it deviates.
    pub likely: usize,
}

/// The candidates for what `subject` shows. Those that are not likely can be members beside others, which hide how they show alone.
pub(super) fn candidates(index: &Index, subject: &Subject) -> Candidates {
    let observed = |instance: u32| subject.observed.get(instance as usize).copied().flatten();
    let mut by_cells: HashMap<Vec<(u32, ShapeId)>, usize> = HashMap::new();
    let mut found: Vec<(bool, Candidate)> = Vec::new();
    for row in &index.rows {
        let mut cells = row.cells.clone();
        cells.retain(|(instance, _)| {
            observed(*instance).is_some_and(|shape| is_decided(index.shapes.shape(shape).kind))
        });
        if cells.is_empty() {
            continue;
        }
        let is_likely = cells.iter().any(|(instance, predicted)| {
            let Some(observed) = observed(*instance).map(|shape| index.shapes.shape(shape)) else {
                return false;
            };
            let predicted = index.shapes.shape(*predicted);
            is_deviation(observed.kind) && observed.seen.iter().any(|seen| explains(predicted, seen) > 0.0)
        });
        match by_cells.get(&cells) {
            Some(place) => found[*place].1.equivalent.push(row.difference),
            None => {
                by_cells.insert(cells.clone(), found.len());
                found.push((is_likely, Candidate { equivalent: vec![row.difference], cells }));
            }
        }
    }
    let (likely, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|(is_likely, _)| *is_likely);
    let count = likely.len();
    let all = likely.into_iter().chain(others).map(|(_, candidate)| candidate).collect();
    Candidates { all, likely: count }
}
