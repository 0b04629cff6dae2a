//! The parts of an instance: a case with its parameters put in.

use super::mistakes::{Mistakes, at, entry};
use crate::case::script::{Opening, Step};
use crate::case::surface::CaseSurface;
use crate::case::surface::opening::OpeningSurface;
use crate::case::surface::shape::OneOrMany;
use crate::case::surface::step::StepSurface;
use crate::case::template::{self, Binding};
use crate::toml_file::{Key, read};
use toml::Value;

/// What a case says of one instance; what every script implies is not in it yet.
pub(super) struct Parts {
    pub opening: Opening,
    pub steps: Vec<Step>,
    pub autobahn: Vec<String>,
}

/// The parts of the instance with these parameters.
pub(super) fn build(surface: &CaseSurface, binding: &Binding) -> Result<Parts, Mistakes> {
    let mut mistakes = Mistakes::new();
    let mut opening = Opening::default();
    if let Some(value) = &surface.opening {
        let built = filled::<OpeningSurface>(value, binding, at("opening"))
            .and_then(|surface| surface.build().map_err(|message| (at("opening"), message)));
        match built {
            Ok(built) => opening = built,
            Err(mistake) => mistakes.push(mistake),
        }
    }
    let mut steps = Vec::new();
    for (index, value) in surface.steps.iter().enumerate() {
        match filled::<StepSurface>(value, binding, entry("steps", index)) {
            Ok(surface) => steps.extend(surface.0),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    let autobahn = aliases(surface, binding).map_err(|message| vec![(at("autobahn"), message)])?;
    if mistakes.is_empty() { Ok(Parts { opening, steps, autobahn }) } else { Err(mistakes) }
}

fn filled<T: serde::de::DeserializeOwned>(
    value: &Value,
    binding: &Binding,
    path: Vec<Key>,
) -> Result<T, (Vec<Key>, String)> {
    match template::fill(value, binding) {
        Ok(value) => read(value, &path),
        Err(error) => Err((path, error.to_string())),
    }
}

fn aliases(surface: &CaseSurface, binding: &Binding) -> Result<Vec<String>, String> {
    let column = binding.iter().find(|(name, _)| name == "autobahn").map(|(_, value)| value.clone());
    let own = surface.autobahn.as_ref().map(|OneOrMany(ids)| ids.clone()).unwrap_or_default();
    let mut aliases = Vec::new();
    for id in own {
        let filled = template::fill(&Value::String(id), binding).map_err(|error| error.to_string())?;
        aliases.push(template::label(&filled));
    }
    match column {
        None => {}
        Some(Value::Array(ids)) => aliases.extend(ids.iter().map(template::label)),
        Some(id) => aliases.push(template::label(&id)),
    }
    aliases.retain(|alias| !alias.is_empty());
    aliases.dedup();
    let is_alias = |alias: &String| alias.split('.').all(|part| part.parse::<u16>().is_ok());
    match aliases.iter().find(|alias| !is_alias(alias)) {
        Some(alias) => Err(format!("{alias:?} is not an id of Autobahn, such as 5.6")),
        None => Ok(aliases),
    }
}
