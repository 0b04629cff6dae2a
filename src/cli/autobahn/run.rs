//! `run --autobahn fuzzingclient.json`: its servers, one after another, and its reports.

use super::files::{AutobahnFile, Fuzzing, Server, read, sort_patterns};
use crate::case::Library;
use crate::cli::args::{Cli, Command, RunCommand, RunServerArgs};
use crate::cli::finish;
use crate::cli::output::write;
use crate::cli::run_server;
use crate::cli::status::{Failure, Status};
use crate::report::registry::{self, slug};
use crate::wire::Role;
use clap::Parser;
use std::io::Write;
use std::path::Path;

pub fn main(path: &Path) -> Result<Status, Failure> {
    let fuzzing = match read(path)? {
        AutobahnFile::Client(fuzzing) => fuzzing,
        AutobahnFile::Server(_) => {
            return Err(Failure::Usage(format!(
                "{} is about clients under test: `wsgauntlet migrate {}` prints the command for them",
                path.display(),
                path.display()
            )));
        }
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
        let args = arguments(&fuzzing, server, &out.join(slug(server.name())))?;
        // A server that is down does not keep the others from being audited.
        match run_server::audit(args) {
            Ok((status, run)) => {
                worst = worst.max(status);
                runs.push(run);
            }
            Err(failure) => {
                let _ = writeln!(std::io::stderr(), "error: {}: {failure}", server.name());
                worst = worst.max(failure.status());
            }
        }
    }
    let formats = registry::FORMATS.iter().filter(|format| format.name == "html");
    finish::write_all(out, &runs, formats)?;
    for made in crate::report::autobahn::render(&runs) {
        // Scripts look for index.json right in the folder that the configuration names.
        write(out, made.path.trim_start_matches("autobahn/"), &made.text)?;
    }
    Ok(worst)
}

fn arguments(fuzzing: &Fuzzing, server: &Server, out: &Path) -> Result<RunServerArgs, Failure> {
    let out = out.display().to_string();
    let mut words = vec!["wsgauntlet", "run", "server", &server.url, "--no-config", "--out", &out];
    words.extend(["--name", server.name(), "--profile", "volume"]);
    let library = Library::embedded();
    let (cases, foreign) = sort_patterns(&fuzzing.cases, library, Role::Server);
    let all = fuzzing.cases.is_empty() || fuzzing.cases.iter().any(|pattern| pattern == "*");
    if !all && cases.is_empty() {
        return Err(Failure::NothingSelected(format!("no case here has the ids {}", foreign.join(", "))));
    }
    if !foreign.is_empty() {
        let _ = writeln!(std::io::stderr(), "note: no case here has the ids {}", foreign.join(", "));
    }
    let of_agent = fuzzing.exclude_agent_cases.get(server.name()).map(Vec::as_slice).unwrap_or_default();
    let excluded = [
        sort_patterns(&fuzzing.exclude_cases, library, Role::Server).0,
        sort_patterns(of_agent, library, Role::Server).0,
    ];
    if !all {
        words.extend(cases.iter().flat_map(|pattern| ["--case", pattern]));
    }
    words.extend(excluded.iter().flatten().flat_map(|pattern| ["--exclude", pattern]));
    let cli = Cli::try_parse_from(words).map_err(|error| Failure::Usage(error.to_string()))?;
    match cli.command {
        Command::Run(run) => match run.command {
            Some(RunCommand::Server(args)) => Ok(args),
            Some(RunCommand::Client(_)) | None => {
                Err(Failure::Harness("the arguments are not a server's".to_owned()))
            }
        },
        _ => Err(Failure::Harness("the arguments are not those of a run".to_owned())),
    }
}
