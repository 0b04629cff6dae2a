//! The arguments of what sets a project up.

use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The address of your server, ws://host[:port][/path]
    pub url: Option<String>,
    /// The command that starts your server; {port} in it, and PORT in its environment, is a free port
    #[arg(long, value_name = "COMMAND")]
    pub launch: Option<String>,
    /// Overwrite an existing file
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub(super) struct MigrateArgs {
    /// fuzzingclient.json, fuzzingserver.json, or index.json of old reports
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Write wsgauntlet.toml, and baselines, into this folder [default: print them]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Overwrite existing files
    #[arg(long)]
    pub force: bool,
}
