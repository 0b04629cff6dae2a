//! A launched server under test: what tells of its death, and how it is started again.

use super::liveness::answers;
use crate::runner::crash_signs::{CrashSigns, Sign, Signed};
use crate::runner::launch::{self, LaunchError, Launched};
use crate::runner::target::Target;
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;
use tokio::time::interval;
use wsgauntlet_suite::transcript::{Capabilities, Death};

/// How often a start is tried again: the port of a process that was just ended can be taken for a moment.
const STARTS_MAX: usize = 3;

/// How often, and how many times at the most, it is looked whether all is read that a process wrote.
const TAIL_EVERY: Duration = Duration::from_millis(10);
const TAIL_LOOKS_MAX: usize = 10;

/// How a target is launched.
#[derive(Clone, Debug)]
pub struct Spec {
    /// With `{port}` in it.
    pub command: String,
    /// How long it may take until it listens.
    pub ready_within: Duration,
    /// Whether each process may listen on a port of its own.
    pub moves: bool,
    /// What tells of a crash in what it writes.
    pub signs: CrashSigns,
}

/// A launched server, one process after the other.
pub struct Process {
    spec: Spec,
    target: Target,
    launched: Option<Launched>,
    /// The command ended, and what it started goes on serving.
    detached: bool,
    /// How often it was started again.
    pub restarts: usize,
}

impl std::fmt::Debug for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Process").field("spec", &self.spec).field("launched", &self.launched).finish()
    }
}

impl Process {
    /// Starts the target, and waits until it takes connections.
    pub async fn start(spec: Spec, target: Target) -> Result<Process, LaunchError> {
        let mut process = Process { spec, target, launched: None, detached: false, restarts: 0 };
        process.launch().await?;
        Ok(process)
    }

    /// Ends the process, in whatever state, and starts a fresh one.
    pub async fn restart(&mut self) -> Result<(), LaunchError> {
        if let Some(launched) = self.launched.take() {
            launched.kill().await;
        }
        self.restarts += 1;
        let mut starts = 1;
        loop {
            if self.spec.moves {
                self.target = self.target.at_port(launch::free_port().await?);
            }
            match self.launch().await {
                Err(LaunchError::Ended { .. }) if starts < STARTS_MAX => starts += 1,
                started => return started,
            }
        }
    }

    async fn launch(&mut self) -> Result<(), LaunchError> {
        let Spec { command, ready_within, signs, .. } = &self.spec;
        let (host, port) = (&self.target.host, self.target.port);
        self.launched = Some(launch::launch_watched(command, host, port, *ready_within, signs).await?);
        self.detached = false;
        Ok(())
    }

    /// Whether each process may listen on a port of its own, so that two can run side by side.
    pub fn moves(&self) -> bool {
        self.spec.moves
    }

    /// Gives the present process away, to be looked at while the next one is started. `None`: there is none, or the next one
    /// would need its port.
    pub fn set_aside(&mut self) -> Option<Process> {
        let launched = self.launched.take_if(|_| self.spec.moves)?;
        let (spec, target) = (self.spec.clone(), self.target.clone());
        Some(Process { spec, target, launched: Some(launched), detached: self.detached, restarts: 0 })
    }

    /// Ends the process, politely.
    pub async fn end(&mut self) {
        if let Some(launched) = self.launched.take() {
            launched.end().await;
        }
    }

    /// Where the present process is reached.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The process group, while a process runs.
    pub fn group(&self) -> Option<i32> {
        self.launched.as_ref().and_then(Launched::group)
    }

    /// What the probe saw it do.
    pub fn probed(&mut self, capabilities: Capabilities) {
        self.target.capabilities = capabilities;
    }

    /// The last lines that it wrote. What a process left behind that ended is waited for.
    pub async fn tail(&self) -> String {
        let mut looks = interval(TAIL_EVERY);
        for _ in 0..TAIL_LOOKS_MAX {
            looks.tick().await;
            if self.launched.as_ref().is_none_or(Launched::wrote_all) {
                break;
            }
        }
        self.launched.as_ref().map(Launched::tail).unwrap_or_default()
    }

    /// What tells of a death without a connection: the end of the process, or a line that it wrote. A command that ended and
    /// left a server behind, which still answers within `patience`, did not die.
    pub async fn sign(&mut self, patience: Duration) -> Option<Death> {
        let launched = self.launched.as_mut()?;
        if !self.detached
            && let Some(status) = launched.ended()
        {
            if !answers(&self.target, patience).await {
                return Some(ended(status));
            }
            self.detached = true;
        }
        let Signed { sign, line } = self.launched.as_ref()?.take_signed()?;
        told(sign, line)
    }
}

/// What a line tells of a process that has not ended. A server that logs an exception, drops that connection and goes on
/// serving did not die of it: Tornado, and whatever runs on asyncio, does so with each fault of a peer that it has no
/// words for. What the drop amounts to, the instance says. Who wants it called a crash has `--crash-sign`.
fn told(sign: Sign, line: String) -> Option<Death> {
    match sign {
        Sign::Crash => Some(Death::Crashed(line)),
        Sign::Uncaught | Sign::Trace => None,
    }
}

fn ended(status: std::process::ExitStatus) -> Death {
    match (status.signal(), status.code()) {
        (Some(signal), _) => Death::Signal(signal),
        // A shell says so of what it ran.
        (None, Some(code @ 129..=159)) => Death::Signal(code - 128),
        (None, code) => Death::Exited(code.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// hypercorn, wsproto and tornado wrote these, and served on; 145 of their instances failed for it, which pass or are
    /// lenient when the server is not launched.
    #[test]
    fn who_logs_an_exception_and_serves_on_did_not_die() {
        let signs = CrashSigns::default();
        let told = |line: &str| signs.of_line(line).and_then(|sign| told(sign, line.to_owned()));
        for line in [
            "Unhandled exception in client_connected_cb",
            "Uncaught exception GET / (127.0.0.1)",
            "Traceback (most recent call last):",
            "Task exception was never retrieved",
        ] {
            assert_eq!(told(line), None, "{line}");
        }
        let panic = "thread 'tokio-rt-worker' (7) panicked at src/main.rs:3:5:";
        assert_eq!(told(panic), Some(Death::Crashed(panic.to_owned())));
        let own = CrashSigns::new(vec!["Uncaught exception".to_owned()]);
        assert_eq!(own.of_line("Uncaught exception GET / (127.0.0.1)"), Some(Sign::Crash));
    }
}
