//! Plays everything, and gathers what each quirk, variant and seed shows.

use super::{Options, Outcome, Quirks};
use crate::case::{Instance, Library, Profile};
use crate::oracle::{self, Verdict, VerdictKind};
use crate::peer::PlayConfig;
use crate::protocol::{Config, Quirk, Variant};
use crate::requirement::{Catalogue, Level};
use crate::runner::reference::{self, Link, Tape};
use crate::transcript::Transcript;
use crate::wire::Role;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What the player calls the reference.
const HOST: &str = "localhost";

/// One instance, and how the reference plays it.
struct Known<'l> {
    instance: &'l Instance,
    verdict: Verdict,
    tape: Tape,
}

/// One fault or freedom, in one role.
#[derive(Clone, Copy, Debug)]
enum Subject {
    Quirk(Quirk, Role),
    Variant(Variant, Role),
    /// A seed of the shaken link, for both roles.
    Seed(u64),
}

/// What one subject shows.
struct Found {
    subject: Subject,
    /// Instances that it was tried on.
    cells: usize,
    /// Of a quirk: the cases that fail.
    cases: BTreeSet<String>,
    /// Of a lawful variant or a seed: instances whose verdict is not what it has to be.
    wrong: Vec<String>,
    /// Of a lawful variant: instances that the reference could not be judged by, and that it passes.
    reached: BTreeSet<String>,
}

/// Runs everything.
pub fn run(library: &Library, options: &Options) -> Outcome {
    let instances: Vec<&Instance> = library
        .cases
        .iter()
        .flat_map(|case| &case.instances)
        .filter(|instance| instance.profile == Profile::Default)
        .collect();
    let mut known = on_all_cores(&instances, |instance| against_reference(instance, options));
    // The cheapest first: after its first failing instance a case is decided.
    known.sort_by_key(|known| known.tape.octets_len());
    let mut outcome = Outcome {
        requirements: Catalogue::embedded().iter().count(),
        cases: library.cases.len(),
        instances: instances.len(),
        quirks: Quirk::all().count(),
        variants: Variant::all().count(),
        ..Outcome::default()
    };
    let mut reached = BTreeSet::new();
    for found in on_all_cores(&subjects(options), |subject| examine(*subject, &known, options)) {
        outcome.cells += found.cells;
        match found.subject {
            Subject::Quirk(quirk, role) => {
                let info = quirk.info();
                if found.cases.is_empty() {
                    outcome.uncaught.push(format!("{} ({role}): {}", info.name, info.description));
                }
                outcome.matrix.insert(format!("{} ({role})", info.name), found.cases);
            }
            Subject::Variant(..) => {
                outcome.variants_failed.extend(found.wrong);
                reached.extend(found.reached);
            }
            Subject::Seed(_) => outcome.shaken.extend(found.wrong),
        }
    }
    // What depends on what was agreed is judged where a lawful variant agrees it.
    let judged = |known: &&Known<'_>| {
        is_good(known.verdict.kind)
            || known.verdict.kind == VerdictKind::Inapplicable && reached.contains(known.instance.id.as_str())
    };
    outcome.reference = known.iter().filter(|known| !judged(known)).map(Known::describe).collect();
    outcome.idle = idle_cases(library, &outcome, options);
    for list in
        [&mut outcome.reference, &mut outcome.shaken, &mut outcome.variants_failed, &mut outcome.uncaught]
    {
        list.sort();
    }
    outcome
}

/// Only all quirks together tell which case nothing fails.
fn idle_cases(library: &Library, outcome: &Outcome, options: &Options) -> Vec<String> {
    if options.quirks != Quirks::All {
        return Vec::new();
    }
    let failed: BTreeSet<&String> = outcome.matrix.values().flatten().collect();
    let judging = library.cases.iter().filter(|case| !case.info && case.profile == Profile::Default);
    judging.map(|case| case.path.clone()).filter(|path| !failed.contains(path)).collect()
}

/// What `work` makes of each item, in the order of the items.
fn on_all_cores<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { return };
                    let result = work(item);
                    done.lock().expect("no worker panicked").push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no worker panicked");
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
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

fn judge(instance: &Instance, transcript: &Transcript, options: &Options) -> Verdict {
    let watches = |name: &str| !options.monitors_off.iter().any(|off| off == name);
    oracle::judge_with(instance, transcript, Catalogue::embedded(), &watches)
}

fn against_reference<'l>(instance: &&'l Instance, options: &Options) -> Known<'l> {
    let config = reference::config(instance.role);
    let (transcript, tape) = reference::play_taped(instance, &PlayConfig::new(HOST), config);
    Known { instance, verdict: judge(instance, &transcript, options), tape }
}

fn is_good(kind: VerdictKind) -> bool {
    matches!(kind, VerdictKind::Pass | VerdictKind::Info)
}

fn describe(instance: &Instance, verdict: &Verdict) -> String {
    let observed = verdict.failure.as_ref().map(|failure| failure.observed.as_str());
    let observed = observed.or(verdict.reason.as_deref()).unwrap_or_default();
    format!("{} {}: {observed}", verdict.kind, instance.id)
}

impl Known<'_> {
    fn describe(&self) -> String {
        describe(self.instance, &self.verdict)
    }

    /// The verdict where the endpoint differs. None when the difference does not show in this
    /// instance, so that the verdict is the reference's.
    fn differing(&self, options: &Options, differ: impl Fn(&mut Config)) -> Option<Verdict> {
        if self.tape.is_same_for(&differ) {
            return None;
        }
        let mut config = reference::config(self.instance.role);
        differ(&mut config);
        Some(self.play(config, Link::Direct, options))
    }

    fn play(&self, config: Config, link: Link, options: &Options) -> Verdict {
        let transcript = reference::play(self.instance, &PlayConfig::new(HOST), config, link);
        judge(self.instance, &transcript, options)
    }
}

fn examine(subject: Subject, known: &[Known<'_>], options: &Options) -> Found {
    let mut found =
        Found { subject, cells: 0, cases: BTreeSet::new(), wrong: Vec::new(), reached: BTreeSet::new() };
    match subject {
        Subject::Quirk(quirk, role) => try_quirk(quirk, role, known, options, &mut found),
        Subject::Variant(variant, role) => try_variant(variant, role, known, options, &mut found),
        Subject::Seed(seed) => try_seed(seed, known, options, &mut found),
    }
    found
}

/// The cases that fail on a quirk. After its first failing instance a case is decided.
fn try_quirk(quirk: Quirk, role: Role, known: &[Known<'_>], options: &Options, found: &mut Found) {
    let info = quirk.info();
    let harmless = options.harmless.iter().any(|name| name == info.name);
    // What breaks a SHOULD shows as lenient.
    let level = info.breaks.first().and_then(|id| Catalogue::embedded().get(id)).map(|r| r.level);
    for known in known.iter().filter(|known| known.instance.role == role && !known.instance.info) {
        if found.cases.contains(&known.instance.case) {
            continue;
        }
        found.cells += 1;
        let verdict = known.differing(options, |config| config.quirk = (!harmless).then_some(quirk));
        let caught = verdict.is_some_and(|verdict| match verdict.kind {
            VerdictKind::Fail => true,
            VerdictKind::Lenient => level != Some(Level::Must),
            VerdictKind::Pass
            | VerdictKind::Info
            | VerdictKind::Inapplicable
            | VerdictKind::Blocked
            | VerdictKind::Flaky
            | VerdictKind::Error => false,
        });
        if caught {
            found.cases.insert(known.instance.case.clone());
        }
    }
}

fn try_variant(variant: Variant, role: Role, known: &[Known<'_>], options: &Options, found: &mut Found) {
    for known in known.iter().filter(|known| known.instance.role == role) {
        found.cells += 1;
        let Some(verdict) = known.differing(options, |config| config.variant = Some(variant)) else {
            continue;
        };
        if matches!(verdict.kind, VerdictKind::Fail | VerdictKind::Error) {
            found.wrong.push(format!("{}: {}", variant.info().name, describe(known.instance, &verdict)));
        }
        if is_good(verdict.kind) && !is_good(known.verdict.kind) {
            found.reached.insert(known.instance.id.to_string());
        }
    }
}

fn try_seed(seed: u64, known: &[Known<'_>], options: &Options, found: &mut Found) {
    for known in known {
        let config = reference::config(known.instance.role);
        let verdict = known.play(config, Link::Shaken(seed), options);
        if verdict.kind != known.verdict.kind {
            found.wrong.push(format!("seed {seed}: {}", describe(known.instance, &verdict)));
        }
    }
}
