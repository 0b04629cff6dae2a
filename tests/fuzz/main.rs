//! The fuzzer in memory.

mod conforming;
mod findings;
mod shrinking;
