//! Where a target stands among the audited implementations: how many of them fail a larger share of the cases, overall and in each
//! area, and how many fail the cases of a defect too.
//!
//! The field is `standing.tsv`, which `ci/audit diagnose` makes of the committed audits. These hold a verdict for each case, so that
//! cases are compared, of which both sides decided the same ones.

use super::defect::{Also, Defect, Standing};
use crate::report::StoredRun;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use wsgauntlet_suite::oracle::VerdictKind;
use wsgauntlet_wire::Role;

/// The field of this release.
const STANDING: &str = include_str!("standing.tsv");

/// Of the cases of a defect, the share that an implementation has to deviate in to count as having it too.
const SAME_SHARE: f64 = 0.9;

/// Number of a case in the table.
type CaseId = u16;

/// An audited implementation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Audited {
    pub name: String,
    pub role: Role,
    /// The cases that fail for a cause of their own.
    failing: BTreeSet<CaseId>,
    /// The cases that fail for a cause for which most cases do.
    everywhere: BTreeSet<CaseId>,
    /// The cases that deviate in a way that the RFC tolerates.
    lenient: BTreeSet<CaseId>,
    /// The cases that were not decided.
    undecided: BTreeSet<CaseId>,
}

/// A run beside an audited implementation, in the cases that both decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Compared {
    /// How many cases both decided.
    pub decided: usize,
    /// Of these, how many the run fails.
    pub failing: usize,
    /// Of these, how many the audited implementation fails.
    pub failing_there: usize,
}

/// All audited implementations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Field {
    /// When most of them were audited: `November 2026`.
    pub date: String,
    /// The ids of the cases, `AREA/SUITE/NAME`. A case has its place here as its number.
    cases: Vec<String>,
    pub audited: Vec<Audited>,
}

/// A line of the table that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {0} of the standing cannot be read")]
pub(super) struct FieldError(pub usize);

/// The field of this release.
pub(super) fn field() -> &'static Field {
    static FIELD: LazyLock<Field> = LazyLock::new(|| Field::parse(STANDING).expect("a test parses it"));
    &FIELD
}

impl Field {
    /// # Errors
    ///
    /// The first line that cannot be read.
    pub(super) fn parse(text: &str) -> Result<Field, FieldError> {
        let mut field = Field::default();
        for (number, line) in text.lines().enumerate() {
            let (kind, rest) = line.split_once('\t').ok_or(FieldError(number + 1))?;
            let read = match kind {
                "date" => {
                    rest.clone_into(&mut field.date);
                    Some(())
                }
                "cases" => {
                    field.cases = rest.split(' ').map(str::to_owned).collect();
                    Some(())
                }
                "server" => field.read(Role::Server, rest),
                "client" => field.read(Role::Client, rest),
                _ => None,
            };
            read.ok_or(FieldError(number + 1))?;
        }
        Ok(field)
    }

    fn read(&mut self, role: Role, rest: &str) -> Option<()> {
        let fields: Vec<&str> = rest.split('\t').collect();
        let [name, failing, everywhere, lenient, undecided] = &fields[..] else { return None };
        let [failing, everywhere, lenient, undecided] =
            [failing, everywhere, lenient, undecided].map(|text| numbers(text, self.cases.len()));
        self.audited.push(Audited {
            name: (*name).to_owned(),
            role,
            failing: failing?,
            everywhere: everywhere?,
            lenient: lenient?,
            undecided: undecided?,
        });
        Some(())
    }

    /// The areas of the cases, `AREA`, in order.
    pub(super) fn areas(&self) -> BTreeSet<&str> {
        self.cases.iter().map(|case| area(case)).collect()
    }

    /// Where a run stands, in one area or overall. `None`: it decided no case of the table.
    pub(super) fn standing(&self, run: &StoredRun, of_area: Option<&str>) -> Option<Standing> {
        let compared = self.compare(run, of_area)?;
        let better_than = compared.iter().filter(|other| other.failing < other.failing_there).count();
        Some(Standing { better_than, of: compared.len() })
    }

    /// A run beside each audited implementation of its role, in one area or overall. `None`: it decided no case of the table.
    pub(super) fn compare(&self, run: &StoredRun, of_area: Option<&str>) -> Option<Vec<Compared>> {
        let counts =
            |case: &CaseId| of_area.is_none_or(|wanted| area(&self.cases[usize::from(*case)]) == wanted);
        let own: BTreeMap<CaseId, bool> =
            self.verdicts(run).into_iter().filter(|(case, _)| counts(case)).collect();
        if own.is_empty() {
            return None;
        }
        let beside = |other: &Audited| {
            let mut compared = Compared::default();
            for (case, fails) in own.iter().filter(|(case, _)| !other.undecided.contains(case)) {
                compared.decided += 1;
                compared.failing += usize::from(*fails);
                let fails_there = other.failing.contains(case) || other.everywhere.contains(case);
                compared.failing_there += usize::from(fails_there);
            }
            compared
        };
        Some(self.audited.iter().filter(|other| other.role == run.target.role).map(beside).collect())
    }

    /// Of the cases of the table that a run decided: how many it fails, and how many there are.
    pub(super) fn failing(&self, run: &StoredRun) -> (usize, usize) {
        let verdicts = self.verdicts(run);
        (verdicts.values().filter(|fails| **fails).count(), verdicts.len())
    }

    /// How many of the field deviate in the cases of a defect too. `None`: the table has none of its cases.
    pub(super) fn also(&self, defect: &Defect, role: Role) -> Option<Also> {
        let cases: BTreeSet<CaseId> =
            defect.instances.iter().filter_map(|id| self.number(case_of(id))).collect();
        if cases.is_empty() {
            return None;
        }
        let mut also = Also::default();
        for other in self.audited.iter().filter(|other| other.role == role) {
            // What fails everywhere hides how the case itself would be.
            let is_known =
                |case: &&CaseId| !other.undecided.contains(case) && !other.everywhere.contains(case);
            let decided = cases.iter().filter(is_known).count();
            let deviating = cases
                .iter()
                .filter(|case| other.failing.contains(case) || other.lenient.contains(case))
                .count();
            also.of += usize::from(decided > 0);
            also.having += usize::from(decided > 0 && deviating as f64 >= SAME_SHARE * decided as f64);
        }
        Some(also)
    }

    fn number(&self, case: &str) -> Option<CaseId> {
        let place = self.cases.binary_search_by(|known| known.as_str().cmp(case)).ok()?;
        CaseId::try_from(place).ok()
    }

    /// The cases of the table that a run decided, each with whether an instance of it fails.
    fn verdicts(&self, run: &StoredRun) -> BTreeMap<CaseId, bool> {
        let mut verdicts: BTreeMap<CaseId, bool> = BTreeMap::new();
        for instance in &run.instances {
            let fails = match instance.verdict {
                VerdictKind::Pass | VerdictKind::Info | VerdictKind::Lenient => false,
                VerdictKind::Fail | VerdictKind::Flaky => true,
                VerdictKind::Inapplicable | VerdictKind::Blocked | VerdictKind::Error => continue,
            };
            if let Some(case) = self.number(&instance.case) {
                *verdicts.entry(case).or_default() |= fails;
            }
        }
        verdicts
    }
}

/// The case of an instance: its id without parameters, role and transport.
fn case_of(id: &str) -> &str {
    id.split(['[', '@']).next().unwrap_or(id)
}

fn area(case: &str) -> &str {
    case.split('/').next().unwrap_or(case)
}

/// `0-5,9`, or `-` for none.
fn numbers(text: &str, count: usize) -> Option<BTreeSet<CaseId>> {
    let mut found = BTreeSet::new();
    if text == "-" {
        return Some(found);
    }
    for range in text.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last): (CaseId, CaseId) = (first.parse().ok()?, last.parse().ok()?);
        if usize::from(last) >= count {
            return None;
        }
        found.extend(first..=last);
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded;

    const TABLE: &str = "date\tNovember 2026\n\
        cases\tclosing/body/empty opening/host/absent opening/key/absent\n\
        server\ta\t1-2\t-\t-\t-\n\
        server\tb\t-\t-\t1\t2\n\
        client\tc\t0\t-\t-\t-\n";

    fn defect(instances: &[&str]) -> Defect {
        Defect { instances: instances.iter().map(|id| (*id).to_owned()).collect(), ..Defect::default() }
    }

    /// A defect is found where its cases deviate, failing or lenient; an implementation that decided none of them does not count.
    #[test]
    fn others_have_a_defect_too() {
        let field = Field::parse(TABLE).expect("a table");
        let also = |instances: &[&str], role| field.also(&defect(instances), role);
        let both = Some(Also { having: 2, of: 2 });
        assert_eq!(also(&["opening/host/absent[x=1]@server+h1"], Role::Server), both);
        assert_eq!(also(&["opening/key/absent@server+h1"], Role::Server), Some(Also { having: 1, of: 1 }));
        assert_eq!(also(&["closing/body/empty@server+h1"], Role::Server), Some(Also { having: 0, of: 2 }));
        assert_eq!(also(&["closing/body/unknown@server+h1"], Role::Server), None);
    }

    #[test]
    fn broken_tables_are_refused() {
        for (line, text) in [
            (1, "server"),
            (1, "planet\tx"),
            (2, "cases\ta\nserver\tx\t1\t-\t-\t-"),
            (2, "cases\ta\nserver\tx\t0"),
        ] {
            assert_eq!(Field::parse(text), Err(FieldError(line)), "{text}");
        }
    }

    /// The embedded table is about cases that exist: at most a few were renamed since.
    #[test]
    fn the_embedded_table_is_about_these_cases() {
        let field = field();
        let known: BTreeSet<&str> = embedded::library().cases.iter().map(|case| case.path.as_str()).collect();
        let gone = field.cases.iter().filter(|case| !known.contains(case.as_str())).count();
        assert!(
            gone * 20 <= field.cases.len(),
            "{gone} of {} cases are gone: run ci/audit diagnose",
            field.cases.len()
        );
        assert!(field.cases.is_sorted());
        for role in [Role::Server, Role::Client] {
            assert!(field.audited.iter().filter(|one| one.role == role).count() > 20);
        }
    }
}
