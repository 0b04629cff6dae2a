//! The guard itself: a second process of the same program, which kills what is left when the first one ends.

use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};

/// Reads groups from `pipe` to its end, and kills those that are left.
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
        let lines = "+12\n+13\n-12\n+0\n+1\n+-5\nnonsense\n+14";
        assert_eq!(left(lines.as_bytes()), BTreeSet::from([13, 14]));
    }
}
