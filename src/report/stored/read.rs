//! `report.json` read back.

use super::model::StoredRun;
use super::schema::{SCHEMA, SCHEMA_1, upgrade_run};
use wsgauntlet_suite::requirement::Catalogue;

/// Why a text is no stored run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoredError {
    /// The text is not JSON: the parser's message.
    #[error("{0}")]
    Syntax(String),
    /// It does not name a schema.
    #[error("it is no report of wsgauntlet: it has no `schema`")]
    NoSchema,
    /// It has a schema that this version does not read.
    #[error("its schema is {0:?}, and this version reads {SCHEMA:?} and {SCHEMA_1:?}")]
    Schema(String),
    /// A field is missing, or of the wrong type.
    #[error("at `{path}`: {message}")]
    Field {
        /// The path of the field.
        path: String,
        /// The parser's message.
        message: String,
    },
}

impl StoredRun {
    /// Reads `report.json`, of this schema or of an older one. Fields that this version does not know are left out; requirements that
    /// an older report does not quote are those of `catalogue`.
    pub fn parse(text: &str, catalogue: &Catalogue) -> Result<StoredRun, StoredError> {
        let mut value: serde_json::Value =
            serde_json::from_str(text).map_err(|error| StoredError::Syntax(error.to_string()))?;
        match value.get("schema").and_then(serde_json::Value::as_str) {
            None => return Err(StoredError::NoSchema),
            Some(SCHEMA) => {}
            Some(SCHEMA_1) => upgrade_run(&mut value),
            Some(other) => return Err(StoredError::Schema(other.to_owned())),
        }
        let mut run: StoredRun = serde_path_to_error::deserialize(value).map_err(|error| {
            StoredError::Field { path: error.path().to_string(), message: error.inner().to_string() }
        })?;
        run.name_requirements(catalogue);
        Ok(run)
    }
}
