//! `fuzz` and `promote`: finds deviations that no case covers, and saves them as cases.

use super::fuzz_args::{FuzzArgs, FuzzClientArgs, FuzzServerArgs, PromoteArgs};
use super::output::print;
use super::select::{from_file, library};
use super::signals::stop_on_signals;
use super::status::{Failure, Status};
use crate::audit::{Audit, Fuzz, FuzzRun, seeds_of};
use crate::fuzz::Session;
use crate::fuzz::finding::{AREA, Finding};
use crate::runner::fuzz::{Benign, FuzzError, FuzzEvent, FuzzReport, Keeper, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, Instant};
use wsgauntlet_suite::case::name::is_kebab;
use wsgauntlet_suite::case::{Instance, Profile};
use wsgauntlet_suite::oracle::monitor;
use wsgauntlet_suite::transcript::notation;
use wsgauntlet_wire::Role;

/// How often to print a line of progress, without a terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Printed in place of a path.
const NOT_KEPT: &str = "\n  NOT KEPT  the case of it passes on the target, so that it would gate nothing; the transcript is all there is";

/// Octets in a MiB.
const MIB: u64 = 1 << 20;

impl From<FuzzError> for Failure {
    fn from(error: FuzzError) -> Failure {
        match error {
            FuzzError::Target(error) => Failure::Target(error),
            FuzzError::Launch(error) => Failure::Launch(error),
            FuzzError::Listen(..) | FuzzError::Mute => Failure::Usage(error.to_string()),
        }
    }
}

pub(super) fn server(args: FuzzServerArgs) -> Result<Status, Failure> {
    let url = args.url.as_deref().unwrap_or("ws://127.0.0.1:{port}/");
    // Any port will do to read the address.
    let host = args.target.target(&url.replace("{port}", "1"))?.host;
    authorised(&host, args.authorised.as_deref())?;
    let audit = match &args.launch {
        Some(command) => Audit::launched_server(command).url(url),
        None => Audit::server(url),
    };
    let audit = args.target.apply(audit)?.ready_within(args.ready_within).memory_max(args.memory_max * MIB);
    run(Fuzz::reached_as(audit).jobs(args.jobs.into()), &args.fuzz, Role::Server)
}

pub(super) fn client(args: FuzzClientArgs) -> Result<Status, Failure> {
    let fuzz = match args.command.is_empty() {
        true => Fuzz::client(&args.listen),
        false => Fuzz::launched_client(&args.command).address(&args.listen),
    };
    run(fuzz.jobs(args.jobs.into()), &args.fuzz, Role::Client)
}

/// Fuzzes, and shows what comes of it.
fn run(fuzz: FuzzRun, args: &FuzzArgs, role: Role) -> Result<Status, Failure> {
    let benign = match &args.benign {
        Some(path) => Benign::load(path).map_err(|error| Failure::Usage(error.to_string()))?,
        None => Vec::new(),
    };
    let mut fuzz = fuzz
        .seed(args.seed)
        .timeout(Duration::from_millis(args.timeout_ms))
        .seeds(seeds(args, role)?)
        .benign(benign);
    if let Some(runs) = args.runs {
        fuzz = fuzz.runs(runs);
    }
    if let Some(time) = args.time {
        fuzz = fuzz.time(time);
    }
    if let Some(name) = &args.name {
        fuzz = fuzz.name(name);
    }
    super::runtime()?.block_on(async {
        let mut display = Display::new(args)?;
        let fuzz = fuzz.stop_when(stop_on_signals());
        let report = fuzz.run_reporting(&mut |event| display.take(event)).await?;
        display.end(&report)
    })
}

/// Nobody else's server is fuzzed by mistake.
fn authorised(host: &str, named: Option<&str>) -> Result<(), Failure> {
    let loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if loopback || named == Some(host) {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "{host} is not this machine; fuzzing may bring it down: --i-am-authorised-to-test {host}"
    )))
}

/// The cases as sessions, one of each kind.
fn seeds(args: &FuzzArgs, role: Role) -> Result<Vec<Session>, Failure> {
    if args.no_seeds && args.dirs.is_empty() {
        return Ok(Vec::new());
    }
    let library = library(&args.dirs)?;
    let wanted = |instance: &&Instance| match instance.profile {
        Profile::Default => true,
        Profile::Volume | Profile::Intrusive => args.intrusive,
    };
    Ok(seeds_of(library.instances(role).filter(wanted), args.intrusive))
}

/// What follows the run while it goes on.
struct Display {
    bar: ProgressBar,
    plain: bool,
    last_line: Instant,
    keeper: Option<Keeper>,
    failed: Option<String>,
}

impl Display {
    fn new(args: &FuzzArgs) -> Result<Display, Failure> {
        let keeper = match &args.save {
            Some(dir) => {
                let keeper = Keeper::new(dir);
                Some(keeper.map_err(|error| {
                    Failure::Usage(format!("cannot write into {}: {error}", dir.display()))
                })?)
            }
            None => None,
        };
        let bar = ProgressBar::new_spinner();
        let plain = !std::io::stderr().is_terminal();
        bar.set_draw_target(match plain {
            true => ProgressDrawTarget::hidden(),
            false => ProgressDrawTarget::stderr_with_hz(10),
        });
        bar.set_style(ProgressStyle::with_template("{spinner} {msg}").expect("a valid template"));
        Ok(Display { bar, plain, last_line: Instant::now(), keeper, failed: None })
    }

    fn line(&self, text: &str) {
        match self.plain {
            // Nobody is hurt when stderr is closed.
            true => drop(writeln!(std::io::stderr(), "{text}")),
            false => self.bar.println(text),
        }
    }

    fn take(&mut self, event: FuzzEvent) {
        match event {
            FuzzEvent::Started { capabilities, url } => {
                let can = [
                    (capabilities.pong, "pongs"),
                    (capabilities.echo, "echo"),
                    (capabilities.echo_binary, "binary echo"),
                    (capabilities.deflate, "permessage-deflate"),
                ];
                let can: Vec<&str> = can.iter().filter(|(can, _)| *can).map(|(_, name)| *name).collect();
                self.line(&format!("wsgauntlet {} · {url} · {}", env!("CARGO_PKG_VERSION"), can.join(", ")));
            }
            FuzzEvent::Progress(progress) => {
                self.bar.tick();
                self.bar.set_message(describe(&progress));
                if self.plain && self.last_line.elapsed() >= LINE_EVERY {
                    self.last_line = Instant::now();
                    self.line(&describe(&progress));
                }
            }
            FuzzEvent::Examining(what) => self.bar.set_message(format!("examining: {what}")),
            FuzzEvent::Restarted(fault) => self.line(&fault),
            FuzzEvent::Unconfirmed(what) => self.line(&format!("not seen again alone: {what}")),
            FuzzEvent::Found(finding) => {
                let kept = match &self.keeper {
                    Some(keeper) => match keeper.keep(&finding) {
                        Ok(Some(path)) => format!("\n  kept      {}{}", path.display(), unseen(&finding)),
                        Ok(None) => NOT_KEPT.to_owned(),
                        Err(error) => {
                            self.failed = Some(format!("cannot keep {}: {error}", finding.name));
                            String::new()
                        }
                    },
                    None => String::new(),
                };
                let complaint = &finding.complaint;
                self.line(&format!(
                    "FOUND  {}\n  breaks    {}\n  expected  {}\n  observed  {}{kept}",
                    finding.name, complaint.requirement, complaint.expected, complaint.observed
                ));
                for line in notation::lines(&finding.transcript) {
                    self.line(&format!("    {line}"));
                }
            }
        }
    }

    fn end(self, report: &FuzzReport) -> Result<Status, Failure> {
        self.bar.finish_and_clear();
        print(&summary(report))?;
        if let Some(failed) = self.failed {
            return Err(Failure::Harness(failed));
        }
        Ok(match (&report.lost, report.findings.is_empty()) {
            (_, false) => Status::Worse,
            (Some(_), true) => Status::Target,
            (None, true) => Status::Good,
        })
    }
}

/// Where `replay` alone does not show what was found.
fn unseen(finding: &Finding) -> &'static str {
    match finding.shows_in_a_play() {
        true => "",
        false => {
            "\n            `replay` may pass it: look at the process, and play the files before it first"
        }
    }
}

fn describe(progress: &Progress) -> String {
    let seconds = progress.elapsed.as_secs_f64().max(0.001);
    let mut text = format!(
        "{:.0} s · {} scripts, {:.0}/s · {} connections · {} behaviours · {} kept · {} findings",
        seconds,
        progress.scripts,
        progress.scripts as f64 / seconds,
        progress.sessions,
        progress.behaviours,
        progress.kept,
        progress.findings,
    );
    if let Some(memory) = progress.memory {
        let _ = write!(text, " · target {} MiB", memory / MIB);
    }
    text
}

fn summary(report: &FuzzReport) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", describe(&report.progress));
    for finding in &report.findings {
        let _ = writeln!(out, "  {}  {}", finding.name, finding.complaint.observed);
    }
    if !report.differences.is_empty() {
        let _ = writeln!(out, "not findings, since the RFC only recommends or permits otherwise:");
        for (fingerprint, (complaint, count)) in &report.differences {
            let _ = writeln!(
                out,
                "  {count:>7} x {fingerprint}  {}: {}, instead of {}",
                complaint.requirement, complaint.observed, complaint.expected
            );
        }
    }
    for (what, count) in &report.unconfirmed {
        let _ = writeln!(out, "not seen again alone: {what} ({count} x)");
    }
    if report.alike > 0 {
        let _ = writeln!(out, "{} more deviations of kinds that were examined", report.alike);
    }
    if report.benign > 0 {
        let _ = writeln!(out, "{} known differences let pass", report.benign);
    }
    if let Some(lost) = &report.lost {
        let _ = writeln!(out, "ended early: {lost}");
    }
    out
}

/// A case that can fail on no target is refused: in the library it would look like a gate.
fn gates(file: &Path) -> Result<(), Failure> {
    let library = from_file(file)?;
    let watched = |id: &str| monitor::ALL.iter().any(|monitor| monitor.requirements.contains(&id));
    let idle = |instance: &Instance| {
        instance.info && !instance.verifies.iter().any(|requirement| watched(requirement.as_str()))
    };
    let mut instances = [Role::Server, Role::Client].into_iter().flat_map(|role| library.instances(role));
    match instances.all(idle) {
        true => Err(Failure::Usage(format!(
            "{}: the case has `info = true`, so nothing that a target does fails it; write what is expected as a step, such as \
             {{ expect = \"refused\" }}, and take `info` out",
            file.display()
        ))),
        false => Ok(()),
    }
}

/// Gives a finding a name, and moves it into the library.
pub(super) fn promote(args: PromoteArgs) -> Result<Status, Failure> {
    let usage = |what: String| Failure::Usage(what);
    if !is_kebab(&args.name) {
        return Err(usage(format!("{:?} is not in kebab-case", args.name)));
    }
    let shown = args.file.display();
    let text = std::fs::read_to_string(&args.file)
        .map_err(|error| usage(format!("cannot read {shown}: {error}")))?;
    let mut document: toml_edit::DocumentMut =
        text.parse().map_err(|error| usage(format!("{shown}: {error}")))?;
    let cases = document.get_mut("case").and_then(toml_edit::Item::as_array_of_tables_mut);
    let case =
        cases.and_then(|cases| cases.get_mut(0)).ok_or_else(|| usage(format!("{shown} holds no case")))?;
    case["name"] = toml_edit::value(&args.name);
    gates(&args.file)?;
    let dir = args.into.join(AREA);
    let path = dir.join(format!("{}.toml", args.name));
    if path.exists() {
        return Err(usage(format!("{} exists", path.display())));
    }
    let unwritable = |error: std::io::Error| usage(format!("cannot write {}: {error}", path.display()));
    std::fs::create_dir_all(&dir).map_err(unwritable)?;
    std::fs::write(&path, document.to_string()).map_err(unwritable)?;
    std::fs::remove_file(&args.file).map_err(|error| usage(format!("cannot remove {shown}: {error}")))?;
    print(&format!("{}\n", path.display()))?;
    Ok(Status::Good)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Only this machine is fuzzed without being named.
    #[test]
    fn others_are_named() {
        for own in ["localhost", "127.0.0.1", "127.8.9.10", "::1"] {
            assert!(authorised(own, None).is_ok(), "{own}");
        }
        for other in ["example.com", "10.0.0.1", "localhost.example.com", "::2"] {
            assert!(authorised(other, None).is_err(), "{other}");
            assert!(authorised(other, Some("else")).is_err(), "{other}");
            assert!(authorised(other, Some(other)).is_ok(), "{other}");
        }
    }
}
