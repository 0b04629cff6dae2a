//! `run --autobahn FILE`: the servers of a fuzzingclient.json, one after another, or the clients that
//! connect to the address of a fuzzingserver.json; and the reports that Autobahn would write. Only cases that Autobahn has are
//! played, unless `--more` asks for the rest of the library too.

use super::files::{AutobahnFile, Fuzzing, Server, client_words, read, sort_patterns};
use crate::cli::args::{Cli, Command, RunCommand, RunServerArgs};
use crate::cli::finish;
use crate::cli::output::{print, write};
use crate::cli::status::{Failure, Status};
use crate::cli::{run_client, run_server};
use crate::embedded;
use crate::report::StoredRun;
use crate::report::made::slug;
use crate::report::registry;
use crate::report::stored::quoted;
use clap::Parser;
use std::fmt::Write;
use std::path::Path;
use wsgauntlet_wire::Role;

pub(crate) fn main(path: &Path, more: bool) -> Result<Status, Failure> {
    let fuzzing = match read(path)? {
        AutobahnFile::Client(fuzzing) => fuzzing,
        AutobahnFile::Server(fuzzing) => return clients(path, &fuzzing, more),
        AutobahnFile::Index(_) => {
            return Err(Failure::Usage(format!("{} holds results, and no servers", path.display())));
        }
    };
    if fuzzing.servers.is_empty() {
        return Err(Failure::NothingSelected(format!("{} names no server", path.display())));
    }
    let out = Path::new(fuzzing.outdir.as_deref().unwrap_or("reports/servers"));
    let mut runs = Vec::new();
    let mut worst = Status::Good;
    for server in &fuzzing.servers {
        let args = arguments(&fuzzing, server, &out.join(slug(server.name())), more)?;
        // A server that is down does not keep the others from being audited.
        match run_server::audit(args) {
            Ok((status, run)) => {
                worst = worst.max(status);
                runs.push(run);
            }
            Err(failure) => {
                eprintln!("error: {}: {failure}", server.name());
                worst = worst.max(failure.status());
            }
        }
    }
    let formats = registry::FORMATS.iter().filter(|format| format.name == "html");
    finish::write_all(out, &runs, formats)?;
    write_results(out, &runs)?;
    print(&summary(path, &runs, more))?;
    Ok(worst)
}

/// A line for each target with the number of Autobahn's cases by their outcome, and how to play the rest of the library.
fn summary(path: &Path, runs: &[StoredRun], more: bool) -> String {
    let mut out = String::from("\n");
    for run in runs {
        let counts = crate::report::autobahn::counts(run);
        let counts: Vec<String> =
            counts.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
        let name = if runs.len() > 1 { format!(" ({})", run.target.name) } else { String::new() };
        let _ = writeln!(out, "Autobahn{name}: {}", counts.join(", "));
    }
    if let Some(run) = runs.first().filter(|_| !more) {
        let rest = embedded::library()
            .instances(run.target.role)
            .filter(|instance| instance.autobahn.is_empty())
            .count();
        let path = quoted(&path.display().to_string());
        let _ = writeln!(
            out,
            "{rest} instances that Autobahn does not have were not played: wsgauntlet run --autobahn {path} --more"
        );
    }
    out
}

/// Scripts look for index.json right in the folder that the configuration names.
fn write_results(out: &Path, runs: &[StoredRun]) -> Result<(), Failure> {
    for made in crate::report::autobahn::render(runs) {
        write(out, made.path.trim_start_matches("autobahn/"), &made.text)?;
    }
    Ok(())
}

/// Waits for the clients, until each has asked for its report.
fn clients(path: &Path, fuzzing: &Fuzzing, more: bool) -> Result<Status, Failure> {
    let fuzzing = Fuzzing {
        outdir: Some(fuzzing.outdir.clone().unwrap_or_else(|| "reports/clients".to_owned())),
        url: Some(fuzzing.url.clone().unwrap_or_default()),
        cases: fuzzing.cases.clone(),
        exclude_cases: fuzzing.exclude_cases.clone(),
        ..Fuzzing::default()
    };
    let cases = selected(&fuzzing, Role::Client, more)?;
    let args = match parse(client_words(&fuzzing, &cases, embedded::library()))? {
        RunCommand::Client(args) => args,
        RunCommand::Server(_) => return Err(Failure::Harness("the arguments are not a client's".to_owned())),
    };
    let (status, runs) = run_client::audit(args)?;
    write_results(Path::new(fuzzing.outdir.as_deref().unwrap_or_default()), &runs)?;
    print(&summary(path, &runs, more))?;
    Ok(status)
}

fn parse<W: Into<std::ffi::OsString> + Clone>(words: Vec<W>) -> Result<RunCommand, Failure> {
    let cli = Cli::try_parse_from(words).map_err(|error| Failure::Usage(error.to_string()))?;
    match cli.command {
        Command::Run(run) => {
            run.command.ok_or_else(|| Failure::Harness("the arguments name no role".to_owned()))
        }
        _ => Err(Failure::Harness("the arguments are not those of a run".to_owned())),
    }
}

/// The patterns of the cases to play; none means the whole library.
fn selected(fuzzing: &Fuzzing, role: Role, more: bool) -> Result<Vec<String>, Failure> {
    let library = embedded::library();
    let (_, foreign) = sort_patterns(&fuzzing.cases, library, role);
    let cases = fuzzing.autobahn_cases(library, role);
    if cases.is_empty() {
        return Err(Failure::NothingSelected(format!("no case here has the ids {}", foreign.join(", "))));
    }
    if !foreign.is_empty() {
        eprintln!("note: no case here has the ids {}", foreign.join(", "));
    }
    Ok(if more { Vec::new() } else { cases })
}

fn arguments(fuzzing: &Fuzzing, server: &Server, out: &Path, more: bool) -> Result<RunServerArgs, Failure> {
    let out = out.display().to_string();
    let mut words = vec!["wsgauntlet", "run", "server", &server.url, "--no-config", "--out", &out];
    words.extend(["--name", server.name(), "--profile", "volume"]);
    let library = embedded::library();
    let cases = selected(fuzzing, Role::Server, more)?;
    let of_agent = fuzzing.excluded_of(server.name());
    let excluded = [
        sort_patterns(&fuzzing.exclude_cases, library, Role::Server).0,
        sort_patterns(&of_agent, library, Role::Server).0,
    ];
    words.extend(cases.iter().flat_map(|pattern| ["--case", pattern]));
    words.extend(excluded.iter().flatten().flat_map(|pattern| ["--exclude", pattern]));
    match parse(words)? {
        RunCommand::Server(args) => Ok(args),
        RunCommand::Client(_) => Err(Failure::Harness("the arguments are not a server's".to_owned())),
    }
}
