//! In which roles a difference from the reference can show.

use wsgauntlet_wire::Role;

/// The roles of the reference in which a quirk or a variant shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roles {
    /// Only as a client.
    Client,
    /// Only as a server.
    Server,
    /// In both roles.
    Both,
}

impl Roles {
    /// Whether `role` is one of them.
    pub fn contains(self, role: Role) -> bool {
        match self {
            Roles::Client => role == Role::Client,
            Roles::Server => role == Role::Server,
            Roles::Both => true,
        }
    }
}
