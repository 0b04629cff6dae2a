//! A run that was killed: `report.json` as it was written at the start, and `events.ndjson` with what was played until then.

use super::instance::StoredInstance;
use super::model::StoredRun;
use super::read::StoredError;
use super::schema::upgrade_instance;
use crate::report::repeat;
use serde::Deserialize;
use std::collections::BTreeMap;
use wsgauntlet_suite::requirement::Catalogue;
use wsgauntlet_wire::Role;

/// What `report.json` says until the run ends.
pub const UNFINISHED: &str = "the run did not end: it was killed, or it is still going on";

/// What a line says beside its instance.
#[derive(Default, Deserialize)]
struct Line {
    /// It takes the place of the line before it that has the same id.
    #[serde(default)]
    amended: bool,
}

/// Puts the lines of `events` in the place of what `draft` says was not played. A last line that is cut off is left out.
pub fn recover(draft: StoredRun, events: &str, catalogue: &Catalogue) -> Result<StoredRun, StoredError> {
    let whole = &events[..events.rfind('\n').map_or(0, |end| end + 1)];
    let mut rounds: Vec<BTreeMap<String, StoredInstance>> = Vec::new();
    for (index, line) in whole.lines().enumerate() {
        let instance = instance(line)
            .map_err(|error| StoredError::Syntax(format!("line {} of events.ndjson: {error}", index + 1)))?;
        // `--repeat` plays an instance of a server several times. Of a client, the last verdict is the final one.
        let Line { amended } = serde_json::from_str(line).unwrap_or_default();
        let round = match draft.target.role {
            Role::Server if amended => {
                rounds.iter().filter(|round| round.contains_key(&instance.id)).count().saturating_sub(1)
            }
            Role::Server => rounds.iter().filter(|round| round.contains_key(&instance.id)).count(),
            Role::Client => 0,
        };
        if rounds.len() <= round {
            rounds.push(BTreeMap::new());
        }
        rounds[round].insert(instance.id.clone(), instance);
    }
    let mut first = draft.clone();
    let mut rounds = rounds.into_iter();
    let mut played = rounds.next().unwrap_or_default();
    let count = played.len();
    for instance in &mut first.instances {
        if let Some(record) = played.remove(&instance.id) {
            *instance = record;
        }
    }
    // What judges the whole run has no place in the selection.
    first.instances.extend(played.into_values());
    let later = rounds.map(|round| StoredRun { instances: round.into_values().collect(), ..draft.clone() });
    let all = draft.instances.len();
    let mut run = repeat::fold([first].into_iter().chain(later).collect()).unwrap_or(draft);
    run.interrupted = Some(format!("{UNFINISHED}; {count} of {all} instances were played"));
    run.name_requirements(catalogue);
    run.summarise();
    Ok(run)
}

fn instance(line: &str) -> serde_json::Result<StoredInstance> {
    let mut value: serde_json::Value = serde_json::from_str(line)?;
    upgrade_instance(&mut value);
    serde_json::from_value(value)
}
