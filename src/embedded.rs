//! The requirements and the cases of this release. They are embedded in the binary: a change of them is a change of it.

use include_dir::{Dir, DirEntry, include_dir};
use std::sync::OnceLock;
use wsgauntlet_suite::case::Library;
use wsgauntlet_suite::case::load::{Mistake, Source};
use wsgauntlet_suite::requirement::{Catalogue, CatalogueError};

static CASES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/cases");

/// The folder of `cases/` whose files are requirements; all others hold cases.
const REQUIREMENTS: &str = "requirements";

/// The requirements of this release, parsed at the first call.
pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let folder = CASES.get_dir(REQUIREMENTS).expect("cases/requirements is embedded");
        let mut files: Vec<(&str, &str)> =
            toml_files(folder).filter_map(|(path, text)| Some((path.rsplit('/').next()?, text))).collect();
        files.sort_unstable();
        Catalogue::parse(&files).unwrap_or_else(|errors| {
            let lines: Vec<String> = errors.iter().map(CatalogueError::to_string).collect();
            unreachable!("a test parses the embedded catalogue:\n{}", lines.join("\n"))
        })
    })
}

/// The cases of this release, loaded at the first call.
pub fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        Library::parse(&sources(), catalogue()).unwrap_or_else(|mistakes| {
            let lines: Vec<String> = mistakes.iter().map(Mistake::to_string).collect();
            unreachable!("a test loads the embedded cases:\n{}", lines.join("\n"))
        })
    })
}

/// The suites of `cases/`, without the requirements.
pub fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    let areas = CASES.entries().iter().filter_map(DirEntry::as_dir);
    for area in areas.filter(|area| area.path().to_str() != Some(REQUIREMENTS)) {
        for (path, text) in toml_files(area) {
            let suite = path.trim_end_matches(".toml").to_owned();
            sources.push(Source { path: suite, file: format!("cases/{path}"), text: text.to_owned() });
        }
    }
    sources
}

/// Path below `cases/` and text of the TOML files of a folder.
fn toml_files(folder: &'static Dir<'static>) -> impl Iterator<Item = (&'static str, &'static str)> {
    folder.files().filter_map(|file| {
        let path = file.path().to_str().filter(|path| path.ends_with(".toml"))?;
        Some((path, file.contents_utf8().expect("the files of cases/ are UTF-8")))
    })
}
