//! A WebSocket conformance harness and fuzzer. Start reading in ARCHITECTURE.md.

pub mod case;
pub mod cli;
pub mod matching;
pub mod opening;
pub mod protocol;
pub mod requirement;
pub mod transcript;
pub mod wire;
