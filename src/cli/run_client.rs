//! `run client`.

use super::again;
use super::args::{BrowserArg, RunClientArgs};
use super::displays::Displays;
use super::draft::{self, Draft};
use super::finish::{self, Finish};
use super::select::{select, selection};
use super::signals::stop_on_signals;
use super::status::{Failure, Status};
use crate::audit::AuditProfile as BuiltIn;
use crate::embedded;
use crate::report::registry::slug;
use crate::report::stored::{Circumstances, StoredRun};
use crate::runner::authority::Authority;
use crate::runner::client::{Browser, ClientOptions, ClientSource, Listener, run_client};
use crate::runner::crash_signs::CrashSigns;
use crate::runner::event::RunEvent;
use crate::runner::serve::Acceptor;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use wsgauntlet_suite::oracle::Run;
use wsgauntlet_wire::Role;
use wsgauntlet_wire::opening::certificate::Certificate;

const BUDGET: Duration = Duration::from_secs(120);
const BUDGET_OF_PROFILES: Duration = Duration::from_secs(600);

pub(super) fn main(args: RunClientArgs) -> Result<Status, Failure> {
    audit(args).map(|(status, _)| status)
}

/// Plays, judges and reports. What was played is given back, too: a run for each client.
pub(super) fn audit(mut args: RunClientArgs) -> Result<(Status, Vec<StoredRun>), Failure> {
    super::config::apply_to_client(&mut args)?;
    args.gate.strict |= BuiltIn::parse(args.select.profile.as_deref())?.is_strict();
    let instances = select(&args.select, Role::Client)?;
    let source = source(&args)?;
    let (acceptor, authority) = certificates(&args)?;
    args.gate.check(selection(&args.select).is_filtered())?;
    let started = super::stored::now();
    let circumstances = Circumstances {
        started: Some(started),
        seed: args.seed,
        selection: selection(&args.select),
        built_in: false,
        again: Some(again::of_client(&args)),
        timeout_ms: Some(args.timeout_ms),
    };
    let draft = args.out.clone().map(|dir| Draft {
        dir,
        instances: instances.clone(),
        circumstances: circumstances.clone(),
    });
    let mut displays = Displays::new(draft, &args.reports, args.format)?;
    let runtime = super::runtime()?;
    let runs = runtime.block_on(async {
        let listener = Listener::bind(&args.listen, acceptor)
            .await
            .map_err(|error| Failure::Usage(format!("cannot listen on {}: {error}", args.listen)))?;
        if source == ClientSource::Browser(None) {
            let _ = writeln!(
                std::io::stderr(),
                "open {}/ in a browser",
                listener.url().replacen("ws", "http", 1)
            );
        } else if source == ClientSource::Connections {
            // Stdout is for the report. Scripts wait for this line on stderr.
            let _ = writeln!(std::io::stderr(), "listening on {}", listener.url());
        }
        let options = ClientOptions {
            source,
            deadline: Duration::from_millis(args.timeout_ms),
            wait: Duration::from_millis(args.wait_ms),
            jobs: args.jobs.map(usize::from),
            seed: args.seed,
            name: args.name.clone().unwrap_or_else(|| default_name(&args)),
            keep_listening: args.keep_listening,
            statistics: args.select.cases.is_empty(),
            authority,
            crash_signs: CrashSigns::new(args.crash_signs.clone()),
            ok_statuses: args.ok_statuses.clone(),
            driver: args.driver,
            budget: budget(&args),
            stop: stop_on_signals(),
        };
        let mut sink = |event: RunEvent| displays.take(&event);
        run_client(listener, instances, options, &mut sink).await.map_err(Failure::Client)
    })?;
    displays.end()?;
    if let Some(dir) = args.out.as_deref().filter(|_| runs.len() != 1) {
        draft::forget(dir)?;
    }
    let mut worst = Status::Good;
    let mut all = Vec::new();
    for run in &runs {
        let out = folder(args.out.as_deref(), &runs, run);
        let finish = Finish {
            gate: &args.gate,
            dirs: &args.select.dirs,
            out: out.as_deref(),
            reports: &args.reports,
            format: args.format,
            verbose: args.verbose,
        };
        let mut stored = StoredRun::of(run, embedded::catalogue(), &circumstances);
        worst = worst.max(finish::finish(&mut stored, &finish)?);
        all.push(stored);
    }
    Ok((if all.is_empty() { Status::Target } else { worst }, all))
}

fn source(args: &RunClientArgs) -> Result<ClientSource, Failure> {
    if let Some(browser) = args.launch_browser {
        return Ok(ClientSource::Browser(Some(match browser {
            BrowserArg::Chromium => Browser::Chromium,
            BrowserArg::Firefox => Browser::Firefox,
        })));
    }
    if args.browser {
        return Ok(ClientSource::Browser(None));
    }
    if args.command.is_empty() {
        return Ok(ClientSource::Connections);
    }
    check_command(&args.command)?;
    Ok(ClientSource::Command(args.command.clone()))
}

/// The time that a run may take, unless it serves on for ever: two minutes, or ten where more than the default is played.
fn budget(args: &RunClientArgs) -> Option<Duration> {
    let usual = if args.select.profile.is_none() { BUDGET } else { BUDGET_OF_PROFILES };
    let budget = args.budget.unwrap_or(usual);
    Some(budget).filter(|budget| !budget.is_zero() && !args.keep_listening)
}

/// A command has to be given its address.
pub(super) fn check_command(command: &[String]) -> Result<(), Failure> {
    match command.iter().skip(1).any(|word| word.contains("{url}")) {
        true => Ok(()),
        false => Err(Failure::Usage(
            "the command needs {url} among its arguments: the address differs for each instance".to_owned(),
        )),
    }
}

fn default_name(args: &RunClientArgs) -> String {
    if let Some(browser) = args.launch_browser {
        return format!("{browser:?}").to_lowercase();
    }
    match args.command.first() {
        Some(program) => {
            Path::new(program).file_name().map_or(program.clone(), |name| name.to_string_lossy().into_owned())
        }
        None => "client".to_owned(),
    }
}

/// What is shown to clients, and the authority behind it where they are told to trust one: who trusts nobody has to take
/// any certificate, or none.
fn certificates(args: &RunClientArgs) -> Result<(Option<Acceptor>, Option<Authority>), Failure> {
    let made = |error| Failure::Harness(format!("cannot make a certificate: {error}"));
    let (acceptor, authority) = match (&args.cert, &args.key) {
        (Some(cert), Some(key)) => {
            let acceptor = Acceptor::from_files(cert, key)
                .map_err(|error| Failure::Usage(format!("cannot use the certificate: {error}")))?;
            (acceptor, None)
        }
        _ if args.tls => {
            let authority = Authority::new().map_err(made)?;
            let acceptor = authority.issue(Certificate::Valid).map_err(made)?;
            (acceptor, args.certificate.is_some().then_some(authority))
        }
        _ => return Ok((None, None)),
    };
    if let Some(path) = &args.certificate {
        std::fs::write(path, &acceptor.certificate_pem)
            .map_err(|error| Failure::Usage(format!("cannot write {}: {error}", path.display())))?;
    }
    Ok((Some(acceptor), authority))
}

/// The folder of a run: that of all, unless there are several.
fn folder(out: Option<&Path>, runs: &[Run], run: &Run) -> Option<PathBuf> {
    let out = out?;
    Some(if runs.len() == 1 { out.to_path_buf() } else { out.join(slug(&run.target.name)) })
}
