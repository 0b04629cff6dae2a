//! What several tests need: cases of the library, the reference with faults, runs and what they found.

pub mod cases;
pub mod endpoint;
pub mod reference;
pub mod runs;

/// The path of the built command line.
pub const BIN: &str = env!("CARGO_BIN_EXE_wsgauntlet");
