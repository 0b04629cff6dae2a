//! Fingerprints: those of version 1 are what they were, and the new ones tell apart what is structurally different, and
//! nothing else.

use std::collections::{BTreeMap, BTreeSet};
use wsgauntlet::embedded;
use wsgauntlet::runner::reference::{self, Link};
use wsgauntlet_reference::{Config, Quirk, Variant};
use wsgauntlet_suite::case::{Instance, Profile};
use wsgauntlet_suite::oracle::fingerprint::is_fingerprint;
use wsgauntlet_suite::oracle::{self, Failure};
use wsgauntlet_suite::peer::PlayConfig;

/// Instance, quirk or variant, requirement, and the fingerprint of version 1 of the failure, as release 0.1.0 made it: one
/// line for each kind of sentence that the oracle had then.
const OLD: &str = include_str!("fingerprints-v1.tsv");

/// Every so many cases is played against all quirks and variants.
const CASES_STEP: usize = 4;

/// How many octets a light instance exchanges.
const LIGHT_LEN_MAX: usize = 8 * 1024;

fn failures(instance: &Instance, differ: &dyn Fn(&mut Config)) -> Vec<Failure> {
    let mut config = reference::config(instance.role);
    differ(&mut config);
    let transcript = reference::play(instance, &PlayConfig::new("localhost"), config, Link::Direct);
    oracle::judge(instance, &transcript, embedded::catalogue()).failures().cloned().collect()
}

/// What makes the reference differ.
type Differ = Box<dyn Fn(&mut Config)>;

/// What a name stands for, a quirk or a variant.
fn install(name: &str) -> Option<Differ> {
    if let Ok(quirk) = name.parse::<Quirk>() {
        return Some(Box::new(move |config| quirk.install(config)));
    }
    let variant = Variant::all().find(|variant| variant.info().name == name)?;
    Some(Box::new(move |config| variant.install(config)))
}

/// Whoever words a sentence otherwise has to keep the old words in `oracle::legacy_fingerprint`.
#[test]
fn fingerprints_of_version_1_are_what_they_were() {
    let instances: BTreeMap<&str, &Instance> = embedded::library()
        .cases
        .iter()
        .flat_map(|case| &case.instances)
        .map(|instance| (instance.id.as_str(), instance))
        .collect();
    let (mut moved, mut found) = (Vec::new(), 0);
    for line in OLD.lines() {
        let [id, name, requirement, print] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("four columns: {line}")
        };
        // A case or a quirk may have got another name since.
        let (Some(instance), Some(differ)) = (instances.get(id), install(name)) else { continue };
        let failures = failures(instance, &*differ);
        let of_requirement: Vec<&Failure> =
            failures.iter().filter(|failure| failure.requirement.as_str() == requirement).collect();
        found += 1;
        if !of_requirement.iter().any(|failure| failure.legacy_fingerprint() == print) {
            let now: Vec<String> =
                of_requirement.iter().map(|failure| failure.observed.to_string()).collect();
            moved.push(format!("{name} {id} {requirement}: {now:?}"));
        }
    }
    assert!(moved.is_empty(), "{} of {found} moved:\n{}", moved.len(), moved.join("\n"));
    assert!(found * 10 > OLD.lines().count() * 9, "only {found} plays are still there");
}

/// Fingerprints and sentences.
type Told = (BTreeSet<String>, BTreeSet<String>);

/// One failure of each structure that the quirks and variants show, with its sentences.
#[derive(Default)]
struct Shown {
    /// By requirement, place and structure: fingerprints and sentences.
    by_structure: BTreeMap<[String; 3], Told>,
    /// By fingerprint: places and structures.
    by_fingerprint: BTreeMap<String, BTreeSet<(String, String)>>,
}

fn shown() -> Shown {
    let mut shown = Shown::default();
    for case in embedded::library().cases.iter().step_by(CASES_STEP) {
        let Some(instance) = case.instances.first().filter(|i| i.profile == Profile::Default) else {
            continue;
        };
        let (_, tape) =
            reference::play_taped(instance, &PlayConfig::new("localhost"), reference::config(instance.role));
        if tape.octets_len() > LIGHT_LEN_MAX {
            continue;
        }
        let role = instance.role;
        let quirks = Quirk::all().filter(|quirk| quirk.info().roles.contains(role)).map(|q| q.info().name);
        let variants = Variant::all().filter(|v| v.info().roles.contains(role)).map(|v| v.info().name);
        for differ in quirks.chain(variants).filter_map(install).filter(|differ| !tape.is_same_for(differ)) {
            for failure in failures(instance, &*differ) {
                let structure = failure.observed.structure().to_string();
                let place = failure.place.to_string();
                let key = [failure.requirement.to_string(), place.clone(), structure.clone()];
                let (prints, sentences) = shown.by_structure.entry(key).or_default();
                prints.insert(failure.fingerprint());
                sentences.insert(failure.observed.to_string());
                shown.by_fingerprint.entry(failure.fingerprint()).or_default().insert((place, structure));
            }
        }
    }
    shown
}

/// Sentences of one structure have one fingerprint, and structures of one place have as many, but for the race that
/// `oracle::fingerprint` settles: whether an endpoint that has to fail the connection echoes or pongs first.
#[test]
fn a_fingerprint_is_a_structure() {
    let shown = shown();
    let mut with_many_sentences = 0;
    for (key, (prints, sentences)) in &shown.by_structure {
        assert_eq!(prints.len(), 1, "{key:?}: {prints:?}");
        assert!(prints.iter().all(|print| is_fingerprint(print)), "{prints:?}");
        with_many_sentences += usize::from(sentences.len() > 1);
    }
    assert!(with_many_sentences > 50, "{with_many_sentences} structures have sentences that differ");
    let is_answer = |place: &str, structure: &str| {
        matches!(place, "fail" | "refused") && (structure == "pong" || structure.starts_with("message:"))
    };
    for (print, members) in &shown.by_fingerprint {
        let structures: BTreeSet<&str> = members
            .iter()
            .map(|(place, structure)| if is_answer(place, structure) { "answer" } else { structure })
            .collect();
        assert_eq!(structures.len(), 1, "{print}: {members:?}");
    }
    assert!(shown.by_fingerprint.len() > 200, "{} fingerprints", shown.by_fingerprint.len());
}
