//! Known differences of a target that are let pass, each with its reason: a TOML file of `[[benign]]` tables.

use serde::Deserialize;
use std::path::Path;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Benign {
    /// As the finding names it.
    pub fingerprint: String,
    /// Why it is let pass.
    pub reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    benign: Vec<Benign>,
}

/// Why the file cannot be taken.
#[expect(missing_docs, reason = "each message explains its variant and its fields")]
#[derive(Debug, thiserror::Error)]
pub enum BenignError {
    #[error("cannot read {0}: {1}")]
    Unreadable(String, std::io::Error),
    #[error("{0}: {1}")]
    Malformed(String, String),
    #[error("{0}: {1:?} has no reason")]
    NoReason(String, String),
}

impl Benign {
    /// Reads a file of known differences.
    ///
    /// # Errors
    ///
    /// It cannot be read, is malformed, or an entry has no reason.
    pub fn load(path: &Path) -> Result<Vec<Benign>, BenignError> {
        let name = path.display().to_string();
        let text =
            std::fs::read_to_string(path).map_err(|error| BenignError::Unreadable(name.clone(), error))?;
        Benign::parse(&name, &text)
    }

    fn parse(name: &str, text: &str) -> Result<Vec<Benign>, BenignError> {
        let file: File = toml::from_str(text)
            .map_err(|error| BenignError::Malformed(name.to_owned(), error.message().to_owned()))?;
        match file.benign.iter().find(|benign| benign.reason.trim().is_empty()) {
            Some(benign) => Err(BenignError::NoReason(name.to_owned(), benign.fingerprint.clone())),
            None => Ok(file.benign),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_needed() {
        let good = "[[benign]]\nfingerprint = \"00\"\nreason = \"closes with 1001 when idle\"\n";
        assert_eq!(Benign::parse("x", good).expect("one").len(), 1);
        assert!(Benign::parse("x", "[[benign]]\nfingerprint = \"00\"\nreason = \" \"\n").is_err());
        assert!(Benign::parse("x", "[[benign]]\nfingerprint = \"00\"\n").is_err());
        assert!(Benign::parse("x", "[[bening]]\n").is_err());
    }
}
