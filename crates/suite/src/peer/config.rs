//! What of the run a play depends on.

use crate::transcript::Capabilities;
use std::time::Duration;

/// The run, as one play needs it.
#[derive(Clone, Debug)]
pub struct PlayConfig {
    /// The `Host` of our requests; of a client under test's, empty where it is not known.
    pub host: String,
    /// The request target of our requests, or of a client under test's, empty where it is not known.
    pub target: String,
    /// Fields that are set in our requests.
    pub headers: Vec<(String, String)>,
    /// What our requests offer.
    pub subprotocols: Vec<String>,
    /// How long silence is borne in a step.
    pub deadline: Duration,
    /// What masking keys and nonces are drawn from.
    pub seed: u64,
    pub capabilities: Capabilities,
}

impl PlayConfig {
    /// For a target on this machine that does everything.
    pub fn new(host: &str) -> PlayConfig {
        PlayConfig {
            host: host.to_owned(),
            target: "/".to_owned(),
            headers: Vec::new(),
            subprotocols: Vec::new(),
            deadline: Duration::from_secs(2),
            seed: 1,
            capabilities: Capabilities::FULL,
        }
    }
}
