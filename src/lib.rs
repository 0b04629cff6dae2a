//! A WebSocket conformance harness and fuzzer. Start reading in ARCHITECTURE.md.

pub mod opening;
pub mod protocol;
pub mod wire;
