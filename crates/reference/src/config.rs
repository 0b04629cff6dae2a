//! What an endpoint is told before its connection begins.

use super::deflate::DeflateConfig;
use super::destination::{Address, Destination};
use super::quirk::addressing::Addressing;
use super::quirk::{Faults, Quirk};
use super::variant::Variant;
use std::time::Duration;
use wsgauntlet_wire::Role;

/// The longest message that is taken by default, in octets, inflated.
pub const MESSAGE_LEN_MAX: usize = 64 * 1024 * 1024;

/// How long the other end may take over its part of the closing handshake by default.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

/// The parameters of one endpoint for one connection.
#[derive(Clone, Debug)]
pub struct Config {
    pub role: Role,
    /// Client: the value of `Host`, with the port where it is not the default.
    pub host: String,
    /// Client: the request target, RFC 6455 §3's resource name.
    pub target: String,
    /// Client: what it is told to open, which gives `host` and `target`, and where no connection may come of it.
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
    pub close_timeout: Duration,
    /// Masking keys and the nonce follow from it.
    pub seed: u64,
    /// A deliberate fault.
    pub quirk: Option<Quirk>,
    /// More deliberate faults, beside `quirk`. An endpoint has at most [`QUIRKS_MAX`](super::quirk::QUIRKS_MAX).
    pub more_quirks: Vec<Quirk>,
    /// A lawful difference.
    pub variant: Option<Variant>,
}

impl Config {
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
            quirk: None,
            more_quirks: Vec::new(),
            variant: None,
        }
    }

    /// The quirks, as the hooks ask for them.
    pub fn faults(&self) -> Faults {
        Faults::new(self.quirk.into_iter().chain(self.more_quirks.iter().copied()))
    }

    /// Client: how many redirections it follows.
    pub fn redirects_max(&self) -> usize {
        const VARIANT_MAX: usize = 5;
        if self.varies(Variant::RedirectsFollowed) {
            return VARIANT_MAX;
        }
        self.faults().addressing().map_or(0, Addressing::redirects_max)
    }

    /// Client: what it asks for next, where it followed a redirection from `from` to `to`.
    pub fn follow(&mut self, from: &Destination, to: Destination) {
        let fault = self.faults().addressing();
        self.host = to.authority;
        self.target = to.resource;
        match fault {
            Some(Addressing::RedirectHostKept) => self.host.clone_from(&from.authority),
            Some(Addressing::RedirectTargetKept) => self.target.clone_from(&from.resource),
            Some(Addressing::RedirectCredentialsKept) => {
                let credentials = "Basic d3NnYXVudGxldDpzZWNyZXQ=".to_owned();
                self.fields = vec![("Authorization", credentials), ("Cookie", "gauntlet=1".to_owned())];
            }
            Some(_) | None => {}
        }
    }

    pub(super) fn varies(&self, variant: Variant) -> bool {
        self.variant == Some(variant)
    }
}
