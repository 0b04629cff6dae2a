//! A WebSocket conformance harness and fuzzer. Start reading in ARCHITECTURE.md.

#![warn(missing_docs, unreachable_pub)]

pub mod audit;
#[cfg(feature = "cli")]
pub mod cli;
pub mod diagnosis;
pub mod embedded;
pub mod fuzz;
pub mod report;
pub mod reproducer;
pub mod runner;

pub use audit::{Audit, Fuzz};
/// The model of cases: scripts and instances.
pub use wsgauntlet_suite::case;
/// Frames, heads, extension parameters and DEFLATE blocks, as values and as octets.
pub use wsgauntlet_wire as wire;
