//! The grades of a diagnosis: overall, of the opening handshake, and of the protocol behind it. Every place that prints a grade
//! calls [`grade`].

use super::defect::{Defect, Diagnosis};
use super::grade::{Grade, Graded, Part, graded};
use serde::{Deserialize, Serialize};

/// The grades of a target. The `held_by` of each are places in [`Diagnosis::defects`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grades {
    /// Of all defects.
    pub overall: Graded,
    /// Of the defects of the opening handshake, with what is negotiated in it.
    pub opening: Graded,
    /// Of the defects that show after the opening handshake.
    pub protocol: Graded,
}

/// Grades a diagnosis by the worst severity among its defects. Only a run of the whole suite deserves a grade: the caller checks that.
pub fn grade(diagnosis: &Diagnosis) -> Grades {
    let of = |part: Option<Part>| {
        let defects = diagnosis.defects.iter().enumerate();
        let places = defects.filter(|(_, defect)| part.is_none_or(|part| defect.part() == part));
        let (places, allowed): (Vec<usize>, Vec<Grade>) =
            places.map(|(place, defect)| (place, defect.words.allows())).unzip();
        let own = graded(allowed);
        Graded { held_by: own.held_by.into_iter().map(|at| places[at]).collect(), ..own }
    };
    Grades { overall: of(None), opening: of(Some(Part::Opening)), protocol: of(Some(Part::Protocol)) }
}

impl Grades {
    /// `grade C (opening C, protocol A)`
    pub fn letters(&self) -> String {
        let [overall, opening, protocol] =
            [&self.overall, &self.opening, &self.protocol].map(|graded| graded.grade);
        format!("grade {overall} (opening {opening}, protocol {protocol})")
    }

    /// Which defects hold the overall grade down, and the grade without them: `C because of 2 defects; B without`. `None` for A+.
    pub fn reason(&self) -> Option<String> {
        let Graded { grade, held_by, when_mended } = &self.overall;
        let count = match held_by.len() {
            0 => return None,
            1 => "1 defect".to_owned(),
            count => format!("{count} defects"),
        };
        Some(format!("{grade} because of {count}; {when_mended} without"))
    }

    /// The defects that hold the overall grade down. `diagnosis` is the one that was graded.
    pub fn holding<'d>(&self, diagnosis: &'d Diagnosis) -> impl Iterator<Item = &'d Defect> {
        self.overall.held_by.iter().filter_map(|place| diagnosis.defects.get(*place))
    }
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::Severity;
    use super::super::words::Words;
    use super::*;

    fn defect(severity: Severity, instance: &str) -> Defect {
        let words = Words { severity: Some(severity), ..Words::default() };
        Defect { words, instances: vec![instance.to_owned()], ..Defect::default() }
    }

    /// Each part has the grade of its own defects, and what holds it is named by its place in the whole list.
    #[test]
    fn parts_are_graded_apart() {
        let defects = vec![
            defect(Severity::Interop, "opening/host/absent"),
            defect(Severity::Strictness, "text/invalid/sequence"),
            defect(Severity::Hygiene, "closing/codes/defined"),
        ];
        let diagnosis = Diagnosis { defects, ..Diagnosis::default() };
        let grades = grade(&diagnosis);
        let told = [&grades.overall, &grades.opening, &grades.protocol]
            .map(|one| (one.grade, one.held_by.clone(), one.when_mended));
        assert_eq!(
            told,
            [(Grade::C, vec![0], Grade::B), (Grade::C, vec![0], Grade::APlus), (Grade::B, vec![1], Grade::A)]
        );
        assert_eq!(grades.letters(), "grade C (opening C, protocol B)");
        assert_eq!(grades.reason().as_deref(), Some("C because of 1 defect; B without"));
        assert!(grades.holding(&diagnosis).eq([&diagnosis.defects[0]]));
        assert_eq!(grade(&Diagnosis::default()).reason(), None);
    }
}
