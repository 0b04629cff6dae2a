//! `wsgauntlet.toml`: targets, profiles, and the defaults of a run. It is searched
//! from the current folder upwards; the command line overrides it. Start reading
//! in `model`; `load` reads it, `apply` puts it into arguments, `template` is what `init` writes.

mod apply;
mod load;
mod model;
mod template;

pub(super) use apply::{apply, apply_to_client, reach};
pub(super) use template::{Begin, template};

use super::status::Failure;
use model::Config;
use std::path::{Path, PathBuf};

/// The name of the file.
pub(super) const FILE: &str = "wsgauntlet.toml";

/// The nearest file upwards from `dir`.
fn find(dir: &Path) -> Option<PathBuf> {
    dir.ancestors().map(|folder| folder.join(FILE)).find(|file| file.is_file())
}

/// The file that is meant: the one named, the nearest one, or none.
fn read(named: Option<&Path>) -> Result<Option<Config>, Failure> {
    let found = match named {
        Some(path) => Some(path.to_path_buf()),
        None => std::env::current_dir().ok().and_then(|dir| find(&dir)),
    };
    let Some(path) = found else { return Ok(None) };
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Failure::Usage(format!("cannot read {}: {error}", path.display())))?;
    let config = load::load(&path, &text).map_err(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        Failure::Usage(format!("{} mistakes in {}\n{}", lines.len(), path.display(), lines.join("\n")))
    })?;
    Ok(Some(config))
}
