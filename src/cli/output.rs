//! Writing: stdout that may be closed, files of a report folder.

use super::status::Failure;
use std::io::Write;
use std::path::Path;

/// Prints to stdout. A reader that went away (`| head`) is no failure.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::Harness(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a file of a report folder, which is made if need be.
pub(super) fn write(dir: &Path, name: &str, text: &str) -> Result<(), Failure> {
    let path = dir.join(name);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|error| Failure::Usage(format!("cannot write into {}: {error}", folder.display())))?;
    }
    std::fs::write(&path, text)
        .map_err(|error| Failure::Harness(format!("cannot write {}: {error}", path.display())))
}
