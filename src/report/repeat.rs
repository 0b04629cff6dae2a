//! Several runs of the same instances, made one: what does not come out the same is flaky.

use super::stored::{StoredInstance, StoredRun};
use std::collections::BTreeMap;
use wsgauntlet_suite::oracle::VerdictKind;

/// `None` where there is no run.
pub fn fold(runs: Vec<StoredRun>) -> Option<StoredRun> {
    let mut runs = runs.into_iter();
    let mut whole = runs.next()?;
    if runs.len() == 0 {
        return Some(whole);
    }
    let mut seen: Vec<Vec<StoredInstance>> =
        whole.instances.iter().map(|instance| vec![instance.clone()]).collect();
    let places: BTreeMap<String, usize> =
        whole.instances.iter().enumerate().map(|(index, instance)| (instance.id.clone(), index)).collect();
    for run in runs {
        whole.summary.duration_ms += run.summary.duration_ms;
        whole.interrupted = whole.interrupted.or(run.interrupted);
        whole.deaths.extend(run.deaths);
        whole.crashes.extend(run.crashes);
        whole.requirements.extend(run.requirements);
        for (feature, tally) in run.features {
            let sum = whole.features.entry(feature).or_default();
            sum.met += tally.met;
            sum.exercised += tally.exercised;
        }
        for instance in run.instances {
            if let Some(place) = places.get(&instance.id) {
                seen[*place].push(instance);
            }
        }
    }
    whole.instances = seen.into_iter().map(fold_instance).collect();
    whole.gate = None;
    whole.summarise();
    Some(whole)
}

fn cause(instance: &StoredInstance) -> (VerdictKind, Option<&str>) {
    (instance.verdict, instance.fingerprint())
}

/// The worst of its plays, which is flaky where they differ.
fn fold_instance(plays: Vec<StoredInstance>) -> StoredInstance {
    let mut counts: BTreeMap<(VerdictKind, Option<&str>), usize> = BTreeMap::new();
    for play in &plays {
        *counts.entry(cause(play)).or_default() += 1;
    }
    let told: Vec<String> = counts.iter().map(|((verdict, _), count)| format!("{count} {verdict}")).collect();
    let differ = counts.len() > 1;
    // An error of the harness does not make an instance flaky.
    let mute = |play: &StoredInstance| matches!(play.verdict, VerdictKind::Error | VerdictKind::Blocked);
    let (all, total) = (plays.len(), plays.iter().map(|play| play.plays).sum());
    let shown = plays
        .iter()
        .find(|play| mute(play))
        .or_else(|| plays.iter().find(|play| play.is_deviating(true)))
        .unwrap_or(&plays[0]);
    let mut instance = shown.clone();
    instance.plays = total;
    if differ && !mute(&instance) {
        instance.verdict = VerdictKind::Flaky;
        instance.met = Vec::new();
        instance.reason = Some(format!("of {all} runs: {}", told.join(", ")));
    }
    instance
}
