//! What a stored run says of its grade and its defects.

use super::defect::StoredDefect;
use super::instance::StoredInstance;
use super::model::StoredRun;
use std::collections::{BTreeMap, BTreeSet};

impl StoredRun {
    /// The grade as a letter and the reason for it. The letter is `–` if the run has no grade; the reason says why.
    pub fn grade(&self) -> (&str, String) {
        if let Some(missing) = self.missing() {
            return ("–", missing);
        }
        match &self.grades {
            Some(grades) => (&grades.overall.grade, grades.overall.reason()),
            None => ("–", "the run was not diagnosed".to_owned()),
        }
    }

    /// `grade C (because of 2 defects; B without them)`, or `no grade: ..`.
    pub fn graded(&self) -> String {
        match self.grade() {
            ("–", reason) => format!("no grade: {reason}"),
            (grade, reason) if reason.is_empty() => format!("grade {grade}"),
            (grade, reason) => format!("grade {grade} ({reason})"),
        }
    }

    /// The defects, the gravest first; none if the run was not diagnosed.
    pub fn known_defects(&self) -> &[StoredDefect] {
        self.defects.as_deref().unwrap_or_default()
    }

    /// The defect of each instance that has one: the gravest.
    pub fn defect_of_instance(&self) -> BTreeMap<&str, &StoredDefect> {
        let mut of = BTreeMap::new();
        for defect in self.known_defects() {
            for instance in &defect.instances {
                of.entry(instance.as_str()).or_insert(defect);
            }
        }
        of
    }

    /// The instances that show a defect.
    pub fn instances_of(&self, defect: &StoredDefect) -> Vec<&StoredInstance> {
        let ids: BTreeSet<&str> = defect.instances.iter().map(String::as_str).collect();
        self.instances.iter().filter(|instance| ids.contains(instance.id.as_str())).collect()
    }
}
