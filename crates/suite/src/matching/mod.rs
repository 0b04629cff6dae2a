//! When an expectation is decided, and how. The player asks while it plays, the judge asks again of
//! the stored transcript: one answer, so that no player moves on before a judge could.
//!
//! Data messages, pongs and the end are looked for apart from each other: RFC 6455 orders messages
//! among themselves, but not an application's echo against the pongs of the library below it.

mod context;
mod decide;
mod driven;
mod opening;
mod outcome;
mod sighting;
mod state;
mod steps;
pub mod structure;

pub use context::{At, Context, Ledger, expected_accept};
pub use decide::{Decision, barrier_opcode, barrier_payload, decide, expectation};
pub use driven::declined;
pub use opening::{Mistake, mistakes};
pub use sighting::{Note, Sample, Sight, Sighting, close_structure, describe};
pub use state::{Blame, Grade};
pub use steps::{is_refused, since};
pub use structure::Structure;

#[cfg(test)]
mod tests;
