//! The versions of `report.json`, and how an older one becomes the newest.

use serde_json::{Map, Value, json};

/// What is written.
pub const SCHEMA: &str = "wsgauntlet/report/2";

/// What is read, too. Its failures have no values, and only a fingerprint of version 1.
pub(super) const SCHEMA_1: &str = "wsgauntlet/report/1";

/// Makes a run of schema 1 one of the newest. What is of the newest stays as it is.
pub(super) fn upgrade_run(run: &mut Value) {
    let Some(run) = run.as_object_mut() else { return };
    run.insert("schema".to_owned(), json!(SCHEMA));
    if let Some(Value::Array(instances)) = run.get_mut("instances") {
        instances.iter_mut().for_each(upgrade_instance);
    }
}

/// The same for an instance, such as a line of `events.ndjson`.
pub(super) fn upgrade_instance(instance: &mut Value) {
    let Some(instance) = instance.as_object_mut() else { return };
    // Schema 1 held two things twice: the first alias, and the requirements of the further deviations. Its oldest reports
    // held them only here.
    if let Some(first) = instance.remove("autobahn").filter(|first| !first.is_null()) {
        instance.entry("aliases").or_insert_with(|| json!([first]));
    }
    if let Some(Value::Array(also_broken)) = instance.remove("also_broken") {
        let others = also_broken.iter().map(|requirement| {
            json!({ "requirement": requirement, "expected": "", "observed": "", "fingerprint": "" })
        });
        instance.entry("others").or_insert_with(|| others.collect());
    }
    let others = instance.get_mut("others").and_then(Value::as_array_mut);
    others.into_iter().flatten().filter_map(Value::as_object_mut).for_each(upgrade_failure);
    if let Some(Value::Object(failure)) = instance.get_mut("failure") {
        upgrade_failure(failure);
    }
}

/// A failure without values is one of schema 1.
fn upgrade_failure(failure: &mut Map<String, Value>) {
    if !failure.contains_key("values")
        && let Some(fingerprint) = failure.get("fingerprint").cloned()
    {
        failure.entry("fingerprint_v1").or_insert(fingerprint);
    }
}
