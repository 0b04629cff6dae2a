//! The mistakes of a catalogue's files.

use super::id::RequirementIdError;
use super::name::UnknownName;

/// One mistake, and its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {mistake}")]
pub struct CatalogueError {
    /// The name of the file.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// What is wrong there.
    pub mistake: CatalogueMistake,
}

/// What is wrong, and what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueMistake {
    /// The file is not TOML: the parser's message.
    #[error("not TOML: {0}")]
    Syntax(String),
    /// A key that has no meaning.
    #[error("unknown key `{key}`, expected one of {expected}")]
    UnknownKey {
        /// The key.
        key: String,
        /// The keys that may stand there.
        expected: String,
    },
    /// A key that must stand there is missing.
    #[error("missing key `{key}`")]
    MissingKey {
        /// The key.
        key: &'static str,
    },
    /// A value of the wrong type.
    #[error("`{key}` is of type {found}, expected {expected}")]
    WrongType {
        /// The key.
        key: &'static str,
        /// Its type.
        found: &'static str,
        /// The type that it must have.
        expected: &'static str,
    },
    /// A value without words.
    #[error("`{key}` is blank, expected words")]
    Blank {
        /// The key.
        key: &'static str,
    },
    /// A word that names no value.
    #[error("`{key}`: {source}")]
    UnknownName {
        /// The key.
        key: &'static str,
        /// The word, and the words that it could be.
        source: UnknownName,
    },
    /// An id that is not well-formed.
    #[error("`id`: {0}")]
    Id(RequirementIdError),
    /// An id of another document than the file.
    #[error("`id` is of document \"{found}\", expected \"{expected}\" as the file's name says")]
    OtherDocument {
        /// The document that the id names.
        found: String,
        /// The document that the file is about.
        expected: String,
    },
    /// An id that stands twice.
    #[error("`id` \"{id}\" is taken, expected a new one: first given at {first}")]
    DuplicateId {
        /// The id.
        id: String,
        /// Where it stands first.
        first: String,
    },
    /// A requirement that says both how it is observed and that it cannot be.
    #[error("`{key}` stands beside `unobservable`, expected only one of them")]
    ObservedYetUnobservable {
        /// The key that says how.
        key: &'static str,
    },
}
