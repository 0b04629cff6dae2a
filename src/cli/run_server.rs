//! `run server`.

use super::again;
use super::args::{FormatArg, RunServerArgs};
use super::config;
use super::draft::{self, Draft};
use super::finish::{self, Finish};
use super::output::print;
use super::progress::Heartbeat;
use super::select::{configured, select, selection};
use super::status::{Failure, Status};
use super::target_args::TargetArgs;
use crate::audit::AuditProfile as BuiltIn;
use crate::embedded;
use crate::report::stored::{Circumstances, StoredInstance, StoredRun};
use crate::report::{json, repeat};
use crate::runner::crash_signs::CrashSigns;
use crate::runner::death::{Process, Spec};
use crate::runner::launch;
use crate::runner::serve::{Acceptor, ReferenceServer};
use crate::runner::usage::MemoryBound;
use crate::runner::{RunEvent, RunOptions, Target, reference, run_server};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{Record, Run, TargetInfo, VerdictKind};
use wsgauntlet_suite::transcript::Capabilities;
use wsgauntlet_wire::Role;

pub fn main(args: RunServerArgs) -> Result<Status, Failure> {
    audit(args).map(|(status, _)| status)
}

/// Plays, judges and reports. What was played is given back, too.
pub fn audit(mut args: RunServerArgs) -> Result<(Status, StoredRun), Failure> {
    let (asked, chosen) = (selection(&args.select), args.select.profile.is_some());
    let typed = args.clone();
    let named = config::apply(&mut args)?;
    let profile = BuiltIn::parse(args.select.profile.as_deref())?;
    args.gate.strict |= profile.is_strict();
    let deadline = Duration::from_millis(args.timeout_ms.unwrap_or_else(|| profile.timeout_ms()));
    let instances = select(&args.select, Role::Server)?;
    let selection = match chosen {
        true => selection(&args.select),
        false => configured(selection(&args.select), asked),
    };
    args.gate.check(selection.is_filtered())?;
    let circumstances = Circumstances {
        started: Some(super::stored::now()),
        seed: args.seed,
        selection,
        built_in: args.url.is_none() && args.launch.is_none(),
        again: Some(again::of_server(&typed, named.as_deref(), deadline)),
        timeout_ms: Some(deadline.as_millis() as u64),
    };
    let draft = args.out.clone().map(|dir| Draft {
        dir,
        instances: instances.clone(),
        circumstances: circumstances.clone(),
    });
    let mut displays = Displays::new(draft, &args.reports, args.format)?;
    let runtime = super::runtime()?;
    let runs = runtime.block_on(async {
        let site = Site::new(&args).await?;
        let runs = play(&args, &site, (profile, deadline), &instances, &circumstances, &mut displays).await;
        if let Some(process) = site.process {
            process.lock().await.end().await;
        }
        runs
    });
    displays.end()?;
    let finish = Finish {
        gate: &args.gate,
        dirs: &args.select.dirs,
        out: args.out.as_deref(),
        reports: &args.reports,
        format: args.format,
        verbose: args.verbose,
    };
    let runs = runs.inspect_err(|failure| {
        // What was to be written is written; the failure is told all the same.
        if failure.status() == Status::Target
            && let Err(second) =
                finish::write_out(&unreached(&args, &instances, &circumstances, failure), &finish)
        {
            eprintln!("error: {second}");
        }
    })?;
    let mut run = repeat::fold(runs).ok_or_else(|| Failure::Harness("nothing was played".to_owned()))?;
    let status = finish::finish(&mut run, &finish)?;
    Ok((status, run))
}

/// Plays everything once, or so often as is asked for.
async fn play(
    args: &RunServerArgs,
    site: &Site,
    (profile, deadline): (BuiltIn, Duration),
    instances: &[Arc<Instance>],
    circumstances: &Circumstances,
    displays: &mut Displays,
) -> Result<Vec<StoredRun>, Failure> {
    let target = &site.target;
    let group = match &site.process {
        Some(process) => process.lock().await.group(),
        None => None,
    };
    let options = RunOptions {
        deadline,
        budget: Some(args.budget.unwrap_or_else(|| profile.budget(deadline))).filter(|time| !time.is_zero()),
        jobs: args.jobs.map(usize::from),
        seed: args.seed,
        name: args.name.clone().unwrap_or_else(|| default_name(args, target)),
        assumed: args.assumed,
        memory: group.map(|group| MemoryBound { group, max: args.memory_max << 20 }),
        process: site.process.clone(),
        stop: stop_on_signals(),
    };
    let times = match (args.repeat, args.until_failure) {
        (Some(times), _) => times,
        (None, true) => u32::MAX,
        (None, false) => 1,
    };
    let mut runs: Vec<StoredRun> = Vec::new();
    for _ in 0..times {
        let mut sink = |event: RunEvent| displays.take(&event);
        let run = run_server(target.clone(), instances.to_vec(), options.clone(), &mut sink).await?;
        let stored = StoredRun::of(&run, embedded::catalogue(), circumstances);
        let stopped = stored.interrupted.is_some();
        let failed = stored.instances.iter().any(|instance| instance.is_deviating(args.gate.strict));
        if stopped && args.until_failure && !runs.is_empty() {
            // Who stops it has seen enough: the runs that are whole count.
            break;
        }
        let ends = stopped || !stored.deaths.is_empty() || (failed && args.until_failure);
        runs.push(stored);
        if ends {
            break;
        }
    }
    Ok(runs)
}

/// The run that there would have been.
fn unreached(
    args: &RunServerArgs,
    instances: &[Arc<Instance>],
    circumstances: &Circumstances,
    failure: &Failure,
) -> StoredRun {
    let reason = failure.to_string();
    let url = args.url.clone().unwrap_or_default();
    let target = TargetInfo {
        role: Role::Server,
        name: args.name.clone().unwrap_or_else(|| url.clone()),
        url,
        capabilities: Capabilities::NONE,
        remarks: vec![reason.clone()],
    };
    let blocked = |instance: &Arc<Instance>| {
        Record::unplayed(instance.clone(), VerdictKind::Blocked, "the target was never reached")
    };
    let run = Run {
        target,
        records: instances.iter().map(blocked).collect(),
        cases: instances.iter().map(|instance| &instance.case).collect::<BTreeSet<_>>().len(),
        jobs: 0,
        duration: Duration::ZERO,
        interrupted: Some(reason),
        deaths: Vec::new(),
        crashes: Vec::new(),
    };
    StoredRun::of(&run, embedded::catalogue(), circumstances)
}

fn default_name(args: &RunServerArgs, target: &Target) -> String {
    match (&args.launch, &args.url) {
        // A launched target has another port each time, and is the same.
        (Some(command), _) => {
            let program = command.split_whitespace().next().unwrap_or_default();
            program.rsplit('/').next().unwrap_or(program).to_owned()
        }
        (None, Some(_)) => target.authority.clone(),
        (None, None) => "wsgauntlet reference".to_owned(),
    }
}

/// A target, and what was launched for it.
struct Site {
    target: Target,
    process: Option<Arc<Mutex<Process>>>,
}

impl Site {
    /// The target of the arguments, or the reference, started for this run.
    async fn new(args: &RunServerArgs) -> Result<Site, Failure> {
        let Some(command) = &args.launch else {
            let url = match &args.url {
                Some(url) => url.clone(),
                None => built_in(args).await?,
            };
            return Ok(Site { target: target(args, &url)?, process: None });
        };
        let free = launch::free_port().await?.to_string();
        let url = args.url.as_deref().unwrap_or("ws://127.0.0.1:{port}/").replace("{port}", &free);
        let target = target(args, &url)?;
        let spec = Spec {
            command: command.clone(),
            ready_within: args.ready_within,
            signs: CrashSigns::new(args.crash_signs.clone()),
            // A port that was asked for stays.
            moves: args.url.as_deref().is_none_or(|url| url.contains("{port}")),
        };
        let process = Process::start(spec, target.clone()).await?;
        Ok(Site { target, process: Some(Arc::new(Mutex::new(process))) })
    }
}

/// Starts the reference, and gives its URL.
async fn built_in(args: &RunServerArgs) -> Result<String, Failure> {
    let acceptor = args.tls.then(Acceptor::self_signed).transpose();
    let acceptor =
        acceptor.map_err(|error| Failure::Harness(format!("cannot make a certificate: {error}")))?;
    let server = ReferenceServer::bind("127.0.0.1:0", reference::config(Role::Server), acceptor)
        .await
        .map_err(|error| Failure::Harness(format!("cannot listen on 127.0.0.1: {error}")))?;
    let scheme = if args.tls { "wss" } else { "ws" };
    let url = format!("{scheme}://{}", server.address);
    tokio::spawn(server.serve());
    Ok(url)
}

/// The reference's own certificate is signed by nobody.
fn target(args: &RunServerArgs, url: &str) -> Result<Target, Failure> {
    TargetArgs { insecure: args.target.insecure || args.tls, ..args.target.clone() }.target(url)
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
                std::process::exit(Status::Interrupted as i32);
            }
        }
    });
    stop
}

/// What follows the run while it goes on.
pub(super) struct Displays {
    bar: ProgressBar,
    /// Where nobody sees a bar.
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
                // The last line about an instance holds.
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
