//! Ends what was launched when this process is killed, also by SIGKILL, which runs no code of ours. A second process of the
//! same program, the guard, reads from a pipe which groups of processes run. The system closes the pipe when this process
//! ends in any way; the guard then kills the groups that are left, and exits.

use rustix::process::Pid;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

/// The process of the guard, which only the command line can start.
#[cfg(feature = "cli")]
pub(crate) mod process;

/// The command of the command line that runs a guard.
pub(crate) const COMMAND: &str = "guard-processes";

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
static PIPE: OnceLock<Option<Mutex<ChildStdin>>> = OnceLock::new();

/// Sets which program has the command of a guard. Without it nothing is guarded, as in tests of this library.
#[cfg(feature = "cli")]
pub(crate) fn arm(program: PathBuf) {
    // The first one counts.
    let _ = PROGRAM.set(program);
}

/// A group of processes that is guarded until this is dropped.
#[derive(Debug)]
pub(crate) struct Guarded(Option<i32>);

/// Guards a group of processes, from now on.
pub(crate) fn watch(group: Option<Pid>) -> Guarded {
    let group = group.map(Pid::as_raw_pid);
    tell('+', group);
    Guarded(group)
}

impl Drop for Guarded {
    fn drop(&mut self) {
        tell('-', self.0);
    }
}

fn tell(sign: char, group: Option<i32>) {
    let (Some(group), Some(pipe)) = (group, PIPE.get_or_init(start)) else { return };
    let mut pipe = pipe.lock().unwrap_or_else(PoisonError::into_inner);
    // A guard that was killed guards nothing; the run goes on.
    let _ = pipe.write_all(format!("{sign}{group}\n").as_bytes());
}

fn start() -> Option<Mutex<ChildStdin>> {
    let mut child = Command::new(PROGRAM.get()?)
        .arg(COMMAND)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .current_dir("/")
        // Ctrl-C, and a kill of our own group, must not reach it.
        .process_group(0)
        .spawn()
        .ok()?;
    child.stdin.take().map(Mutex::new)
}
