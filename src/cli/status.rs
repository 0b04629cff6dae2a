//! Exit statuses, as `--help` documents them.

use crate::audit::{AuditError, SelectionError, UnknownProfile};
use crate::runner::TargetError;
use crate::runner::client::ClientError;
use crate::runner::launch::LaunchError;
use std::fmt;
use std::process::ExitCode;

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Nothing failed; with a baseline: nothing but what it lists.
    Good = 0,
    Worse = 1,
    Usage = 2,
    NothingSelected = 3,
    Harness = 4,
    /// The baseline has an entry that passes, or that matches nothing.
    Stale = 5,
    /// The target could not be reached, or died.
    Target = 6,
    /// Ctrl-C or SIGTERM stopped the run before all was played. Shells give 128 + SIGINT in the same case.
    Interrupted = 130,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> ExitCode {
        ExitCode::from(status as u8)
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(super) enum Failure {
    Usage(String),
    NothingSelected(String),
    Harness(String),
    Target(TargetError),
    Launch(LaunchError),
    Client(ClientError),
}

impl Failure {
    pub(super) fn status(&self) -> Status {
        match self {
            Failure::Usage(_) => Status::Usage,
            Failure::NothingSelected(_) => Status::NothingSelected,
            Failure::Harness(_) => Status::Harness,
            // A URL or a file that is wrong is a mistake of the caller.
            Failure::Target(
                TargetError::Url(..) | TargetError::Ca(..) | TargetError::Name(_) | TargetError::Header(_),
            ) => Status::Usage,
            Failure::Target(_) | Failure::Launch(_) => Status::Target,
            Failure::Client(ClientError::CannotStart { .. }) => Status::Usage,
            Failure::Client(ClientError::Accept(_)) => Status::Harness,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Usage(what) | Failure::NothingSelected(what) | Failure::Harness(what) => {
                f.write_str(what)
            }
            Failure::Target(error) => write!(f, "{error}"),
            Failure::Launch(error) => write!(f, "{error}"),
            Failure::Client(error) => write!(f, "{error}"),
        }
    }
}

impl From<SelectionError> for Failure {
    fn from(error: SelectionError) -> Failure {
        match error {
            SelectionError::NoFile(_) | SelectionError::Nothing | SelectionError::Pattern { .. } => {
                Failure::NothingSelected(error.to_string())
            }
            error => Failure::Usage(error.to_string()),
        }
    }
}

impl From<AuditError> for Failure {
    fn from(error: AuditError) -> Failure {
        match error {
            AuditError::Target(error) => error.into(),
            AuditError::Launch(error) => error.into(),
            AuditError::Client(error) => Failure::Client(error),
            AuditError::Fuzz(error) => error.into(),
            AuditError::Selection(error) => error.into(),
            AuditError::Certificate(_) => Failure::Harness(error.to_string()),
            error => Failure::Usage(error.to_string()),
        }
    }
}

impl From<UnknownProfile> for Failure {
    fn from(error: UnknownProfile) -> Failure {
        Failure::Usage(error.to_string())
    }
}

impl From<TargetError> for Failure {
    fn from(error: TargetError) -> Failure {
        Failure::Target(error)
    }
}

impl From<LaunchError> for Failure {
    fn from(error: LaunchError) -> Failure {
        Failure::Launch(error)
    }
}
