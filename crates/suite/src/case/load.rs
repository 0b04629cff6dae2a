//! Case files: read, with the place of every mistake of all files at once.

use super::expand;
use super::model::Case;
use super::name::is_kebab;
use super::surface::CaseSurface;
use crate::requirement::Catalogue;
use std::collections::BTreeSet;
use std::fmt;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

/// One mistake in a case file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

/// A suite file. `path` is `area/suite` and names its cases; `file` is what mistakes name.
#[derive(Clone, Debug)]
pub struct Source {
    pub path: String,
    pub file: String,
    pub text: String,
}

/// One key on the way to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    Name(String),
    Index(usize),
}

/// The cases of all sources, or all their mistakes.
pub fn load(
    sources: &[Source],
    catalogue: &Catalogue,
    volume_messages: u32,
) -> Result<Vec<Case>, Vec<Mistake>> {
    let mut cases = Vec::new();
    let mut mistakes = BTreeSet::new();
    let mut names = BTreeSet::new();
    for source in sources {
        for loaded in load_source(source, catalogue, volume_messages) {
            match loaded {
                Ok(case) if names.insert(case.path.clone()) => cases.push(case),
                Ok(case) => {
                    mistakes.insert(Mistake {
                        file: source.file.clone(),
                        line: 1,
                        column: 1,
                        message: format!("the case {:?} exists twice", case.path),
                    });
                }
                Err(found) => mistakes.extend(found),
            }
        }
    }
    if mistakes.is_empty() { Ok(cases) } else { Err(mistakes.into_iter().collect()) }
}

fn load_source(
    source: &Source,
    catalogue: &Catalogue,
    volume_messages: u32,
) -> Vec<Result<Case, Vec<Mistake>>> {
    let places = match Places::new(source) {
        Ok(places) => places,
        Err(mistake) => return vec![Err(vec![mistake])],
    };
    let segments: Vec<&str> = source.path.split('/').collect();
    if segments.len() < 2 || !segments.iter().all(|segment| is_kebab(segment)) {
        let message = format!("{:?}: a suite is AREA/NAME.toml, both in kebab-case", source.path);
        return vec![Err(vec![places.mistake(&[], message)])];
    }
    let mut results = Vec::new();
    for (key, value) in &places.table {
        let at = [Key::Name(key.clone())];
        match (key.as_str(), value) {
            ("doc", Value::String(_)) => {}
            ("case", Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    results.push(load_case(&source.path, &places, index, item, catalogue, volume_messages));
                }
            }
            _ => {
                let message = format!("unexpected `{key}`, expected `doc` or `[[case]]`");
                results.push(Err(vec![places.mistake(&at, message)]));
            }
        }
    }
    results
}

fn load_case(
    suite: &str,
    places: &Places,
    index: usize,
    item: &Value,
    catalogue: &Catalogue,
    volume_messages: u32,
) -> Result<Case, Vec<Mistake>> {
    let base = vec![Key::Name("case".into()), Key::Index(index)];
    let surface: CaseSurface =
        read(item.clone(), &base).map_err(|(path, message)| vec![places.mistake(&path, message)])?;
    expand::expand(suite, surface, catalogue, volume_messages).map_err(|errors| {
        let place = |(path, message): (Vec<Key>, String)| {
            let full: Vec<Key> = base.iter().cloned().chain(path).collect();
            places.mistake(&full, message)
        };
        errors.into_iter().map(place).collect()
    })
}

/// Deserialises a value, naming the path to what is wrong in it.
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

/// The values of a file, and where each of them stands.
pub struct Places<'a> {
    source: &'a Source,
    pub table: Table,
    spans: Spanned<DeTable<'a>>,
}

impl<'a> Places<'a> {
    pub fn new(source: &'a Source) -> Result<Places<'a>, Mistake> {
        let syntax = |error: toml::de::Error| {
            let start = error.span().map_or(0, |span| span.start);
            mistake_at(source, start, error.message().to_owned())
        };
        let spans = DeTable::parse(&source.text).map_err(syntax)?;
        let table: Table = toml::from_str(&source.text).map_err(syntax)?;
        Ok(Places { source, table, spans })
    }

    /// A mistake at the value of `path`, or at the nearest one above it.
    pub fn mistake(&self, path: &[Key], message: String) -> Mistake {
        let start = locate(&self.spans, path);
        mistake_at(self.source, start, message)
    }
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

fn mistake_at(source: &Source, start: usize, message: String) -> Mistake {
    let before = &source.text[..start.min(source.text.len())];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Mistake { file: source.file.clone(), line, column, message }
}
