//! A target that was launched: whether it lives, what it wrote, what it uses; and how it is started again.

use crate::runner::launch::{self, LaunchError, Launched};
use crate::runner::usage::Usage;
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

/// How a target is launched, and what it may use.
#[derive(Clone, Debug)]
pub struct Launch {
    /// With `{port}` in it.
    pub command: String,
    /// How long it may take until it listens.
    pub ready_within: Duration,
    /// Resident memory, in octets, all its processes together.
    pub memory_max: u64,
}

/// What is wrong with the process.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("the process exited with status {0}")]
    Exited(i32),
    #[error("the process was ended by signal {0}")]
    Signal(i32),
    #[error("the process wrote: {0}")]
    Alarm(String),
    #[error("the process lives and answers nothing")]
    Hang,
    #[error("the process outgrew its limit of memory")]
    Memory,
    #[error("the process keeps descriptors of connections that ended")]
    Descriptors,
    #[error("the process is busy though no connection is open")]
    Busy,
}

impl Fault {
    /// Whether a fault that was provoked again is the `seen` one. A process that hung may end the next time.
    pub(super) fn confirms(&self, seen: &Fault) -> bool {
        let ended = matches!(self, Fault::Exited(_) | Fault::Signal(_));
        std::mem::discriminant(self) == std::mem::discriminant(seen) || (*seen == Fault::Hang && ended)
    }
}

/// A launched target.
pub(super) struct Process {
    launch: Launch,
    host: String,
    port: u16,
    launched: Option<Launched>,
    /// What it used when it had just been started.
    pub fresh: Usage,
}

/// This number of descriptors more than at its start is a leak, once no connection is open.
const DESCRIPTORS_MORE: usize = 512;

/// A target is busy that computes for at least half of each of this number of spans in a row, with no connection open.
const BUSY_TIMES: u32 = 8;
const BUSY_WITHIN: Duration = Duration::from_millis(100);

impl Process {
    pub(super) async fn start(launch: Launch, host: &str, port: u16) -> Result<Process, LaunchError> {
        let mut process =
            Process { launch, host: host.to_owned(), port, launched: None, fresh: Usage::default() };
        process.restart().await?;
        Ok(process)
    }

    /// Ends it, and starts it anew on the same port.
    pub(super) async fn restart(&mut self) -> Result<(), LaunchError> {
        self.end().await;
        let Launch { command, ready_within, .. } = &self.launch;
        self.launched = Some(launch::launch(command, &self.host, self.port, *ready_within).await?);
        self.fresh = self.usage();
        Ok(())
    }

    pub(super) async fn end(&mut self) {
        if let Some(launched) = self.launched.take() {
            launched.end().await;
        }
    }

    /// What shows without a connection.
    pub(super) fn fault(&mut self) -> Option<Fault> {
        let launched = self.launched.as_mut()?;
        if let Some(alarm) = launched.alarm() {
            return Some(Fault::Alarm(alarm));
        }
        if let Some(status) = launched.ended() {
            return Some(match (status.signal(), status.code()) {
                (Some(signal), _) => Fault::Signal(signal),
                // A shell says so of what it ran.
                (None, Some(code @ 129..=159)) => Fault::Signal(code - 128),
                (None, code) => Fault::Exited(code.unwrap_or_default()),
            });
        }
        (self.usage().memory > self.launch.memory_max).then_some(Fault::Memory)
    }

    /// What shows while no connection is open.
    pub(super) async fn idle_fault(&self) -> Option<Fault> {
        let usage = self.usage();
        if usage.descriptors > self.fresh.descriptors + DESCRIPTORS_MORE {
            return Some(Fault::Descriptors);
        }
        // A look at the clock of the process costs nothing; only one that was busy is watched.
        let mut before = usage.processor;
        let mut ticks = tokio::time::interval(BUSY_WITHIN);
        ticks.tick().await;
        for _ in 0..BUSY_TIMES {
            ticks.tick().await;
            let now = self.usage().processor;
            if now.saturating_sub(before) < BUSY_WITHIN / 2 {
                return None;
            }
            before = now;
        }
        Some(Fault::Busy)
    }

    /// What it wrote last, as it stands under a message.
    pub(super) fn output(&self) -> String {
        self.launched.as_ref().map(Launched::output).unwrap_or_default()
    }

    pub(super) fn usage(&self) -> Usage {
        let Some(group) = self.launched.as_ref().and_then(Launched::group) else { return Usage::default() };
        Usage::of_group(group)
    }
}
