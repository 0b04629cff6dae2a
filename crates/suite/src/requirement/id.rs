//! The name of a requirement: `rfc6455/5.1/client-masks`.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The longest id that is accepted, in octets.
const ID_LEN_MAX: usize = 120;

/// `document/section/name`: the document in lower case, its section in digits and points, and a kebab-case name that
/// says the rule. Names are unique and never reused. Clones share their text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct RequirementId(Arc<str>);

/// Why a text is not a [`RequirementId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequirementIdError {
    /// It has not three parts.
    #[error("an id has three parts, expected document/section/name")]
    Parts,
    /// The document is malformed.
    #[error("an id's document is lower-case letters and digits, expected for example rfc6455")]
    Document,
    /// The section is malformed.
    #[error("an id's section is numbers with points between, expected for example 5.5.1")]
    Section,
    /// The name is malformed.
    #[error("an id's name is kebab-case, expected for example client-masks")]
    Name,
    /// It is too long.
    #[error("an id has at most {ID_LEN_MAX} octets")]
    Length,
}

impl RequirementId {
    /// The id as text: `document/section/name`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `rfc6455`
    pub fn document(&self) -> &str {
        self.part(0)
    }

    /// `5.1`
    pub fn section(&self) -> &str {
        self.part(1)
    }

    /// `client-masks`
    pub fn name(&self) -> &str {
        self.part(2)
    }

    fn part(&self, index: usize) -> &str {
        self.0.split('/').nth(index).expect("from_str admits only ids of three parts")
    }
}

impl FromStr for RequirementId {
    type Err = RequirementIdError;

    fn from_str(text: &str) -> Result<Self, RequirementIdError> {
        if text.len() > ID_LEN_MAX {
            return Err(RequirementIdError::Length);
        }
        let mut parts = text.split('/');
        let (Some(document), Some(section), Some(name), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(RequirementIdError::Parts);
        };
        if !is_word(document) {
            return Err(RequirementIdError::Document);
        }
        if !section.split('.').all(is_number) {
            return Err(RequirementIdError::Section);
        }
        if !name.split('-').all(is_word) {
            return Err(RequirementIdError::Name);
        }
        Ok(RequirementId(text.into()))
    }
}

impl fmt::Display for RequirementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Borrow<str> for RequirementId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for RequirementId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_and_taken_apart() {
        let id: RequirementId = "rfc6455/5.5.1/close-is-answered".parse().unwrap();
        assert_eq!((id.document(), id.section(), id.name()), ("rfc6455", "5.5.1", "close-is-answered"));
        assert_eq!(id.to_string(), "rfc6455/5.5.1/close-is-answered");
    }

    #[test]
    fn what_is_no_id_is_refused() {
        let table = [
            ("", RequirementIdError::Parts),
            ("rfc6455/5.1", RequirementIdError::Parts),
            ("rfc6455/5.1/a/b", RequirementIdError::Parts),
            ("RFC6455/5.1/a", RequirementIdError::Document),
            ("/5.1/a", RequirementIdError::Document),
            ("rfc6455/5./a", RequirementIdError::Section),
            ("rfc6455/five/a", RequirementIdError::Section),
            ("rfc6455/5.1/", RequirementIdError::Name),
            ("rfc6455/5.1/a--b", RequirementIdError::Name),
            ("rfc6455/5.1/Client-masks", RequirementIdError::Name),
            ("rfc6455/5.1/client_masks", RequirementIdError::Name),
        ];
        for (text, expected) in table {
            assert_eq!(text.parse::<RequirementId>(), Err(expected), "{text:?}");
        }
        assert_eq!(
            format!("a/1/{}", "x".repeat(ID_LEN_MAX)).parse::<RequirementId>(),
            Err(RequirementIdError::Length)
        );
    }
}
