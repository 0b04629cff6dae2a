//! Instances of the built-in library, and cases that a test writes itself.

use std::collections::BTreeSet;
use std::sync::Arc;
use wsgauntlet::embedded;
use wsgauntlet_suite::case::load::Source;
use wsgauntlet_suite::case::{Instance, Library, Profile};
use wsgauntlet_wire::Role;

/// The instances of the default profile whose ids begin like this; panics if there is none.
pub fn instances(role: Role, begins: &str) -> Vec<Arc<Instance>> {
    let all = embedded::library().instances(role);
    let chosen = all
        .filter(|instance| instance.profile == Profile::Default && instance.id.as_str().starts_with(begins));
    let chosen: Vec<Arc<Instance>> = chosen.cloned().map(Arc::new).collect();
    assert!(!chosen.is_empty(), "no instance begins with {begins:?}");
    chosen
}

/// The first of the instances of each case.
pub fn one_of_each_case(mut instances: Vec<Arc<Instance>>) -> Vec<Arc<Instance>> {
    let mut seen = BTreeSet::new();
    instances.retain(|instance| seen.insert(instance.case.clone()));
    instances
}

/// A library of one case, `area/own`, with these lines of TOML; or its mistakes, a line each.
pub fn own(area: &str, verifies: &str, lines: &str) -> Result<Library, String> {
    let text = format!("[[case]]\nname = \"own\"\ndoc = \"A case.\"\nverifies = [\"{verifies}\"]\n{lines}\n");
    let source = Source { path: format!("{area}/own"), file: "own.toml".into(), text };
    Library::parse(&[source], embedded::catalogue())
        .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}
