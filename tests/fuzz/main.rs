//! The fuzzer, in memory and over a slow link.

mod conforming;
mod findings;
mod haste;
mod shrinking;
