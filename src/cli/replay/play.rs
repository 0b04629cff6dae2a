//! Which instances `replay` plays, and against whom.

use super::played::Play;
use super::{client, server};
use crate::cli::args::ReplayArgs;
use crate::cli::near::no_match;
use crate::cli::select::{from_file, library};
use crate::cli::status::Failure;
use std::borrow::Cow;
use std::path::Path;
use wsgauntlet_suite::case::{Instance, Pattern};
use wsgauntlet_wire::Role;

/// The instances that are meant.
pub(super) fn select(args: &ReplayArgs, role: Role) -> Result<Vec<Instance>, Failure> {
    let file = Path::new(&args.what);
    let is_file = file.extension().is_some_and(|extension| extension == "toml") && file.is_file();
    let library = if is_file { Cow::Owned(from_file(file)?) } else { library(&args.dirs)? };
    let pattern = Pattern::new(if is_file { "**" } else { &args.what });
    let instances: Vec<Instance> =
        library.instances(role).filter(|instance| pattern.matches(instance)).cloned().collect();
    match instances.is_empty() {
        true => Err(no_match(&args.what, role, &library)),
        false => Ok(instances),
    }
}

/// The role of what is played against.
pub(super) fn role(args: &ReplayArgs) -> Role {
    match (args.command.is_empty(), args.url.is_none() && args.launch.is_none()) {
        (false, _) => Role::Client,
        (true, true) => args.role.into(),
        (true, false) => Role::Server,
    }
}

/// Plays each instance that is meant, and gives `show` each play.
pub(super) fn play(
    args: &ReplayArgs,
    show: &mut (dyn FnMut(Play) -> Result<(), Failure> + Send),
) -> Result<(), Failure> {
    match args.command.is_empty() {
        true => {
            let role = role(args);
            server::play(args, role, select(args, role)?, show)
        }
        false => client::play(args, select(args, Role::Client)?, show),
    }
}
