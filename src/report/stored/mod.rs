//! A run as it is stored: `report.json`, schema `wsgauntlet/report/2`. Fields are added, never
//! changed, but with a new schema; `schema` has what older ones were. Every report is a pure function of this model, so that a run is rendered, compared and
//! gated again without its target. Start reading in `model`; `from_run` makes it, `read` reads it.

mod again;
mod defect;
mod failure;
mod from_run;
mod gate;
mod graded;
mod instance;
mod model;
mod read;
mod recover;
mod replay;
mod schema;
mod words;

pub use again::Again;
pub use defect::{
    StoredAgreement, StoredDefect, StoredField, StoredGrade, StoredGrades, StoredQuote, StoredShare,
};
pub use failure::{StoredExpected, StoredFailure, StoredObserved, StoredValues};
pub use from_run::Circumstances;
pub use gate::{Gate, GateKind, GateLine};
pub use instance::{StoredApplication, StoredInstance};
pub use model::{Selection, StoredRequirement, StoredRun, StoredTarget, Suite, Summary};
pub use read::StoredError;
pub use recover::{UNFINISHED, recover};
pub use replay::quoted;
pub use schema::SCHEMA;
