//! Causes that the reference cannot show beside the others. A real target may refuse some invalid offers and misread others; in the
//! reference the refusal comes first and hides the misreading. Such a cause is named only if everything that it alone predicts is seen.

use super::candidates::Candidate;
use super::relation::{ALIKE, explains};
use super::shape::{ShapeId, Shapes};
use super::subject::{Subject, is_deviation};
use std::collections::BTreeSet;

/// How much a cause has to explain: one instance exactly, or two in a form that is alike.
const EXPLAINED_MIN: f32 = 1.0;

/// Candidates, by their places, that explain some of the `unexplained` instances, the one that explains most first.
pub(super) fn supplement(
    candidates: &[Candidate],
    chosen: &[usize],
    unexplained: &BTreeSet<u32>,
    subject: &Subject,
    shapes: &Shapes,
) -> Vec<usize> {
    let explained_in = |(instance, cell): &(u32, ShapeId), count: usize| {
        let observed = subject.observed[*instance as usize].map(|observed| shapes.shape(observed));
        let seen = observed
            .filter(|observed| is_deviation(observed.kind))
            .map_or(&[][..], |observed| &observed.seen);
        seen.iter().take(count).map(|seen| explains(shapes.shape(*cell), seen)).fold(0.0, f32::max)
    };
    let is_seen = |cell: &(u32, ShapeId)| {
        !is_deviation(shapes.shape(cell.1).kind) || explained_in(cell, usize::MAX) >= ALIKE
    };
    let mut open: Vec<usize> = (0..candidates.len())
        .filter(|place| !chosen.contains(place) && candidates[*place].cells.iter().all(is_seen))
        .collect();
    let mut unexplained = unexplained.clone();
    let mut found = Vec::new();
    loop {
        let explains = |place: &usize| -> f32 {
            let cells =
                candidates[*place].cells.iter().filter(|(instance, _)| unexplained.contains(instance));
            cells.map(|cell| explained_in(cell, 1)).filter(|explained| *explained >= ALIKE).sum()
        };
        let best = open.iter().map(|place| (*place, explains(place)));
        // Of equal ones the one that predicts least, then the first.
        let best = best.max_by(|(a, explained_a), (b, explained_b)| {
            let less = candidates[*b].cells.len().cmp(&candidates[*a].cells.len());
            explained_a.total_cmp(explained_b).then(less).then(b.cmp(a))
        });
        let Some((place, _)) = best.filter(|(_, explained)| *explained >= EXPLAINED_MIN) else {
            return found;
        };
        open.retain(|open| *open != place);
        found.push(place);
        for (instance, _) in &candidates[place].cells {
            unexplained.remove(instance);
        }
    }
}
