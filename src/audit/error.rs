//! Why an audit could not be made. What the target did wrong is no error: it is in the report.

use super::SelectionError;
use crate::runner::TargetError;
use crate::runner::client::ClientError;
use crate::runner::fuzz::FuzzError;
use crate::runner::launch::LaunchError;
use std::path::PathBuf;
use wsgauntlet_suite::case::load::Mistake;

/// Why an audit could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The target cannot be reached, or its address is invalid.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The server cannot be launched.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// The client cannot be launched, or connections cannot be accepted.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The fuzzer cannot be run.
    #[error(transparent)]
    Fuzz(#[from] FuzzError),
    /// The selection names something that does not exist, or selects nothing.
    #[error(transparent)]
    Selection(#[from] SelectionError),
    /// The address to listen on cannot be used.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// As it was given.
        address: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A certificate for the reference cannot be made.
    #[error("cannot make a certificate: {0}")]
    Certificate(std::io::Error),
    /// The files of a certificate and its key cannot be used.
    #[error("cannot use the certificate: {0}")]
    CertificateFiles(std::io::Error),
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A report cannot be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The baseline has mistakes, each with its place.
    #[error("{} mistakes in the baseline\n{}", .0.len(), lines(.0))]
    Baseline(Vec<Mistake>),
    /// There is no report format of that name.
    #[error("there is no report format {0:?}: there are {1}")]
    Format(String, String),
    /// No client finished a play.
    #[error("no client connected")]
    NoClient,
}

pub(super) fn lines(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
