//! Stored runs on disk.

use super::draft::{EVENTS, REPORT};
use super::status::Failure;
pub(super) use crate::audit::{now, today};
use crate::embedded;
use crate::report::StoredRun;
use crate::report::stored::recover;
use std::path::Path;

/// Reads a run: a folder of reports, or its report.json.
pub(super) fn read(path: &Path) -> Result<StoredRun, Failure> {
    let file = if path.is_dir() { path.join(REPORT) } else { path.to_path_buf() };
    let mistake = |what: &dyn std::fmt::Display| {
        Failure::Usage(format!("cannot read the run {}: {what}", file.display()))
    };
    let text = std::fs::read_to_string(&file).map_err(|error| {
        let events = file.with_file_name(EVENTS);
        match error.kind() == std::io::ErrorKind::NotFound && events.exists() {
            true => mistake(&"the run did not end, and was killed before anything was played"),
            false => mistake(&error),
        }
    })?;
    let run = StoredRun::parse(&text, embedded::catalogue()).map_err(|error| mistake(&error))?;
    if !run.unfinished {
        return Ok(run);
    }
    // The run was killed. events.ndjson has what it had played.
    let events = file.with_file_name(EVENTS);
    let text = std::fs::read(&events).map_err(|error| mistake(&error))?;
    recover(run, &String::from_utf8_lossy(&text), embedded::catalogue()).map_err(|error| mistake(&error))
}
