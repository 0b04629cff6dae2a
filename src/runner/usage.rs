//! What a launched target uses, as far as `/proc` tells, and the bound that its memory is held to.

use std::collections::BTreeSet;
use std::time::Duration;

/// What the processes of a group use together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Resident memory, in octets.
    pub memory: u64,
    /// Processor time so far.
    pub processor: Duration,
    pub descriptors: usize,
}

impl Usage {
    /// Of the process group of that number; nothing where there is no `/proc`.
    pub(crate) fn of_group(group: i32) -> Usage {
        let mut usage = Usage::default();
        let Ok(processes) = std::fs::read_dir("/proc") else { return usage };
        for process in processes.flatten() {
            let path = process.path();
            let Ok(stat) = std::fs::read_to_string(path.join("stat")) else { continue };
            // The name of a program stands in brackets, and may hold spaces.
            let Some((_, fields)) = stat.rsplit_once(") ") else { continue };
            let fields: Vec<&str> = fields.split(' ').collect();
            let number =
                |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).unwrap_or_default();
            if fields.get(2).and_then(|field| field.parse().ok()) != Some(group) {
                continue;
            }
            const TICKS_PER_SECOND: u64 = 100;
            usage.memory += number(21) * rustix::param::page_size() as u64;
            usage.processor += Duration::from_millis((number(11) + number(12)) * 1000 / TICKS_PER_SECOND);
            usage.descriptors += std::fs::read_dir(path.join("fd")).map_or(0, Iterator::count);
        }
        usage
    }
}

/// A thread: its process, and itself.
pub(crate) type Thread = (i32, i32);

/// The threads of a process group that run now, or wait for nothing but a processor.
pub(crate) fn running(group: i32) -> BTreeSet<Thread> {
    let mut running = BTreeSet::new();
    for process in numbered("/proc") {
        let path = format!("/proc/{process}");
        if stat(&path).is_none_or(|(_, of)| of != group) {
            continue;
        }
        let tasks = numbered(&format!("{path}/task"));
        running.extend(
            tasks
                .into_iter()
                .filter(|task| stat(&format!("{path}/task/{task}")).is_some_and(|(state, _)| state == 'R'))
                .map(|task| (process, task)),
        );
    }
    running
}

/// The entries of a folder whose names are numbers.
fn numbered(folder: &str) -> Vec<i32> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// The state of a process or a thread, and its group.
fn stat(path: &str) -> Option<(char, i32)> {
    let stat = std::fs::read_to_string(format!("{path}/stat")).ok()?;
    // The name of a program stands in brackets, and may hold spaces.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let state = fields.next()?.chars().next()?;
    fields.next()?;
    Some((state, fields.next()?.parse().ok()?))
}

/// How often memory is looked at during a play.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// How much memory a launched target may have.
#[derive(Clone, Copy, Debug)]
pub struct MemoryBound {
    /// The process group of the target.
    pub group: i32,
    /// Octets of resident memory.
    pub max: u64,
}

/// A target that kept its bound before a play, and did not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outgrown {
    /// The most memory that was seen, in octets.
    pub peak: u64,
    pub max: u64,
}

impl MemoryBound {
    /// Does `work`, and tells whether the target outgrew its bound meanwhile. What was beyond it before proves nothing.
    pub async fn watch<T>(&self, work: impl Future<Output = T>) -> (T, Option<Outgrown>) {
        let memory = || Usage::of_group(self.group).memory;
        let before = memory();
        let mut peak = before;
        let mut looks = tokio::time::interval(LOOK_EVERY);
        let mut work = std::pin::pin!(work);
        let done = loop {
            tokio::select! {
                done = &mut work => break done,
                _ = looks.tick() => peak = peak.max(memory()),
            }
        };
        peak = peak.max(memory());
        let outgrown = before <= self.max && peak > self.max;
        (done, outgrown.then_some(Outgrown { peak, max: self.max }))
    }
}
