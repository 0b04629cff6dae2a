//! The run that is diagnosed: for each instance what came of it, and what the target can do.

use super::shape::{Deviation, ShapeId, Shapes, class};
use super::workbench::Workbench;
use crate::report::StoredRun;
use std::collections::HashMap;
use wsgauntlet_suite::oracle::VerdictKind;
use wsgauntlet_suite::transcript::Capabilities;

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
        ..Capabilities::FULL
    }
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
