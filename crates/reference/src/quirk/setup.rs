//! What an endpoint has to offer for its quirk to show.

use super::catalogue::{DeflateNegotiation, Quirk, ResponseCheck};
use crate::config::Config;
use crate::deflate::DeflateConfig;
use wsgauntlet_wire::opening::DeflateOffer;

impl Quirk {
    /// Gives the endpoint of `config` this quirk beside those that it has, and the offers with which it shows.
    pub fn install(self, config: &mut Config) {
        match config.quirk {
            None => config.quirk = Some(self),
            Some(_) => config.more_quirks.push(self),
        }
        if let Some(deflate) = self.offers() {
            config.deflate = deflate;
        }
    }

    /// Whether the endpoint differs before any hook is asked.
    pub fn offers_otherwise(self) -> bool {
        self.offers().is_some()
    }

    fn offers(self) -> Option<Option<DeflateConfig>> {
        let plain = DeflateOffer::default();
        let offer = match self {
            Quirk::ResponseCheck(ResponseCheck::DeflateNotOffered) => return Some(None),
            Quirk::DeflateNegotiation(DeflateNegotiation::ResponseClientWindow) => plain,
            Quirk::DeflateNegotiation(DeflateNegotiation::ResponseServerWindow) => {
                DeflateOffer { server_max_window_bits: Some(10), ..plain }
            }
            Quirk::DeflateNegotiation(DeflateNegotiation::ResponseWithoutTakeover) => {
                DeflateOffer { server_no_context_takeover: true, ..plain }
            }
            _ => return None,
        };
        Some(Some(DeflateConfig { offers: vec![offer] }))
    }
}
