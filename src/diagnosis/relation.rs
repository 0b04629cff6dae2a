//! How well a predicted shape agrees with an observed one.

use super::shape::{Shape, Symptom};
use super::subject::{is_decided, is_deviation};

/// The same requirement and the same kind of observation, but another one: another status code, another close code.
pub(super) const ALIKE: f32 = 0.7;

/// The same requirement, but another kind of observation. That alone names no cause.
const OTHERWISE: f32 = 0.2;

/// What a deviation weighs that did not decide the verdict.
const SECONDARY: f32 = 0.3;

/// How well `predicted` explains a deviation: 1 exactly, 0 not at all.
pub(super) fn explains(predicted: &Shape, seen: &Symptom) -> f32 {
    let best = predicted.seen.iter().map(|one| {
        if one.signature == seen.signature {
            1.0
        } else if one.requirement == seen.requirement && one.class == seen.class {
            ALIKE
        } else if one.requirement == seen.requirement {
            OTHERWISE
        } else {
            0.0
        }
    });
    best.fold(0.0, f32::max)
}

/// What the deviation at this place of a shape weighs.
pub(super) fn weight(place: usize) -> f32 {
    if place == 0 { 1.0 } else { SECONDARY }
}

/// What a prediction costs that is fine, where the target deviates, or the other way round.
const WRONG: f32 = 1.0;

/// What a prediction costs that has nothing in common with the deviation that was observed.
const MISLEADING: f32 = 1.1;

/// How far a prediction is from what was observed: 0 the same, about 1 nothing in common. 0 where nothing was decided.
pub(super) fn distance(observed: &Shape, predicted: &Shape) -> f32 {
    if observed == predicted || !is_decided(observed.kind) {
        return 0.0;
    }
    let (deviates, predicts) = (is_deviation(observed.kind), is_deviation(predicted.kind));
    let Some(first) = observed.seen.first().filter(|_| deviates && predicts) else {
        return match (deviates, predicts) {
            (false, false) if is_decided(predicted.kind) => 0.0,
            // What the reference does not decide, the target may decide: that depends on what was agreed.
            (false, false) => UNDECIDED,
            _ => WRONG,
        };
    };
    let explained = explains(predicted, first);
    if explained == 0.0 {
        return MISLEADING;
    }
    let decides = predicted.seen.first().is_some_and(|predicted| predicted.requirement == first.requirement);
    let inexact = if decides && observed.kind == predicted.kind { 0.0 } else { INEXACT };
    (WRONG - explained) + inexact + BEHIND * secondary(observed, predicted)
}

/// What a prediction costs that was not decided, where the target decided it.
const UNDECIDED: f32 = 0.2;

/// What it costs that another deviation decides the verdict, or that the verdict is of another kind.
const INEXACT: f32 = 0.1;

/// What it costs at most that the deviations behind the deciding one differ.
const BEHIND: f32 = 0.2;

/// Which share of the deviations behind the deciding one is in one shape only.
fn secondary(a: &Shape, b: &Shape) -> f32 {
    let lacks = |one: &Shape, other: &Shape| {
        let missing = |seen: &&Symptom| !other.seen.iter().any(|other| other.requirement == seen.requirement);
        one.seen.iter().skip(1).filter(missing).count() as f32
    };
    let all = (a.seen.len() + b.seen.len()).saturating_sub(2).max(1) as f32;
    (lacks(a, b) + lacks(b, a)) / all
}
