//! `diff`: two stored runs.

use super::output::print;
use super::report_args::{DiffArgs, DiffFormatArg, FailOnArg};
use super::status::{Failure, Status};
use super::stored::read;
use crate::report::diff::{Change, ChangeKind, diff};

pub(super) fn main(args: DiffArgs) -> Result<Status, Failure> {
    let diff = diff(&read(&args.old)?, &read(&args.new)?);
    print(&match args.format {
        DiffFormatArg::Table => diff.table(args.speed),
        DiffFormatArg::Markdown => diff.markdown(),
        DiffFormatArg::Json => diff.json(),
    })?;
    let acceptable =
        |change: &Change| change.new.as_ref().is_some_and(|side| side.verdict.is_acceptable(args.strict));
    let fails = args.fail_on.iter().any(|what| match what {
        FailOnArg::New => diff.of(ChangeKind::New).any(|change| !acceptable(change)),
        FailOnArg::Changed => diff.of(ChangeKind::Changed).any(|change| !acceptable(change)),
        FailOnArg::Lost => diff.of(ChangeKind::Lost).next().is_some(),
        FailOnArg::Slower => diff.of(ChangeKind::Slower).next().is_some(),
    });
    Ok(if fails { Status::Worse } else { Status::Good })
}
