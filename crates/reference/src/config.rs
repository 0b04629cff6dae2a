//! What an endpoint is configured with before its connection begins.

use super::address::Address;
use super::deflate::config::DeflateConfig;
use super::quirk::QuirkSet;
use super::variant::Variant;
use std::time::Duration;
use wsgauntlet_wire::Role;

/// The longest message that is taken by default, in octets, inflated.
pub(crate) const MESSAGE_LEN_MAX: usize = 64 * 1024 * 1024;

/// How long the other end may take over its part of the closing handshake by default.
pub(crate) const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

/// The parameters of one endpoint for one connection.
#[derive(Clone, Debug)]
pub struct Config {
    /// Which end it is.
    pub role: Role,
    /// Client: the value of `Host`, with the port where it is not the default.
    pub host: String,
    /// Client: the request target, RFC 6455 §3's resource name.
    pub target: String,
    /// Client: the address that it opens, if it has to find out host and target, or that it must not open, itself.
    pub address: Option<Address>,
    /// Client: more fields of its request.
    pub fields: Vec<(&'static str, String)>,
    /// Client: offered, in order of preference. Server: what it can select.
    pub subprotocols: Vec<String>,
    /// Client: offered. Server: accepted if offered.
    pub deflate: Option<DeflateConfig>,
    /// In octets; a message above it fails the connection with 1009.
    pub message_len_max: usize,
    /// In octets of payload; a frame above it fails the connection with 1009 at its header.
    pub frame_len_max: u64,
    /// How long the other end may take over its part of the closing handshake, from our Close frame on.
    pub close_timeout: Duration,
    /// Masking keys and the nonce follow from it.
    pub seed: u64,
    /// Deliberate faults. None of them: the endpoint is strict.
    pub quirks: QuirkSet,
    /// A lawful difference from the strict endpoint, or none.
    pub variant: Option<Variant>,
}

impl Config {
    /// `ws://localhost/` without subprotocols and permessage-deflate, strict, with seed 0. Messages and frames may have 64
    /// MiB, and the closing handshake 10 seconds.
    pub fn new(role: Role) -> Config {
        Config {
            role,
            host: "localhost".to_owned(),
            target: "/".to_owned(),
            address: None,
            fields: Vec::new(),
            subprotocols: Vec::new(),
            deflate: None,
            message_len_max: MESSAGE_LEN_MAX,
            frame_len_max: MESSAGE_LEN_MAX as u64,
            close_timeout: CLOSE_TIMEOUT,
            seed: 0,
            quirks: QuirkSet::default(),
            variant: None,
        }
    }

    pub(super) fn varies(&self, variant: Variant) -> bool {
        self.variant == Some(variant)
    }
}
