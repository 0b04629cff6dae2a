//! How an endpoint uses permessage-deflate.

use wsgauntlet_wire::opening::DeflateOffer;

/// How an endpoint uses the extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeflateConfig {
    /// Client: its offers, in order of preference.
    pub offers: Vec<DeflateOffer>,
}

impl Default for DeflateConfig {
    /// The usual offer of clients: any window, and the server may limit ours.
    fn default() -> DeflateConfig {
        DeflateConfig {
            offers: vec![DeflateOffer { client_max_window_bits: Some(None), ..DeflateOffer::default() }],
        }
    }
}
