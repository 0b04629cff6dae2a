//! The proof of the diagnosis: the reference with a known set of quirks is the target, and the diagnosis has to name
//! exactly that set.

use super::diagnose::explain;
use super::difference::Difference;
use super::index::Index;
use super::subject::Subject;
use super::workbench::Workbench;
use wsgauntlet_wire::{Role, SplitMix64};

/// What came of one set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proven {
    /// The differences that were switched on.
    pub set: Vec<Difference>,
    /// Members that are named, or an equivalent of them.
    pub named: Vec<Difference>,
    /// Members that change nothing beside the others: no play tells the set with them from the set without.
    pub hidden: Vec<Difference>,
    /// Members that are not named, and are not hidden.
    pub missed: Vec<Difference>,
    /// Named, but no member.
    pub extra: Vec<Difference>,
    /// What is missed and what is extra makes no difference in any play: the set that was named gives the same verdicts.
    pub alike: bool,
}

/// Diagnoses the reference with `set` switched on.
pub fn prove(bench: &Workbench<'_>, index: &Index, set: &[Difference]) -> Proven {
    let mut index = index.clone();
    let subject = observe(bench, &mut index, set);
    let explanation = explain(bench, &mut index, &subject);
    let chosen: Vec<&[Difference]> =
        explanation.chosen.iter().map(|place| &explanation.candidates[*place].equivalent[..]).collect();
    let mut proven = Proven { set: set.to_vec(), ..Proven::default() };
    for member in set {
        if chosen.iter().any(|equivalent| equivalent.contains(member)) {
            proven.named.push(*member);
            continue;
        }
        let rest: Vec<Difference> = set.iter().copied().filter(|other| other != member).collect();
        let list =
            if is_same(bench, &mut index, set, &rest) { &mut proven.hidden } else { &mut proven.missed };
        list.push(*member);
    }
    let mut named = Vec::new();
    for equivalent in chosen {
        match equivalent.iter().find(|difference| set.contains(difference)) {
            Some(member) => named.push(*member),
            None => {
                proven.extra.push(equivalent[0]);
                named.push(equivalent[0]);
            }
        }
    }
    let differs = !proven.missed.is_empty() || !proven.extra.is_empty();
    proven.alike = differs && is_same(bench, &mut index, set, &named);
    proven
}

/// What a target shows that is the reference with `set` switched on. Every instance is played: two faults together may change
/// what neither changes alone.
fn observe(bench: &Workbench<'_>, index: &mut Index, set: &[Difference]) -> Subject {
    let instances = 0..bench.instances.len();
    let observed = instances.map(|instance| Some(index.shapes.of_verdict(&bench.play(instance, set))));
    Subject { observed: observed.collect() }
}

/// Whether two sets give the same verdicts, with the same observations, in all instances.
fn is_same(bench: &Workbench<'_>, index: &mut Index, a: &[Difference], b: &[Difference]) -> bool {
    (0..bench.instances.len()).all(|instance| {
        let mut shape = |set: &[Difference]| index.shapes.of_verdict(&bench.play(instance, set));
        shape(a) == shape(b)
    })
}

/// Each quirk of a role alone.
pub fn singles(role: Role) -> Vec<Vec<Difference>> {
    Difference::all(role).filter(|difference| !difference.is_lawful()).map(|quirk| vec![quirk]).collect()
}

/// A random set of two to six quirks of a role.
pub fn random_set(role: Role, seed: u64) -> Vec<Difference> {
    const LEAST: u64 = 2;
    const SIZES: u64 = 5;
    let quirks: Vec<Difference> =
        Difference::all(role).filter(|difference| !difference.is_lawful()).collect();
    let mut rng = SplitMix64::new(seed);
    let len = (LEAST + rng.next_u64() % SIZES) as usize;
    let mut set: Vec<Difference> = Vec::new();
    while set.len() < len {
        let quirk = quirks[(rng.next_u64() % quirks.len() as u64) as usize];
        if !set.contains(&quirk) {
            set.push(quirk);
        }
    }
    set
}

/// The figures of many sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// How many sets were played.
    pub sets: usize,
    /// Sets that are named exactly, without what is hidden.
    pub exact: usize,
    /// Sets that are named otherwise, with the same verdicts in all plays.
    pub alike: usize,
    /// How many quirks the sets have in all.
    pub quirks: usize,
    /// How many of them change no verdict beside the others.
    pub hidden: usize,
    /// How many are not named, although they show.
    pub missed: usize,
    /// How many were named that are not in the set.
    pub extra: usize,
}

impl Figures {
    /// Of what was proven.
    pub fn of(proven: &[Proven]) -> Figures {
        let mut figures = Figures::default();
        for one in proven {
            figures.sets += 1;
            figures.quirks += one.set.len();
            figures.hidden += one.hidden.len();
            if one.missed.is_empty() && one.extra.is_empty() {
                figures.exact += 1;
            } else if one.alike {
                figures.alike += 1;
            } else {
                figures.missed += one.missed.len();
                figures.extra += one.extra.len();
            }
        }
        figures
    }

    fn named(self) -> usize {
        self.quirks - self.hidden - self.missed
    }

    /// The share of the quirks, without hidden ones, that were named.
    pub fn recall(self) -> f64 {
        self.named() as f64 / (self.quirks - self.hidden).max(1) as f64
    }

    /// The share of what was named that is right.
    pub fn precision(self) -> f64 {
        self.named() as f64 / (self.named() + self.extra).max(1) as f64
    }
}
