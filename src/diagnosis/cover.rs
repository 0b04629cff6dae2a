//! A first set of candidates: greedy weighted set cover. What a candidate predicts and the target does not show counts
//! against it.

use super::candidates::Candidate;
use super::relation::{explains, weight};
use super::shape::{ShapeId, Shapes, Symptom};
use super::subject::{Subject, is_deviation};
use std::collections::HashMap;

/// What each difference of a set costs: it has to explain more than that.
pub(super) const COST: f32 = 0.05;

/// What it costs to predict a deviation where the target passed.
const PASSED: f32 = 1.0;

/// What it costs to predict another deviation than the one that was seen: that one may hide it.
const HIDDEN: f32 = 0.2;

/// The same, where another difference of the set is seen.
const HIDDEN_BY_KNOWN: f32 = 0.02;

/// Chooses candidates, by their places, the one that explains most first.
pub(super) fn cover(candidates: &[Candidate], subject: &Subject, shapes: &Shapes) -> Vec<usize> {
    let mut covered: HashMap<(u32, usize), f32> = HashMap::new();
    let mut touched = vec![false; subject.observed.len()];
    let mut chosen = Vec::new();
    let mut open: Vec<usize> = (0..candidates.len()).collect();
    loop {
        let gain = |place: &usize| gain(&candidates[*place], subject, shapes, &covered, &touched);
        let best = open.iter().map(|place| (*place, gain(place)));
        // Of equal ones the one that predicts least.
        let best = best.max_by(|(a, gain_a), (b, gain_b)| {
            let less = candidates[*b].cells.len().cmp(&candidates[*a].cells.len());
            gain_a.total_cmp(gain_b).then(less).then(b.cmp(a))
        });
        let Some((place, _)) = best.filter(|(_, gain)| *gain > COST) else { return chosen };
        open.retain(|open| *open != place);
        chosen.push(place);
        for (instance, predicted) in &candidates[place].cells {
            touched[*instance as usize] = true;
            for (number, seen) in seen(subject, shapes, *instance).iter().enumerate() {
                let explained = explains(shapes.shape(*predicted), seen);
                let known = covered.entry((*instance, number)).or_default();
                *known = known.max(explained);
            }
        }
    }
}

fn seen<'s>(subject: &Subject, shapes: &'s Shapes, instance: u32) -> &'s [Symptom] {
    let observed: Option<ShapeId> = subject.observed[instance as usize];
    observed.map_or(&[], |observed| &shapes.shape(observed).seen)
}

/// What a candidate explains that is not explained yet, without what it predicts wrongly.
fn gain(
    candidate: &Candidate,
    subject: &Subject,
    shapes: &Shapes,
    covered: &HashMap<(u32, usize), f32>,
    touched: &[bool],
) -> f32 {
    let mut gain = 0.0;
    for (instance, predicted) in &candidate.cells {
        let predicted = shapes.shape(*predicted);
        let seen = seen(subject, shapes, *instance);
        if seen.is_empty() {
            gain -= if is_deviation(predicted.kind) { PASSED } else { HIDDEN };
            continue;
        }
        let mut explains_any = false;
        for (number, seen) in seen.iter().enumerate() {
            let explained = explains(predicted, seen);
            explains_any |= explained > 0.0;
            let known = covered.get(&(*instance, number)).copied().unwrap_or_default();
            gain += (explained - known).max(0.0) * weight(number);
        }
        if !explains_any {
            gain -= if touched[*instance as usize] { HIDDEN_BY_KNOWN } else { HIDDEN };
        }
    }
    gain
}
