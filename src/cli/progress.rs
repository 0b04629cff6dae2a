//! The progress of a run, for a stderr that is not a terminal: a line every few seconds. `Progress` takes the time as an argument;
//! `Heartbeat` has the clock.

use crate::runner::RunEvent;
use std::io::Write;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use wsgauntlet_suite::oracle::VerdictKind;

/// How often a line is written.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// How often to check whether a line is due.
const TICK: Duration = Duration::from_millis(500);

/// The counts of a run.
#[derive(Debug, Default)]
pub(super) struct Progress {
    instances: usize,
    finished: usize,
    failed: usize,
    replaying: usize,
    died: Option<String>,
    isolating: Option<String>,
    last: Duration,
}

impl Progress {
    pub(super) fn take(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Started { instances, .. } => self.instances += instances,
            RunEvent::Finished(record) => {
                self.finished += 1;
                self.failed += usize::from(record.verdict.kind == VerdictKind::Fail);
            }
            RunEvent::Replaying { instances } => self.replaying = *instances,
            RunEvent::Amended(record) => self.failed += usize::from(record.verdict.kind == VerdictKind::Fail),
            RunEvent::Isolating { death, suspects } => {
                self.isolating = Some(format!("{death}: looking for the cause among {suspects} instances"));
            }
            RunEvent::Isolated { .. } => self.isolating = None,
            RunEvent::TargetDied { after } => self.died = Some(after.clone()),
        }
    }

    /// The line that is due at `now`, the time since the start of the run.
    pub(super) fn due(&mut self, now: Duration) -> Option<String> {
        if now < self.last + LINE_EVERY {
            return None;
        }
        self.last = now;
        let seconds = now.as_secs();
        if self.instances == 0 {
            return Some(format!("{seconds} s: waiting for the target"));
        }
        let mut line = format!("{seconds} s: {} of {} instances done", self.finished, self.instances);
        if self.failed > 0 {
            line.push_str(&format!(", {} failed", self.failed));
        }
        if self.replaying > 0 {
            line.push_str(&format!(", {} deviating ones are played again", self.replaying));
        }
        if let Some(isolating) = &self.isolating {
            line.push_str(&format!(", {isolating}"));
        }
        if let Some(after) = &self.died {
            line.push_str(&format!(", the target died after {after}"));
        }
        Some(line)
    }
}

/// Writes the lines until it is dropped.
#[derive(Debug)]
pub(super) struct Heartbeat {
    progress: Arc<Mutex<Progress>>,
    _alive: Sender<()>,
}

impl Heartbeat {
    pub(super) fn start() -> Heartbeat {
        let progress = Arc::new(Mutex::new(Progress::default()));
        let (alive, dropped) = channel();
        let (shared, began) = (progress.clone(), Instant::now());
        std::thread::spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = dropped.recv_timeout(TICK) {
                let line = shared.lock().unwrap_or_else(PoisonError::into_inner).due(began.elapsed());
                if let Some(line) = line {
                    // A closed stderr is no reason to stop the run.
                    let _ = writeln!(std::io::stderr(), "{line}");
                }
            }
        });
        Heartbeat { progress, _alive: alive }
    }

    pub(super) fn take(&self, event: &RunEvent) {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).take(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wsgauntlet_suite::oracle::TargetInfo;
    use wsgauntlet_suite::transcript::Capabilities;
    use wsgauntlet_wire::Role;

    /// The time is an argument: the test waits for nothing.
    #[test]
    fn a_line_is_due_every_five_seconds() {
        let seconds = Duration::from_secs;
        let mut progress = Progress::default();
        assert_eq!(progress.due(seconds(4)), None);
        assert_eq!(progress.due(seconds(5)).as_deref(), Some("5 s: waiting for the target"));
        let target = TargetInfo {
            role: Role::Server,
            name: String::new(),
            url: String::new(),
            capabilities: Capabilities::FULL,
            remarks: Vec::new(),
        };
        progress.take(&RunEvent::Started { target, instances: 40, cases: 4, jobs: 1 });
        progress.take(&RunEvent::Replaying { instances: 3 });
        assert_eq!(progress.due(seconds(9)), None);
        let line = "11 s: 0 of 40 instances done, 3 deviating ones are played again";
        assert_eq!(progress.due(seconds(11)).as_deref(), Some(line));
        assert_eq!(progress.due(seconds(15)), None);
    }
}
