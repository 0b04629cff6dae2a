//! `report.json`: the stored run itself.

use super::stored::{StoredInstance, StoredRun};
use std::io;

/// The whole run, with a line for each field.
pub fn render(run: &StoredRun) -> String {
    let text = serde_json::to_string_pretty(run).expect("a stored run has only keys that are texts");
    text + "\n"
}

/// Writes the same, without a text of the whole run in memory.
///
/// # Errors
///
/// `out` cannot be written to.
pub fn write(run: &StoredRun, mut out: impl io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, run)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// One instance on one line, as in `events.ndjson`.
pub fn line(instance: &StoredInstance) -> String {
    let text = serde_json::to_string(instance).expect("an instance has only keys that are texts");
    text + "\n"
}

/// The line of an instance that has one already, and whose verdict is another one by now.
pub fn amended_line(instance: &StoredInstance) -> String {
    line(instance).replacen('{', "{\"amended\":true,", 1)
}
