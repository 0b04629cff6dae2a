//! The library of cases, for the unit tests of this crate. The binary embeds it; here it is read from the repository.

use crate::case::Library;
use crate::case::load::Source;
use crate::requirement::Catalogue;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases")
}

/// The TOML files of a folder: name and text.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of cases/") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            files.push((name, fs::read_to_string(&path).expect("a TOML file")));
        }
    }
    files.sort();
    files
}

/// The requirements of `cases/requirements`.
pub(crate) fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let files = files(&cases().join("requirements"));
        let files: Vec<(&str, &str)> =
            files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        Catalogue::parse(&files).expect("the requirements have no mistakes")
    })
}

/// The cases of `cases/`.
pub(crate) fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let mut sources = Vec::new();
        for entry in fs::read_dir(cases()).expect("the folder cases/") {
            let folder = entry.expect("an entry").path();
            let area = folder.file_name().expect("a name").to_string_lossy().into_owned();
            if !folder.is_dir() || area == "requirements" {
                continue;
            }
            for (name, text) in files(&folder) {
                let path = format!("{area}/{}", name.trim_end_matches(".toml"));
                sources.push(Source { file: format!("cases/{area}/{name}"), path, text });
            }
        }
        Library::parse(&sources, catalogue()).expect("the cases have no mistakes")
    })
}
