//! The fuzzer, in memory and over a slow link.

mod conforming;
mod findings;
mod found;
mod haste;
mod saved;
mod shrinking;
