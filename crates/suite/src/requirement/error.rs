//! The mistakes of a catalogue's files.

use super::id::RequirementIdError;
use super::name::UnknownName;

/// One mistake, and its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {mistake}")]
pub struct CatalogueError {
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    pub mistake: CatalogueMistake,
}

/// What is wrong, and what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueMistake {
    #[error("not TOML: {0}")]
    Syntax(String),
    #[error("unknown key `{key}`, expected one of {expected}")]
    UnknownKey { key: String, expected: String },
    #[error("missing key `{key}`")]
    MissingKey { key: &'static str },
    #[error("`{key}` is of type {found}, expected {expected}")]
    WrongType { key: &'static str, found: &'static str, expected: &'static str },
    #[error("`{key}` is blank, expected words")]
    Blank { key: &'static str },
    #[error("`{key}`: {source}")]
    UnknownName { key: &'static str, source: UnknownName },
    #[error("`id`: {0}")]
    Id(RequirementIdError),
    #[error("`id` is of document \"{found}\", expected \"{expected}\" as the file's name says")]
    OtherDocument { found: String, expected: String },
    #[error("`id` \"{id}\" is taken, expected a new one: first given at {first}")]
    DuplicateId { id: String, first: String },
    #[error("`{key}` stands beside `unobservable`, expected only one of them")]
    ObservedYetUnobservable { key: &'static str },
}
