//! The arguments, and the help that teaches them.

use crate::case::library::VOLUME_MESSAGES;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

const EXIT_STATUSES: &str = "\
Exit status:
  0  as good as the baseline; without one: nothing failed
  1  worse
  2  wrong usage or configuration
  3  nothing selected
  4  the harness failed
  5  the baseline is stale
  6  the target could not be reached, or died";

/// Audits WebSocket implementations against RFC 6455 and RFC 7692.
#[derive(Debug, Parser)]
#[command(name = "wsgauntlet", version, after_help = EXIT_STATUSES, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Plays the cases against an implementation, and judges it
    #[command(subcommand)]
    Run(RunCommand),
    /// Runs the reference implementation, live
    #[command(subcommand)]
    Reference(ReferenceCommand),
    /// Lists instances
    List(ListArgs),
    /// Shows what a case does and verifies, or what an RFC says and which cases watch it
    Explain(ExplainArgs),
    /// Checks case files, and prints all their mistakes
    Check(CheckArgs),
    /// Plays instances against a server, and prints every octet
    Replay(ReplayArgs),
    /// Plays every case against the reference, in memory
    Selftest(SelftestArgs),
    /// Prints which case or monitor watches which requirement
    Coverage,
    /// Prints a completion script for a shell
    Completions { shell: clap_complete::Shell },
}

#[derive(Debug, Subcommand)]
pub enum RunCommand {
    /// Audits a server; without a URL the built-in reference, which needs nothing
    #[command(after_help = concat!(
        "Examples:\n",
        "  wsgauntlet run server                                 the built-in reference\n",
        "  wsgauntlet run server ws://127.0.0.1:9001             everything\n",
        "  wsgauntlet run server ws://127.0.0.1:9001 --area masking --case '7.9.*'\n",
        "  wsgauntlet run server wss://127.0.0.1:9001 --insecure --out report\n"
    ))]
    Server(RunServerArgs),
}

#[derive(Debug, Subcommand)]
pub enum ReferenceCommand {
    /// Serves an echo until it is stopped
    Server(ReferenceServerArgs),
}

/// Which instances are meant.
#[derive(Clone, Debug, Default, Args)]
pub struct SelectArgs {
    /// Only what the pattern names: an id, a part of it before a `/`, `*` within a segment, `**`
    /// across, or an id of Autobahn such as 7.9.* (repeatable)
    #[arg(long = "case", value_name = "PATTERN")]
    pub cases: Vec<String>,
    /// Not what the pattern names (repeatable)
    #[arg(long, value_name = "PATTERN")]
    pub exclude: Vec<String>,
    /// Only this area (repeatable)
    #[arg(long, value_name = "AREA")]
    pub area: Vec<String>,
    /// Only cases that verify a requirement of this level
    #[arg(long, value_enum)]
    pub level: Option<LevelArg>,
    /// Only cases that verify this requirement (repeatable)
    #[arg(long, value_name = "ID")]
    pub requirement: Vec<String>,
    /// Cases of your own, beside the library (repeatable)
    #[arg(long = "cases", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// Which cases a run holds
    #[arg(long, value_enum, default_value_t = ProfileArg::Default)]
    pub profile: ProfileArg,
    /// How many messages a case of the volume profile exchanges; Autobahn's 12.* and 13.* have 1000
    #[arg(long, value_name = "COUNT", default_value_t = VOLUME_MESSAGES)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub volume_messages: u32,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LevelArg {
    Must,
    Should,
    May,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ProfileArg {
    #[default]
    Default,
    /// Large messages, and many of them, too
    Volume,
    /// Everything, also what may hurt a target
    Intrusive,
}

/// How a server is reached.
#[derive(Clone, Debug, Default, Args)]
pub struct TargetArgs {
    /// Take any certificate
    #[arg(long)]
    pub insecure: bool,
    /// Trust the authorities of this PEM file too
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Send this field with every opening request, `Name: value` (repeatable)
    #[arg(long = "header", value_name = "FIELD")]
    pub headers: Vec<String>,
    /// Offer this subprotocol with every opening request (repeatable)
    #[arg(long = "subprotocol", value_name = "NAME")]
    pub subprotocols: Vec<String>,
}

#[derive(Debug, Args)]
pub struct RunServerArgs {
    /// ws://host[:port][/path], or wss:
    pub url: Option<String>,
    #[command(flatten)]
    pub select: SelectArgs,
    #[command(flatten)]
    pub target: TargetArgs,
    /// What reports call the target
    #[arg(long)]
    pub name: Option<String>,
    /// Connections at once [default: what a probe finds bearable, 32 at most]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// How long silence is borne, in milliseconds
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(10..=600_000))]
    pub timeout_ms: u64,
    /// What masking keys and nonces are drawn from
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// A lenient verdict fails the run
    #[arg(long)]
    pub strict: bool,
    /// Write report.json, events.ndjson and summary.md into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = FormatArg::Table)]
    pub format: FormatArg,
    /// Show the transcripts of lenient verdicts too
    #[arg(long, short)]
    pub verbose: bool,
    /// Without a URL: audit the reference over TLS
    #[arg(long, conflicts_with = "url")]
    pub tls: bool,
}

impl RunServerArgs {
    pub fn deadline(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    #[default]
    Table,
    /// report.json
    Json,
    /// One line for each instance, as it is decided
    Ndjson,
}

#[derive(Debug, Args)]
pub struct ReferenceServerArgs {
    #[arg(long, default_value = "127.0.0.1:9001", value_name = "ADDR")]
    pub listen: String,
    /// Serve TLS, with a certificate made for this run
    #[arg(long)]
    pub tls: bool,
    /// Write that certificate, in PEM, to this file
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub certificate: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    pub select: SelectArgs,
    /// For implementations of this role
    #[arg(long, value_enum, default_value_t = RoleArg::Server)]
    pub role: RoleArg,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum RoleArg {
    Server,
    Client,
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A case, an instance, an id of Autobahn, or a requirement
    pub what: String,
    /// Cases of your own, beside the library (repeatable)
    #[arg(long = "cases", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct SelftestArgs {
    /// Cases of your own, beside the library (repeatable)
    #[arg(long = "cases", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Folders of case files, AREA/SUITE.toml; without one the embedded library
    pub dirs: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// An instance, a case, or a pattern
    pub what: String,
    /// ws://host[:port][/path]; without it the reference, in memory
    pub url: Option<String>,
    #[command(flatten)]
    pub target: TargetArgs,
    /// Cases of your own, beside the library (repeatable)
    #[arg(long = "cases", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// For the reference: in this role
    #[arg(long, value_enum, default_value_t = RoleArg::Server)]
    pub role: RoleArg,
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(10..=600_000))]
    pub timeout_ms: u64,
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}
