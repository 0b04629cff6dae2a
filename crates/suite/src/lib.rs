//! The conformance suite without input or output: requirements, cases, transcripts, the peer that plays a case, and
//! the oracle that judges what was recorded. It does no I/O, reads no clock and draws no randomness, and it does not
//! know the reference implementation that targets are compared with.
//!
//! Start reading in [`case`], then [`peer`], then [`oracle`].

#![warn(missing_docs, unreachable_pub)]

pub mod carrier;
pub mod case;
pub mod compiled;
pub mod matching;
pub mod oracle;
pub mod peer;
pub mod requirement;
#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests read the files of cases/")]
mod testing;
pub mod toml_file;
pub mod transcript;
pub mod transport;
