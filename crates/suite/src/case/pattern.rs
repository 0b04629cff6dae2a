//! Patterns over instance ids: `*` within a segment, `**` across, and Autobahn's ids as aliases.

use super::model::Instance;

/// A pattern as it is typed: `framing/**`, `*/masking/*`, `7.9.*`, or a whole id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// A pattern in which `*` stands for any octets.
    pub fn new(pattern: impl Into<String>) -> Pattern {
        Pattern(pattern.into())
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it names the instance: its id, with or without role or parameters, the name of its
    /// case alone, a prefix of its path that ends at a `/`, or one of its aliases.
    pub fn matches(&self, instance: &Instance) -> bool {
        self.names(instance.id.as_str(), &instance.case, &instance.autobahn)
    }

    /// The same of an instance of a stored run: its id, its case, its aliases.
    pub fn names(&self, id: &str, case: &str, aliases: &[String]) -> bool {
        let name = case.rsplit('/').next().unwrap_or_default();
        let without_role = id.rsplit_once('@').map_or(id, |(id, _)| id);
        [id, without_role, case].iter().any(|form| glob(self.0.as_bytes(), form.as_bytes()))
            || self.0 == name
            || case.strip_prefix(self.0.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'))
            || aliases.iter().any(|alias| glob_alias(&self.0, alias))
    }
}

/// `*` stands for anything but `/`, `**` for anything.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [b'*', b'*', rest @ ..] => (0..=text.len()).any(|skip| glob(rest, &text[skip..])),
        [b'*', rest @ ..] => {
            let end = text.iter().position(|octet| *octet == b'/').unwrap_or(text.len());
            (0..=end).any(|skip| glob(rest, &text[skip..]))
        }
        [octet, rest @ ..] => text.first() == Some(octet) && glob(rest, &text[1..]),
    }
}

/// Autobahn's own rule: `7.*` names all below 7, a bare `*` none of ours.
fn glob_alias(pattern: &str, alias: &str) -> bool {
    let is_alias = pattern.bytes().all(|octet| octet.is_ascii_digit() || b".*".contains(&octet))
        && pattern.starts_with(|c: char| c.is_ascii_digit());
    is_alias && glob(pattern.as_bytes(), alias.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (pattern, text, expected) in [
            ("framing/*/x", "framing/a/x", true),
            ("framing/*", "framing/a/x", false),
            ("framing/**", "framing/a/x[len=1]@server+h1", true),
            ("**wrong**", "framing/a/wrong-x", true),
            ("*", "a/b", false),
        ] {
            assert_eq!(glob(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} {text}");
        }
        assert!(glob_alias("7.9.*", "7.9.13") && glob_alias("5.6", "5.6"));
        assert!(!glob_alias("5.6", "5.60") && !glob_alias("*", "5.6"));
    }
}
