//! TOML files, with the place of every value, so that each mistake in one names its line and column. Requirements, cases and
//! baselines are read through it. It knows nothing of what the files hold.

use std::fmt;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

/// One mistake in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// The name of the file.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong, and what was expected.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

/// A file. `path` is its name without the folder and the ending, `area/suite` of a suite of cases; `file` is what mistakes
/// name.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name without the folder and the ending: `area/suite` for cases.
    pub path: String,
    /// The name that mistakes give.
    pub file: String,
    /// The whole text.
    pub text: String,
}

/// One key on the way to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A key of a table.
    Name(String),
    /// A place in an array, counted from 0.
    Index(usize),
}

/// Line and column of something, both from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub line: usize,
    pub column: usize,
}

impl Place {
    /// The place of the octet at `offset`; of the end of the text, where it lies beyond it.
    pub(crate) fn of(text: &str, offset: usize) -> Place {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Place { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}

/// The values of a text, each with its span, or all mistakes in its syntax, with their places.
pub(crate) fn parse(text: &str) -> Result<Spanned<DeTable<'_>>, Vec<(Place, String)>> {
    let (root, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(root);
    }
    let placed = |error: toml::de::Error| {
        let start = error.span().map_or(0, |span| span.start);
        (Place::of(text, start), error.message().to_owned())
    };
    Err(errors.into_iter().map(placed).collect())
}

/// The values of a file, and where each of them stands.
pub struct Places<'a> {
    source: &'a Source,
    /// The values of the whole file.
    pub table: Table,
    spans: Spanned<DeTable<'a>>,
}

impl<'a> Places<'a> {
    /// # Errors
    ///
    /// The first mistake in the syntax of the file.
    pub fn new(source: &'a Source) -> Result<Places<'a>, Mistake> {
        let spans = parse(&source.text).map_err(|mut errors| {
            let (place, message) = errors.remove(0);
            mistake(source, place, message)
        })?;
        let table: Table = toml::from_str(&source.text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            mistake(source, Place::of(&source.text, start), error.message().to_owned())
        })?;
        Ok(Places { source, table, spans })
    }

    /// A mistake at the value of `path`, or at the nearest one above it.
    pub fn mistake(&self, path: &[Key], message: String) -> Mistake {
        mistake(self.source, Place::of(&self.source.text, locate(&self.spans, path)), message)
    }
}

fn mistake(source: &Source, place: Place, message: String) -> Mistake {
    Mistake { file: source.file.clone(), line: place.line, column: place.column, message }
}

/// Deserialises a value that stands at `base`.
///
/// # Errors
///
/// The path to what is wrong in it, and the mistake.
pub fn read<T: serde::de::DeserializeOwned>(value: Value, base: &[Key]) -> Result<T, (Vec<Key>, String)> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let mut path = base.to_vec();
        for segment in error.path() {
            match segment {
                serde_path_to_error::Segment::Seq { index } => path.push(Key::Index(*index)),
                serde_path_to_error::Segment::Map { key } => path.push(Key::Name(key.clone())),
                serde_path_to_error::Segment::Enum { variant } => path.push(Key::Name(variant.clone())),
                serde_path_to_error::Segment::Unknown => {}
            }
        }
        (path, error.inner().to_string().trim().to_owned())
    })
}

/// The octet at which the value of `path` stands, or the nearest one above it that does.
fn locate(root: &Spanned<DeTable<'_>>, path: &[Key]) -> usize {
    let mut start = 0;
    let mut rest = path.iter();
    let Some(Key::Name(first)) = rest.next() else { return start };
    let Some((key, mut value)) = root.get_ref().get_key_value(first.as_str()) else { return start };
    start = value.span().start.min(key.span().start.max(start));
    for key in rest {
        let next = match (key, value.get_ref()) {
            (Key::Name(name), DeValue::Table(table)) => table.get(name.as_str()),
            (Key::Index(index), DeValue::Array(array)) => array.get(*index),
            _ => None,
        };
        let Some(next) = next else { break };
        value = next;
        start = value.span().start;
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source { path: "a/b".to_owned(), file: "a/b.toml".to_owned(), text: text.to_owned() }
    }

    /// Fails if columns count octets, or a path that ends too early points at the start of the file.
    #[test]
    fn a_mistake_stands_at_its_value() {
        let source = source("doc = \"é\"\n[[case]]\nname = \"x\"\nsteps = [\"é\", \"b\"]\n");
        let places = Places::new(&source).expect("well-formed");
        let path = |keys: &[&str], index: usize| {
            let names = keys.iter().map(|key| Key::Name((*key).to_owned()));
            let mut path: Vec<Key> = names.collect();
            path.insert(1, Key::Index(0));
            path.push(Key::Index(index));
            places.mistake(&path, "wrong".to_owned()).to_string()
        };
        assert_eq!(path(&["case", "steps"], 1), "a/b.toml:4:15: wrong");
        assert_eq!(path(&["case", "steps"], 9), "a/b.toml:4:9: wrong");
        assert_eq!(places.mistake(&[], "wrong".to_owned()).to_string(), "a/b.toml:1:1: wrong");
    }

    /// Fails if a mistake in the syntax loses its place.
    #[test]
    fn a_mistake_of_syntax_has_a_place() {
        let source = source("doc = \"x\"\n[[case]\n");
        let mistake = Places::new(&source).err().expect("malformed");
        assert_eq!(mistake.line, 2);
    }
}
