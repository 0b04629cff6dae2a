//! The run that is diagnosed: for each instance what came of it, and what the target can do.

use super::shape::{Deviation, ShapeId, Shapes, class};
use super::workbench::Workbench;
use crate::report::StoredRun;
use std::collections::{BTreeMap, HashMap};
use wsgauntlet_suite::oracle::VerdictKind;
use wsgauntlet_suite::requirement::RequirementId;
use wsgauntlet_suite::transcript::{Capabilities, OpeningFault, OpeningFaults};

/// What came of the instances of a workbench, by their place there.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// `None`: the run does not hold the instance.
    pub observed: Vec<Option<ShapeId>>,
}

impl Subject {
    /// Takes what a stored run says of the instances of `bench`.
    pub(crate) fn of_run(run: &StoredRun, bench: &Workbench<'_>, shapes: &mut Shapes) -> Subject {
        let stored: HashMap<&str, _> = run.instances.iter().map(|one| (one.id.as_str(), one)).collect();
        let observed = bench.instances.iter().map(|instance| {
            let stored = stored.get(instance.id.as_str())?;
            let failures = stored.failures().map(|failure| Deviation {
                requirement: &failure.requirement,
                class: class(&failure.fingerprint),
                print: &failure.fingerprint,
            });
            Some(shapes.of_parts(stored.verdict, failures))
        });
        Subject { observed: observed.collect() }
    }
}

/// What the target of a stored run can do.
pub(crate) fn capabilities(run: &StoredRun) -> Capabilities {
    let has = |name: &str| run.target.capabilities.get(name).copied().unwrap_or(true);
    Capabilities {
        echo: has("echo"),
        echo_binary: has("echo-binary"),
        pong: has("pong"),
        closing: has("closing"),
        deflate: has("permessage-deflate"),
        driver: run.target.capabilities.get("driver").copied().unwrap_or(false),
        overlooked: overlooked(run),
        ..Capabilities::FULL
    }
}

/// The faults of all openings of the target, which most instances overlook.
fn overlooked(run: &StoredRun) -> OpeningFaults {
    let faults = run.target.overlooked.iter().filter_map(|name| OpeningFault::of_name(name));
    faults.fold(OpeningFaults::NONE, OpeningFaults::with)
}

/// The instances of `bench` that are not about an overlooked fault and report it all the same, each with what it does not overlook. One
/// instance does so for the faults that no instance is about.
pub(super) fn reporters(run: &StoredRun, bench: &Workbench<'_>) -> BTreeMap<usize, OpeningFaults> {
    let faults = overlooked(run);
    if faults.is_empty() {
        return BTreeMap::new();
    }
    let stored: HashMap<&str, _> = run.instances.iter().map(|one| (one.id.as_str(), one)).collect();
    let reported = bench.instances.iter().enumerate().filter_map(|(place, instance)| {
        let overlooked = faults.beside(instance.verifies.iter().map(RequirementId::as_str));
        let failing: Vec<&str> = stored
            .get(instance.id.as_str())?
            .failures()
            .map(|failure| failure.requirement.as_str())
            .collect();
        let reported = overlooked.retain(|fault| fault.requirements().iter().any(|id| failing.contains(id)));
        (!reported.is_empty()).then_some((place, reported))
    });
    reported.collect()
}

/// Whether an instance was judged, so that a difference that does not show in it is evidence.
pub(crate) fn is_decided(kind: VerdictKind) -> bool {
    match kind {
        VerdictKind::Pass | VerdictKind::Lenient | VerdictKind::Fail | VerdictKind::Info => true,
        VerdictKind::Inapplicable | VerdictKind::Blocked | VerdictKind::Flaky | VerdictKind::Error => false,
    }
}

/// Whether a verdict is a deviation that a diagnosis is to explain.
pub(crate) fn is_deviation(kind: VerdictKind) -> bool {
    matches!(kind, VerdictKind::Fail | VerdictKind::Lenient)
}
