//! The arguments, and the help that teaches them.

use super::diagnose::DiagnoseArgs;
use super::fault_args::FaultArgs;
use super::fuzz_args::{FuzzCommand, PromoteArgs};
use super::help::COMMON;
use super::report_args::{DiffArgs, GateArgs, ReportArgs, format_name};
use super::role_arg::RoleArg;
use super::setup_args::{InitArgs, MigrateArgs};
use super::target_args::TargetArgs;
use crate::audit::Partition;
use crate::runner::Assumed;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;
use wsgauntlet_reference::Quirk;
use wsgauntlet_suite::case::library::VOLUME_MESSAGES;

pub(super) const EXIT_STATUSES: &str = "\
Exit status:
  0    nothing failed; with a baseline: nothing but what it lists
  1    something failed; with a baseline: something new
  2    wrong usage or configuration
  3    the selection contains no instance
  4    wsgauntlet itself failed
  5    the baseline is stale
  6    the target could not be reached, or died, or the time of --budget ran out
  130  Ctrl-C or SIGTERM stopped the run; reports are written, and say that it is incomplete";

/// Tests WebSocket servers and clients against RFC 6455 and RFC 7692.
#[derive(Debug, Parser)]
#[command(name = "wsgauntlet", version, after_help = EXIT_STATUSES, propagate_version = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Test a server or a client
    Run(Box<RunArgs>),
    /// Run the reference implementation, as a server or a client
    #[command(subcommand)]
    Reference(ReferenceCommand),
    /// Fuzz a server or a client; each finding is reduced and saved as a case
    #[command(subcommand)]
    Fuzz(FuzzCommand),
    /// Name a finding of `fuzz`, and move it into a case library
    Promote(PromoteArgs),
    /// List instances
    List(ListArgs),
    /// Show a case with its octets, or a requirement with its cases
    Explain(ExplainArgs),
    /// List all mistakes in case files
    Check(CheckArgs),
    /// Play instances, and print every octet
    Replay(ReplayArgs),
    /// Render, gate and merge stored runs
    Report(ReportArgs),
    /// Compare two stored runs
    Diff(DiffArgs),
    /// Name the defects behind the failures of a stored run
    Diagnose(DiagnoseArgs),
    /// Write a wsgauntlet.toml that explains every setting
    Init(InitArgs),
    /// Convert Autobahn|Testsuite's files into wsgauntlet.toml and baselines
    Migrate(MigrateArgs),
    /// Prove the verdicts, with every deliberate fault and lawful variant of the reference
    Selftest(SelftestArgs),
    /// List which case or monitor watches which requirement
    Coverage,
    /// Kill the process groups that stdin names, once stdin is closed
    #[command(name = crate::runner::guard::COMMAND, hide = true)]
    GuardProcesses,
    /// Write a manual page for each command into a folder
    #[command(hide = true)]
    Man { dir: PathBuf },
    /// Write the generated pages of the book into a folder: requirements, cases, configuration, exit statuses
    #[command(hide = true)]
    Book { dir: PathBuf },
    /// Print a completion script for a shell
    Completions { shell: clap_complete::Shell },
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub(super) struct RunArgs {
    #[command(subcommand)]
    pub command: Option<RunCommand>,
    /// Run the cases that Autobahn|Testsuite's fuzzingclient.json (or fuzzingserver.json, for clients) selects, and
    /// write its index.json too
    #[arg(long, value_name = "FILE")]
    pub autobahn: Option<PathBuf>,
    /// With --autobahn: also play what Autobahn|Testsuite does not have
    #[arg(long, requires = "autobahn")]
    pub more: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum RunCommand {
    /// Test a server; without a URL, the built-in reference
    #[command(after_help = concat!(
        "Examples:\n",
        "  wsgauntlet run server                                 the built-in reference\n",
        "  wsgauntlet run server ws://127.0.0.1:9001             a server that is running\n",
        "  wsgauntlet run server --launch './my-server --port {port}'\n",
        "  wsgauntlet run server ws://127.0.0.1:9001 --area masking --case '7.9.*'\n",
        "  wsgauntlet run server wss://127.0.0.1:9001 --insecure --out report\n"
    ))]
    Server(RunServerArgs),
    /// Test a client: one that connects again and again, or a command that is launched for each instance
    #[command(after_help = concat!(
        "Each connection plays one instance. A test client written for Autobahn|Testsuite runs unchanged:\n",
        "/getCaseCount, /runCase?case=N&agent=A and the other addresses of its loop are served.\n\n",
        "Examples:\n",
        "  wsgauntlet run client --listen 127.0.0.1:9001         wait for clients\n",
        "  wsgauntlet run client -- ./client {url}               launch ./client for each instance\n",
        "  wsgauntlet run client --launch-browser firefox        test a browser\n",
        "  wsgauntlet run client --tls --certificate ca.pem -- ./client --ca ca.pem {url}\n"
    ))]
    Client(RunClientArgs),
}

#[derive(Debug, Subcommand)]
pub(super) enum ReferenceCommand {
    /// Serve an echo until stopped
    Server(ReferenceServerArgs),
    /// Run the loop of Autobahn's test clients against a fuzzing server
    Client(ReferenceClientArgs),
}

/// Which instances to play.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Which cases")]
pub(super) struct SelectArgs {
    /// Only these: an id, its beginning, `*`, `**`, an Autobahn id (repeatable)
    #[arg(help_heading = COMMON, long = "case", value_name = "PATTERN")]
    pub cases: Vec<String>,
    /// All but these (repeatable)
    #[arg(help_heading = COMMON, long, value_name = "PATTERN")]
    pub exclude: Vec<String>,
    /// Only one area, such as `framing` (repeatable)
    #[arg(long, value_name = "AREA")]
    pub area: Vec<String>,
    /// Only cases of this level: must, should or may
    #[arg(long, value_enum, hide_possible_values = true)]
    pub level: Option<LevelArg>,
    /// Only cases that test this requirement (repeatable)
    #[arg(long, value_name = "ID")]
    pub requirement: Vec<String>,
    /// Also play the case files in this folder (repeatable)
    #[arg(long = "cases", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// smoke, default, strict, audit, volume, intrusive, or one of your own
    #[arg(help_heading = COMMON, long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Only one shard, such as hash:1/4 (by id) or slice:1/4
    #[arg(long, value_name = "SHARD")]
    pub partition: Option<Partition>,
    /// Only what a stored run holds: `failed RUN` or `all RUN`
    #[arg(long, num_args = 2, value_names = ["WHICH", "RUN"])]
    pub rerun: Vec<String>,
    /// Messages in each volume case; Autobahn has 1000
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
pub(super) struct RunServerArgs {
    /// ws://host[:port][/path], wss://.., or the name of a target in wsgauntlet.toml
    #[arg(value_name = "URL|TARGET")]
    pub url: Option<String>,
    #[command(flatten)]
    pub select: SelectArgs,
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub gate: GateArgs,
    /// The name of the target in reports
    #[arg(help_heading = "Output", long)]
    pub name: Option<String>,
    /// Connections at once [default: what the target takes, up to 32]
    #[arg(help_heading = "Speed and repetition", long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// The longest wait for an answer [default: 1000, or the profile's]
    #[arg(help_heading = COMMON, long, value_name = "MS", value_parser = clap::value_parser!(u64).range(10..=600_000))]
    pub timeout_ms: Option<u64>,
    /// The longest time for the run [default: 60s, or the profile's]
    #[arg(help_heading = COMMON, long, value_name = "DURATION", value_parser = wsgauntlet_suite::case::duration::parse)]
    pub budget: Option<Duration>,
    /// The seed of masking keys and nonces
    #[arg(help_heading = "Speed and repetition", long, default_value_t = 1)]
    pub seed: u64,
    /// Repeat the run N times; differing verdicts are reported as flaky
    #[arg(help_heading = "Speed and repetition", long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub repeat: Option<u32>,
    /// Repeat the run until something fails, at most --repeat times
    #[arg(help_heading = "Speed and repetition", long)]
    pub until_failure: bool,
    /// Write report.json, index.html, junit.xml and others into this folder
    #[arg(help_heading = COMMON, long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Also write sarif, tap, badge, autobahn, .. (see `wsgauntlet report --help`)
    #[arg(help_heading = "Output", long = "report", value_name = "FORMAT", value_delimiter = ',', requires = "out", value_parser = format_name(), hide_possible_values = true)]
    pub reports: Vec<String>,
    /// What to print
    #[arg(help_heading = "Output", long, value_enum, default_value_t = FormatArg::Table, hide_possible_values = true, help = "What to print: table, json or ndjson")]
    pub format: FormatArg,
    /// Show the octets of each defect; -vv: and all its instances
    #[arg(help_heading = "Output", long, short, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Without a URL: test the built-in reference over TLS
    #[arg(help_heading = "How to connect", long, conflicts_with = "url")]
    pub tls: bool,
    /// Start the target with this command; {port} in it is a free port
    #[arg(help_heading = COMMON, long, value_name = "COMMAND", conflicts_with = "tls")]
    pub launch: Option<String>,
    /// How long it may take to accept connections
    #[arg(help_heading = "Launching it", long, value_name = "DURATION", default_value = "30s", value_parser = wsgauntlet_suite::case::duration::parse)]
    pub ready_within: Duration,
    /// Resident memory that it may use in intrusive cases
    #[arg(help_heading = "Launching it", long, value_name = "MIB", default_value_t = 1024)]
    pub memory_max: u64,
    /// Use this wsgauntlet.toml [default: the first one from this folder upwards]
    #[arg(help_heading = "Configuration", long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Use no wsgauntlet.toml
    #[arg(help_heading = "Configuration", long, conflicts_with = "config")]
    pub no_config: bool,
    /// Text in its output that means that it crashed (repeatable)
    #[arg(help_heading = "Launching it", long = "crash-sign", value_name = "TEXT")]
    pub crash_signs: Vec<String>,
    /// Fail if the application does not obey commands (docs/drivers.md); without it, a probe finds out
    #[arg(help_heading = "Which cases", long)]
    pub driver: bool,
    /// Capabilities that wsgauntlet.toml sets, whatever a probe finds.
    #[arg(skip)]
    pub assumed: Assumed,
}

#[derive(Debug, Args)]
pub(super) struct RunClientArgs {
    /// Launch this program for each instance; {url} in its arguments is the address to connect to
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,
    #[command(flatten)]
    pub select: SelectArgs,
    #[command(flatten)]
    pub gate: GateArgs,
    /// The address to listen on; port 0 is a free one
    #[arg(help_heading = "How to connect", long, default_value = "127.0.0.1:0", value_name = "ADDR")]
    pub listen: String,
    /// Serve TLS, with --cert, or with a certificate that is made for this run
    #[arg(help_heading = "How to connect", long)]
    pub tls: bool,
    /// The certificate with its chain, in PEM
    #[arg(help_heading = "How to connect", long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// The key of the certificate, in PEM
    #[arg(help_heading = "How to connect", long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    /// Write the certificate of an authority that is made for this run to this file, in PEM, for clients to trust. Such clients
    /// are also shown certificates that they must refuse
    #[arg(help_heading = "How to connect", long, value_name = "FILE")]
    pub certificate: Option<PathBuf>,
    /// The name of the target in reports
    #[arg(help_heading = "Output", long)]
    pub name: Option<String>,
    /// Launched commands at once [default: two for each processor, 16 at most]
    #[arg(help_heading = "Speed and repetition", long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// The longest wait for an answer, in milliseconds. A kind of silence that was seen in full before gets a shorter wait. An
    /// instance that times out is played again, with up to three times this, before it is reported
    #[arg(help_heading = "Speed and repetition", long, default_value_t = 2000, value_parser = clap::value_parser!(u64).range(10..=600_000))]
    pub timeout_ms: u64,
    /// The longest time for the whole run, from the first connection on. What is not decided by then is reported as blocked,
    /// and the run as incomplete: it never passes. 0s: no limit [default: 2m, or 10m with --profile]
    #[arg(help_heading = "Speed and repetition", long, value_name = "DURATION", value_parser = wsgauntlet_suite::case::duration::parse)]
    pub budget: Option<Duration>,
    /// How long to wait for the next connection, in milliseconds
    #[arg(help_heading = "Speed and repetition", long, default_value_t = 30_000, value_parser = clap::value_parser!(u64).range(10..=3_600_000))]
    pub wait_ms: u64,
    /// Keep listening after everything was played, until a signal
    #[arg(help_heading = "How to connect", long)]
    pub keep_listening: bool,
    /// Text in stderr that means that the client crashed, in addition to known ones (repeatable)
    #[arg(help_heading = "Launching it", long = "crash-sign", value_name = "TEXT")]
    pub crash_signs: Vec<String>,
    /// Exit statuses of a launched command that are not a crash, such as 0,1 [default: learned from the run]
    #[arg(
        help_heading = "Launching it",
        long = "ok-status",
        value_name = "STATUS",
        value_delimiter = ',',
        requires = "command"
    )]
    pub ok_statuses: Vec<i32>,
    /// The client obeys commands (docs/drivers.md), whatever a probe shows; agents of Autobahn's loop are not probed
    #[arg(help_heading = "Which cases", long)]
    pub driver: bool,
    /// Use this wsgauntlet.toml [default: the first one from this folder upwards]
    #[arg(help_heading = "Configuration", long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Use no wsgauntlet.toml
    #[arg(help_heading = "Configuration", long, conflicts_with = "config")]
    pub no_config: bool,
    /// Serve a page that tests the browser that opens it
    #[arg(help_heading = "Browsers", long, conflicts_with = "command")]
    pub browser: bool,
    /// Launch a browser without a window, and test it with that page
    #[arg(help_heading = "Browsers", long, value_enum, conflicts_with = "command")]
    pub launch_browser: Option<BrowserArg>,
    /// The seed of random choices
    #[arg(help_heading = "Speed and repetition", long, default_value_t = 1)]
    pub seed: u64,
    /// Write report.json, events.ndjson, junit.xml, index.html and summary.md into this folder
    #[arg(help_heading = "Output", long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Also write sarif, tap, badge, autobahn (see `wsgauntlet report --help`; repeatable, or with commas)
    #[arg(help_heading = "Output", long = "report", value_name = "FORMAT", value_delimiter = ',', requires = "out", value_parser = format_name(), hide_possible_values = true)]
    pub reports: Vec<String>,
    /// What to print
    #[arg(help_heading = "Output", long, value_enum, default_value_t = FormatArg::Table, hide_possible_values = true, help = "What to print: table, json or ndjson")]
    pub format: FormatArg,
    /// Show the octets of each defect; -vv: and all its instances
    #[arg(help_heading = "Output", long, short, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum BrowserArg {
    Chromium,
    Firefox,
}

#[derive(Debug, Args)]
pub(super) struct ReferenceClientArgs {
    /// ws://host:port of the fuzzing server, or wss://..
    pub url: String,
    /// The name of the agent
    #[arg(long, default_value = "wsgauntlet-reference")]
    pub agent: String,
    #[command(flatten)]
    pub fault: FaultArgs,
    /// Open one connection to exactly this URL, without the loop
    #[arg(long, conflicts_with_all = ["agent", "jobs"])]
    pub once: bool,
    /// Cases at once
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: u16,
    /// Accept any certificate
    #[arg(long)]
    pub insecure: bool,
    /// Also trust the authorities in this PEM file
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum FormatArg {
    #[default]
    Table,
    /// report.json
    Json,
    /// One line for each instance, as it is decided
    Ndjson,
}

#[derive(Debug, Args)]
pub(super) struct ReferenceServerArgs {
    #[command(flatten)]
    pub fault: FaultArgs,
    #[arg(long, default_value = "127.0.0.1:9001", value_name = "ADDR")]
    pub listen: String,
    /// Serve TLS, with a certificate that is made for this run
    #[arg(long)]
    pub tls: bool,
    /// Write that certificate, in PEM, to this file
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub certificate: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    pub select: SelectArgs,
    /// For implementations of this role
    #[arg(long, value_enum, default_value_t = RoleArg::Server)]
    pub role: RoleArg,
    /// Print a JSON object for each instance
    #[arg(long)]
    pub json: bool,
    /// List the deliberate faults of the reference in this role instead
    #[arg(long)]
    pub quirks: bool,
    /// List the lawful variants of the reference in this role instead
    #[arg(long, conflicts_with = "quirks")]
    pub variants: bool,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// A case, an instance, an Autobahn id, or a requirement
    pub what: String,
    /// Only for implementations of this role [default: both]
    #[arg(long, value_enum)]
    pub role: Option<RoleArg>,
    /// Also play the case files in this folder (repeatable)
    #[arg(long = "cases", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct SelftestArgs {
    /// Also play the case files in this folder (repeatable)
    #[arg(long = "cases", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// With how many seeds to cut, delay and interleave all octets at random
    #[arg(long, default_value_t = 2)]
    pub seeds: u64,
    /// Write the cases that fail on each quirk into this file
    #[arg(long, value_name = "FILE")]
    pub matrix: Option<PathBuf>,
    /// Try only this quirk (repeatable)
    #[arg(long = "quirk", value_name = "NAME")]
    pub quirks: Vec<Quirk>,
    /// Try no quirk: only the reference and its lawful variants
    #[arg(long, conflicts_with = "quirks")]
    pub skip_quirks: bool,
    /// Try each quirk on all instances, also on large ones that nothing depends on
    #[arg(long)]
    pub full: bool,
    /// Switch a monitor off, to see that the self-test notices (repeatable)
    #[arg(long, value_name = "NAME")]
    pub monitor_off: Vec<String>,
    /// Make a quirk do nothing, to see that the self-test notices (repeatable)
    #[arg(long, value_name = "NAME")]
    pub harmless: Vec<Quirk>,
    /// Instead: play everything that the self-test skips by its shortcuts, and fail where it differs from the reference
    #[arg(long, conflicts_with_all = [
        "matrix", "quirks", "skip_quirks", "full", "monitor_off", "harmless", "seeds"
    ])]
    pub exhaustive: bool,
    /// Of that, play only this many cells (one quirk or variant on one instance), drawn at random
    #[arg(long, value_name = "CELLS", requires = "exhaustive")]
    pub sample: Option<usize>,
    /// The seed of the sample
    #[arg(long, value_name = "SEED", default_value_t = 1, requires = "sample")]
    pub sample_seed: u64,
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Folders of case files, AREA/SUITE.toml [default: the built-in library]
    pub dirs: Vec<PathBuf>,
}

/// The form of a reproducer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FormArg {
    /// A program for Python 3.8 or newer, without other packages
    Python,
    /// A curl command, for what an opening shows
    Curl,
    /// The octets, for nc and for reading
    Raw,
    /// A bug report in Markdown
    Issue,
}

#[derive(Debug, Args)]
#[command(after_help = concat!(
    "Examples:\n",
    "  wsgauntlet replay 7.9.1                                          the reference, in memory\n",
    "  wsgauntlet replay 7.9.1 ws://127.0.0.1:9001\n",
    "  wsgauntlet replay 7.9.1 server                                   a target of wsgauntlet.toml\n",
    "  wsgauntlet replay 7.9.1 --launch './my-server --port {port}'\n",
    "  wsgauntlet replay 7.9.1 -- ./my-client {url}\n",
    "  wsgauntlet replay 7.9.1 ws://127.0.0.1:9001 --as python          a program that shows the defect\n",
    "  wsgauntlet replay 7.9.1 --from RUN --as issue                    a bug report from a stored run\n"
))]
pub(super) struct ReplayArgs {
    /// An instance, a case, a pattern, or a case file
    pub what: String,
    /// ws://host[:port][/path], or a target in wsgauntlet.toml [default: the reference, in memory]
    #[arg(value_name = "URL|TARGET")]
    pub url: Option<String>,
    /// Play against this client; {url} in its arguments is the address to connect to
    #[arg(last = true, value_name = "COMMAND", conflicts_with_all = ["url", "launch"])]
    pub command: Vec<String>,
    /// Start the server with this command, and stop it afterwards; {port} in it, and PORT in its environment, is a free port
    #[arg(long, value_name = "COMMAND")]
    pub launch: Option<String>,
    /// How long a launched server may take until it accepts connections
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = wsgauntlet_suite::case::duration::parse)]
    pub ready_within: Duration,
    #[command(flatten)]
    pub target: TargetArgs,
    /// Also play the case files in this folder (repeatable)
    #[arg(long = "cases", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// The role of the reference
    #[arg(long, value_enum, default_value_t = RoleArg::Server)]
    pub role: RoleArg,
    #[command(flatten)]
    pub fault: FaultArgs,
    /// How long to wait for an answer, in milliseconds [default: 1000, for clients 2000]
    #[arg(long, value_parser = clap::value_parser!(u64).range(10..=600_000))]
    pub timeout_ms: Option<u64>,
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Write everything that was sent and received into this pcapng file, for Wireshark
    #[arg(long, value_name = "FILE")]
    pub pcap: Option<PathBuf>,
    /// Print a reproducer that needs no wsgauntlet, in place of the play: a program for python (exit status 1 while the defect is
    /// there, 0 once it is mended), a curl command, the raw octets, or a bug report (issue)
    #[arg(long = "as", value_enum, value_name = "FORM")]
    pub form: Option<FormArg>,
    /// With --as: use what this stored run recorded, in place of a play
    #[arg(long, value_name = "RUN", requires = "form", conflicts_with_all = ["launch", "command", "url"])]
    pub from: Option<PathBuf>,
    /// Use this wsgauntlet.toml [default: the first one from this folder upwards]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Use no wsgauntlet.toml
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,
    /// Capabilities that wsgauntlet.toml sets.
    #[arg(skip)]
    pub assumed: Assumed,
}
