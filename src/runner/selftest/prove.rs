//! Plays everything, and gathers what each quirk, variant and seed shows.

use super::cores::on_all_cores;
use super::{Notices, Options, Quirks, SelftestResult};
use crate::embedded;
use crate::runner::reference::{self, Link, Tape};
use std::collections::{BTreeSet, HashSet};
use wsgauntlet_reference::{Config, Quirk, Variant};
use wsgauntlet_suite::case::{Case, Instance, Library, Profile};
use wsgauntlet_suite::oracle::{self, Verdict, VerdictKind};
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_suite::requirement::Level;
use wsgauntlet_suite::transcript::Transcript;
use wsgauntlet_wire::Role;

/// What the player calls the reference.
pub(super) const HOST: &str = "localhost";

/// Whether a quirk can show in a play of the strict reference: a step asked for it, or its endpoint offers something else.
pub(super) fn can_show(quirk: Quirk, tape: &Tape) -> bool {
    tape.asked().contains(quirk) || quirk.offers_otherwise()
}

/// How many octets a light instance exchanges. Heavier ones are tried on quirks that no light one
/// catches, and where a case has no light ones that fail: that is what they are there for. On
/// lawful variants they are tried in a full run.
const LIGHT_LEN_MAX: usize = 8 * 1024;

/// One instance, and how the reference plays it.
struct Known<'l> {
    instance: &'l Instance,
    /// The place of its case in the library.
    case: usize,
    verdict: Verdict,
    tape: Tape,
}

/// Runs everything.
pub fn run(library: &Library, options: &Options) -> SelftestResult {
    let instances: Vec<(usize, &Instance)> = library
        .cases
        .iter()
        .enumerate()
        .flat_map(|(case, Case { instances, .. })| instances.iter().map(move |instance| (case, instance)))
        .filter(|(_, instance)| instance.profile == Profile::Default)
        .collect();
    let mut known = on_all_cores(&instances, |(case, instance)| against_reference(*case, instance, options));
    // The cheapest first: after its first failing instance a case is decided.
    known.sort_by_key(|known| known.tape.octets_len());
    let mut outcome = SelftestResult {
        requirements: embedded::catalogue().iter().count(),
        cases: library.cases.len(),
        instances: instances.len(),
        quirks: Quirk::all().count(),
        variants: Variant::all().count(),
        ..SelftestResult::default()
    };
    let (light, bulky): (Vec<&Known<'_>>, Vec<&Known<'_>>) =
        known.iter().partition(|known| options.full || known.tape.octets_len() <= LIGHT_LEN_MAX);
    let all_quirks = chosen_quirks(options);
    try_quirks(&all_quirks, &light, options, &mut outcome);
    let uncaught = |outcome: &SelftestResult, (quirk, role): &(Quirk, Role)| {
        outcome.matrix.get(&row_name(*quirk, *role)).is_none_or(Notices::is_empty)
    };
    let rest: Vec<_> = all_quirks.iter().copied().filter(|subject| uncaught(&outcome, subject)).collect();
    try_quirks(&rest, &bulky, options, &mut outcome);
    let idle = idle_cases(library, &outcome, options);
    let rest: Vec<_> = bulky.iter().copied().filter(|known| idle.contains(&known.instance.case)).collect();
    try_quirks(&all_quirks, &rest, options, &mut outcome);
    let tried: Vec<&Instance> = light.iter().chain(&rest).map(|known| known.instance).collect();
    outcome.server_cases = judging_cases(&tried, Role::Server);
    outcome.client_cases = judging_cases(&tried, Role::Client);
    let missed = all_quirks.iter().filter(|subject| uncaught(&outcome, subject));
    let missed =
        missed.map(|(quirk, role)| format!("{}: {}", row_name(*quirk, *role), quirk.info().description));
    outcome.uncaught = missed.collect();
    let reached = try_variants(&light, options, &mut outcome);
    let seeds: Vec<u64> = (0..options.seeds).collect();
    outcome.shaken = on_all_cores(&seeds, |seed| try_seed(*seed, &known, options)).concat();
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

fn judging_cases(instances: &[&Instance], role: Role) -> BTreeSet<String> {
    let judging = instances.iter().filter(|instance| instance.role == role && !instance.info);
    judging.map(|instance| instance.case.clone()).collect()
}

/// Only all quirks together tell which case nothing fails.
fn idle_cases(library: &Library, outcome: &SelftestResult, options: &Options) -> Vec<String> {
    if options.quirks != Quirks::All {
        return Vec::new();
    }
    let failed: BTreeSet<&String> = outcome.matrix.values().flat_map(|notices| &notices.fail).collect();
    let lenient: BTreeSet<&String> = outcome.matrix.values().flat_map(|notices| &notices.lenient).collect();
    // What binds nobody strictly can do no more than be lenient.
    let strict = |case: &&Case| {
        let mut levels = case.verifies.iter().filter_map(|id| embedded::catalogue().get(id.as_str()));
        levels.any(|requirement| requirement.level == Level::Must)
    };
    let judging = library.cases.iter().filter(|case| !case.info && case.profile == Profile::Default);
    let idle = judging
        .filter(|case| !failed.contains(&case.path) && (strict(case) || !lenient.contains(&case.path)));
    idle.map(|case| case.path.clone()).collect()
}

fn chosen_quirks(options: &Options) -> Vec<(Quirk, Role)> {
    let roles = |quirk: Quirk| {
        let roles = [Role::Server, Role::Client].into_iter();
        roles.filter(move |role| quirk.info().roles.contains(*role)).map(move |role| (quirk, role))
    };
    Quirk::all().filter(|quirk| options.quirks.holds(quirk.info().name)).flat_map(roles).collect()
}

fn row_name(quirk: Quirk, role: Role) -> String {
    format!("{} ({role})", quirk.info().name)
}

fn judge(instance: &Instance, transcript: &Transcript, options: &Options) -> Verdict {
    let watches = |name: &str| !options.monitors_off.iter().any(|off| off == name);
    oracle::judge_with(instance, transcript, embedded::catalogue(), &watches)
}

fn against_reference<'l>(case: usize, instance: &'l Instance, options: &Options) -> Known<'l> {
    let config = reference::config(instance.role);
    let (transcript, tape) = reference::play_taped(instance, &PlayConfig::new(HOST), config);
    Known { instance, case, verdict: judge(instance, &transcript, options), tape }
}

fn is_good(kind: VerdictKind) -> bool {
    matches!(kind, VerdictKind::Pass | VerdictKind::Info)
}

fn describe(instance: &Instance, verdict: &Verdict) -> String {
    let observed = verdict.failure.as_ref().map(|failure| failure.observed.to_string());
    let observed = observed.or(verdict.reason.clone()).unwrap_or_default();
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

/// Adds to the matrix the cases of these instances that fail.
fn try_quirks(
    quirks: &[(Quirk, Role)],
    known: &[&Known<'_>],
    options: &Options,
    outcome: &mut SelftestResult,
) {
    let found = on_all_cores(quirks, |(quirk, role)| try_quirk(*quirk, *role, known, options));
    for ((quirk, role), (notices, cells)) in quirks.iter().zip(found) {
        outcome.cells += cells;
        outcome.matrix.entry(row_name(*quirk, *role)).or_default().add(notices);
    }
}

/// The cases that notice a quirk, and on how many instances it was tried. After its first failing
/// instance a case is decided.
fn try_quirk(quirk: Quirk, role: Role, known: &[&Known<'_>], options: &Options) -> (Notices, usize) {
    let harmless = options.harmless.iter().any(|name| name == quirk.info().name);
    let (mut notices, mut cells) = (Notices::default(), 0);
    let mut decided = HashSet::new();
    for known in known.iter().filter(|known| known.instance.role == role && !known.instance.info) {
        if decided.contains(&known.case) {
            continue;
        }
        cells += 1;
        if !can_show(quirk, &known.tape) {
            continue;
        }
        let verdict = known.differing(options, |config| {
            if !harmless {
                quirk.install(config);
            }
        });
        let case = || known.instance.case.clone();
        match verdict.map(|verdict| verdict.kind) {
            Some(VerdictKind::Fail) => {
                decided.insert(known.case);
                notices.fail.insert(case())
            }
            Some(VerdictKind::Lenient) => notices.lenient.insert(case()),
            Some(
                VerdictKind::Pass
                | VerdictKind::Info
                | VerdictKind::Inapplicable
                | VerdictKind::Blocked
                | VerdictKind::Flaky
                | VerdictKind::Error,
            )
            | None => false,
        };
    }
    notices.lenient.retain(|case| !notices.fail.contains(case));
    (notices, cells)
}

/// Notes what lawful variants fail. Gives the instances that could not be judged by the reference,
/// and that a variant passes.
fn try_variants(known: &[&Known<'_>], options: &Options, outcome: &mut SelftestResult) -> BTreeSet<String> {
    let roles = [Role::Server, Role::Client].into_iter();
    let of_role =
        |role| Variant::all().filter(move |v| v.info().roles.contains(role)).map(move |v| (v, role));
    let variants: Vec<(Variant, Role)> = roles.flat_map(of_role).collect();
    let mut reached = BTreeSet::new();
    for found in on_all_cores(&variants, |(variant, role)| try_variant(*variant, *role, known, options)) {
        outcome.cells += found.cells;
        outcome.variants_failed.extend(found.failed);
        reached.extend(found.reached);
    }
    reached
}

#[derive(Default)]
struct VariantFound {
    cells: usize,
    failed: Vec<String>,
    reached: Vec<String>,
}

fn try_variant(variant: Variant, role: Role, known: &[&Known<'_>], options: &Options) -> VariantFound {
    let mut found = VariantFound::default();
    for known in known.iter().filter(|known| known.instance.role == role) {
        found.cells += 1;
        let Some(verdict) = known.differing(options, |config| variant.install(config)) else {
            continue;
        };
        if matches!(verdict.kind, VerdictKind::Fail | VerdictKind::Error) {
            found.failed.push(format!("{}: {}", variant.info().name, describe(known.instance, &verdict)));
        }
        if is_good(verdict.kind) && !is_good(known.verdict.kind) {
            found.reached.push(known.instance.id.to_string());
        }
    }
    found
}

/// The verdicts that a shaken link changes.
fn try_seed(seed: u64, known: &[Known<'_>], options: &Options) -> Vec<String> {
    let mut changed = Vec::new();
    for known in known {
        let config = reference::config(known.instance.role);
        let verdict = known.play(config, Link::Shaken(seed), options);
        if verdict.kind != known.verdict.kind {
            changed.push(format!("seed {seed}: {}", describe(known.instance, &verdict)));
        }
    }
    changed
}
