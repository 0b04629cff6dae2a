//! What an endpoint has to be configured with for its quirk or its variant to show.

use super::config::Config;
use super::deflate::config::DeflateConfig;
use super::quirk::Quirk;
use super::quirk::catalogue::{DeflateNegotiation, ResponseCheck};
use super::variant::Variant;
use wsgauntlet_wire::opening::DeflateOffer;

impl Quirk {
    /// Gives the endpoint of `config` this quirk beside those that it has, and the offers with which it shows.
    pub fn install(self, config: &mut Config) {
        config.quirks.insert(self);
        if let Some(deflate) = self.offers() {
            config.deflate = deflate;
        }
    }

    /// Whether `install` changes what the endpoint offers: then it differs before any step.
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

impl Variant {
    /// Gives the endpoint of `config` this variant, and the offers with which it shows.
    pub fn install(self, config: &mut Config) {
        config.variant = Some(self);
        if self == Variant::OffersPlainDeflate {
            config.deflate = Some(DeflateConfig { offers: vec![DeflateOffer::default()] });
        }
        if self == Variant::OffersWindowHint {
            const HINT_BITS: u8 = 9;
            let client_max_window_bits = Some(Some(HINT_BITS));
            let offer = DeflateOffer { client_max_window_bits, ..DeflateOffer::default() };
            config.deflate = Some(DeflateConfig { offers: vec![offer] });
        }
    }
}
