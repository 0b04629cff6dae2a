//! How the target of a stored run is reached again.

use serde::{Deserialize, Serialize};

/// The words of the command line that reach the target of a run again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Again {
    /// Options, and the URL or the name of a server.
    pub words: Vec<String>,
    /// The command that is launched for each instance, of a client.
    pub command: Vec<String>,
}
