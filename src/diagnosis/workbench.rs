//! Plays instances against the reference with differences switched on: in memory, under a virtual clock.

use super::difference::Difference;
use crate::embedded;
use crate::runner::reference::{self, Link};
use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use wsgauntlet_reference::{Config, Quirk, QuirkSet};
use wsgauntlet_suite::case::{Instance, Library, Profile};
use wsgauntlet_suite::oracle::{self, Verdict, VerdictKind};
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_suite::requirement::RequirementId;
use wsgauntlet_suite::transcript::{Capabilities, OpeningFaults};
use wsgauntlet_wire::Role;

/// What the player calls the reference.
const HOST: &str = "localhost";

/// Why a play with several faults has no verdict.
pub const NOT_COMBINED: &str = "the faults cannot be combined";

/// The instances of a role, and what the target of a run can do.
#[derive(Clone, Debug)]
pub struct Workbench<'l> {
    /// The role of the target.
    pub role: Role,
    /// What the target can do, as its probe showed.
    pub capabilities: Capabilities,
    /// Of the default profile, in the order of the library.
    pub instances: Vec<&'l Instance>,
    /// Of the faults that `capabilities` overlook, those that single instances report, by their place in `instances`.
    pub reporters: BTreeMap<usize, OpeningFaults>,
}

impl<'l> Workbench<'l> {
    /// The default profile of the library's cases for that role.
    pub fn new(library: &'l Library, role: Role, capabilities: Capabilities) -> Workbench<'l> {
        let instances = library.instances(role).filter(|instance| instance.profile == Profile::Default);
        Workbench { role, capabilities, instances: instances.collect(), reporters: BTreeMap::new() }
    }

    /// The reference with these differences, and without what the target cannot do.
    pub fn config(&self, differences: &[Difference]) -> Config {
        let mut config = reference::config(self.role);
        for difference in differences {
            difference.install(&mut config);
        }
        if !self.capabilities.deflate {
            config.deflate = None;
        }
        config
    }

    /// What is overlooked in an instance, by its place in `instances`: not what it is about or reports.
    pub fn overlooked(&self, instance: usize) -> OpeningFaults {
        let reported = self.reporters.get(&instance).copied().unwrap_or_default();
        let about = self.instances[instance].verifies.iter().map(RequirementId::as_str);
        self.capabilities.overlooked.retain(|fault| !reported.contains(fault)).beside(about)
    }

    /// How our peer plays an instance, by its place in `instances`.
    pub fn play_config(&self, instance: usize) -> PlayConfig {
        let overlooked = self.overlooked(instance);
        PlayConfig { capabilities: Capabilities { overlooked, ..self.capabilities }, ..PlayConfig::new(HOST) }
    }

    /// The verdict of one instance, by its place in `instances`.
    pub fn play(&self, instance: usize, differences: &[Difference]) -> Verdict {
        let how = self.play_config(instance);
        let instance = self.instances[instance];
        let config = self.config(differences);
        // Nobody foresaw each combination of faults: one that panics must not end the diagnosis.
        let play = || reference::play(instance, &how, config, Link::Direct);
        match panic::catch_unwind(AssertUnwindSafe(play)) {
            Ok(transcript) => oracle::judge(instance, &transcript, embedded::catalogue()),
            Err(_) => Verdict::without_play(VerdictKind::Error, NOT_COMBINED),
        }
    }

    /// As `play`, and the quirks that the steps of the reference asked for.
    pub fn play_asked(&self, instance: usize, differences: &[Difference]) -> (Verdict, QuirkSet) {
        let how = self.play_config(instance);
        let instance = self.instances[instance];
        let config = self.config(differences);
        let play = || reference::play_asked(instance, &how, config);
        match panic::catch_unwind(AssertUnwindSafe(play)) {
            Ok((transcript, asked)) => (oracle::judge(instance, &transcript, embedded::catalogue()), asked),
            Err(_) => (Verdict::without_play(VerdictKind::Error, NOT_COMBINED), Quirk::all().collect()),
        }
    }
}
