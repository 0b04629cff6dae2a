//! `run server`.

use super::args::{FormatArg, RunServerArgs};
use super::finish::{self, Finish};
use super::output::print;
use super::select::{select, selection};
use super::status::{Failure, Status};
use crate::report::json;
use crate::report::stored::{Circumstances, StoredInstance, StoredRun};
use crate::requirement::Catalogue;
use crate::runner::serve::{Acceptor, ReferenceServer};
use crate::runner::target::Trust;
use crate::runner::{RunEvent, RunOptions, Target, reference, run_server};
use crate::wire::Role;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub fn main(args: RunServerArgs) -> Result<Status, Failure> {
    let instances = select(&args.select, Role::Server)?;
    args.gate.check(selection(&args.select).is_filtered())?;
    let mut displays = Displays::new(args.out.as_deref(), args.format)?;
    let started = super::stored::now();
    let runtime = super::runtime()?;
    let run = runtime.block_on(async {
        let target = target(&args).await?;
        let options = RunOptions {
            deadline: args.deadline(),
            jobs: args.jobs.map(usize::from),
            seed: args.seed,
            name: args.name.clone().unwrap_or_else(|| default_name(&args, &target)),
            stop: stop_on_signals(),
        };
        let mut sink = |event: RunEvent| displays.take(&event);
        run_server(target, instances, options, &mut sink).await.map_err(Failure::Target)
    })?;
    displays.end()?;
    let circumstances = Circumstances {
        started: Some(started),
        seed: args.seed,
        selection: selection(&args.select),
        built_in: args.url.is_none(),
    };
    let stored = StoredRun::of(&run, Catalogue::embedded(), &circumstances);
    let finish = Finish {
        gate: &args.gate,
        dirs: &args.select.dirs,
        out: args.out.as_deref(),
        reports: &args.reports,
        format: args.format,
        verbose: args.verbose,
    };
    finish::finish(stored, &finish)
}

fn default_name(args: &RunServerArgs, target: &Target) -> String {
    if args.url.is_none() { "wsgauntlet reference".to_owned() } else { target.authority.clone() }
}

/// The target of the arguments, or the reference, started for this run.
async fn target(args: &RunServerArgs) -> Result<Target, Failure> {
    let url = match &args.url {
        Some(url) => url.clone(),
        None => {
            let acceptor = args.tls.then(Acceptor::self_signed).transpose();
            let acceptor =
                acceptor.map_err(|error| Failure::Harness(format!("cannot make a certificate: {error}")))?;
            let server = ReferenceServer::bind("127.0.0.1:0", reference::config(Role::Server), acceptor)
                .await
                .map_err(|error| Failure::Harness(format!("cannot listen on 127.0.0.1: {error}")))?;
            let scheme = if args.tls { "wss" } else { "ws" };
            let url = format!("{scheme}://{}", server.address);
            tokio::spawn(server.serve());
            url
        }
    };
    let trust = Trust { insecure: args.target.insecure || args.tls, ca: args.target.ca.clone() };
    let mut target = Target::parse(&url, &trust)?;
    for header in &args.target.headers {
        target.add_header(header)?;
    }
    target.subprotocols.clone_from(&args.target.subprotocols);
    Ok(target)
}

/// Ctrl-C and SIGTERM end a run in order.
pub(super) fn stop_on_signals() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    tokio::spawn(async move {
        let mut term = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(term) => term,
            Err(_) => return,
        };
        loop {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = term.recv() => {}
            }
            // The second signal does not wait for reports.
            if flag.swap(true, Ordering::Relaxed) {
                std::process::exit(Status::Harness as i32);
            }
        }
    });
    stop
}

/// What follows the run while it goes on.
pub(super) struct Displays {
    bar: ProgressBar,
    events: Option<BufWriter<File>>,
    ndjson: bool,
    failed: Option<String>,
}

impl Displays {
    pub(super) fn new(out: Option<&Path>, format: FormatArg) -> Result<Displays, Failure> {
        let events = match out {
            Some(dir) => Some(events_file(dir)?),
            None => None,
        };
        let bar = ProgressBar::hidden();
        bar.set_length(0);
        if std::io::stderr().is_terminal() && format == FormatArg::Table {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}").expect("a valid template");
        bar.set_style(style);
        Ok(Displays { bar, events, ndjson: format == FormatArg::Ndjson, failed: None })
    }

    pub(super) fn take(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Started { instances, .. } => self.bar.inc_length(*instances as u64),
            RunEvent::Replaying { instances } => {
                self.bar.set_message(format!("playing {instances} deviating instances again"));
            }
            RunEvent::TargetDied { after } => self.bar.set_message(format!("the target died after {after}")),
            RunEvent::Finished(record) => {
                self.bar.inc(1);
                if self.events.is_none() && !self.ndjson {
                    return;
                }
                let line = json::line(&StoredInstance::of(record, Catalogue::embedded()));
                if self.ndjson && print(&line).is_err() {
                    self.failed = Some("cannot write to stdout".to_owned());
                }
                if let Some(file) = &mut self.events
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

fn events_file(dir: &Path) -> Result<BufWriter<File>, Failure> {
    let unwritable =
        |error: std::io::Error| Failure::Usage(format!("cannot write into {}: {error}", dir.display()));
    std::fs::create_dir_all(dir).map_err(unwritable)?;
    Ok(BufWriter::new(File::create(dir.join("events.ndjson")).map_err(unwritable)?))
}
