//! What the sources and the library hold as a whole: requirements, cases, quirks, layers.

mod blame;
mod coverage;
mod defects;
mod fingerprints;
mod grades;
mod library;
mod quotes;
mod selftest;
mod tidy;
