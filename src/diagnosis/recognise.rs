//! Known defects in a run that cannot be diagnosed, such as a part of the suite.
//!
//! A diagnosis weighs all instances against each other. Fewer instances tell fewer defects apart, so that the same target would get
//! other names. A defect that is known by its id needs no weighing: an instance shows it if the defect alone leads to the deviation
//! that decided the instance's verdict.

use super::index::Index;
use super::relation::{ALIKE, explains};
use super::shape::{Shapes, Symptom};
use super::subject::{self, Subject, is_deviation};
use super::workbench::Workbench;
use crate::embedded;
use crate::report::StoredRun;
use std::collections::BTreeMap;

/// The instances of `run` that show each of these defects, by the defects' ids. What only shows beside other defects is not among
/// them. Empty if the index is about other cases.
pub fn recognise(run: &StoredRun, ids: &[&str]) -> BTreeMap<String, Vec<String>> {
    let mut shown = BTreeMap::new();
    if ids.is_empty() {
        return shown;
    }
    let bench = Workbench::new(embedded::library(), run.target.role, subject::capabilities(run));
    let Ok(mut index) = Index::parse(super::INDEX, bench.role, &bench.instances) else { return shown };
    let subject = Subject::of_run(run, &bench, &mut index.shapes);
    for id in ids {
        let places =
            match index.rows.iter().find(|row| !row.difference.is_lawful() && row.difference.name() == *id) {
                Some(row) => row
                    .cells
                    .iter()
                    .filter(|(instance, predicted)| {
                        first_seen(&subject, &index.shapes, *instance)
                            .is_some_and(|seen| explains(index.shapes.shape(*predicted), seen) >= ALIKE)
                    })
                    .map(|(instance, _)| *instance)
                    .collect(),
                None => unnamed(&subject, &index.shapes, id),
            };
        let names = places.into_iter().map(|place: u32| bench.instances[place as usize].id.to_string());
        shown.insert((*id).to_owned(), names.collect());
    }
    shown
}

/// The instances of a defect that no quirk explains: `REQUIREMENT@CLASS`.
fn unnamed(subject: &Subject, shapes: &Shapes, id: &str) -> Vec<u32> {
    let instances = 0..subject.observed.len() as u32;
    let is_one = |instance: &u32| {
        first_seen(subject, shapes, *instance).is_some_and(|seen| unnamed_id(shapes, seen) == id)
    };
    instances.filter(is_one).collect()
}

/// The id of a defect that no quirk explains.
pub(super) fn unnamed_id(shapes: &Shapes, seen: &Symptom) -> String {
    let class = shapes.text(seen.class).trim_start_matches('=').replace(' ', "-");
    format!("{}@{class}", shapes.text(seen.requirement))
}

/// The deviation that decided an instance.
fn first_seen<'s>(subject: &Subject, shapes: &'s Shapes, instance: u32) -> Option<&'s Symptom> {
    let shape = shapes.shape(subject.observed[instance as usize]?);
    shape.seen.first().filter(|_| is_deviation(shape.kind))
}
