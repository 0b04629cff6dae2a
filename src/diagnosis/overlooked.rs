//! The index for a target whose every opening is wrong. It was made by a peer that overlooks nothing; the peer of such a run overlooks
//! the faults of the openings, except in the instances that are about them.

use super::index::Index;
use super::shape::{ShapeId, Shapes};
use super::subject::Subject;
use super::workbench::Workbench;
use wsgauntlet_suite::transcript::OpeningFaults;

/// Takes out of the index what shows nothing where the faults of all openings are overlooked, and plays again what else a difference
/// changes that breaks them. Does nothing for a target whose openings are right.
pub(super) fn overlook(index: &mut Index, subject: &Subject, bench: &Workbench<'_>) {
    if bench.capabilities.overlooked.is_empty() {
        return;
    }
    let overlooked: Vec<OpeningFaults> =
        (0..bench.instances.len()).map(|instance| bench.overlooked(instance)).collect();
    let mut strict: Vec<Option<ShapeId>> = vec![None; bench.instances.len()];
    for row in &mut index.rows {
        let before = row.cells.len();
        row.cells.retain(|(instance, predicted)| {
            !is_overlooked(overlooked[*instance as usize], &index.shapes, *predicted)
        });
        if row.cells.len() == before {
            continue;
        }
        // What the opening hid shows now, and what followed from it does not.
        let cells = row.cells.drain(..).filter_map(|(instance, predicted)| {
            let place = instance as usize;
            if overlooked[place].is_empty() || subject.observed[place].is_none() {
                return Some((instance, predicted));
            }
            let shape = index.shapes.of_verdict(&bench.play(place, &[row.difference]));
            let base = *strict[place].get_or_insert_with(|| index.shapes.of_verdict(&bench.play(place, &[])));
            (shape != base).then_some((instance, shape))
        });
        row.cells = cells.collect();
    }
}

/// Whether the deviation that decides a shape is one that an instance overlooks.
fn is_overlooked(faults: OpeningFaults, shapes: &Shapes, predicted: ShapeId) -> bool {
    let first = shapes.shape(predicted).seen.first();
    first.is_some_and(|seen| faults.breaks(shapes.text(seen.requirement)))
}
