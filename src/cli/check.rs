//! `check`: the mistakes of case files, all at once.

use super::args::CheckArgs;
use super::output::print;
use super::status::{Failure, Status};
use crate::audit::sources;
use crate::embedded;
use wsgauntlet_suite::case::Library;

pub(super) fn main(args: CheckArgs) -> Result<Status, Failure> {
    let mut all = Vec::new();
    for dir in &args.dirs {
        all.extend(sources(dir)?);
    }
    if args.dirs.is_empty() {
        all = embedded::sources();
    }
    match Library::parse(&all, embedded::catalogue()) {
        Ok(library) => {
            let instances: usize = library.cases.iter().map(|case| case.instances.len()).sum();
            print(&format!(
                "{} files, {} cases, {instances} instances: no mistake\n",
                all.len(),
                library.cases.len()
            ))?;
            Ok(Status::Good)
        }
        Err(mistakes) => {
            let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            Err(Failure::Usage(format!("{} mistakes\n{}", lines.len(), lines.join("\n"))))
        }
    }
}
