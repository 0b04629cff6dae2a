//! The arguments of `fuzz` and `promote`.

use super::target_args::TargetArgs;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Subcommand)]
pub(super) enum FuzzCommand {
    /// Fuzz a server
    #[command(after_help = concat!(
        "Examples:\n",
        "  wsgauntlet fuzz server ws://127.0.0.1:9001 --time 10m --save findings\n",
        "  wsgauntlet fuzz server --launch './my-server --port {port}' --time 10m --save findings\n",
        "  wsgauntlet run server ws://127.0.0.1:9001 --cases findings      play the findings as cases\n\n",
        "Exit status: 0 no finding, 1 findings; the others as for every command."
    ))]
    Server(FuzzServerArgs),
    /// Fuzz a client: one that connects again and again, or a command that is launched for each connection
    Client(FuzzClientArgs),
}

/// How long, from what, and where to.
#[derive(Debug, Args)]
pub(super) struct FuzzArgs {
    /// Stop after this time: 500ms, 40s, 10m [default: until Ctrl-C]
    #[arg(long, value_name = "DURATION", value_parser = wsgauntlet_suite::case::duration::parse)]
    pub time: Option<Duration>,
    /// Stop after this number of connections
    #[arg(long, value_name = "COUNT")]
    pub runs: Option<u64>,
    /// The seed: the same seed and the same answers give the same sessions
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Write each finding as a case file into this folder
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
    /// Known differences that are not reported: `[[benign]]` tables with `fingerprint` and `reason`
    #[arg(long, value_name = "FILE")]
    pub benign: Option<PathBuf>,
    /// Do not begin with the cases of the library
    #[arg(long)]
    pub no_seeds: bool,
    /// Also begin with the cases in this folder (repeatable)
    #[arg(long = "cases", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// Also begin with floods and decompression bombs, which may hurt the target
    #[arg(long)]
    pub intrusive: bool,
    /// How long to wait for an answer, in milliseconds
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(10..=600_000))]
    pub timeout_ms: u64,
    /// The name of the target in findings
    #[arg(long)]
    pub name: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct FuzzServerArgs {
    /// ws://host[:port][/path], or wss://..
    #[arg(required_unless_present = "launch")]
    pub url: Option<String>,
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub fuzz: FuzzArgs,
    /// Connections at once
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: u16,
    /// Start the target with this command, watch it, and restart it when it dies; {port} in it, and PORT in its environment, is
    /// a free port
    #[arg(long, value_name = "COMMAND")]
    pub launch: Option<String>,
    /// How long a launched target may take until it accepts connections
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = wsgauntlet_suite::case::duration::parse)]
    pub ready_within: Duration,
    /// How much resident memory a launched target may use, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 1024)]
    pub memory_max: u64,
    /// Allow fuzzing this host, which is not this machine
    #[arg(long = "i-am-authorised-to-test", value_name = "HOST")]
    pub authorised: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct FuzzClientArgs {
    /// Launch this program for each connection; {url} in its arguments is the address to connect to
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,
    /// The address to listen on; port 0 is a free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDR")]
    pub listen: String,
    #[command(flatten)]
    pub fuzz: FuzzArgs,
    /// Connections at once
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: u16,
}

#[derive(Debug, Args)]
pub(super) struct PromoteArgs {
    /// A case file of `fuzz --save`
    pub file: PathBuf,
    /// The name of the case, in kebab-case; it should name the situation
    pub name: String,
    /// The library to move it into
    #[arg(long, default_value = "cases", value_name = "DIR")]
    pub into: PathBuf,
}
