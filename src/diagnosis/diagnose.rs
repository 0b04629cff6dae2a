//! From a run to its diagnosis: candidates, the smallest set of them, and what that set explains.

use super::candidates::{Candidate, Candidates, candidates};
use super::cover::cover;
use super::defect::{Agreement, Defect, Diagnosis, Model, Quoted};
use super::difference::Difference;
use super::index::{Index, IndexError};
use super::overlooked::overlook;
use super::recognise::unnamed_id;
use super::refine::Refiner;
use super::relation::{ALIKE, explains};
use super::repair::{Member, Repair};
use super::shape::{Shape, ShapeId, Shapes, Symptom};
use super::standing::field;
use super::subject::{self, Subject, is_decided, is_deviation};
use super::supplement::supplement;
use super::words;
use super::workbench::Workbench;
use crate::embedded;
use crate::report::StoredRun;
use std::collections::{BTreeMap, HashMap, HashSet};
use wsgauntlet_reference::Quirk;
use wsgauntlet_suite::case::Library;
use wsgauntlet_suite::oracle::VerdictKind;
use wsgauntlet_suite::requirement::Catalogue;

/// How many plays may improve a first set, while only members count that change an instance alone. Most take a few hundred.
pub(super) const PLAYS_MAX: usize = 10_000;

/// The set of candidates that explains a run best.
#[derive(Clone, Debug)]
pub(super) struct Explanation {
    pub candidates: Vec<Candidate>,
    /// Places of `candidates`: the set, then what explains instances alone that the reference cannot show beside the set.
    pub chosen: Vec<usize>,
    /// What the reference does with the set switched on, in each instance that the run decided.
    pub predicted: HashMap<u32, ShapeId>,
    /// Deviating instances that several members explain together, and none alone: the members, as places of `candidates`.
    pub joint: HashMap<u32, Vec<usize>>,
}

/// The smallest set of differences that explains what a subject shows.
pub(super) fn explain(bench: &Workbench<'_>, index: &mut Index, subject: &Subject) -> Explanation {
    overlook(index, subject, bench);
    let Candidates { all: mut candidates, likely } = candidates(index, subject);
    let first = cover(&candidates[..likely], subject, &index.shapes);
    let mut refiner = Refiner::new(bench, &candidates[..likely], subject, &mut index.shapes, PLAYS_MAX);
    let built = refiner.build(&first);
    let refined = refiner.refine(built);
    let members =
        refined.iter().map(|place| Member { place: *place, difference: candidates[*place].difference() });
    let members = members.collect();
    let mut repair = Repair::new(bench, &candidates, subject, &mut index.shapes);
    let state = repair.state(members);
    let mut state = repair.repair(state);
    // What only breaks the same requirement in another way names no cause.
    let named: Vec<Member> =
        state.set.iter().copied().filter(|member| repair.is_seen(&state, member)).collect();
    if named.len() < state.set.len() {
        state = repair.state(named);
    }
    let instances = 0..subject.observed.len() as u32;
    let predicted = instances
        .clone()
        .filter_map(|instance| Some((instance, repair.predicted(&state, instance)?)))
        .collect();
    let joint = instances.filter_map(|instance| {
        let members = repair.joint(&state, instance);
        (!members.is_empty()).then(|| (instance, members.iter().map(|member| member.place).collect()))
    });
    let joint: HashMap<u32, Vec<usize>> = joint.collect();
    for member in &state.set {
        candidates[member.place].prefer(member.difference);
    }
    let mut chosen: Vec<usize> = state.set.iter().map(|member| member.place).collect();
    let shapes = &index.shapes;
    let is_explained = |instance: u32, observed: &Shape| {
        let Some(first) = observed.seen.first().filter(|_| is_deviation(observed.kind)) else { return true };
        let alone = chosen.iter().filter_map(|place| candidates[*place].cell(instance));
        joint.contains_key(&instance)
            || alone.into_iter().any(|cell| explains(shapes.shape(cell), first) >= ALIKE)
    };
    let observed = subject.observed.iter().enumerate();
    let unexplained = observed.filter_map(|(instance, observed)| {
        let observed = shapes.shape((*observed)?);
        (!is_explained(instance as u32, observed)).then_some(instance as u32)
    });
    let unexplained = unexplained.collect();
    chosen.extend(supplement(&candidates, &chosen, &unexplained, subject, shapes));
    Explanation { candidates, chosen, predicted, joint }
}

/// Diagnoses a run that was made with the cases of `library`. `index` is the text of the index.
///
/// # Errors
///
/// The index was made of other cases.
pub fn diagnose(run: &StoredRun, library: &Library, index: &str) -> Result<Diagnosis, IndexError> {
    let mut bench = Workbench::new(library, run.target.role, subject::capabilities(run));
    bench.reporters = subject::reporters(run, &bench);
    let mut index = Index::parse(index, bench.role, &bench.instances)?;
    let subject = Subject::of_run(run, &bench, &mut index.shapes);
    let explanation = explain(&bench, &mut index, &subject);
    let findings = Findings {
        bench: &bench,
        run,
        subject: &subject,
        shapes: &index.shapes,
        explanation: &explanation,
        catalogue: embedded::catalogue(),
    };
    let mut diagnosis = findings.diagnosis();
    for defect in &mut diagnosis.defects {
        defect.also = field().also(defect, bench.role);
    }
    stand(&mut diagnosis, run);
    Ok(diagnosis)
}

/// Where a whole run stands among the audited implementations.
pub(super) fn stand(diagnosis: &mut Diagnosis, run: &StoredRun) {
    if run.missing().is_none() {
        diagnosis.standing = field().standing(run, None);
        let areas = field().areas().into_iter();
        diagnosis.standing_in =
            areas.filter_map(|area| Some((area.to_owned(), field().standing(run, Some(area))?))).collect();
    }
}

struct Findings<'a> {
    bench: &'a Workbench<'a>,
    run: &'a StoredRun,
    subject: &'a Subject,
    shapes: &'a Shapes,
    explanation: &'a Explanation,
    catalogue: &'a Catalogue,
}

impl Findings<'_> {
    fn diagnosis(&self) -> Diagnosis {
        let chosen = || self.explanation.chosen.iter().map(|place| &self.explanation.candidates[*place]);
        let deviating: Vec<u32> = (0..self.subject.observed.len() as u32)
            .filter(|instance| self.first_seen(*instance).is_some())
            .collect();
        let is_explained = |instance: &u32| {
            self.explanation.joint.contains_key(instance)
                || chosen().any(|candidate| self.decides(candidate, *instance))
        };
        let rest: Vec<u32> = deviating.iter().copied().filter(|instance| !is_explained(instance)).collect();
        let places = self.explanation.chosen.iter().copied();
        let mut defects: Vec<Defect> = places
            .filter(|place| !quirks(&self.explanation.candidates[*place]).is_empty())
            .map(|place| self.defect(place, &rest))
            .collect();
        // The names decide between equal counts: the order is the same in each run.
        defects.extend(self.unexplained(&rest));
        defects.sort_by(|a, b| {
            let gravity =
                a.words.allows().cmp(&b.words.allows()).then(a.words.severity.cmp(&b.words.severity));
            gravity.then(b.instances.len().cmp(&a.instances.len())).then(a.id.cmp(&b.id))
        });
        let variants = chosen().filter(|candidate| quirks(candidate).is_empty());
        Diagnosis {
            defects,
            variants: variants.map(|candidate| candidate.difference().name()).collect(),
            deviating: deviating.len(),
            unexplained: rest.len(),
            outside: self.run.instances.len() - self.subject.observed.iter().flatten().count(),
            model: self.model(),
            ..Diagnosis::default()
        }
    }

    /// The deciding deviation of an instance.
    fn first_seen(&self, instance: u32) -> Option<&Symptom> {
        let shape = self.shapes.shape(self.subject.observed[instance as usize]?);
        shape.seen.first().filter(|_| is_deviation(shape.kind))
    }

    /// The instances in which a candidate explains a deviation, alone or with others, each with how well.
    fn shown_by(&self, place: usize) -> Vec<(u32, f32)> {
        let candidate = &self.explanation.candidates[place];
        let joint = self.explanation.joint.iter().filter(|(_, members)| members.contains(&place));
        let joint = joint.filter_map(|(instance, _)| {
            let predicted = self.shapes.shape(*self.explanation.predicted.get(instance)?);
            Some((*instance, explains(predicted, self.first_seen(*instance)?)))
        });
        let alone = candidate.cells.iter().filter_map(|(instance, predicted)| {
            self.first_seen(*instance)?;
            let observed = self.shapes.shape(self.subject.observed[*instance as usize]?);
            let predicted = self.shapes.shape(*predicted);
            let explained = observed.seen.iter().map(|seen| explains(predicted, seen)).fold(0.0, f32::max);
            (explained >= ALIKE).then_some((*instance, explained))
        });
        let shown: BTreeMap<u32, f32> = joint.chain(alone).collect();
        shown.into_iter().collect()
    }

    /// Whether a candidate explains the deciding deviation of an instance.
    fn decides(&self, candidate: &Candidate, instance: u32) -> bool {
        let (Some(first), Some(predicted)) = (self.first_seen(instance), candidate.cell(instance)) else {
            return false;
        };
        explains(self.shapes.shape(predicted), first) >= ALIKE
    }

    fn defect(&self, place: usize, rest: &[u32]) -> Defect {
        let candidate = &self.explanation.candidates[place];
        let quirks = quirks(candidate);
        let shown = self.shown_by(place);
        let exact = shown.iter().filter(|(_, explained)| *explained >= 1.0).count();
        let seen: HashSet<(u32, u32)> = shown
            .iter()
            .filter_map(|(instance, _)| self.first_seen(*instance))
            .map(|seen| (seen.requirement, seen.class))
            .collect();
        let explained: HashSet<u32> = shown.iter().map(|(instance, _)| *instance).collect();
        let is_hidden = |(instance, _): &&(u32, ShapeId)| {
            self.first_seen(*instance).is_some() && !explained.contains(instance)
        };
        let predicts = |(_, shape): &&(u32, ShapeId)| is_deviation(self.shapes.shape(*shape).kind);
        let predicted_in = |instance: &u32| candidate.cell(*instance).is_some();
        let is_akin = |instance: &&u32| {
            self.first_seen(**instance).is_some_and(|first| seen.contains(&(first.requirement, first.class)))
        };
        let agreement = Agreement {
            seen: exact,
            seen_alike: shown.len() - exact,
            hidden: candidate.cells.iter().filter(is_hidden).count(),
            not_seen: candidate
                .cells
                .iter()
                .filter(predicts)
                .filter(|(instance, _)| self.first_seen(*instance).is_none())
                .count(),
            not_predicted: rest.iter().filter(is_akin).filter(|instance| !predicted_in(instance)).count(),
        };
        let instances: Vec<u32> = shown.into_iter().map(|(instance, _)| instance).collect();
        Defect {
            id: quirks[0].info().name.to_owned(),
            words: words::of_quirk(quirks[0], self.bench.role),
            quirks: quirks.iter().map(|quirk| quirk.info().name).collect(),
            agreement,
            ..self.of_instances(&instances)
        }
    }

    /// A defect of these instances, without a name.
    fn of_instances(&self, instances: &[u32]) -> Defect {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for seen in instances.iter().filter_map(|instance| self.first_seen(*instance)) {
            *counts.entry(self.shapes.text(seen.requirement)).or_default() += 1;
        }
        let mut requirements: Vec<(&str, usize)> = counts.into_iter().collect();
        requirements.sort_by(|(id_a, a), (id_b, b)| b.cmp(a).then(id_a.cmp(id_b)));
        let quoted =
            requirements.iter().filter_map(|(id, _)| self.catalogue.get(id)).map(|requirement| Quoted {
                id: requirement.id.to_string(),
                citation: requirement.citation(),
                quote: requirement.quote.clone(),
            });
        let known = |instance: &u32| self.bench.instances[*instance as usize];
        let smallest =
            instances.iter().map(known).min_by_key(|one| (one.script.steps.len(), one.id.as_str().len()));
        Defect {
            id: String::new(),
            quirks: Vec::new(),
            words: words::Words::default(),
            requirements: quoted.collect(),
            instances: instances.iter().map(|instance| known(instance).id.to_string()).collect(),
            observed: smallest.map(|one| self.stored_observation(one.id.as_str())).unwrap_or_default(),
            smallest: smallest.map(|one| one.id.to_string()).unwrap_or_default(),
            agreement: Agreement::default(),
            also: None,
        }
    }

    /// What no quirk explains, by requirement and class.
    fn unexplained(&self, rest: &[u32]) -> Vec<Defect> {
        let mut groups: BTreeMap<String, (&str, Vec<u32>)> = BTreeMap::new();
        for instance in rest {
            let Some(seen) = self.first_seen(*instance) else { continue };
            let requirement = self.shapes.text(seen.requirement);
            let group = groups.entry(unnamed_id(self.shapes, seen)).or_insert((requirement, Vec::new()));
            group.1.push(*instance);
        }
        let defects = groups.into_iter().map(|(id, (requirement, instances))| {
            let defect = self.of_instances(&instances);
            let is_lenient = instances.iter().all(|instance| self.is_lenient(*instance));
            let words = self.catalogue.get(requirement).map(|known| words::of_requirement(known, is_lenient));
            Defect { id, words: words.unwrap_or_default(), ..defect }
        });
        defects.collect()
    }

    fn is_lenient(&self, instance: u32) -> bool {
        let shape = self.subject.observed[instance as usize].map(|shape| self.shapes.shape(shape).kind);
        shape == Some(VerdictKind::Lenient)
    }

    fn stored_observation(&self, id: &str) -> String {
        let stored = self.run.instances.iter().find(|instance| instance.id == id);
        stored.map(|instance| instance.observed().to_owned()).unwrap_or_default()
    }

    fn model(&self) -> Model {
        let mut model = Model::default();
        for (instance, observed) in self.subject.observed.iter().enumerate() {
            let Some(observed) = observed.map(|shape| self.shapes.shape(shape)) else { continue };
            if !is_decided(observed.kind) {
                continue;
            }
            model.decided += 1;
            let Some(predicted) = self.explanation.predicted.get(&(instance as u32)) else { continue };
            let predicted = self.shapes.shape(*predicted);
            model.same_verdict += usize::from(predicted.kind == observed.kind);
            model.same_observation += usize::from(predicted == observed);
        }
        model
    }
}

/// The quirks among the equivalent differences of a candidate.
fn quirks(candidate: &Candidate) -> Vec<Quirk> {
    let quirk = |difference: &Difference| match difference {
        Difference::Quirk(quirk) => Some(*quirk),
        Difference::Variant(_) => None,
    };
    candidate.equivalent.iter().filter_map(quirk).collect()
}
