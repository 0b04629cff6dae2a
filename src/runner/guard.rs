//! Ends what was launched when this process is killed, also by SIGKILL, which runs no code of ours. A second process of the
//! same program, the guard, reads from a pipe which groups of processes run. The system closes the pipe when this process
//! ends in any way; the guard then kills the groups that are left, and exits.

use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

/// The command of the command line that runs a guard.
pub(crate) const COMMAND: &str = "guard-processes";

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
static PIPE: OnceLock<Option<Mutex<ChildStdin>>> = OnceLock::new();

/// Says which program has the command of a guard. Without it nothing is guarded, as in tests of this library.
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

/// The guard itself: reads groups from `pipe` to its end, and kills those that are left.
pub(crate) fn run(pipe: impl Read) {
    for group in left(BufReader::new(pipe)) {
        if let Some(group) = Pid::from_raw(group) {
            // It may have ended by itself.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// The groups that still ran when the pipe was closed.
fn left(pipe: impl BufRead) -> BTreeSet<i32> {
    let mut groups = BTreeSet::new();
    for line in pipe.lines().map_while(Result::ok) {
        // 0 and 1 are no groups of ours: to kill them would kill others.
        match (line.get(..1), line.get(1..).and_then(|number| number.parse::<i32>().ok())) {
            (Some("+"), Some(group)) if group > 1 => drop(groups.insert(group)),
            (Some("-"), Some(group)) => drop(groups.remove(&group)),
            _ => {}
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_that_ended_in_order_are_left_alone() {
        let told = "+12\n+13\n-12\n+0\n+1\n+-5\nnonsense\n+14";
        assert_eq!(left(told.as_bytes()), BTreeSet::from([13, 14]));
    }
}
