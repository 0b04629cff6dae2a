//! Checks the shortcuts of `prove`. It plays only where its tape says that a quirk or variant could show; here every cell that it
//! skips is played and held against the play of the reference. A cell is one quirk or variant on one instance.

use super::cores::on_all_cores;
use super::prove::{HOST, can_show};
use crate::runner::reference::{self, Link, Tape};
use std::collections::BTreeMap;
use wsgauntlet_reference::{Config, Quirk, Variant};
use wsgauntlet_suite::case::{Instance, Library, Profile};
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_suite::transcript::Transcript;
use wsgauntlet_wire::{Role, SplitMix64};

/// How many cells of a sample share an instance, on average: each instance costs a play of the reference beside them.
const CELLS_OF_AN_INSTANCE: usize = 20;

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Cells that were looked at.
    pub cells: usize,
    /// Those that the self-test skips because no step asked for the quirk.
    pub not_asked: usize,
    /// Those that it skips because the endpoint answers every call of the tape as the reference does.
    pub same_calls: usize,
    /// The cells that it skips, and that are played otherwise than the reference, with quirk and instance. And the instances
    /// that the recording reference plays otherwise than the strict one.
    pub differences: Vec<String>,
}

/// One difference from the reference.
#[derive(Clone, Copy)]
enum Subject {
    Quirk(Quirk),
    Variant(Variant),
}

/// Plays the cells of the default profile that the self-test skips: all of them, or `sample.0` cells that are drawn with the seed
/// `sample.1`.
pub fn compare(library: &Library, sample: Option<(usize, u64)>) -> Comparison {
    let instances: Vec<&Instance> = library
        .cases
        .iter()
        .flat_map(|case| &case.instances)
        .filter(|instance| instance.profile == Profile::Default)
        .collect();
    let cells: Vec<(&Instance, Vec<Subject>)> = match sample {
        None => instances.iter().map(|instance| (*instance, subjects(instance.role))).collect(),
        Some((count, seed)) => draw(&instances, count, seed),
    };
    let compared = on_all_cores(&cells, |(instance, subjects)| compare_instance(instance, subjects));
    let mut whole = Comparison::default();
    for one in compared {
        whole.cells += one.cells;
        whole.not_asked += one.not_asked;
        whole.same_calls += one.same_calls;
        whole.differences.extend(one.differences);
    }
    whole
}

fn subjects(role: Role) -> Vec<Subject> {
    let quirks = Quirk::all().filter(|quirk| quirk.info().roles.contains(role));
    let variants = Variant::all().filter(|variant| variant.info().roles.contains(role));
    quirks.map(Subject::Quirk).chain(variants.map(Subject::Variant)).collect()
}

fn draw<'l>(instances: &[&'l Instance], count: usize, seed: u64) -> Vec<(&'l Instance, Vec<Subject>)> {
    let mut rng = SplitMix64::new(seed);
    let mut below = |len: usize| (rng.next_u64() % len.max(1) as u64) as usize;
    let drawn: Vec<usize> =
        (0..count.div_ceil(CELLS_OF_AN_INSTANCE)).map(|_| below(instances.len())).collect();
    let mut cells: BTreeMap<usize, Vec<Subject>> = BTreeMap::new();
    for _ in 0..count {
        let Some(instance) = drawn.get(below(drawn.len())) else { break };
        let Some(role) = instances.get(*instance).map(|instance| instance.role) else { break };
        let subjects = subjects(role);
        cells.entry(*instance).or_default().push(subjects[below(subjects.len())]);
    }
    cells.into_iter().map(|(index, subjects)| (instances[index], subjects)).collect()
}

fn compare_instance(instance: &Instance, subjects: &[Subject]) -> Comparison {
    let config = reference::config(instance.role);
    let (recorded, tape) = reference::play_taped(instance, &PlayConfig::new(HOST), config.clone());
    let mut compared = Comparison { cells: subjects.len(), ..Comparison::default() };
    if play(instance, config) != recorded {
        compared
            .differences
            .push(format!("the reference that records differs from the strict one on {}", instance.id));
    }
    for subject in subjects {
        let Some(shortcut) = skips(*subject, &tape) else { continue };
        let why = match shortcut {
            Shortcut::NotAsked => {
                compared.not_asked += 1;
                "no step asks for it"
            }
            Shortcut::SameCalls => {
                compared.same_calls += 1;
                "its endpoint answers every call alike"
            }
        };
        let mut config = reference::config(instance.role);
        let name = install(*subject, &mut config);
        if play(instance, config) != recorded {
            compared.differences.push(format!("{name} shows in {}, though {why}", instance.id));
        }
    }
    compared
}

/// Why the self-test does not play a cell.
enum Shortcut {
    NotAsked,
    SameCalls,
}

fn skips(subject: Subject, tape: &Tape) -> Option<Shortcut> {
    if let Subject::Quirk(quirk) = subject
        && !can_show(quirk, tape)
    {
        return Some(Shortcut::NotAsked);
    }
    let install = |config: &mut Config| {
        install(subject, config);
    };
    tape.is_same_for(install).then_some(Shortcut::SameCalls)
}

/// Gives the endpoint of `config` the difference; gives its name.
fn install(subject: Subject, config: &mut Config) -> &'static str {
    match subject {
        Subject::Quirk(quirk) => {
            quirk.install(config);
            quirk.info().name
        }
        Subject::Variant(variant) => {
            variant.install(config);
            variant.info().name
        }
    }
}

fn play(instance: &Instance, config: Config) -> Transcript {
    reference::play(instance, &PlayConfig::new(HOST), config, Link::Direct)
}
