//! What an audit found.

use super::settings::Settings;
use super::{AuditError, today};
use crate::report::baseline::{self, Baseline, GateStatus, Subject};
use crate::report::groups::groups;
use crate::report::registry::{self, FORMATS};
use crate::report::{Score, StoredRun};
use std::fmt;
use std::path::Path;
use wsgauntlet_suite::oracle::VerdictKind;

/// The verdicts of an audit, held against its baseline. `Display` shows what is wrong, for a test that failed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AuditReport {
    run: StoredRun,
    status: GateStatus,
    strict: bool,
}

impl AuditReport {
    pub(super) fn baseline(settings: &Settings) -> Result<Option<Baseline>, AuditError> {
        let Some(path) = &settings.baseline else { return Ok(None) };
        let text = std::fs::read_to_string(path)
            .map_err(|source| AuditError::Read { path: path.clone(), source })?;
        baseline::load(&path.display().to_string(), &text).map(Some).map_err(AuditError::Baseline)
    }

    pub(super) fn judged(
        mut run: StoredRun,
        settings: &Settings,
        baseline: Option<&Baseline>,
    ) -> Result<AuditReport, AuditError> {
        let library = settings.selection.library()?;
        let role = run.target.role;
        let exists = |subject: &Subject| {
            library
                .instances(role)
                .any(|instance| subject.names(instance.id.as_str(), &instance.case, &instance.autobahn))
        };
        let strict = settings.is_strict();
        // A baseline may accept defects, and only a diagnosed run has some.
        crate::diagnosis::store(&mut run);
        let status = baseline::judge(&mut run, baseline, strict, today(), &exists);
        Ok(AuditReport { run, status, strict })
    }

    /// Whether the target is as good as the baseline; without one: whether nothing failed.
    pub fn conforms(&self) -> bool {
        self.status == GateStatus::Good
    }

    /// What the gate says.
    pub fn status(&self) -> GateStatus {
        self.status
    }

    /// All verdicts, as `report.json` holds them.
    pub fn run(&self) -> &StoredRun {
        &self.run
    }

    /// The share of the requirements that were met.
    pub fn score(&self) -> Score {
        self.run.score()
    }

    /// How many instances have that verdict.
    pub fn count(&self, kind: VerdictKind) -> usize {
        self.run.count(kind)
    }

    /// Writes reports into a folder: those of these names (`json`, `html`, `junit` and others), or the usual ones where
    /// none is named.
    ///
    /// # Errors
    ///
    /// There is no such format, or a file cannot be written.
    pub fn write(&self, dir: impl AsRef<Path>, formats: &[&str]) -> Result<(), AuditError> {
        let dir = dir.as_ref();
        if let Some(unknown) = formats.iter().find(|name| registry::format(name).is_none()) {
            let known: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
            return Err(AuditError::Format((*unknown).to_owned(), known.join(", ")));
        }
        let wanted = FORMATS.iter().filter(|format| match formats {
            [] => format.by_default,
            named => named.contains(&format.name),
        });
        for format in wanted {
            for file in (format.render)(std::slice::from_ref(&self.run)) {
                let path = dir.join(&file.path);
                let folder = path.parent().unwrap_or(dir);
                std::fs::create_dir_all(folder)
                    .and_then(|()| std::fs::write(&path, &file.text))
                    .map_err(|source| AuditError::Write { path, source })?;
            }
        }
        Ok(())
    }

    /// Panics with what is wrong, unless the target conforms.
    #[track_caller]
    pub fn assert_conforms(&self) {
        assert!(self.conforms(), "{self}");
    }
}

impl fmt::Display for AuditReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = &self.run.target;
        let failed = self
            .run
            .instances
            .iter()
            .filter(|instance| instance.is_deviating(self.strict) && instance.accepted.is_none());
        match failed.count() {
            0 => writeln!(f, "{} ({}): no failure", target.name, target.url)?,
            1 => writeln!(f, "{} ({}): 1 failure", target.name, target.url)?,
            count => writeln!(f, "{} ({}): {count} failures", target.name, target.url)?,
        }
        for group in groups(&self.run, &[VerdictKind::Fail, VerdictKind::Flaky, VerdictKind::Lenient]) {
            let first = group.instances[0];
            if first.accepted.is_some() || !first.is_deviating(self.strict) {
                continue;
            }
            writeln!(f, "\n{} {}", first.verdict, first.id)?;
            writeln!(f, "  {}", first.doc)?;
            if let Some(failure) = &first.failure {
                if let Some(requirement) = self.run.requirements.get(&failure.requirement) {
                    writeln!(f, "  {}: \"{}\"", requirement.citation, requirement.quote)?;
                }
                writeln!(f, "  expected {}", failure.expected)?;
                writeln!(f, "  observed {}", failure.observed)?;
            }
            if group.instances.len() > 1 {
                writeln!(f, "  and {} more", group.instances.len() - 1)?;
            }
        }
        for line in self.run.gate.iter().flat_map(|gate| gate.told()) {
            writeln!(f, "\n{}: {}: {}", line.kind.as_str(), line.subject, line.text)?;
        }
        Ok(())
    }
}
