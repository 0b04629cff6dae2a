//! The case library: what is embedded in the binary, and the files of a user.

use super::load::{self, Mistake, Source};
use super::model::{Case, Instance};
use crate::requirement::Catalogue;
use crate::wire::Role;
use include_dir::{Dir, include_dir};
use std::sync::OnceLock;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/cases");

/// How many messages a case of the volume profile exchanges, where nothing else is asked for.
pub const VOLUME_MESSAGES: u32 = 100;

/// Cases in the order of their paths.
#[derive(Clone, Debug, Default)]
pub struct Library {
    pub cases: Vec<Case>,
}

impl Library {
    /// The embedded library, loaded once.
    pub fn embedded() -> &'static Library {
        static LIBRARY: OnceLock<Library> = OnceLock::new();
        LIBRARY.get_or_init(|| match Library::parse(&embedded_sources(), Catalogue::embedded()) {
            Ok(library) => library,
            Err(mistakes) => {
                let lines: Vec<String> = mistakes.iter().map(Mistake::to_string).collect();
                unreachable!("the embedded cases are checked by a test:\n{}", lines.join("\n"))
            }
        })
    }

    pub fn parse(sources: &[Source], catalogue: &Catalogue) -> Result<Library, Vec<Mistake>> {
        Library::parse_with(sources, catalogue, VOLUME_MESSAGES)
    }

    /// With another value of the parameter `volume-messages`.
    pub fn parse_with(
        sources: &[Source],
        catalogue: &Catalogue,
        volume_messages: u32,
    ) -> Result<Library, Vec<Mistake>> {
        let mut cases = load::load(sources, catalogue, volume_messages)?;
        cases.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Library { cases })
    }

    /// Adds the cases of another library; a path that exists is a mistake.
    pub fn join(&mut self, other: Library) -> Result<(), Vec<String>> {
        let taken: Vec<String> = other
            .cases
            .iter()
            .filter(|case| self.cases.iter().any(|own| own.path == case.path))
            .map(|case| format!("the case {:?} exists in the library already", case.path))
            .collect();
        if !taken.is_empty() {
            return Err(taken);
        }
        self.cases.extend(other.cases);
        self.cases.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(())
    }

    pub fn instances(&self, role: Role) -> impl Iterator<Item = &Instance> {
        self.cases.iter().flat_map(|case| &case.instances).filter(move |instance| instance.role == role)
    }
}

/// The suites of the folder `cases/`, without the requirements.
pub fn embedded_sources() -> Vec<Source> {
    let mut sources = Vec::new();
    collect(&EMBEDDED, &mut sources);
    sources
}

fn collect(dir: &Dir<'_>, sources: &mut Vec<Source>) {
    for entry in dir.entries() {
        if let Some(dir) = entry.as_dir() {
            collect(dir, sources);
        }
        let Some(file) = entry.as_file() else { continue };
        let path = file.path().to_string_lossy().into_owned();
        let Some(suite) = path.strip_suffix(".toml") else { continue };
        if suite.starts_with("requirements/") {
            continue;
        }
        sources.push(Source {
            path: suite.to_owned(),
            file: format!("cases/{path}"),
            text: file.contents_utf8().unwrap_or_default().to_owned(),
        });
    }
}
