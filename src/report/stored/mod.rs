//! A run as it is stored: `report.json`, schema `wsgauntlet/report/1`. Fields are added, never
//! changed. Every report is a pure function of this model, so that a run is rendered, compared and
//! gated again without its target. Start reading in `model`; `from_run` makes it, `read` reads it.

mod again;
mod from_run;
mod model;
mod read;
mod recover;

pub use again::{Again, quoted};
pub use from_run::Circumstances;
pub use model::{
    Gate, GateKind, GateLine, Selection, StoredApplication, StoredFailure, StoredInstance, StoredRequirement,
    StoredRun, StoredTarget, Suite, Summary,
};
pub use read::StoredError;
pub use recover::{UNFINISHED, recover};

/// The name of the schema.
pub const SCHEMA: &str = "wsgauntlet/report/1";
