//! All requirements, in the order of their documents.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::near::edit_distance;
use super::reader::{Placed, read_file};
use super::{CatalogueError, CatalogueMistake, Requirement, RequirementId};

/// How many ids [`Catalogue::near`] proposes at the most.
const NEAR_COUNT_MAX: usize = 3;

/// The requirements of some documents, found by id and listed in their documents' order.
#[derive(Debug, Clone)]
pub struct Catalogue {
    requirements: Vec<Requirement>,
    index: HashMap<RequirementId, usize>,
}

impl Catalogue {
    /// Reads files, each given by name and text; the name without folder and `.toml` is the document that its
    /// ids begin with.
    ///
    /// # Errors
    ///
    /// All mistakes of all files, in their order. Of a file that is not TOML, only that is reported.
    pub fn parse(files: &[(&str, &str)]) -> Result<Catalogue, Vec<CatalogueError>> {
        let mut errors = Vec::new();
        let mut requirements = Vec::new();
        let mut index = HashMap::new();
        let mut places: HashMap<RequirementId, String> = HashMap::new();
        for (name, text) in files {
            let mut file_errors = Vec::new();
            for Placed { value, place: at } in read_file(name, text, &mut file_errors) {
                match places.entry(value.id.clone()) {
                    Entry::Occupied(first) => file_errors.push(CatalogueError {
                        file: (*name).to_owned(),
                        line: at.line,
                        column: at.column,
                        mistake: CatalogueMistake::DuplicateId {
                            id: value.id.to_string(),
                            first: first.get().clone(),
                        },
                    }),
                    Entry::Vacant(place) => {
                        place.insert(format!("{name}:{}", at.line));
                        index.insert(value.id.clone(), requirements.len());
                        requirements.push(value);
                    }
                }
            }
            file_errors.sort_by_key(|error| (error.line, error.column));
            errors.append(&mut file_errors);
        }
        if errors.is_empty() { Ok(Catalogue { requirements, index }) } else { Err(errors) }
    }

    /// Requirements whose ids differ, in the order of their documents.
    pub(crate) fn of(requirements: Vec<Requirement>) -> Catalogue {
        let index =
            requirements.iter().enumerate().map(|(at, requirement)| (requirement.id.clone(), at)).collect();
        Catalogue { requirements, index }
    }

    /// The requirement of that id.
    pub fn get(&self, id: &str) -> Option<&Requirement> {
        self.index.get(id).map(|&at| &self.requirements[at])
    }

    /// All requirements, in the order of the files.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Requirement> {
        self.requirements.iter()
    }

    /// The number of requirements.
    pub fn len(&self) -> usize {
        self.requirements.len()
    }

    /// Whether there are no requirements.
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }

    /// The ids that someone who wrote `text` may have meant, nearest first; none if nothing is like it.
    pub fn near(&self, text: &str) -> Vec<&RequirementId> {
        let name = text.rsplit('/').next().unwrap_or(text);
        let distance_max = name.len() / 3;
        let mut found: Vec<(usize, &RequirementId)> = self
            .iter()
            .map(|requirement| &requirement.id)
            // A right name in a wrong section is the most common mistake, so the name decides what is near at all.
            .filter(|id| edit_distance(name, id.name()) <= distance_max)
            .map(|id| (edit_distance(text, id.as_str()), id))
            .collect();
        found.sort_unstable();
        found.truncate(NEAR_COUNT_MAX);
        found.into_iter().map(|(_, id)| id).collect()
    }
}

#[cfg(test)]
#[path = "catalogue_tests.rs"]
mod tests;
