//! The role of an implementation, as the command line has it.

use clap::ValueEnum;
use wsgauntlet_wire::Role;

/// The role of an implementation.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum RoleArg {
    Server,
    Client,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Role {
        match role {
            RoleArg::Server => Role::Server,
            RoleArg::Client => Role::Client,
        }
    }
}
