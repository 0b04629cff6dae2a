//! permessage-deflate, RFC 7692 §7: what an endpoint offers, accepts and agrees to.

use crate::opening::deflate_params::NAME;
use crate::opening::{DeflateOffer, DeflateParams, Extension};

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

/// The server's answer: the parameters for the first offer that is acceptable, §5 and §7.1.
/// Offers that are not acceptable are declined, §7: "A server MUST decline an extension
/// negotiation offer for this extension if any of the following conditions are met".
pub fn accept(offers: &[Extension]) -> Option<DeflateParams> {
    offers
        .iter()
        .filter(|extension| extension.name == NAME)
        .find_map(|extension| DeflateOffer::parse(extension).ok())
        .map(agree)
}

/// What is asked is granted, and hints are taken.
fn agree(offer: DeflateOffer) -> DeflateParams {
    DeflateParams {
        server_no_context_takeover: offer.server_no_context_takeover,
        client_no_context_takeover: offer.client_no_context_takeover,
        server_max_window_bits: offer.server_max_window_bits,
        client_max_window_bits: offer.client_max_window_bits.flatten(),
    }
}
