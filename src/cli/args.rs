//! The arguments, and the help that teaches them.

use super::diagnose::DiagnoseArgs;
use super::fault_args::FaultArgs;
use super::fuzz_args::{FuzzCommand, PromoteArgs};
use super::report_args::{DiffArgs, GateArgs, ReportArgs, format_name};
use super::setup_args::{InitArgs, MigrateArgs};
use super::target_args::TargetArgs;
use crate::audit::Partition;
use crate::runner::Assumed;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;
use wsgauntlet_reference::Quirk;
use wsgauntlet_suite::case::library::VOLUME_MESSAGES;

const EXIT_STATUSES: &str = "\
Exit status:
  0  as good as the baseline; without one: nothing failed
  1  worse
  2  wrong usage or configuration
  3  nothing selected
  4  the harness failed
  5  the baseline is stale
  6  the target could not be reached, or died
  130  Ctrl-C or SIGTERM stopped the run; reports were written, and say that it is incomplete";

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
    Run(Box<RunArgs>),
    /// Runs the reference implementation, live
    #[command(subcommand)]
    Reference(ReferenceCommand),
    /// Fuzzes an implementation: what is found is shrunk, and kept as a case
    #[command(subcommand)]
    Fuzz(FuzzCommand),
    /// Gives a finding of `fuzz` a name, and moves it into the library
    Promote(PromoteArgs),
    /// Lists instances
    List(ListArgs),
    /// Shows what a case does and verifies, or what an RFC says and which cases watch it
    Explain(ExplainArgs),
    /// Checks case files, and prints all their mistakes
    Check(CheckArgs),
    /// Plays instances against a server, and prints every octet
    Replay(ReplayArgs),
    /// Renders stored runs, gates them, and merges shards
    Report(ReportArgs),
    /// Compares two stored runs
    Diff(DiffArgs),
    /// Names the defects behind the failures of a stored run
    Diagnose(DiagnoseArgs),
    /// Writes a wsgauntlet.toml to begin with
    Init(InitArgs),
    /// Makes wsgauntlet.toml, and baselines, of Autobahn|Testsuite's files
    Migrate(MigrateArgs),
    /// Proves the verdicts: every case, quirk and lawful variant of the reference, in memory
    Selftest(SelftestArgs),
    /// Prints which case or monitor watches which requirement
    Coverage,
    /// Kills the processes whose groups stdin names, once stdin is closed
    #[command(name = crate::runner::guard::COMMAND, hide = true)]
    GuardProcesses,
    /// Prints a completion script for a shell
    Completions { shell: clap_complete::Shell },
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub struct RunArgs {
    #[command(subcommand)]
    pub command: Option<RunCommand>,
    /// Take servers (or the address for clients), cases and folder of Autobahn|Testsuite's
    /// fuzzingclient.json (or fuzzingserver.json) as they are, and write its index.json, too
    #[arg(long, value_name = "FILE")]
    pub autobahn: Option<PathBuf>,
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
    /// Audits a client: it connects again and again, or a command is launched for each instance
    #[command(after_help = concat!(
        "A client that connects again and again gets one instance with each connection. A test client\n",
        "written for Autobahn|Testsuite runs unchanged: /getCaseCount, /runCase?case=N&agent=A and the\n",
        "other addresses of that loop are served on the same port.\n\n",
        "Examples:\n",
        "  wsgauntlet run client --listen 127.0.0.1:9001         waits for clients\n",
        "  wsgauntlet run client -- ./client {url}               launches ./client for each instance\n",
        "  wsgauntlet run client --launch-browser firefox        audits a browser\n",
        "  wsgauntlet run client --tls --certificate ca.pem -- ./client --ca ca.pem {url}\n"
    ))]
    Client(RunClientArgs),
}

#[derive(Debug, Subcommand)]
pub enum ReferenceCommand {
    /// Serves an echo until it is stopped
    Server(ReferenceServerArgs),
    /// Runs the loop of Autobahn's test clients against a fuzzing server
    Client(ReferenceClientArgs),
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
    /// Which cases a run holds: smoke, default, strict, audit, volume, intrusive, or one of
    /// wsgauntlet.toml [default: default]
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Only this shard: slice:1/4 is every fourth, hash:1/4 those whose ids fall into it
    #[arg(long, value_name = "SHARD")]
    pub partition: Option<Partition>,
    /// Only what failed in a stored run, `--rerun failed RUN`; `all` is everything that it held
    #[arg(long, num_args = 2, value_names = ["WHICH", "RUN"])]
    pub rerun: Vec<String>,
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

#[derive(Clone, Debug, Args)]
pub struct RunServerArgs {
    /// ws://host[:port][/path], or wss:, or a target of wsgauntlet.toml
    #[arg(value_name = "URL|TARGET")]
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
    /// How long to wait for an answer, in milliseconds. What times out is played again with three times as long, before it
    /// is reported [default: 1000, or what the profile says]
    #[arg(long, value_parser = clap::value_parser!(u64).range(10..=600_000))]
    pub timeout_ms: Option<u64>,
    /// What masking keys and nonces are drawn from
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Play everything so often; what does not come out the same is flaky
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub repeat: Option<u32>,
    /// Play everything again and again, until something fails, --repeat times at the most
    #[arg(long)]
    pub until_failure: bool,
    #[command(flatten)]
    pub gate: GateArgs,
    /// Write report.json, events.ndjson, junit.xml, index.html and summary.md into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write these reports, too: see `wsgauntlet report --help` (repeatable, or with commas)
    #[arg(long = "report", value_name = "FORMAT", value_delimiter = ',', requires = "out", value_parser = format_name())]
    pub reports: Vec<String>,
    #[arg(long, value_enum, default_value_t = FormatArg::Table)]
    pub format: FormatArg,
    /// Show the transcripts of lenient verdicts too
    #[arg(long, short)]
    pub verbose: bool,
    /// Without a URL: audit the reference over TLS
    #[arg(long, conflicts_with = "url")]
    pub tls: bool,
    /// Launch the target with this command, and end it after the run; {port} in it, and PORT in its
    /// environment, is a free port
    #[arg(long, value_name = "COMMAND", conflicts_with = "tls")]
    pub launch: Option<String>,
    /// How long a launched target may take until it can be connected to
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = wsgauntlet_suite::case::duration::parse)]
    pub ready_within: Duration,
    /// How much resident memory a launched target may have while bombs are played (--profile intrusive), in MiB
    #[arg(long, value_name = "MIB", default_value_t = 1024)]
    pub memory_max: u64,
    /// Take this wsgauntlet.toml, instead of the one that is found upwards from here
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Take no wsgauntlet.toml
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,
    /// A text in a line of stderr or stdout that tells of a crash of this target, beside those that are known (repeatable)
    #[arg(long = "crash-sign", value_name = "TEXT")]
    pub crash_signs: Vec<String>,
    /// What the target can do, whatever a probe sees; wsgauntlet.toml sets it.
    #[arg(skip)]
    pub assumed: Assumed,
}

#[derive(Debug, Args)]
pub struct RunClientArgs {
    /// Launch this program for each instance; {url} in its arguments is the address
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,
    /// Where clients connect to; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDR")]
    pub listen: String,
    #[command(flatten)]
    pub select: SelectArgs,
    /// Serve TLS, with a certificate made for this run unless --cert is given
    #[arg(long)]
    pub tls: bool,
    /// The certificate with its chain, in PEM
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// Its key, in PEM
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    /// Write the certificate that clients are to trust, in PEM, to this file: that of an authority made for this run.
    /// Clients that trust it are also shown certificates that they have to refuse
    #[arg(long, value_name = "FILE")]
    pub certificate: Option<PathBuf>,
    /// What reports call the target
    #[arg(long)]
    pub name: Option<String>,
    /// Commands at once [default: two for each processor, 16 at most]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// How long to wait for an answer, in milliseconds. What times out is played again with three times as long, before it
    /// is reported
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u64).range(10..=600_000))]
    pub timeout_ms: u64,
    /// How long the next connection is awaited, in milliseconds
    #[arg(long, default_value_t = 30_000, value_parser = clap::value_parser!(u64).range(10..=3_600_000))]
    pub wait_ms: u64,
    /// Serve on when everything was played, until a signal
    #[arg(long)]
    pub keep_listening: bool,
    /// A text in a line of stderr that tells of a crash of this client, beside those that are known (repeatable)
    #[arg(long = "crash-sign", value_name = "TEXT")]
    pub crash_signs: Vec<String>,
    /// The exit statuses with which a launched command ends in order, such as 0,1 [default: learned from the run]
    #[arg(long = "ok-status", value_name = "STATUS", value_delimiter = ',', requires = "command")]
    pub ok_statuses: Vec<i32>,
    /// Take this wsgauntlet.toml, instead of the one that is found upwards from here: its crash-signs and ok-status
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Take no wsgauntlet.toml
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,
    /// Serve a page that drives the WebSocket of the browser that opens it
    #[arg(long, conflicts_with = "command")]
    pub browser: bool,
    /// Launch a browser without a window, and drive it with that page
    #[arg(long, value_enum, conflicts_with = "command")]
    pub launch_browser: Option<BrowserArg>,
    /// What our choices are drawn from
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    #[command(flatten)]
    pub gate: GateArgs,
    /// Write report.json, events.ndjson, junit.xml, index.html and summary.md into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write these reports, too: see `wsgauntlet report --help` (repeatable, or with commas)
    #[arg(long = "report", value_name = "FORMAT", value_delimiter = ',', requires = "out", value_parser = format_name())]
    pub reports: Vec<String>,
    #[arg(long, value_enum, default_value_t = FormatArg::Table)]
    pub format: FormatArg,
    /// Show the transcripts of lenient verdicts too
    #[arg(long, short)]
    pub verbose: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BrowserArg {
    Chromium,
    Firefox,
}

#[derive(Debug, Args)]
pub struct ReferenceClientArgs {
    /// ws://host:port of the fuzzing server, or wss:
    pub url: String,
    /// What it calls itself
    #[arg(long, default_value = "wsgauntlet-reference")]
    pub agent: String,
    #[command(flatten)]
    pub fault: FaultArgs,
    /// One connection to the URL as it stands, instead of the loop
    #[arg(long, conflicts_with_all = ["agent", "jobs"])]
    pub once: bool,
    /// Cases at once
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: u16,
    /// Take any certificate
    #[arg(long)]
    pub insecure: bool,
    /// Trust the authorities of this PEM file too
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
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
    #[command(flatten)]
    pub fault: FaultArgs,
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
    /// The deliberate faults that the reference of this role can have, instead of instances
    #[arg(long)]
    pub quirks: bool,
    /// The lawful differences that the reference of this role can have, instead of instances
    #[arg(long, conflicts_with = "quirks")]
    pub variants: bool,
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
    /// Only what concerns implementations of this role [default: both]
    #[arg(long, value_enum)]
    pub role: Option<RoleArg>,
    /// Cases of your own, beside the library (repeatable)
    #[arg(long = "cases", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct SelftestArgs {
    /// Cases of your own, beside the library (repeatable)
    #[arg(long = "cases", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// Over how many seeds the octets are cut, delayed and interleaved at random
    #[arg(long, default_value_t = 2)]
    pub seeds: u64,
    /// Write which quirk fails which cases to this file
    #[arg(long, value_name = "FILE")]
    pub matrix: Option<PathBuf>,
    /// Try this quirk only (repeatable)
    #[arg(long = "quirk", value_name = "NAME")]
    pub quirks: Vec<Quirk>,
    /// Try no quirk: the reference and its lawful variants alone
    #[arg(long, conflicts_with = "quirks")]
    pub skip_quirks: bool,
    /// Try each quirk on the heavy instances too, and not only where the light ones do not suffice
    #[arg(long)]
    pub full: bool,
    /// Switch a monitor off, to see that it is missed (repeatable)
    #[arg(long, value_name = "NAME")]
    pub monitor_off: Vec<String>,
    /// Make a quirk do nothing, to see that it is missed (repeatable)
    #[arg(long, value_name = "NAME")]
    pub harmless: Vec<Quirk>,
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Folders of case files, AREA/SUITE.toml; without one the embedded library
    pub dirs: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = concat!(
    "Examples:\n",
    "  wsgauntlet replay 7.9.1                                          the reference, in memory\n",
    "  wsgauntlet replay 7.9.1 ws://127.0.0.1:9001\n",
    "  wsgauntlet replay 7.9.1 server                                   a target of wsgauntlet.toml\n",
    "  wsgauntlet replay 7.9.1 --launch './my-server --port {port}'\n",
    "  wsgauntlet replay 7.9.1 -- ./my-client {url}\n"
))]
pub struct ReplayArgs {
    /// An instance, a case, a pattern, or a case file
    pub what: String,
    /// ws://host[:port][/path], or a target of wsgauntlet.toml; without it the reference, in memory
    #[arg(value_name = "URL|TARGET")]
    pub url: Option<String>,
    /// Play against this client: launch it for each instance; {url} in its arguments is the address
    #[arg(last = true, value_name = "COMMAND", conflicts_with_all = ["url", "launch"])]
    pub command: Vec<String>,
    /// Launch the server with this command, and end it after the plays; {port} in it, and PORT in its environment, is a
    /// free port
    #[arg(long, value_name = "COMMAND")]
    pub launch: Option<String>,
    /// How long a launched server may take until it can be connected to
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = wsgauntlet_suite::case::duration::parse)]
    pub ready_within: Duration,
    #[command(flatten)]
    pub target: TargetArgs,
    /// Cases of your own, beside the library (repeatable)
    #[arg(long = "cases", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// For the reference: in this role
    #[arg(long, value_enum, default_value_t = RoleArg::Server)]
    pub role: RoleArg,
    #[command(flatten)]
    pub fault: FaultArgs,
    /// How long to wait for an answer, in milliseconds [default: 1000, for clients 2000]
    #[arg(long, value_parser = clap::value_parser!(u64).range(10..=600_000))]
    pub timeout_ms: Option<u64>,
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Write what was sent and received into this file, a pcapng that Wireshark opens
    #[arg(long, value_name = "FILE")]
    pub pcap: Option<PathBuf>,
    /// Take this wsgauntlet.toml, instead of the one that is found upwards from here
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Take no wsgauntlet.toml
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,
    /// What the target can do; wsgauntlet.toml sets it.
    #[arg(skip)]
    pub assumed: Assumed,
}
