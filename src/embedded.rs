//! The requirements and the cases of this release. They are embedded in the binary, as the build script compiled them, so
//! that nothing is parsed at run time. The texts of the cases are there, too, for what is to be made of them otherwise.

use include_dir::{Dir, DirEntry, include_dir};
use std::sync::LazyLock;
use wsgauntlet_suite::case::Library;
use wsgauntlet_suite::case::load::Source;
use wsgauntlet_suite::compiled;
use wsgauntlet_suite::requirement::Catalogue;

static CASES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/cases");

/// The folder of `cases/` whose files are requirements; all others hold cases.
const REQUIREMENTS: &str = "requirements";

/// The requirements of this release.
pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
        let octets = include_bytes!(concat!(env!("OUT_DIR"), "/requirements.bin"));
        compiled::decode_catalogue(octets).expect("this build wrote it")
    });
    &CATALOGUE
}

/// The cases of this release.
pub fn library() -> &'static Library {
    static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
        let octets = include_bytes!(concat!(env!("OUT_DIR"), "/cases.bin"));
        compiled::decode_library(octets).expect("this build wrote it")
    });
    &LIBRARY
}

/// The texts of the suites, without the requirements.
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
