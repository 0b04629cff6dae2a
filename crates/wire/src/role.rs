//! The two roles of RFC 6455: client and server.

use std::fmt;

/// The role of an endpoint. In reports, that of the implementation under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Role {
    /// The endpoint that opens the connection.
    Client,
    /// The endpoint that accepts it.
    Server,
}

impl Role {
    /// The role at the other end.
    pub fn peer(self) -> Role {
        match self {
            Role::Client => Role::Server,
            Role::Server => Role::Client,
        }
    }

    /// §5.1: a client masks all frames that it sends, a server none.
    pub fn masks(self) -> bool {
        self == Role::Client
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Client => "client",
            Role::Server => "server",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_opposite() {
        let table =
            [(Role::Client, Role::Server, true, "client"), (Role::Server, Role::Client, false, "server")];
        for (role, peer, masks, name) in table {
            assert_eq!((role.peer(), role.masks(), role.to_string().as_str()), (peer, masks, name));
        }
    }
}
