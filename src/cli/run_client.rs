//! `run client`.

use super::again;
use super::args::{BrowserArg, RunClientArgs};
use super::displays::Displays;
use super::draft::{self, Draft};
use super::finish::{self, Finish};
use super::select::{select, selection};
use super::signals::stop_on_signals;
use super::status::{Failure, Status};
use crate::audit::{Audit, AuditProfile as BuiltIn, Browser, ClientAudit, ListeningServer, RunEvent};
use crate::embedded;
use crate::report::made::slug;
use crate::report::stored::{Circumstances, StoredRun};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use wsgauntlet_suite::oracle::Run;
use wsgauntlet_wire::Role;

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
    let client = client_audit(&args)?;
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
        let server = client.stop_when(stop_on_signals()).listen().await?;
        announce(&args, &server)?;
        let mut sink = |event: RunEvent| displays.take(&event);
        Ok::<_, Failure>(server.play(instances, &mut sink).await?)
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

/// The audit that the arguments describe.
fn client_audit(args: &RunClientArgs) -> Result<ClientAudit, Failure> {
    let audit = match (args.launch_browser, args.browser, args.command.is_empty()) {
        (Some(BrowserArg::Chromium), _, _) => Audit::browser(Some(Browser::Chromium)),
        (Some(BrowserArg::Firefox), _, _) => Audit::browser(Some(Browser::Firefox)),
        (None, true, _) => Audit::browser(None),
        (None, false, true) => Audit::listen(&args.listen),
        (None, false, false) => {
            check_command(&args.command)?;
            Audit::launched_client(&args.command)
        }
    };
    let mut audit = audit
        .address(&args.listen)
        .timeout(Duration::from_millis(args.timeout_ms))
        .wait(Duration::from_millis(args.wait_ms))
        .budget(budget(args))
        .seed(args.seed)
        .name(args.name.clone().unwrap_or_else(|| default_name(args)))
        .crash_signs(args.crash_signs.clone())
        .ok_statuses(args.ok_statuses.clone());
    if args.driver {
        audit = audit.driver();
    }
    if let Some(jobs) = args.jobs {
        audit = audit.jobs(jobs.into());
    }
    if !args.select.cases.is_empty() {
        audit = audit.without_statistics();
    }
    if args.driver {
        audit = audit.driver();
    }
    if args.keep_listening {
        audit = audit.keep_listening();
    }
    Ok(match (&args.cert, &args.key) {
        (Some(certificate), Some(key)) => audit.certificate(certificate, key),
        _ if !args.tls => audit,
        // Without the certificate in a file nobody can trust it.
        _ if args.certificate.is_some() => audit.tls_trusted(),
        _ => audit.tls(),
    })
}

/// Writes the certificate where it was asked for, and says where clients have to connect.
fn announce(args: &RunClientArgs, server: &ListeningServer) -> Result<(), Failure> {
    if let (Some(path), Some(pem)) = (&args.certificate, server.certificate_pem()) {
        std::fs::write(path, pem)
            .map_err(|error| Failure::Usage(format!("cannot write {}: {error}", path.display())))?;
    }
    // Stdout is for the report. Scripts wait for these lines on stderr.
    let url = server.url();
    if args.browser && args.launch_browser.is_none() {
        let _ = writeln!(std::io::stderr(), "open {}/ in a browser", url.replacen("ws", "http", 1));
    } else if args.launch_browser.is_none() && args.command.is_empty() {
        let _ = writeln!(std::io::stderr(), "listening on {url}");
    }
    Ok(())
}

/// The time that a run may take: two minutes, or ten where more than the default is played. With 0: as long as it needs.
fn budget(args: &RunClientArgs) -> Duration {
    let usual = if args.select.profile.is_none() { BUDGET } else { BUDGET_OF_PROFILES };
    let budget = args.budget.unwrap_or(usual);
    if budget.is_zero() { Duration::MAX } else { budget }
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

/// The folder of a run: that of all, unless there are several.
fn folder(out: Option<&Path>, runs: &[Run], run: &Run) -> Option<PathBuf> {
    let out = out?;
    Some(if runs.len() == 1 { out.to_path_buf() } else { out.join(slug(&run.target.name)) })
}
