//! The fuzzer, in memory and over a slow link.

mod conforming;
mod findings;
mod found;
mod haste;
mod kept;
mod pauses;
mod saved;
mod shrinking;
