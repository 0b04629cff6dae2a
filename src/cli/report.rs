//! `report`: stored runs, rendered, gated and merged.

use super::args::FormatArg;
use super::finish::{self, Finish};
use super::output::print;
use super::report_args::{MergeArgs, ReportArgs, ReportCommand};
use super::status::{Failure, Status};
use super::stored::read;
use crate::diagnosis;
use crate::report::registry::{self, FORMATS};
use crate::report::{StoredRun, table};

pub(super) fn main(args: ReportArgs) -> Result<Status, Failure> {
    if let Some(ReportCommand::Merge(args)) = args.command {
        return merge(&args);
    }
    let mut runs: Vec<StoredRun> = args.runs.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
    runs.iter_mut().for_each(diagnosis::store);
    let mut status = Status::Good;
    if args.gate.baseline.is_some() || args.gate.strict || args.gate.update_baseline.is_some() {
        args.gate.check(false)?;
        let [run] = runs.as_mut_slice() else {
            return Err(Failure::Usage("a baseline, or --strict, is about one run".to_owned()));
        };
        status = finish::gate(run, &args.gate, &args.dirs)?;
    }
    let formats: Vec<_> = args.format.iter().filter_map(|name| registry::format(name)).collect();
    if let Some(dir) = &args.out {
        match formats.as_slice() {
            [] => finish::write_all(dir, &runs, FORMATS.iter().filter(|format| format.by_default))?,
            some => finish::write_all(dir, &runs, some.iter().copied())?,
        }
        return Ok(status);
    }
    for format in &formats {
        if format.name == "table" {
            continue;
        }
        print(&finish::one_file(format, &runs)?.text)?;
    }
    if formats.is_empty() || formats.iter().any(|format| format.name == "table") {
        for run in &runs {
            print(&table::render(run, finish::table_options(args.verbose)))?;
        }
    }
    Ok(status)
}

fn merge(args: &MergeArgs) -> Result<Status, Failure> {
    args.gate.check(false)?;
    let runs: Vec<StoredRun> = args.runs.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
    let mut whole = crate::report::merge::merge(runs).map_err(|error| Failure::Usage(error.to_string()))?;
    let finish = Finish {
        gate: &args.gate,
        dirs: &args.dirs,
        out: Some(&args.out),
        reports: &[],
        format: FormatArg::Table,
        verbose: 0,
    };
    finish::finish(&mut whole, &finish)
}
