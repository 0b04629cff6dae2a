//! The parameters of a case: `params` and `rows`, and what each instance binds them to.

use super::mistakes::{Mistakes, at, entry, within};
use crate::case::name::is_label;
use crate::case::octets;
use crate::case::surface::CaseSurface;
use crate::case::template::{self, Binding};
use std::collections::BTreeSet;
use toml::Value;
use wsgauntlet_wire::Role;

/// The most instances of one case.
const INSTANCES_MAX: usize = 4096;

/// The parameters of one instance, and their labels in its id.
pub(super) type Labelled = (Vec<String>, Binding);

/// The product of `params`, times `rows`.
pub(super) fn bindings(surface: &CaseSurface, mistakes: &mut Mistakes) -> Vec<Labelled> {
    let mut bindings: Vec<Labelled> = vec![(Vec::new(), Vec::new())];
    for (name, values) in surface.params.iter().flatten() {
        if let Some(values) = param_values(name, values, mistakes) {
            let one = |(label, value)| (vec![format!("{name}={label}")], vec![(name.clone(), value)]);
            bindings = product(&bindings, &values.into_iter().map(one).collect::<Vec<_>>());
        }
    }
    if let Some(rows) = &surface.rows {
        let rows: Vec<Labelled> =
            rows.iter().enumerate().map(|(index, row)| row_binding(row, index, mistakes)).collect();
        bindings = product(&bindings, &rows);
    }
    if bindings.len() > INSTANCES_MAX {
        mistakes.push((at("params"), format!("{} instances, at most {INSTANCES_MAX}", bindings.len())));
        bindings.truncate(1);
    }
    let mut seen = BTreeSet::new();
    for (labels, _) in &bindings {
        if !seen.insert(labels) {
            mistakes.push((at("params"), format!("two instances have the parameters {}", labels.join(","))));
        }
    }
    bindings
}

/// Each of `left` with each of `right`.
fn product(left: &[Labelled], right: &[Labelled]) -> Vec<Labelled> {
    let joined = |(labels, binding): &Labelled| {
        let (labels, binding) = (labels.clone(), binding.clone());
        move |(more_labels, more): &Labelled| {
            ([&labels[..], more_labels].concat(), [&binding[..], more].concat())
        }
    };
    left.iter().flat_map(|one| right.iter().map(joined(one))).collect()
}

/// The values of one of `params`, each with its label. `None`: they are malformed.
fn param_values(name: &str, values: &Value, mistakes: &mut Mistakes) -> Option<Vec<(String, Value)>> {
    let named: Vec<(String, Value)> = match values {
        Value::Array(values) => values.iter().map(|v| (template::label(v), v.clone())).collect(),
        Value::Table(values) => values.iter().map(|(label, v)| (label.clone(), v.clone())).collect(),
        Value::String(text) => match octets::values(text) {
            Ok(values) => values,
            Err(message) => {
                mistakes.push((within("params", name), message));
                return None;
            }
        },
        _ => {
            let message =
                format!("`{name}` is a list of values, a table of named ones, or octets such as \"80..ff\"");
            mistakes.push((at("params"), message));
            return None;
        }
    };
    for (label, _) in named.iter().filter(|(label, _)| !is_label(label)) {
        let message = format!(
            "the value {label:?} of `{name}` cannot stand in an id: give it a name, \
             {name} = {{ some-name = .. }}"
        );
        mistakes.push((within("params", name), message));
    }
    Some(named)
}

/// A row is named by its `name`, or by all its columns but `autobahn`.
fn row_binding(row: &toml::Table, index: usize, mistakes: &mut Mistakes) -> Labelled {
    let binding: Binding = row.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let labels: Vec<String> = match row.get("name") {
        Some(name) => vec![template::label(name)],
        None => binding
            .iter()
            .filter(|(name, _)| name != "autobahn")
            .map(|(name, value)| format!("{name}={}", template::label(value)))
            .collect(),
    };
    for label in &labels {
        let value = label.split_once('=').map_or(label.as_str(), |(_, value)| value);
        if !is_label(value) {
            let message = format!("{value:?} cannot stand in an id: give the row a `name`");
            mistakes.push((entry("rows", index), message));
        }
    }
    (labels, binding)
}

/// The parameters that every case has: the roles of the target and of our peer, `client` or `server`, as the names of
/// extension parameters start with them; and how many messages an exchange of the volume profile has.
pub(super) fn predefined(role: Role, volume_messages: u32) -> Binding {
    let value = |role: Role| Value::String(role.to_string());
    vec![
        ("target".to_owned(), value(role)),
        ("peer".to_owned(), value(role.peer())),
        ("volume-messages".to_owned(), Value::Integer(volume_messages.into())),
    ]
}
