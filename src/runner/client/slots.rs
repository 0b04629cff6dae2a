//! How many launched commands run at once. A command has a slot while it starts and while octets go to and fro. One that only
//! waits puts no load on the machine: it gives its slot to the next command, which is started ahead.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// A play that lasts longer than this waits for something.
const BUSY_MAX: Duration = Duration::from_millis(40);

/// This many commands may wait for each slot, and this many in all: a process takes memory also when it waits.
const WAITING_FACTOR: usize = 8;
const COMMANDS_MAX: usize = 48;

/// The slots of a run.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    free: Arc<Semaphore>,
    freed: Arc<Notify>,
    busy_max: usize,
    commands_max: usize,
}

/// A slot that is taken. It is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    permit: Option<OwnedSemaphorePermit>,
    freed: Arc<Notify>,
}

impl Slots {
    /// `jobs`: never more commands than that. `None`: by the number of processors.
    pub(super) fn new(jobs: Option<usize>) -> Slots {
        let busy_max = jobs.unwrap_or_else(default_jobs).max(1);
        let commands_max =
            jobs.unwrap_or_else(|| (busy_max * WAITING_FACTOR).min(COMMANDS_MAX)).max(busy_max);
        Slots { free: Arc::new(Semaphore::new(busy_max)), freed: Arc::default(), busy_max, commands_max }
    }

    /// How many commands may start or exchange octets at once.
    pub(super) fn busy_max(&self) -> usize {
        self.busy_max
    }

    /// A slot for another command, beside `running` commands.
    pub(super) fn take(&self, running: usize) -> Option<Slot> {
        if running >= self.commands_max {
            return None;
        }
        let permit = self.free.clone().try_acquire_owned().ok()?;
        Some(Slot { permit: Some(permit), freed: self.freed.clone() })
    }

    /// Ends when a slot has become free.
    pub(super) async fn freed(&self) {
        self.freed.notified().await;
    }
}

impl Slot {
    /// Gives it back at once: there is nothing to do in it, and nobody is woken.
    pub(super) fn unused(mut self) {
        drop(self.permit.take());
    }

    /// Does `work`. The slot is free when it has ended, or when it lasts so long that it can only wait.
    pub(super) async fn hold<T>(self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        match tokio::time::timeout(BUSY_MAX, &mut work).await {
            Ok(done) => done,
            Err(_elapsed) => {
                drop(self);
                work.await
            }
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        // Whoever is woken finds it free.
        if let Some(permit) = self.permit.take() {
            drop(permit);
            self.freed.notify_one();
        }
    }
}

pub(super) fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from).saturating_mul(2).min(16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    /// A command that waits gives its slot away, and counts as running all the same.
    #[tokio::test(start_paused = true)]
    async fn who_waits_gives_its_slot_to_the_next() {
        let slots = Slots::new(None);
        let mut taken: Vec<Slot> =
            (0..slots.busy_max()).map(|running| slots.take(running).expect("free")).collect();
        assert!(slots.take(taken.len()).is_none(), "all are busy");
        let (answer, answered) = oneshot::channel::<()>();
        let first = taken.pop().expect("one was taken");
        let waiting = tokio::spawn(first.hold(answered));
        slots.freed().await;
        assert!(slots.take(taken.len() + 1).is_some(), "one of them only waits");
        answer.send(()).expect("it waits");
        assert!(waiting.await.expect("no panic").is_ok());
    }

    /// A slot that was not needed wakes nobody: who took it would take it again, and again.
    #[tokio::test(start_paused = true)]
    async fn an_unused_slot_wakes_nobody() {
        let slots = Slots::new(Some(1));
        slots.take(0).expect("it is free").unused();
        assert!(tokio::time::timeout(BUSY_MAX, slots.freed()).await.is_err(), "nobody is woken");
        drop(slots.take(0).expect("it is free again"));
        assert!(tokio::time::timeout(BUSY_MAX, slots.freed()).await.is_ok(), "the end of work wakes");
    }

    /// What the user asks for is a bound on all commands.
    #[test]
    fn jobs_bound_all_commands() {
        let slots = Slots::new(Some(2));
        drop((slots.take(0), slots.take(1)));
        assert!(slots.take(2).is_none());
    }
}
