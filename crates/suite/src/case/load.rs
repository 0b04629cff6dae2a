//! Case files: read, with the place of every mistake of all files at once.

use super::expand;
use super::model::Case;
use super::name::is_kebab;
use super::surface::CaseSurface;
use crate::requirement::Catalogue;
use std::collections::BTreeSet;
use toml::Value;

pub use crate::toml_file::{Key, Mistake, Places, Source, read};

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
