//! Mends a set of differences where the reference with the whole set contradicts the target. `refine` assumes that an instance
//! is changed only by members that change it alone; here each instance is played with the whole set.

use super::candidates::Candidate;
use super::cover::COST;
use super::difference::Difference;
use super::relation::{ALIKE, distance, explains};
use super::shape::{ShapeId, Shapes};
use super::subject::{Subject, is_decided, is_deviation};
use super::whole::{PlayId, Switched, Whole};
use super::workbench::Workbench;
use std::collections::HashMap;

/// What a step has to gain.
const LEAST: f32 = 0.005;

/// How many plays a search may take: at least, for each contradicted instance in which the set matters, and at most.
const PLAYS_LEAST: usize = 1_000;
const PLAYS_EACH: usize = 50;
const PLAYS_MAX: usize = 60_000;

/// How many steps are made.
const STEPS_MAX: usize = 40;

/// How many differences are tried in a step, the most promising first.
const TRIED_MAX: usize = 10;

/// How many better ones are compared.
const COMPARED_MAX: usize = 3;

/// In how many contradicted kinds at once each difference that was asked for is tried.
const PROBED_MAX: usize = 4;

/// How many kinds stand for all instances: contradicted ones, and as many others.
const KINDS_MAX: usize = 24;

/// How many members of a set are exchanged in a step, and for how many others each.
const EXCHANGED_MAX: usize = 6;
const OTHERS_MAX: usize = 2;

/// A difference of the set, and the candidate to which it belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// Place of the candidate.
    pub place: usize,
    /// One of the candidate's equivalent differences.
    pub difference: Difference,
}

/// A set, and how far the reference with it is from the target.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub set: Vec<Member>,
    /// By instance; `None` where the target's verdict was not decided.
    plays: Vec<Option<PlayId>>,
    errors: Vec<f32>,
    /// All errors, and the cost of the members.
    total: f32,
}

/// Searches for a better set.
#[derive(Debug)]
pub(super) struct Repair<'a> {
    whole: Whole<'a>,
    candidates: &'a [Candidate],
    subject: &'a Subject,
    pub shapes: &'a mut Shapes,
    plays_max: usize,
    /// Is not added, while others are tried in its place.
    exchanged: Option<Member>,
}

impl<'a> Repair<'a> {
    pub(super) fn new(
        bench: &'a Workbench<'a>,
        candidates: &'a [Candidate],
        subject: &'a Subject,
        shapes: &'a mut Shapes,
    ) -> Repair<'a> {
        Repair { whole: Whole::new(bench), candidates, subject, shapes, plays_max: 0, exchanged: None }
    }

    /// Plays every instance that the target decided.
    pub(super) fn state(&mut self, set: Vec<Member>) -> State {
        let instances = self.subject.observed.len();
        let mut state = State { set, plays: vec![None; instances], errors: vec![0.0; instances], total: 0.0 };
        let (differences, switched) = switched(&state.set);
        for instance in 0..instances as u32 {
            if self.observed(instance).is_none() {
                continue;
            }
            let play = self.whole.play(instance, &differences, &switched, self.shapes);
            state.plays[instance as usize] = Some(play);
            state.errors[instance as usize] = self.error(instance, play);
        }
        state.total = state.errors.iter().sum::<f32>() + COST * state.set.len() as f32;
        state
    }

    /// The best set that is found from `state` on.
    pub(super) fn repair(&mut self, mut state: State) -> State {
        self.plays_max = self.whole.count + self.plays_allowed(&state);
        for _ in 0..STEPS_MAX {
            if self.is_exhausted() {
                break;
            }
            let better =
                self.drop_one(&state).or_else(|| self.add_one(&state)).or_else(|| self.exchange(&state));
            match better {
                Some(better) => state = better,
                None => break,
            }
        }
        state
    }

    /// What the reference does with the set in an instance. `None`: the target's verdict was not decided.
    pub(super) fn predicted(&self, state: &State, instance: u32) -> Option<ShapeId> {
        Some(self.whole.shape(instance, state.plays[instance as usize]?))
    }

    /// Plays may take time where members of the set have to be told apart. Where none of them matters, no search finds more.
    fn plays_allowed(&self, state: &State) -> usize {
        let plays = state.plays.iter().enumerate().zip(&state.errors);
        let doubtful = plays.filter(|((instance, play), error)| {
            **error > 0.0 && play.is_some_and(|play| !self.is_inert(state, *instance as u32, play))
        });
        (PLAYS_LEAST + PLAYS_EACH * doubtful.count()).min(PLAYS_MAX)
    }

    /// The members that explain the deciding deviation of an instance together, if none does so alone: without any of them the
    /// reference does not show it.
    pub(super) fn joint(&mut self, state: &State, instance: u32) -> Vec<Member> {
        let Some(play) = state.plays[instance as usize] else { return Vec::new() };
        let alone = |member: &Member| {
            let cell = self.candidates[member.place].cell(instance);
            cell.is_some_and(|shape| self.decides(instance, shape))
        };
        if !self.decides(instance, self.whole.shape(instance, play)) || state.set.iter().any(alone) {
            return Vec::new();
        }
        let is_asked = |member: &Member| self.whole.is_asked(instance, play, member.difference);
        let asked: Vec<Member> = state.set.iter().copied().filter(is_asked).collect();
        let is_needed = |member: &Member| {
            let (differences, switched) = switched(&without(&state.set, member));
            let play = self.whole.play(instance, &differences, &switched, self.shapes);
            !self.decides(instance, self.whole.shape(instance, play))
        };
        asked.into_iter().filter(is_needed).collect()
    }

    /// Whether a member shows a deviation of the target: alone, or in that the whole set shows it and the others do not.
    pub(super) fn is_seen(&mut self, state: &State, member: &Member) -> bool {
        let cells = &self.candidates[member.place].cells;
        if cells.iter().any(|(instance, shape)| !self.shown(*instance, *shape).is_empty()) {
            return true;
        }
        let (differences, switched) = switched(&without(&state.set, member));
        (0..state.plays.len() as u32).any(|instance| {
            let Some(play) = state.plays[instance as usize] else { return false };
            if !self.whole.is_asked(instance, play, member.difference) {
                return false;
            }
            let with = self.shown(instance, self.whole.shape(instance, play));
            if with.is_empty() {
                return false;
            }
            let play = self.whole.play(instance, &differences, &switched, self.shapes);
            let without = self.shown(instance, self.whole.shape(instance, play));
            with.iter().any(|place| !without.contains(place))
        })
    }

    /// Whether a shape has the deciding deviation of the target.
    fn decides(&self, instance: u32, predicted: ShapeId) -> bool {
        self.shown(instance, predicted).contains(&0)
    }

    /// Which deviations of the target a shape has, as their places in what was observed.
    fn shown(&self, instance: u32, predicted: ShapeId) -> Vec<usize> {
        let Some(observed) = self.observed(instance) else { return Vec::new() };
        let predicted = self.shapes.shape(predicted);
        let seen = self.shapes.shape(observed).seen.iter().enumerate();
        seen.filter(|(_, seen)| explains(predicted, seen) >= ALIKE).map(|(place, _)| place).collect()
    }

    fn is_exhausted(&self) -> bool {
        self.whole.count >= self.plays_max
    }

    /// What came of an instance, if it was decided.
    fn observed(&self, instance: u32) -> Option<ShapeId> {
        let observed = self.subject.observed[instance as usize]?;
        is_decided(self.shapes.shape(observed).kind).then_some(observed)
    }

    fn error(&self, instance: u32, play: PlayId) -> f32 {
        self.error_of(instance, self.whole.shape(instance, play))
    }

    fn error_of(&self, instance: u32, predicted: ShapeId) -> f32 {
        let Some(observed) = self.observed(instance) else { return 0.0 };
        distance(self.shapes.shape(observed), self.shapes.shape(predicted))
    }

    /// The state of another set, if its total stays below `most`.
    fn moved(&mut self, state: &State, set: Vec<Member>, most: f32) -> Option<State> {
        let changed: Vec<Member> = difference(&state.set, &set);
        let mut affected = self.affected(state, &changed);
        // What can be gained comes first. Behind it each error is a loss, the likeliest first.
        affected.sort_by(|(_, error_a, risk_a), (_, error_b, risk_b)| {
            error_b.total_cmp(error_a).then(risk_b.total_cmp(risk_a))
        });
        let gained: f32 = affected.iter().map(|(_, error, _)| error).sum();
        let mut moved = State { set, ..state.clone() };
        moved.total += COST * (moved.set.len() as f32 - state.set.len() as f32) - gained;
        let (differences, switched) = switched(&moved.set);
        for (instance, ..) in affected {
            if moved.total >= most {
                return None;
            }
            let play = self.whole.play(instance, &differences, &switched, self.shapes);
            let error = self.error(instance, play);
            moved.plays[instance as usize] = Some(play);
            moved.errors[instance as usize] = error;
            moved.total += error;
        }
        (moved.total < most).then_some(moved)
    }

    /// The instances in which the changed members can matter, each with its error and whether a changed member is known to change it.
    fn affected(&self, state: &State, changed: &[Member]) -> Vec<(u32, f32, f32)> {
        let instances = (0..state.plays.len() as u32)
            .filter_map(|instance| Some((instance, state.plays[instance as usize]?)));
        let asked = instances.filter(|(instance, play)| {
            changed.iter().any(|member| self.whole.is_asked(*instance, *play, member.difference))
        });
        let affected = asked.map(|(instance, _)| {
            let cell = |member: &Member| self.candidates[member.place].cell(instance);
            let risk =
                changed.iter().filter_map(cell).map(|cell| self.error_of(instance, cell)).fold(0.0, f32::max);
            let known = changed.iter().any(|member| cell(member).is_some());
            (instance, state.errors[instance as usize], if known { 1.0 + risk } else { 0.0 })
        });
        affected.collect()
    }

    /// The best of the first few of these sets that are better than `state`.
    fn best(&mut self, state: &State, sets: impl IntoIterator<Item = Vec<Member>>) -> Option<State> {
        let (mut best, mut most) = (None, state.total - LEAST);
        for (tried, set) in sets.into_iter().enumerate() {
            if self.is_exhausted() || (best.is_some() && tried >= COMPARED_MAX) {
                break;
            }
            if let Some(moved) = self.moved(state, set, most) {
                most = moved.total;
                best = Some(moved);
            }
        }
        best
    }

    /// Takes out a member without which the kinds of deviations are explained better.
    fn drop_one(&mut self, state: &State) -> Option<State> {
        let kinds = self.kinds(state);
        let mut worth: Vec<(Member, f32)> = Vec::new();
        for member in &state.set {
            worth.push((*member, COST + self.gain(state, &kinds, &without(&state.set, member), member)));
        }
        let sets = promising(worth).into_iter().map(|member| without(&state.set, &member));
        self.best(state, sets.collect::<Vec<_>>())
    }

    /// Adds a difference that explains contradicted instances: by what it changes alone, or else by what it changes beside the set.
    fn add_one(&mut self, state: &State) -> Option<State> {
        let by_cells =
            self.members_outside(state).into_iter().map(|member| (member, self.expected(state, &member)));
        let members = promising(by_cells.collect());
        if let Some(better) =
            self.best(state, members.iter().take(TRIED_MAX).map(|member| with(&state.set, *member)))
        {
            return Some(better);
        }
        let kinds = self.kinds(state);
        let contradicted: Vec<Kind> = kinds.iter().copied().filter(|kind| kind.error > 0.0).collect();
        let members = self.members_outside(state).into_iter();
        let hopeful: Vec<Member> = members
            .filter(|member| self.hope(state, &contradicted, member) + self.losses(state, member) > COST)
            .collect();
        for few in contradicted.chunks(PROBED_MAX) {
            let found = self.probed(state, few, &hopeful);
            let worth = found.into_iter().map(|member| {
                let gain = self.gain(state, &kinds, &with(&state.set, member), &member);
                (member, gain + self.losses(state, &member) - COST)
            });
            let members = promising(worth.collect());
            let sets = members.into_iter().take(TRIED_MAX).map(|member| with(&state.set, member));
            if let Some(better) = self.best(state, sets) {
                return Some(better);
            }
            if self.is_exhausted() {
                return None;
            }
        }
        None
    }

    /// Takes one member out that is wrong somewhere, and one or two others in.
    fn exchange(&mut self, state: &State) -> Option<State> {
        let kinds: Vec<Kind> = self.kinds(state).into_iter().filter(|kind| kind.error > 0.0).collect();
        let mut wrong: Vec<(Member, f32)> = Vec::new();
        for member in &state.set {
            let set = without(&state.set, member);
            let gains =
                kinds.iter().map(|kind| self.gain(state, std::slice::from_ref(kind), &set, member).max(0.0));
            wrong.push((*member, gains.sum()));
        }
        for member in promising(wrong).into_iter().take(EXCHANGED_MAX) {
            // What it takes to play without a member is known before.
            if self.affected(state, &[member]).len() > self.plays_max.saturating_sub(self.whole.count) {
                continue;
            }
            self.exchanged = Some(member);
            let better = self.others(state, &member);
            self.exchanged = None;
            if better.is_some() || self.is_exhausted() {
                return better;
            }
        }
        None
    }

    /// One or two others in the place of a member.
    fn others(&mut self, state: &State, member: &Member) -> Option<State> {
        let mut other = self.moved(state, without(&state.set, member), f32::INFINITY)?;
        for _ in 0..OTHERS_MAX {
            other = self.add_one(&other)?;
            if other.total < state.total - LEAST {
                return Some(other);
            }
        }
        None
    }

    /// One instance of each kind of deviation, with how many there are: first the contradicted ones, the heaviest first.
    fn kinds(&self, state: &State) -> Vec<Kind> {
        let mut kinds: HashMap<(ShapeId, ShapeId), Kind> = HashMap::new();
        for instance in 0..state.plays.len() as u32 {
            let (Some(play), Some(observed)) = (state.plays[instance as usize], self.observed(instance))
            else {
                continue;
            };
            let error = state.errors[instance as usize];
            if error == 0.0 && !is_deviation(self.shapes.shape(observed).kind) {
                continue;
            }
            let kind = kinds.entry((observed, self.whole.shape(instance, play)));
            kind.or_insert(Kind { instance, play, error, count: 0.0 }).count += 1.0;
        }
        let (mut wrong, mut right): (Vec<Kind>, Vec<Kind>) =
            kinds.into_values().partition(|kind| kind.error > 0.0);
        let heaviest = |a: &Kind, b: &Kind| {
            (b.count * b.error)
                .total_cmp(&(a.count * a.error))
                .then(b.count.total_cmp(&a.count))
                .then(a.instance.cmp(&b.instance))
        };
        wrong.sort_by(heaviest);
        right.sort_by(heaviest);
        wrong.truncate(KINDS_MAX);
        right.truncate(KINDS_MAX);
        wrong.into_iter().chain(right).collect()
    }

    /// How much nearer a set comes in these kinds, that differs from the state in one member.
    fn gain(&mut self, state: &State, kinds: &[Kind], set: &[Member], member: &Member) -> f32 {
        let (differences, switched) = switched(set);
        let mut gain = 0.0;
        for kind in kinds {
            if !self.whole.is_asked(kind.instance, kind.play, member.difference) || self.is_exhausted() {
                continue;
            }
            let play = self.whole.play(kind.instance, &differences, &switched, self.shapes);
            gain += kind.count * (state.errors[kind.instance as usize] - self.error(kind.instance, play));
        }
        gain
    }

    /// Differences that are not in the set.
    fn members_outside(&self, state: &State) -> Vec<Member> {
        let candidates = self.candidates.iter().enumerate();
        let members = candidates.flat_map(|(place, candidate)| {
            candidate.equivalent.iter().map(move |one| Member { place, difference: *one })
        });
        members.filter(|member| !state.set.contains(member) && self.exchanged != Some(*member)).collect()
    }

    /// What a difference gains, if it changes what it changes alone. Where the set matters as well, a loss is not certain.
    fn expected(&self, state: &State, member: &Member) -> f32 {
        let mut gain = -COST;
        for (instance, cell) in &self.candidates[member.place].cells {
            let Some(play) = state.plays[*instance as usize] else { continue };
            let change = state.errors[*instance as usize] - self.error_of(*instance, *cell);
            if change > 0.0 || self.is_inert(state, *instance, play) {
                gain += change;
            }
        }
        gain
    }

    /// What a difference loses for certain: where the set does not matter and the model is right, it changes what it changes alone.
    fn losses(&self, state: &State, member: &Member) -> f32 {
        let cells = self.candidates[member.place].cells.iter();
        let lost = cells.filter_map(|(instance, cell)| {
            let play = state.plays[*instance as usize]?;
            let is_certain = state.errors[*instance as usize] == 0.0 && self.is_inert(state, *instance, play);
            is_certain.then(|| -self.error_of(*instance, *cell))
        });
        lost.sum()
    }

    /// Whether the set seems to do nothing in a play: no member changes the instance alone, and nothing deviates.
    fn is_inert(&self, state: &State, instance: u32, play: PlayId) -> bool {
        !is_deviation(self.shapes.shape(self.whole.shape(instance, play)).kind)
            && state.set.iter().all(|member| self.candidates[member.place].cell(instance).is_none())
    }

    /// Whether a difference can change a play of this kind.
    fn matters(&self, state: &State, kind: &Kind, member: &Member) -> bool {
        match self.is_inert(state, kind.instance, kind.play) {
            // Where the set does not matter, only what changes the instance alone does.
            true => self.candidates[member.place].cell(kind.instance).is_some(),
            false => self.whole.is_asked(kind.instance, kind.play, member.difference),
        }
    }

    /// The most that a difference can gain in contradicted kinds.
    fn hope(&self, state: &State, contradicted: &[Kind], member: &Member) -> f32 {
        let kinds = contradicted.iter().filter(|kind| self.matters(state, kind, member));
        kinds.map(|kind| kind.count * state.errors[kind.instance as usize]).sum()
    }

    /// Differences that come nearer to the target in these kinds beside the set, found by playing.
    fn probed(&mut self, state: &State, kinds: &[Kind], hopeful: &[Member]) -> Vec<Member> {
        let mut found: Vec<(Member, f32)> = Vec::new();
        for member in hopeful {
            let kinds: Vec<Kind> =
                kinds.iter().copied().filter(|kind| self.matters(state, kind, member)).collect();
            if kinds.is_empty() {
                continue;
            }
            let gain = self.gain(state, &kinds, &with(&state.set, *member), member);
            found.push((*member, gain));
        }
        let mut found = promising(found);
        found.truncate(KINDS_MAX);
        found
    }
}

/// One instance for all that deviate in the same way and are predicted in the same way.
#[derive(Clone, Copy, Debug)]
struct Kind {
    instance: u32,
    play: PlayId,
    error: f32,
    /// How many instances.
    count: f32,
}

/// Those that gain something, the best first.
fn promising(mut worth: Vec<(Member, f32)>) -> Vec<Member> {
    worth.retain(|(_, gain)| *gain > LEAST);
    worth.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    worth.into_iter().map(|(member, _)| member).collect()
}

fn switched(set: &[Member]) -> (Vec<Difference>, Switched) {
    let differences: Vec<Difference> = set.iter().map(|member| member.difference).collect();
    let switched = Switched::new(&differences);
    (differences, switched)
}

fn without(set: &[Member], member: &Member) -> Vec<Member> {
    set.iter().copied().filter(|other| other != member).collect()
}

fn with(set: &[Member], member: Member) -> Vec<Member> {
    set.iter().copied().chain([member]).collect()
}

/// The members of one of two sets only.
fn difference(a: &[Member], b: &[Member]) -> Vec<Member> {
    let only = |one: &'_ [Member], other: &[Member]| -> Vec<Member> {
        one.iter().copied().filter(|member| !other.contains(member)).collect()
    };
    [only(a, b), only(b, a)].concat()
}
