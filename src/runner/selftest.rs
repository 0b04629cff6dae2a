//! The proof of the verdicts: every case against the reference, every quirk and every lawful
//! variant of it, in memory, on all cores.

use super::reference::{self, Link};
use crate::case::{Instance, Library, Profile};
use crate::oracle::{self, Verdict, VerdictKind};
use crate::peer::PlayConfig;
use crate::protocol::{Config, Quirk, Variant};
use crate::requirement::{Catalogue, Level};
use crate::wire::Role;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What is proven, and what is left out on purpose, so that tests can show that it is missed.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Over how many seeds the reference is played with its octets cut, delayed and interleaved.
    pub seeds: u64,
    /// Monitors that do not watch.
    pub monitors_off: Vec<String>,
    /// Quirks that do nothing.
    pub harmless: Vec<String>,
    /// Which quirks are tried.
    pub quirks: Quirks,
}

/// Which quirks are tried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Quirks {
    #[default]
    All,
    /// Those of these names.
    Named(Vec<String>),
    None,
}

impl Quirks {
    fn holds(&self, name: &str) -> bool {
        match self {
            Quirks::All => true,
            Quirks::Named(names) => names.iter().any(|named| named == name),
            Quirks::None => false,
        }
    }
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub requirements: usize,
    pub cases: usize,
    pub instances: usize,
    pub quirks: usize,
    pub variants: usize,
    /// Plays of one instance against one quirk or variant.
    pub cells: usize,
    /// Instances that the reference does not pass, with what was observed.
    pub reference: Vec<String>,
    /// Verdicts that a cut, delay or interleaving changed.
    pub shaken: Vec<String>,
    /// Lawful variants that fail an instance.
    pub variants_failed: Vec<String>,
    /// Quirks that no case catches.
    pub uncaught: Vec<String>,
    /// Cases that no quirk fails, and that are not `info`.
    pub idle: Vec<String>,
    /// For each quirk and role the cases that it fails.
    pub matrix: BTreeMap<String, BTreeSet<String>>,
}

impl Outcome {
    pub fn is_green(&self) -> bool {
        self.reference.is_empty()
            && self.shaken.is_empty()
            && self.variants_failed.is_empty()
            && self.uncaught.is_empty()
            && self.idle.is_empty()
    }

    /// The text of `reports/quirks.txt`.
    pub fn render_matrix(&self) -> String {
        let mut out =
            String::from("Quirks of the reference implementation, and the cases that fail on them\n\n");
        for (quirk, cases) in &self.matrix {
            let cases: Vec<&str> = cases.iter().map(String::as_str).collect();
            let cases = if cases.is_empty() { "NOT CAUGHT".to_owned() } else { cases.join(", ") };
            let _ = writeln!(out, "{quirk}: {cases}");
        }
        out
    }
}

/// One fault or freedom, in one role.
#[derive(Clone, Copy, Debug)]
enum Subject {
    Quirk(Quirk, Role),
    Variant(Variant, Role),
    /// A seed of the shaken link, for both roles.
    Seed(u64),
}

/// Runs everything.
pub fn run(library: &Library, options: &Options) -> Outcome {
    let catalogue = Catalogue::embedded();
    let instances: Vec<&Instance> = library
        .cases
        .iter()
        .flat_map(|case| &case.instances)
        .filter(|instance| instance.profile == Profile::Default)
        .collect();
    let mut outcome = Outcome {
        requirements: catalogue.iter().count(),
        cases: library.cases.len(),
        instances: instances.len(),
        quirks: Quirk::all().count(),
        variants: Variant::all().count(),
        ..Outcome::default()
    };
    let expected = against_reference(&instances, options, &mut outcome);
    let outcome = Mutex::new(outcome);
    let subjects = subjects(options);
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(subject) = subjects.get(next.fetch_add(1, Ordering::Relaxed)) {
                    examine(*subject, &instances, &expected, options, &outcome);
                }
            });
        }
    });
    let mut outcome = outcome.into_inner().expect("no worker panicked");
    let failed: BTreeSet<&String> = outcome.matrix.values().flatten().collect();
    // Only all quirks together tell which case nothing fails.
    let all = options.quirks == Quirks::All;
    let idle = library.cases.iter().filter(|case| all && !case.info && case.profile == Profile::Default);
    outcome.idle = idle.map(|case| case.path.clone()).filter(|path| !failed.contains(path)).collect();
    for list in [&mut outcome.shaken, &mut outcome.variants_failed, &mut outcome.uncaught] {
        list.sort();
    }
    outcome
}

fn subjects(options: &Options) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for role in [Role::Server, Role::Client] {
        subjects.extend(
            Quirk::all()
                .filter(|quirk| quirk.info().roles.contains(role) && options.quirks.holds(quirk.info().name))
                .map(|quirk| Subject::Quirk(quirk, role)),
        );
        subjects.extend(
            Variant::all()
                .filter(|variant| variant.info().roles.contains(role))
                .map(|variant| Subject::Variant(variant, role)),
        );
    }
    subjects.extend((0..options.seeds).map(Subject::Seed));
    subjects
}

fn play(instance: &Instance, config: Config, link: Link, options: &Options) -> Verdict {
    let transcript = reference::play(instance, &PlayConfig::new("localhost"), config, link);
    let watches = |name: &str| !options.monitors_off.iter().any(|off| off == name);
    oracle::judge_with(instance, &transcript, Catalogue::embedded(), &watches)
}

fn against_reference(instances: &[&Instance], options: &Options, outcome: &mut Outcome) -> Vec<VerdictKind> {
    let mut kinds = Vec::with_capacity(instances.len());
    for instance in instances {
        let verdict = play(instance, reference::config(instance.role), Link::Direct, options);
        if !matches!(verdict.kind, VerdictKind::Pass | VerdictKind::Info) {
            outcome.reference.push(describe(instance, &verdict));
        }
        kinds.push(verdict.kind);
    }
    kinds
}

fn describe(instance: &Instance, verdict: &Verdict) -> String {
    let observed = verdict.failure.as_ref().map(|failure| failure.observed.as_str());
    format!(
        "{} {}: {}",
        verdict.kind,
        instance.id,
        observed.or(verdict.reason.as_deref()).unwrap_or_default()
    )
}

fn examine(
    subject: Subject,
    instances: &[&Instance],
    expected: &[VerdictKind],
    options: &Options,
    outcome: &Mutex<Outcome>,
) {
    let locked = || outcome.lock().expect("no worker panicked");
    match subject {
        Subject::Quirk(quirk, role) => {
            let (cases, cells) = failed_cases(quirk, role, instances, options);
            let info = quirk.info();
            let mut outcome = locked();
            outcome.cells += cells;
            if cases.is_empty() {
                outcome.uncaught.push(format!("{} ({role}): {}", info.name, info.description));
            }
            outcome.matrix.insert(format!("{} ({role})", info.name), cases);
        }
        Subject::Variant(variant, role) => {
            for instance in instances.iter().filter(|instance| instance.role == role) {
                let mut config = reference::config(role);
                config.variant = Some(variant);
                let verdict = play(instance, config, Link::Direct, options);
                let mut outcome = locked();
                outcome.cells += 1;
                if matches!(verdict.kind, VerdictKind::Fail | VerdictKind::Error) {
                    outcome.variants_failed.push(format!(
                        "{}: {}",
                        variant.info().name,
                        describe(instance, &verdict)
                    ));
                }
            }
        }
        Subject::Seed(seed) => {
            for (instance, expected) in instances.iter().zip(expected) {
                let verdict = play(instance, reference::config(instance.role), Link::Shaken(seed), options);
                if verdict.kind != *expected {
                    locked().shaken.push(format!("seed {seed}: {}", describe(instance, &verdict)));
                }
            }
        }
    }
}

/// The cases that fail on a quirk, and how many plays that took. After its first failing instance
/// a case is decided.
fn failed_cases(
    quirk: Quirk,
    role: Role,
    instances: &[&Instance],
    options: &Options,
) -> (BTreeSet<String>, usize) {
    let info = quirk.info();
    let harmless = options.harmless.iter().any(|name| name == info.name);
    // What breaks a SHOULD shows as lenient.
    let level = info.breaks.first().and_then(|id| Catalogue::embedded().get(id)).map(|r| r.level);
    let (mut cases, mut cells) = (BTreeSet::new(), 0);
    for instance in instances.iter().filter(|instance| instance.role == role && !instance.info) {
        if cases.contains(&instance.case) {
            continue;
        }
        let mut config = reference::config(role);
        config.quirk = (!harmless).then_some(quirk);
        let kind = play(instance, config, Link::Direct, options).kind;
        cells += 1;
        let caught = match kind {
            VerdictKind::Fail => true,
            VerdictKind::Lenient => level != Some(Level::Must),
            _ => false,
        };
        if caught {
            cases.insert(instance.case.clone());
        }
    }
    (cases, cells)
}
