//! Stored runs on disk.

use super::status::Failure;
pub use crate::audit::{now, today};
use crate::embedded;
use crate::report::StoredRun;
use std::path::Path;

/// Reads a run: a folder of reports, or its report.json.
pub fn read(path: &Path) -> Result<StoredRun, Failure> {
    let file = if path.is_dir() { path.join("report.json") } else { path.to_path_buf() };
    let mistake = |what: &dyn std::fmt::Display| {
        Failure::Usage(format!("cannot read the run {}: {what}", file.display()))
    };
    let text = std::fs::read_to_string(&file).map_err(|error| mistake(&error))?;
    StoredRun::parse(&text, embedded::catalogue()).map_err(|error| mistake(&error))
}
