//! The arguments of `fuzz` and `promote`.

use super::target_args::TargetArgs;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Subcommand)]
pub enum FuzzCommand {
    /// Fuzzes a server
    #[command(after_help = concat!(
        "Examples:\n",
        "  wsgauntlet fuzz server ws://127.0.0.1:9001 --time 10m --save findings\n",
        "  wsgauntlet fuzz server --launch './my-server --port {port}' --time 10m --save findings\n",
        "  wsgauntlet run server ws://127.0.0.1:9001 --cases findings      what was found, as cases\n\n",
        "Exit status: 0 no finding, 1 findings; otherwise as of every command."
    ))]
    Server(FuzzServerArgs),
    /// Fuzzes a client: it connects again and again, or a command is launched for each connection
    Client(FuzzClientArgs),
}

/// How long, from what, and where to.
#[derive(Debug, Args)]
pub struct FuzzArgs {
    /// How long at the most: 500ms, 40s, 10m [default: until Ctrl-C]
    #[arg(long, value_name = "DURATION", value_parser = wsgauntlet_suite::case::duration::parse)]
    pub time: Option<Duration>,
    /// How many connections at the most
    #[arg(long, value_name = "COUNT")]
    pub runs: Option<u64>,
    /// What scripts are made of: the same seed and target give the same scripts
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Write each finding as a case file into this folder
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
    /// Differences of the target that are known and let pass, `[[benign]]` tables with fingerprint and reason
    #[arg(long, value_name = "FILE")]
    pub benign: Option<PathBuf>,
    /// Begin with nothing: no case for a seed
    #[arg(long)]
    pub no_seeds: bool,
    /// Begin with these cases too (repeatable)
    #[arg(long = "cases", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// Begin with floods and bombs too, which may hurt the target
    #[arg(long)]
    pub intrusive: bool,
    /// How long silence is borne, in milliseconds
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(10..=600_000))]
    pub timeout_ms: u64,
    /// What findings call the target
    #[arg(long)]
    pub name: Option<String>,
}

#[derive(Debug, Args)]
pub struct FuzzServerArgs {
    /// ws://host[:port][/path], or wss:
    #[arg(required_unless_present = "launch")]
    pub url: Option<String>,
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub fuzz: FuzzArgs,
    /// Connections at once
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: u16,
    /// Launch the target with this command, watch it, and start it again when it dies; {port} in it, and
    /// PORT in its environment, is a free port
    #[arg(long, value_name = "COMMAND")]
    pub launch: Option<String>,
    /// How long a launched target may take until it can be connected to
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = wsgauntlet_suite::case::duration::parse)]
    pub ready_within: Duration,
    /// How much resident memory a launched target may have, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 1024)]
    pub memory_max: u64,
    /// Fuzz this host, which is not this machine
    #[arg(long = "i-am-authorised-to-test", value_name = "HOST")]
    pub authorised: Option<String>,
}

#[derive(Debug, Args)]
pub struct FuzzClientArgs {
    /// Launch this program for each connection; {url} in its arguments is the address
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,
    /// Where clients connect to; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDR")]
    pub listen: String,
    #[command(flatten)]
    pub fuzz: FuzzArgs,
    /// Connections at once
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: u16,
}

#[derive(Debug, Args)]
pub struct PromoteArgs {
    /// A case file of `fuzz --save`
    pub file: PathBuf,
    /// The name that the case gets, in kebab-case: what the situation is
    pub name: String,
    /// The library
    #[arg(long, default_value = "cases", value_name = "DIR")]
    pub into: PathBuf,
}
