//! A way in which an endpoint differs from the reference: a quirk or a lawful variant.

use std::fmt;
use wsgauntlet_reference::{Config, Quirk, Variant};
use wsgauntlet_wire::Role;

/// A quirk or a lawful variant of the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Difference {
    /// A deliberate fault.
    Quirk(Quirk),
    /// Another behaviour that the RFC permits.
    Variant(Variant),
}

impl Difference {
    /// All that can show in a role: the quirks, then the variants, each in the order of its catalogue.
    pub fn all(role: Role) -> impl Iterator<Item = Difference> {
        let quirks = Quirk::all().filter(move |quirk| quirk.info().roles.contains(role));
        let variants = Variant::all().filter(move |variant| variant.info().roles.contains(role));
        quirks.map(Difference::Quirk).chain(variants.map(Difference::Variant))
    }

    /// In kebab-case. A quirk and a variant may have the same name.
    pub fn name(self) -> &'static str {
        match self {
            Difference::Quirk(quirk) => quirk.info().name,
            Difference::Variant(variant) => variant.info().name,
        }
    }

    /// One sentence about the endpoint that differs.
    pub fn description(self) -> &'static str {
        match self {
            Difference::Quirk(quirk) => quirk.info().description,
            Difference::Variant(variant) => variant.info().description,
        }
    }

    /// The ids of the requirements that it breaks, the one that it is about first. Empty for a lawful variant.
    pub fn breaks(self) -> &'static [&'static str] {
        match self {
            Difference::Quirk(quirk) => quirk.info().breaks,
            Difference::Variant(_) => &[],
        }
    }

    /// Whether it is a lawful variant.
    pub fn is_lawful(self) -> bool {
        matches!(self, Difference::Variant(_))
    }

    /// Gives the endpoint of `config` this difference beside those that it has. Of several variants the last one holds.
    pub fn install(self, config: &mut Config) {
        match self {
            Difference::Quirk(quirk) => quirk.install(config),
            Difference::Variant(variant) => variant.install(config),
        }
    }

    /// The difference that [`Difference::key`] names.
    pub fn of_key(key: &str) -> Option<Difference> {
        match key.split_once(':')? {
            ("quirk", name) => name.parse().ok().map(Difference::Quirk),
            ("variant", name) => name.parse().ok().map(Difference::Variant),
            _ => None,
        }
    }

    /// `quirk:NAME` or `variant:NAME`: unique.
    pub fn key(self) -> String {
        let kind = if self.is_lawful() { "variant" } else { "quirk" };
        format!("{kind}:{}", self.name())
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
