//! Makes a set of candidates smaller and truer: the reference is played with the set switched on, and differences are
//! dropped, exchanged and added while the model comes nearer to the target.

use super::candidates::Candidate;
use super::cover::COST;
use super::difference::Difference;
use super::relation::distance;
use super::shape::{ShapeId, Shapes};
use super::subject::{Subject, is_decided};
use super::workbench::Workbench;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use wsgauntlet_suite::oracle::VerdictKind;

/// What a step has to gain.
const LEAST: f32 = 0.005;

/// How many candidates are tried beside the others.
const ADDED_MAX: usize = 60;

/// How many candidates are tried in the place of one.
const SWAPPED_MAX: usize = 30;

/// How many rounds of steps are made.
const ROUNDS_MAX: usize = 60;

/// What the set predicts, and how far that is from the target.
pub(super) struct Refiner<'a> {
    bench: &'a Workbench<'a>,
    candidates: &'a [Candidate],
    subject: &'a Subject,
    pub shapes: &'a mut Shapes,
    /// What instances come to with some differences switched on.
    played: HashMap<(u32, Vec<usize>), ShapeId>,
    pass: ShapeId,
    /// Candidates by instance.
    by_instance: HashMap<u32, Vec<usize>>,
    /// How many plays are left.
    plays_left: usize,
    pub plays: usize,
}

impl<'a> Refiner<'a> {
    pub(super) fn new(
        bench: &'a Workbench<'a>,
        candidates: &'a [Candidate],
        subject: &'a Subject,
        shapes: &'a mut Shapes,
        plays_max: usize,
    ) -> Refiner<'a> {
        let pass = shapes.of_parts(VerdictKind::Pass, std::iter::empty());
        let mut by_instance: HashMap<u32, Vec<usize>> = HashMap::new();
        for (place, candidate) in candidates.iter().enumerate() {
            for (instance, _) in &candidate.cells {
                by_instance.entry(*instance).or_default().push(place);
            }
        }
        Refiner {
            bench,
            candidates,
            subject,
            shapes,
            played: HashMap::new(),
            pass,
            by_instance,
            plays_left: plays_max,
            plays: 0,
        }
    }

    /// Those of `places`, in their order, with which the model comes nearer to the target.
    pub(super) fn build(&mut self, places: &[usize]) -> Vec<usize> {
        let mut known = self.know(&[]);
        for place in places {
            let set: Vec<usize> = known.set.iter().copied().chain([*place]).collect();
            if self.gain(&known, &set, &[*place], LEAST).is_none() {
                continue;
            }
            for (instance, _) in &self.candidates[*place].cells {
                known.errors[*instance as usize] = self.error(*instance, &set);
            }
            known.set = set;
        }
        known.set
    }

    /// The best set that is found from `chosen` on.
    pub(super) fn refine(&mut self, mut chosen: Vec<usize>) -> Vec<usize> {
        for _ in 0..ROUNDS_MAX {
            if self.plays_left == 0 {
                break;
            }
            let known = self.know(&chosen);
            let step =
                self.drop_one(&known).or_else(|| self.add_one(&known)).or_else(|| self.swap_one(&known));
            match step {
                Some(better) => chosen = better,
                None => break,
            }
        }
        chosen
    }

    /// The shape of an instance with the set switched on.
    pub(super) fn predicted(&mut self, instance: u32, set: &[usize]) -> ShapeId {
        let mut touching: Vec<usize> =
            set.iter().copied().filter(|place| self.candidates[*place].cell(instance).is_some()).collect();
        touching.sort_unstable();
        match &touching[..] {
            [] => return self.pass,
            [only] => return self.candidates[*only].cell(instance).unwrap_or(self.pass),
            [first, rest @ ..] => {
                let shape = self.candidates[*first].cell(instance);
                let same = rest.iter().all(|place| self.candidates[*place].cell(instance) == shape);
                if same && let Some(shape) = shape {
                    return shape;
                }
            }
        }
        if let Some(shape) = self.played.get(&(instance, touching.clone())) {
            return *shape;
        }
        let differences: Vec<Difference> =
            touching.iter().map(|place| self.candidates[*place].difference()).collect();
        self.plays_left = self.plays_left.saturating_sub(1);
        self.plays += 1;
        let verdict = self.bench.play(instance as usize, &differences);
        let shape = self.shapes.of_verdict(&verdict);
        self.played.insert((instance, touching), shape);
        shape
    }

    /// How far the model is from the target in one instance.
    pub(super) fn error(&mut self, instance: u32, set: &[usize]) -> f32 {
        let Some(observed) = self.subject.observed[instance as usize] else { return 0.0 };
        if !is_decided(self.shapes.shape(observed).kind) {
            return 0.0;
        }
        let predicted = self.predicted(instance, set);
        distance(self.shapes.shape(observed), self.shapes.shape(predicted))
    }

    /// How much nearer to the target `new` is than the set whose errors are `known`, which differ in `changed`. `None`: not
    /// by `least`.
    fn gain(&mut self, known: &Known, new: &[usize], changed: &[usize], least: f32) -> Option<f32> {
        let cells = changed
            .iter()
            .flat_map(|place| self.candidates[*place].cells.iter().map(|(instance, _)| *instance));
        let mut instances: Vec<u32> = cells.collect::<BTreeSet<u32>>().into_iter().collect();
        let error = |instance: &u32| known.errors[*instance as usize];
        // What can be gained comes first. Behind it each error is a loss.
        instances.sort_by(|a, b| error(b).total_cmp(&error(a)));
        let mut possible: f32 = instances.iter().map(error).sum();
        let mut gain = COST * (known.set.len() as f32 - new.len() as f32);
        for instance in instances {
            let old = error(&instance);
            possible -= old;
            gain += old - self.error(instance, new);
            if gain + possible < least {
                return None;
            }
        }
        // Without plays a prediction is a guess.
        (gain >= least && self.plays_left > 0).then_some(gain)
    }

    /// The set, and how far its model is from the target in each instance.
    fn know(&mut self, set: &[usize]) -> Known {
        let errors =
            (0..self.subject.observed.len() as u32).map(|instance| self.error(instance, set)).collect();
        Known { set: set.to_vec(), errors }
    }

    /// The best of some sets, each with the places in which it differs from the known one, if one of them is better.
    fn best(&mut self, known: &Known, sets: Vec<(Vec<usize>, Vec<usize>)>) -> Option<Vec<usize>> {
        let (mut best, mut least) = (None, LEAST);
        for (set, changed) in sets {
            if self.plays_left == 0 {
                break;
            }
            if let Some(gain) = self.gain(known, &set, &changed, least) {
                (best, least) = (Some(set), gain + LEAST);
            }
        }
        best
    }

    fn drop_one(&mut self, known: &Known) -> Option<Vec<usize>> {
        let without = |place: &usize| known.set.iter().copied().filter(|other| other != place).collect();
        let sets = known.set.iter().map(|place| (without(place), vec![*place])).collect();
        self.best(known, sets)
    }

    fn add_one(&mut self, known: &Known) -> Option<Vec<usize>> {
        let others = self.worth_trying(known).into_iter().take(ADDED_MAX);
        let sets = others.map(|place| (known.set.iter().copied().chain([place]).collect(), vec![place]));
        self.best(known, sets.collect())
    }

    fn swap_one(&mut self, known: &Known) -> Option<Vec<usize>> {
        let others: Vec<usize> = self.worth_trying(known).into_iter().take(SWAPPED_MAX).collect();
        let mut sets = Vec::new();
        for (at, old) in known.set.iter().enumerate() {
            for new in &others {
                let mut set = known.set.clone();
                set[at] = *new;
                sets.push((set, vec![*old, *new]));
            }
        }
        self.best(known, sets)
    }

    /// Candidates that change an instance in which the model is wrong, those with the most of them first.
    fn worth_trying(&mut self, known: &Known) -> Vec<usize> {
        let mut worth: BTreeMap<usize, f32> = BTreeMap::new();
        for (instance, error) in known.errors.iter().enumerate().filter(|(_, error)| **error > 0.0) {
            let instance = instance as u32;
            let Some(observed) = self.subject.observed[instance as usize] else { continue };
            for place in self.by_instance.get(&instance).into_iter().flatten() {
                let Some(cell) = self.candidates[*place].cell(instance) else { continue };
                let alone = distance(self.shapes.shape(observed), self.shapes.shape(cell));
                *worth.entry(*place).or_default() += (error - alone).max(0.0) + 0.01;
            }
        }
        let mut worth: Vec<(usize, f32)> =
            worth.into_iter().filter(|(place, _)| !known.set.contains(place)).collect();
        worth.sort_by(|(a, worth_a), (b, worth_b)| {
            let density =
                |place: usize, worth: f32| worth / (self.candidates[place].cells.len() as f32).sqrt();
            density(*b, *worth_b).total_cmp(&density(*a, *worth_a)).then(a.cmp(b))
        });
        worth.into_iter().map(|(place, _)| place).collect()
    }
}

/// A set, and how far its model is from the target in each instance.
struct Known {
    set: Vec<usize>,
    errors: Vec<f32>,
}
