//! One normative statement.

use super::{Binds, Level, RequirementId, Severity};

/// A normative statement of a document, as the catalogue holds it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Requirement {
    /// Its id: `document/section/name`.
    pub id: RequirementId,
    /// The document as a reader names it: `RFC 6455`.
    pub document: String,
    /// The section that holds the statement: `5.5.1`.
    pub section: String,
    /// The level, corrected where a verified erratum says so.
    pub level: Level,
    /// Whom it binds.
    pub binds: Binds,
    /// How bad a violation is.
    pub severity: Severity,
    /// The words of the document, white space collapsed.
    pub quote: String,
    /// Whether a peer can see a violation.
    pub observation: Observability,
    /// How a peer sees whether it is kept, for a reader. Present unless no peer can see it.
    pub observed_by: Option<String>,
    /// The level is no keyword of the text: it follows from an algorithm or a definition.
    pub implied: bool,
    /// The number of the verified erratum that bears on the statement.
    pub erratum: Option<u32>,
}

/// How much of a requirement a peer can see.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Observability {
    /// A peer can see it.
    Yes,
    /// What can be seen, and what cannot.
    Partly(String),
    /// A peer cannot see it.
    No {
        /// Why it cannot.
        reason: String,
    },
    /// It binds only an endpoint that speaks a protocol which this harness does not speak, and why it does not.
    OutOfScope {
        /// Why the harness does not speak that protocol.
        reason: String,
    },
}

impl Requirement {
    /// `RFC 6455 §5.5.1`
    pub fn citation(&self) -> String {
        format!("{} §{}", self.document, self.section)
    }

    /// Whether some case or monitor can bear on it.
    pub fn is_observable(&self) -> bool {
        match self.observation {
            Observability::Yes | Observability::Partly(_) => true,
            Observability::No { .. } | Observability::OutOfScope { .. } => false,
        }
    }
}
