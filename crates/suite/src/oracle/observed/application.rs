//! How a client's command, loop or browser ended, as far as that is no death of its process.

use crate::matching::structure::{Detail, Structure};
use crate::oracle::record::Exit;
use std::fmt;
use std::time::Duration;

/// An end that is not as others are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApplicationEnd {
    /// Neither the connection nor the page of a browser went on.
    BrowserHung,
    /// An exit after this line on stderr, which other cases do not show.
    UnusualLine {
        /// How the process ended.
        exit: Exit,
        /// The last line that it wrote.
        line: String,
    },
    /// An exit with a status that is not declared to be in order.
    UndeclaredStatus(Exit),
    /// A loop that did not go on for so long.
    LoopSilent(Duration),
}

impl ApplicationEnd {
    /// What tells this end from others.
    pub fn structure(&self) -> Structure {
        match self {
            ApplicationEnd::BrowserHung => Structure::new("browser-hung"),
            ApplicationEnd::UnusualLine { .. } => Structure::new("unusual-exit"),
            ApplicationEnd::UndeclaredStatus(exit) => {
                let undeclared = Structure::new("undeclared-exit");
                match exit {
                    Exit::Status(status) => undeclared.with(Detail::ExitStatus(*status)),
                    Exit::Signal(signal) => undeclared.with(Detail::Signal(*signal)),
                    Exit::Ended | Exit::Spinning => undeclared,
                }
            }
            ApplicationEnd::LoopSilent(_) => Structure::new("loop-silent"),
        }
    }
}

impl fmt::Display for ApplicationEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ApplicationEnd::BrowserHung => {
                f.write_str("the browser hung: neither this connection nor its page went on")
            }
            ApplicationEnd::UnusualLine { exit, line } => {
                write!(f, "{exit} after {line:?} on stderr, which the ends of other cases do not show")
            }
            ApplicationEnd::UndeclaredStatus(exit) => {
                write!(f, "{exit}, which is not among the statuses that are declared to be normal")
            }
            ApplicationEnd::LoopSilent(silence) => {
                write!(f, "the loop did not continue within {} s", silence.as_secs_f32())
            }
        }
    }
}
