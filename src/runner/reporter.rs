//! Which instance reports what is wrong with each opening of a target, where no instance of the run is about that.

use super::retry::{self, Provides};
use std::sync::Arc;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::requirement::RequirementId;
use wsgauntlet_suite::transcript::{Capabilities, OpeningFault, OpeningFaults};

/// The instance that reports the faults that no instance of the run is about. Without it a run of some cases would not report
/// them.
#[derive(Clone, Debug, Default)]
pub struct Reporter {
    instance: Option<Arc<Instance>>,
    faults: OpeningFaults,
}

impl Reporter {
    /// The first instance that can be played. `faults`: those of the server's openings.
    pub fn new(faults: OpeningFaults, instances: &[Arc<Instance>], provides: Provides) -> Reporter {
        let played = |instance: &&Arc<Instance>| retry::unmet_need(instance, provides).is_none();
        let is_reported = |fault: OpeningFault| {
            instances.iter().filter(played).any(|instance| {
                let about = instance.verifies.iter().map(RequirementId::as_str);
                !OpeningFaults::NONE.with(fault).beside(about).contains(fault)
            })
        };
        let unreported = faults.retain(|fault| !is_reported(fault));
        // An informational instance reports nothing.
        let first = instances.iter().filter(played).find(|instance| !instance.info);
        Reporter { instance: first.filter(|_| !unreported.is_empty()).cloned(), faults: unreported }
    }

    /// What is overlooked in an instance, of what `capabilities` overlook.
    pub fn capabilities(&self, capabilities: Capabilities, instance: &Instance) -> Capabilities {
        let reports = self.instance.as_ref().is_some_and(|first| first.id == instance.id);
        let overlooked = capabilities.overlooked.retain(|fault| !(reports && self.faults.contains(fault)));
        Capabilities { overlooked, ..capabilities }
    }
}
