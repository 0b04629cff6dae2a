//! The tests of the root package, in one binary: one link, and one module of helpers for all, [`support`].
//!
//! `cargo test --test all report::` runs those of one module.

mod adoption;
mod bad_targets;
mod case_language;
mod catalogue;
mod cli;
mod clients;
mod compression;
mod deaths;
mod diagnosis;
mod drivers;
mod floods;
mod fuzz;
mod http2;
mod library;
mod report;
mod reproducers;
mod silence;
mod support;
mod tls_records;
mod wrong_openings;
