//! The shards of one run, made one.

use super::stored::StoredRun;
use std::collections::BTreeSet;

/// Why runs are not shards of one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// No run was given.
    #[error("there is no run to merge")]
    Nothing,
    /// They are not of the same target or suite.
    #[error("the runs differ in {what}: {one:?} and {other:?}")]
    Differ {
        /// What differs.
        what: &'static str,
        /// What one run has.
        one: String,
        /// What another run has.
        other: String,
    },
    /// The instance of that id is in two runs.
    #[error("{0} is in more than one of the runs")]
    Twice(String),
}

/// One run of all instances. The duration is that of the slowest: shards run side by side. Where
/// all parts of a partition are there, the whole is no part any more; else it is incomplete.
pub fn merge(runs: Vec<StoredRun>) -> Result<StoredRun, MergeError> {
    let partitions: Vec<Option<String>> = runs.iter().map(|run| run.selection.partition.clone()).collect();
    let mut runs = runs.into_iter();
    let mut whole = runs.next().ok_or(MergeError::Nothing)?;
    let mut ids: BTreeSet<String> = whole.instances.iter().map(|instance| instance.id.clone()).collect();
    for run in runs {
        for (what, one, other) in [
            ("the target", &whole.target.name, &run.target.name),
            ("the version", &whole.suite.version, &run.suite.version),
            ("the profile", &whole.selection.profile, &run.selection.profile),
        ] {
            if one != other {
                return Err(MergeError::Differ { what, one: one.clone(), other: other.clone() });
            }
        }
        if let Some(twice) = run.instances.iter().find(|instance| !ids.insert(instance.id.clone())) {
            return Err(MergeError::Twice(twice.id.clone()));
        }
        whole.summary.duration_ms = whole.summary.duration_ms.max(run.summary.duration_ms);
        whole.started = [whole.started, run.started].into_iter().flatten().min();
        whole.interrupted = whole.interrupted.or(run.interrupted);
        whole.deaths.extend(run.deaths);
        whole.crashes.extend(run.crashes);
        whole.requirements.extend(run.requirements);
        whole.instances.extend(run.instances);
        for (feature, tally) in run.features {
            let sum = whole.features.entry(feature).or_default();
            sum.met += tally.met;
            sum.exercised += tally.exercised;
        }
        for own in run.selection.own {
            if let Err(place) = whole.selection.own.binary_search(&own) {
                whole.selection.own.insert(place, own);
            }
        }
        for filter in run.selection.filters {
            if !whole.selection.filters.contains(&filter) {
                whole.selection.filters.push(filter);
            }
        }
    }
    whole.instances.sort_by(|a, b| a.id.cmp(&b.id));
    let cases: BTreeSet<&str> = whole.instances.iter().map(|instance| instance.case.as_str()).collect();
    whole.suite.cases = cases.len();
    whole.suite.instances = whole.instances.len();
    whole.selection.partition = partial(&partitions);
    if let Some(parts) = &whole.selection.partition {
        // A shard that was lost shuts the gate, or what it would have found goes unseen.
        whole.interrupted.get_or_insert_with(|| format!("shards are missing, there are only {parts}"));
    }
    whole.gate = None;
    whole.defects = None;
    whole.grades = None;
    whole.summarise();
    Ok(whole)
}

/// The parts that there are, unless they are all.
fn partial(partitions: &[Option<String>]) -> Option<String> {
    let parts: Vec<&str> = partitions.iter().flatten().map(String::as_str).collect();
    let (kind, count) =
        parts.first()?.split_once(':').and_then(|(kind, part)| Some((kind, part.split_once('/')?.1)))?;
    let count_number: usize = count.parse().ok()?;
    let whole = (1..=count_number).all(|part| parts.contains(&format!("{kind}:{part}/{count}").as_str()));
    (!whole).then(|| parts.join(" "))
}
