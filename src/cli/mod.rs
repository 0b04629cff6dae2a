//! The command line: one file a command. Start reading in `args`.

mod again;
mod args;
mod autobahn;
mod book;
mod check;
mod config;
mod diagnose;
mod diff;
mod displays;
#[cfg(test)]
mod documented;
mod draft;
mod explain;
mod fault_args;
mod finish;
mod fuzz;
mod fuzz_args;
mod help;
mod init;
mod list;
mod man;
mod near;
mod output;
mod progress;
mod reference;
mod replay;
mod report;
mod report_args;
mod role_arg;
mod run_client;
mod run_server;
mod select;
mod selftest;
mod setup_args;
mod signals;
mod status;
mod stored;
mod target_args;

use crate::embedded;
use args::{Cli, Command, ReferenceCommand, RunCommand};
use clap::{CommandFactory, FromArgMatches};
use fuzz_args::FuzzCommand;
use status::{Failure, Status};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

/// Runs the command that the arguments name. Its exit status is documented in `--help`.
pub fn main() -> ExitCode {
    let cli = match parse() {
        Ok(cli) => cli,
        Err(error) => {
            // clap prints help to stdout and mistakes to stderr.
            let _ = error.print();
            let words: Vec<String> = std::env::args().skip(1).collect();
            if let Some(line) = near::meant(&words).filter(|_| error.use_stderr()) {
                let _ = writeln!(std::io::stderr(), "\ndid you mean `{line}`?");
            }
            let status = if error.use_stderr() { Status::Usage } else { Status::Good };
            return status.into();
        }
    };
    if let Ok(program) = std::env::current_exe() {
        crate::runner::guard::arm(program);
    }
    match run(cli) {
        Ok(status) => status.into(),
        Err(failure) => {
            let red = std::io::stderr().is_terminal();
            let (on, off) = if red { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
            let _ = writeln!(std::io::stderr(), "{on}error:{off} {failure}");
            failure.status().into()
        }
    }
}

/// Reads the arguments. `-h` shows less than `--help`.
fn parse() -> Result<Cli, clap::Error> {
    let words: Vec<std::ffi::OsString> = std::env::args_os().collect();
    let mut command = Cli::command();
    if words.iter().any(|word| word == "-h") {
        command = help::short(command);
    }
    let mut matches = command.try_get_matches_from_mut(words)?;
    Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
}

fn run(cli: Cli) -> Result<Status, Failure> {
    match cli.command {
        Command::Run(args) => match (args.command, args.autobahn) {
            (Some(RunCommand::Server(args)), _) => run_server::main(args),
            (Some(RunCommand::Client(args)), _) => run_client::main(args),
            (None, Some(file)) => autobahn::run(&file, args.more),
            // clap has printed the help then.
            (None, None) => Ok(Status::Usage),
        },
        Command::Reference(ReferenceCommand::Server(args)) => reference::server(args),
        Command::Reference(ReferenceCommand::Client(args)) => reference::client(args),
        Command::Fuzz(FuzzCommand::Server(args)) => fuzz::server(args),
        Command::Fuzz(FuzzCommand::Client(args)) => fuzz::client(args),
        Command::Promote(args) => fuzz::promote(args),
        Command::List(args) => list::main(args),
        Command::Explain(args) => explain::main(args),
        Command::Check(args) => check::main(args),
        Command::Replay(args) => replay::main(args),
        Command::Report(args) => report::main(args),
        Command::Diff(args) => diff::main(args),
        Command::Diagnose(args) => diagnose::main(args),
        Command::Init(args) => init::main(args),
        Command::Migrate(args) => autobahn::migrate(args),
        Command::Selftest(args) => selftest::main(args),
        Command::Coverage => {
            print!("{}", crate::report::coverage::render(embedded::catalogue(), &embedded::library().cases));
            Ok(Status::Good)
        }
        Command::GuardProcesses => {
            crate::runner::guard::process::run(std::io::stdin());
            Ok(Status::Good)
        }
        Command::Man { dir } => man::write(&dir),
        Command::Book { dir } => book::write(&dir),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "wsgauntlet", &mut std::io::stdout());
            Ok(Status::Good)
        }
    }
}

/// The runtime of commands that talk over sockets.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Harness(format!("cannot start the runtime: {error}")))
}
