//! What shows the progress of a run: a bar or a line now and then on stderr, events.ndjson, and ndjson on stdout.

use super::args::FormatArg;
use super::draft::{self, Draft};
use super::output::print;
use super::progress::Heartbeat;
use super::status::Failure;
use crate::embedded;
use crate::report::json;
use crate::report::stored::StoredInstance;
use crate::runner::RunEvent;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};

/// Takes the events of a run as they happen.
pub(super) struct Displays {
    bar: ProgressBar,
    /// Lines in place of the bar, if stderr is not a terminal.
    heartbeat: Option<Heartbeat>,
    events: Option<(Draft, BufWriter<File>)>,
    ndjson: bool,
    failed: Option<String>,
}

impl Displays {
    pub(super) fn new(
        draft: Option<Draft>,
        reports: &[String],
        format: FormatArg,
    ) -> Result<Displays, Failure> {
        let events = match draft {
            Some(draft) => {
                let events = draft::begin(&draft.dir, reports)?;
                Some((draft, events))
            }
            None => None,
        };
        let bar = ProgressBar::hidden();
        bar.set_length(0);
        let drawn = std::io::stderr().is_terminal() && format == FormatArg::Table;
        if drawn {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        let heartbeat = (!drawn).then(Heartbeat::start);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}").expect("a valid template");
        bar.set_style(style);
        Ok(Displays { bar, heartbeat, events, ndjson: format == FormatArg::Ndjson, failed: None })
    }

    pub(super) fn take(&mut self, event: &RunEvent) {
        if let Some(heartbeat) = &self.heartbeat {
            heartbeat.take(event);
        }
        match event {
            RunEvent::Started { target, instances, cases, jobs } => {
                self.bar.inc_length(*instances as u64);
                let drafted = self.events.as_ref().map(|(draft, _)| draft.write(target, *cases, *jobs));
                if let Some(Err(failure)) = drafted {
                    self.failed = Some(failure.to_string());
                }
            }
            RunEvent::Replaying { instances } => {
                self.bar.set_message(format!("playing {instances} deviating instances again"));
            }
            RunEvent::Isolating { death, suspects } => {
                self.bar.set_message(format!("{death}: looking for the instance among {suspects}"));
            }
            RunEvent::Isolated { how, .. } => self.bar.set_message(how.clone()),
            RunEvent::TargetDied { after } => self.bar.set_message(format!("the target died after {after}")),
            RunEvent::Finished(record) | RunEvent::Amended(record) => {
                // The last line about an instance counts.
                self.bar.inc(u64::from(matches!(event, RunEvent::Finished(_))));
                if self.events.is_none() && !self.ndjson {
                    return;
                }
                let instance = StoredInstance::of(record, embedded::catalogue());
                let line = match event {
                    RunEvent::Amended(_) => json::amended_line(&instance),
                    _ => json::line(&instance),
                };
                if self.ndjson && print(&line).is_err() {
                    self.failed = Some("cannot write to stdout".to_owned());
                }
                if let Some((_, file)) = &mut self.events
                    && let Err(error) = file.write_all(line.as_bytes()).and_then(|()| file.flush())
                {
                    self.failed = Some(format!("cannot write events.ndjson: {error}"));
                }
            }
        }
    }

    pub(super) fn end(self) -> Result<(), Failure> {
        self.bar.finish_and_clear();
        match self.failed {
            Some(what) => Err(Failure::Harness(what)),
            None => Ok(()),
        }
    }
}
