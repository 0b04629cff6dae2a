//! A WebSocket conformance harness and fuzzer. Start reading in ARCHITECTURE.md.

pub mod case;
pub mod cli;
pub mod fuzz;
pub mod matching;
pub mod opening;
pub mod oracle;
pub mod peer;
pub mod protocol;
pub mod report;
pub mod requirement;
pub mod runner;
pub mod transcript;
pub mod wire;
