//! The normative statements of the WebSocket documents: each with its id, level, quote, and how a peer sees whether it
//! is kept.
//!
//! The statements are data, `cases/requirements/*.toml`, and embedded. This module knows nothing of cases, transcripts
//! or verdicts. Start reading at [`Requirement`], then [`Catalogue`].

mod binds;
mod catalogue;
mod error;
mod id;
mod level;
mod name;
mod near;
mod reader;
mod severity;
mod statement;

pub use binds::Binds;
pub use catalogue::Catalogue;
pub use error::{CatalogueError, CatalogueMistake};
pub use id::{RequirementId, RequirementIdError};
pub use level::Level;
pub use name::UnknownName;
pub use near::edit_distance;
pub use severity::Severity;
pub use statement::{Observability, Requirement};
