//! A WebSocket conformance harness and fuzzer. Start reading in ARCHITECTURE.md.

pub mod case;
pub mod opening;
pub mod oracle;
pub mod requirement;
pub mod transcript;
pub mod wire;
pub mod matching;
pub mod peer;
