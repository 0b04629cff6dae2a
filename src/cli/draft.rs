//! The folder of reports during a run: a report.json in which every instance is unplayed, and events.ndjson.
//! A run that is killed leaves both, and every command that reads runs puts them together. The reports of an earlier run go
//! before anything is played, so that nobody takes them for those of this run.

use super::status::Failure;
use crate::embedded;
use crate::report::json;
use crate::report::registry::FORMATS;
use crate::report::stored::{Circumstances, StoredRun, UNFINISHED};
use std::fs::File;
use std::io::{BufWriter, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{Record, Run, TargetInfo, VerdictKind};

pub(super) const REPORT: &str = "report.json";
pub(super) const EVENTS: &str = "events.ndjson";

/// What the first report.json of a run is made of.
pub(super) struct Draft {
    pub dir: PathBuf,
    pub instances: Vec<Arc<Instance>>,
    pub circumstances: Circumstances,
}

impl Draft {
    /// Writes report.json, unless it is there.
    pub(super) fn write(&self, target: &TargetInfo, cases: usize, jobs: usize) -> Result<(), Failure> {
        let path = self.dir.join(REPORT);
        if path.exists() {
            return Ok(());
        }
        let unplayed = |instance: &Arc<Instance>| {
            Record::unplayed(instance.clone(), VerdictKind::Blocked, "the run did not end")
        };
        let run = Run {
            target: target.clone(),
            records: self.instances.iter().map(unplayed).collect(),
            cases,
            jobs,
            duration: Duration::ZERO,
            interrupted: Some(UNFINISHED.to_owned()),
            deaths: Vec::new(),
            crashes: Vec::new(),
        };
        let mut stored = StoredRun::of(&run, embedded::catalogue(), &self.circumstances);
        stored.unfinished = true;
        let file = File::create(&path).map_err(|error| unwritable(&self.dir, &error))?;
        json::write(&stored, BufWriter::new(file)).map_err(|error| unwritable(&self.dir, &error))
    }
}

/// Takes the reports of an earlier run away, and begins events.ndjson. `reports`: the formats that the run writes beside the
/// usual ones.
pub(super) fn begin(dir: &Path, reports: &[String]) -> Result<BufWriter<File>, Failure> {
    std::fs::create_dir_all(dir).map_err(|error| unwritable(dir, &error))?;
    let events = File::create(dir.join(EVENTS)).map_err(|error| unwritable(dir, &error))?;
    let written =
        FORMATS.iter().filter(|format| format.by_default || reports.iter().any(|name| name == format.name));
    for made in written.flat_map(|format| (format.render)(&[])) {
        remove(&dir.join(made.path)).map_err(|error| unwritable(dir, &error))?;
    }
    remove(&dir.join(REPORT)).map_err(|error| unwritable(dir, &error))?;
    Ok(BufWriter::new(events))
}

/// Takes the first report.json away, where the runs have folders of their own.
pub(super) fn forget(dir: &Path) -> Result<(), Failure> {
    remove(&dir.join(REPORT)).map_err(|error| unwritable(dir, &error))
}

fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn unwritable(dir: &Path, error: &std::io::Error) -> Failure {
    Failure::Usage(format!("cannot write into {}: {error}", dir.display()))
}
