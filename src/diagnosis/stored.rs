//! Puts a diagnosis into the stored run, for the reports: they are pure functions of the run and cannot diagnose it.

use super::catalogue::Severity;
use super::defect::{Defect, Diagnosis};
use super::diagnose::{diagnose, stand};
use super::grade::Graded;
use super::grades::grade;
use super::index::IndexError;
use super::standing::field;
use crate::embedded;
use crate::report::StoredRun;
use crate::report::stored::{
    StoredAgreement, StoredDefect, StoredField, StoredGrade, StoredGrades, StoredQuote, StoredShare,
};

/// Diagnoses a whole run of the suite, unless it holds its defects already. Of a part of the suite, of an incomplete run, and of
/// a run of other cases, no diagnosis can be made: such a run has no defects and no grades.
pub fn store(run: &mut StoredRun) {
    if run.missing().is_some() {
        run.defects = None;
        run.grades = None;
    } else if run.defects.is_none() {
        // An index of other cases explains nothing.
        if let Ok(diagnosis) = diagnosis(run) {
            run.defects = Some(diagnosis.defects.iter().map(stored_defect).collect());
            run.grades = Some(grades(&diagnosis, run));
        }
    }
    run.summarise();
}

fn diagnosis(run: &StoredRun) -> Result<Diagnosis, IndexError> {
    if run.instances.iter().any(|instance| instance.is_deviating(true)) {
        return diagnose(run, embedded::library(), super::INDEX);
    }
    // The index takes more time and memory than all else that happens at the end of a run.
    let mut diagnosis = Diagnosis::default();
    stand(&mut diagnosis, run);
    Ok(diagnosis)
}

fn grades(diagnosis: &Diagnosis, run: &StoredRun) -> StoredGrades {
    let grades = grade(diagnosis);
    let stored = |graded: &Graded| StoredGrade {
        grade: graded.grade.to_string(),
        held_by: graded
            .held_by
            .iter()
            .filter_map(|at| diagnosis.defects.get(*at))
            .map(|d| d.id.clone())
            .collect(),
        when_mended: graded.when_mended.to_string(),
    };
    StoredGrades {
        overall: stored(&grades.overall),
        opening: stored(&grades.opening),
        protocol: stored(&grades.protocol),
        standing: diagnosis.standing.map(|standing| standing.sentence(&field().date)),
        field: stored_field(diagnosis, run),
    }
}

/// The numbers behind the standing.
fn stored_field(diagnosis: &Diagnosis, run: &StoredRun) -> Option<StoredField> {
    diagnosis.standing?;
    let thousandths = |part: usize, of: usize| (part * 1000 / of.max(1)) as u16;
    let (failing, decided) = field().failing(run);
    let compared = field().compare(run, None)?.into_iter().map(|other| {
        (thousandths(other.failing, other.decided), thousandths(other.failing_there, other.decided))
    });
    let mut others: Vec<(u16, u16)> = compared.collect();
    others.sort_by_key(|(own, other)| (*other, *own));
    let areas = diagnosis.standing_in.iter().map(|(area, standing)| {
        (area.clone(), StoredShare { having: standing.better_than, of: standing.of })
    });
    Some(StoredField {
        date: field().date.clone(),
        failing: thousandths(failing, decided),
        others,
        areas: areas.collect(),
    })
}

fn stored_defect(defect: &Defect) -> StoredDefect {
    let requirements = defect.requirements.iter().map(|quoted| StoredQuote {
        id: quoted.id.clone(),
        citation: quoted.citation.clone(),
        quote: quoted.quote.clone(),
    });
    let agreement = defect.agreement;
    StoredDefect {
        id: defect.id.clone(),
        title: defect.words.title.clone(),
        means: defect.words.means.clone(),
        severity: defect.words.severity.unwrap_or(Severity::Strictness).name().to_owned(),
        allows: defect.words.allows().to_string(),
        explained: defect.is_explained(),
        requirements: requirements.collect(),
        observed: defect.observed.clone(),
        instances: defect.instances.clone(),
        smallest: defect.smallest.clone(),
        agreement: StoredAgreement {
            seen: agreement.seen,
            seen_alike: agreement.seen_alike,
            hidden: agreement.hidden,
            not_seen: agreement.not_seen,
            not_predicted: agreement.not_predicted,
        },
        also: defect.also.map(|also| StoredShare { having: also.having, of: also.of }),
    }
}
