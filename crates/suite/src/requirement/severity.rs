//! What breaking a requirement leads to.

use std::fmt;
use std::str::FromStr;

use super::name::{UnknownName, value_named};

/// The severity of a broken requirement, gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Severity {
    /// It lets an attacker in.
    Security,
    /// Two conforming peers would not understand each other.
    Interop,
    /// The rest: delays, untidy ends, poor diagnostics.
    Robustness,
}

impl Severity {
    /// All of them, the worst first.
    pub const ALL: [Severity; 3] = [Severity::Security, Severity::Interop, Severity::Robustness];

    /// The word that stands for it in a file, a report and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Security => "security",
            Severity::Interop => "interop",
            Severity::Robustness => "robustness",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        value_named(text, &Self::ALL, Self::as_str)
    }
}
