//! Mistakes of one case, each with the path to it within the case.

use crate::toml_file::Key;

pub(super) type Mistakes = Vec<(Vec<Key>, String)>;

/// The path of a key of the case.
pub(super) fn at(key: &str) -> Vec<Key> {
    vec![Key::Name(key.to_owned())]
}

/// The path of an entry of a list of the case.
pub(super) fn entry(key: &str, index: usize) -> Vec<Key> {
    vec![Key::Name(key.to_owned()), Key::Index(index)]
}

/// The path of a key in a table of the case.
pub(super) fn within(table: &str, key: &str) -> Vec<Key> {
    vec![Key::Name(table.to_owned()), Key::Name(key.to_owned())]
}
