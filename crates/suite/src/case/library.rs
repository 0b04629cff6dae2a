//! A library of cases: what `load` read of a set of files, in the order of their paths.

use super::load::{self, Mistake, Source};
use super::model::{Case, Instance};
use crate::requirement::Catalogue;
use wsgauntlet_wire::Role;

/// How many messages a case of the volume profile exchanges, where nothing else is asked for.
pub const VOLUME_MESSAGES: u32 = 100;

/// Cases in the order of their paths.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// The cases, sorted by path.
    pub cases: Vec<Case>,
}

impl Library {
    /// Reads the cases of all files, and checks them against the catalogue.
    /// # Errors
    /// All mistakes of all files, each with its place.
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

    /// The instances of all cases for one role, in the order of the cases.
    pub fn instances(&self, role: Role) -> impl Iterator<Item = &Instance> {
        self.cases.iter().flat_map(|case| &case.instances).filter(move |instance| instance.role == role)
    }
}
