//! How an implementation under test ends, or stops working, in a play: what is recorded beside the octets.

use std::fmt;

/// What became of the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Death {
    /// It wrote this line to stderr, which tells of a crash, and its process goes on.
    Crashed(String),
    /// It exited by itself, with that status.
    Exited(i32),
    /// It takes connections, or its process lives, and it answers nobody.
    Hung,
    /// A signal ended it that was not ours.
    Signal(i32),
    /// It keeps a processor busy though it is owed nothing.
    Spins,
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Death::Crashed(line) => write!(f, "a crash: {line:?} on stderr"),
            Death::Exited(status) => write!(f, "the process exited with status {status}"),
            Death::Hung => f.write_str("the process is alive, but answers no connection"),
            Death::Signal(signal) => match signal_name(*signal) {
                Some(name) => write!(f, "the process was ended by signal {signal} ({name})"),
                None => write!(f, "the process was ended by signal {signal}"),
            },
            Death::Spins => f.write_str("the process keeps a processor busy although no connection needs it"),
        }
    }
}

/// The usual names of the signals that end a process by its own fault, or for want of memory.
fn signal_name(signal: i32) -> Option<&'static str> {
    match signal {
        4 => Some("SIGILL"),
        5 => Some("SIGTRAP"),
        6 => Some("SIGABRT"),
        7 => Some("SIGBUS"),
        8 => Some("SIGFPE"),
        9 => Some("SIGKILL"),
        11 => Some("SIGSEGV"),
        13 => Some("SIGPIPE"),
        15 => Some("SIGTERM"),
        _ => None,
    }
}

/// A death in a play, and what was played before in the same process, where the play alone does not bring it about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Died {
    /// How the process died.
    pub death: Death,
    /// The ids of instances, in order.
    pub after: Vec<String>,
}

impl fmt::Display for Died {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.death)?;
        match &self.after[..] {
            [] => Ok(()),
            after => write!(f, ", if {:?} was played before in the same process", after.join(", ")),
        }
    }
}
