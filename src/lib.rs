//! A WebSocket conformance harness and fuzzer. Start reading in ARCHITECTURE.md.

pub mod requirement;
pub mod wire;
