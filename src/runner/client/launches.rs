//! Commands that are launched, one for each play.

use super::address::{Visit, address_task};
use super::command::Launcher;
use super::options::ClientError;
use super::pace::PlayPace;
use super::play::Terms;
use super::schedule::Task;
use super::state::State;
use super::tasks::command_task;
use tokio::sync::oneshot;
use wsgauntlet_suite::transcript::Capabilities;

impl State<'_> {
    /// Launches as many commands as may run at once.
    pub(super) fn launch(&mut self, launcher: &Launcher) -> Result<(), ClientError> {
        while let Some(slot) = self.slots.take(self.tasks.len()) {
            let Some(task) = self.schedule.next() else {
                slot.unused();
                break;
            };
            if let Some(visit) = self.visit(&task, launcher) {
                let terms = self.terms(&task, None);
                self.tasks.spawn(address_task(visit, task, terms, slot));
                continue;
            }
            let (ticket, target) = self.tickets.draw();
            let launched = launcher.launch(&format!("{}{target}", self.url)).map_err(|source| {
                ClientError::CannotStart { program: launcher.program().to_owned(), source }
            })?;
            let (sender, handshake) = oneshot::channel();
            self.tickets.insert(ticket, sender);
            let terms = self.terms(&task, Some((self.host(), target)));
            self.tasks.spawn(command_task(launched, handshake, self.options.wait, task, terms, slot));
        }
        Ok(())
    }

    /// Where a client is sent, if the address is what its task is about.
    fn visit(&self, task: &Task, launcher: &Launcher) -> Option<Visit> {
        let Task::Play { instance, .. } = task else { return None };
        let host = self.host();
        Some(Visit {
            address: instance.script.opening.address.clone()?,
            host: host.rsplit_once(':').map_or(host.clone(), |(host, _)| host.to_owned()),
            acceptor: self.acceptor.clone(),
            authority: self.options.authority.clone(),
            launcher: launcher.clone(),
            wait: self.options.wait,
        })
    }

    /// How a task is played. `asked`: the host and target that its client has to ask for.
    pub(super) fn terms(&self, task: &Task, asked: Option<(String, String)>) -> Terms {
        let (before, capabilities) = match task {
            Task::Probe(_) => (0, Capabilities::FULL),
            Task::Calibrate(_) => (0, self.schedule.capabilities()),
            Task::Play { instance, plays } => (plays.len(), self.schedule.capabilities_for(instance)),
        };
        let mut pace = PlayPace::new(&self.pace, before, self.options.deadline, true);
        // Only an instance that deviates is played again.
        pace.first &= matches!(task, Task::Play { .. });
        Terms { seed: self.options.seed, capabilities, asked, pace, volume: self.volume.clone() }
    }
}
