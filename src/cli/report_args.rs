//! The arguments of what is about stored runs: gates, reports, comparisons.

use super::help::COMMON;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// What makes the gate fail.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "What fails the run")]
pub(super) struct GateArgs {
    /// Fail on lenient verdicts too
    #[arg(help_heading = COMMON, long)]
    pub strict: bool,
    /// Accept the deviations that this file lists, and no others
    #[arg(help_heading = COMMON, long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write what deviates today, or its defects, into that file
    #[arg(help_heading = COMMON, long, value_enum, value_name = "WHAT", num_args = 0..=1, require_equals = true, default_missing_value = "deviations", hide_possible_values = true)]
    pub update_baseline: Option<UpdateArg>,
    /// The reason that --update-baseline writes into new entries
    #[arg(help_heading = "Output", long, value_name = "TEXT", requires = "update_baseline")]
    pub reason: Option<String>,
}

/// What --update-baseline writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum UpdateArg {
    /// An entry for each instance or case
    Deviations,
    /// An entry for each defect, and for each instance or case that no defect covers
    Defects,
}

/// The names of the formats, with what they are in `--help`.
pub(super) fn format_name() -> clap::builder::PossibleValuesParser {
    let formats = crate::report::registry::FORMATS;
    formats
        .iter()
        .map(|format| clap::builder::PossibleValue::new(format.name).help(format.about))
        .collect::<Vec<_>>()
        .into()
}

#[derive(Debug, Args)]
#[command(after_help = concat!(
    "Examples:\n",
    "  wsgauntlet report out                                 print the table again\n",
    "  wsgauntlet report out --format junit > junit.xml\n",
    "  wsgauntlet report out --format html,sarif --out site\n",
    "  wsgauntlet report a b c --format html > matrix.html    implementations x cases\n",
    "  wsgauntlet report merge shard-* --out whole            join the shards of one run\n"
), args_conflicts_with_subcommands = true)]
pub(super) struct ReportArgs {
    #[command(subcommand)]
    pub command: Option<ReportCommand>,
    /// Folders of reports, or their report.json
    #[arg(value_name = "RUN", required = true)]
    pub runs: Vec<PathBuf>,
    /// The formats to write (repeatable, or with commas) [default: table; with --out, the usual ones]
    #[arg(long, value_delimiter = ',', value_parser = format_name())]
    pub format: Vec<String>,
    /// Write files into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub gate: GateArgs,
    /// Folders of your own cases that a baseline names (repeatable)
    #[arg(long = "cases", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// In the table: the octets of each defect; -vv: and all its instances
    #[arg(long, short, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(super) enum ReportCommand {
    /// Join the shards of one run
    Merge(MergeArgs),
}

#[derive(Debug, Args)]
pub(super) struct MergeArgs {
    /// The shards: folders of reports, or their report.json
    #[arg(value_name = "RUN", required = true)]
    pub runs: Vec<PathBuf>,
    /// Write the usual reports into this folder
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    #[command(flatten)]
    pub gate: GateArgs,
    /// Folders of your own cases that a baseline names (repeatable)
    #[arg(long = "cases", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = concat!(
    "Examples:\n",
    "  wsgauntlet diff main out                       what this branch changes\n",
    "  wsgauntlet diff main out --fail-on new         exit status 1 if a deviation is new\n",
    "  wsgauntlet diff main out --format markdown     for a merge request\n"
))]
pub(super) struct DiffArgs {
    /// A folder of reports, or its report.json
    pub old: PathBuf,
    /// A folder of reports, or its report.json
    pub new: PathBuf,
    #[arg(long, value_enum, default_value_t = DiffFormatArg::Table)]
    pub format: DiffFormatArg,
    /// Exit with 1 if there is such a difference (repeatable, or with commas)
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT")]
    pub fail_on: Vec<FailOnArg>,
    /// List each play that is slower or faster, instead of one line for all
    #[arg(long)]
    pub speed: bool,
    /// For --fail-on: a lenient verdict counts as a deviation
    #[arg(long)]
    pub strict: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum DiffFormatArg {
    #[default]
    Table,
    Markdown,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOnArg {
    /// A deviation where there was none
    New,
    /// A deviation that is not the same any more
    Changed,
    /// An instance that could be judged before and cannot now
    Lost,
    /// A play that takes three times as long and 0.1 s longer, relative to the whole run
    Slower,
}
