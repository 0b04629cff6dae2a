//! Makes the rows of the index: plays every difference on every instance of a role where it can show.

use super::difference::Difference;
use super::workbench::Workbench;
use crate::embedded;
use crate::runner::reference::{self, Tape};
use wsgauntlet_suite::oracle::{self, Verdict};

/// One instance, as the reference plays it.
pub struct Base {
    /// The verdict on the reference.
    pub verdict: Verdict,
    tape: Tape,
}

/// The reference's own play of an instance.
pub fn base(bench: &Workbench<'_>, instance: usize) -> Base {
    let config = bench.config(&[]);
    let known = bench.instances[instance];
    let (transcript, tape) = reference::play_taped(known, &bench.play_config(instance), config);
    Base { verdict: oracle::judge(known, &transcript, embedded::catalogue()), tape }
}

/// The verdicts that a difference changes, by instance. `bases` are those of all instances.
pub fn row(bench: &Workbench<'_>, bases: &[Base], difference: Difference) -> Vec<(usize, Verdict)> {
    let changed = bases.iter().enumerate().filter_map(|(instance, base)| {
        if let Difference::Quirk(quirk) = difference
            && !base.tape.asked().contains(quirk)
            && !quirk.offers_otherwise()
        {
            return None;
        }
        if base.tape.is_same_for(|config| difference.install(config)) {
            return None;
        }
        let verdict = bench.play(instance, &[difference]);
        let parts = |verdict: &Verdict| -> Vec<String> {
            verdict.failures().map(|failure| failure.fingerprint()).collect()
        };
        let same = verdict.kind == base.verdict.kind && parts(&verdict) == parts(&base.verdict);
        (!same).then_some((instance, verdict))
    });
    changed.collect()
}
