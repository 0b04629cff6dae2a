//! How strongly a statement binds: the keywords of RFC 2119.

use std::fmt;
use std::str::FromStr;

use super::name::{UnknownName, value_named};

/// The level of a requirement, strongest first. A prohibition has the level of its verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Level {
    /// MUST, MUST NOT, SHALL, REQUIRED.
    Must,
    /// SHOULD, SHOULD NOT, RECOMMENDED.
    Should,
    /// MAY, OPTIONAL.
    May,
}

impl Level {
    /// All of them, the strictest first.
    pub const ALL: [Level; 3] = [Level::Must, Level::Should, Level::May];

    /// The word that stands for it in a file, a report and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Must => "MUST",
            Level::Should => "SHOULD",
            Level::May => "MAY",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Level {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        value_named(text, &Self::ALL, Self::as_str)
    }
}
