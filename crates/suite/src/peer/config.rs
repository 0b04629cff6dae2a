//! The part of a run's settings that a play depends on.

use crate::transcript::{Capabilities, Transport};
use std::time::Duration;

/// The settings of one play.
#[derive(Clone, Debug)]
pub struct PlayConfig {
    /// The `Host` of our requests, or the one that a client under test has to send. Empty where that is not known.
    pub host: String,
    /// The request target of our requests, or the one that a client under test has to send. Empty where that is not known.
    pub target: String,
    /// Fields that our requests set, over what they have by default.
    pub headers: Vec<(String, String)>,
    /// The subprotocols that our requests offer.
    pub subprotocols: Vec<String>,
    /// How long to wait for the target in a step that names no time of its own.
    pub deadline: Duration,
    /// The seed of masking keys and nonces.
    pub seed: u64,
    /// What the target can do, as its probe showed.
    pub capabilities: Capabilities,
    /// What carries the WebSocket connection. Over HTTP/2 our peer is a client.
    pub transport: Transport,
    /// The connection runs over TLS.
    pub secure: bool,
}

impl PlayConfig {
    /// The settings for a target that can do everything: deadline 2 seconds, seed 1, no subprotocols, no extra fields.
    pub fn new(host: &str) -> PlayConfig {
        PlayConfig {
            host: host.to_owned(),
            target: "/".to_owned(),
            headers: Vec::new(),
            subprotocols: Vec::new(),
            deadline: Duration::from_secs(2),
            seed: 1,
            capabilities: Capabilities::FULL,
            transport: Transport::Http1,
            secure: false,
        }
    }
}
