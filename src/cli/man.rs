//! `man`: the manual pages of a release, made of the help texts.

use super::args::Cli;
use super::output::print;
use super::status::{Failure, Status};
use clap::CommandFactory;
use std::path::Path;

/// Writes `wsgauntlet.1` and a page for each subcommand, such as `wsgauntlet-run-server.1`.
pub(super) fn write(dir: &Path) -> Result<Status, Failure> {
    std::fs::create_dir_all(dir)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), dir))
        .map_err(|error| Failure::Usage(format!("cannot write into {}: {error}", dir.display())))?;
    print(&format!("wrote the manual pages into {}\n", dir.display()))?;
    Ok(Status::Good)
}
