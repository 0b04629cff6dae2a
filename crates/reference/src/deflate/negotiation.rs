//! The server's answer to offers of permessage-deflate, RFC 7692 §5 and §7.1.

use crate::behavior::Opening;
use crate::variant::Variant;
use wsgauntlet_wire::opening::deflate_params::{NAME, WINDOW_BITS_MAX};
use wsgauntlet_wire::opening::{DeflateOffer, DeflateParams, Extension};

/// The parameters for the first offer that is acceptable. §7: "A server MUST decline an extension negotiation offer for this
/// extension if any of the following conditions are met".
pub(crate) fn accept(
    offers: &[Extension],
    variant: Option<Variant>,
    behavior: &mut impl Opening,
) -> Option<DeflateParams> {
    if variant == Some(Variant::DeflateDeclined) {
        return None;
    }
    let mut offers = offers.iter().filter(|extension| extension.name == NAME);
    offers.find_map(|offer| behavior.deflate_offer(offer)).map(|offer| agree(offer, variant))
}

/// Grants what the client asked for, and takes its hints.
fn agree(offer: DeflateOffer, variant: Option<Variant>) -> DeflateParams {
    const LIMITED_BITS: u8 = 10;
    let mut params = DeflateParams {
        server_no_context_takeover: offer.server_no_context_takeover,
        client_no_context_takeover: offer.client_no_context_takeover,
        server_max_window_bits: offer.server_max_window_bits,
        client_max_window_bits: offer.client_max_window_bits.flatten(),
    };
    let limited = |bits: Option<u8>| Some(bits.map_or(LIMITED_BITS, |bits| bits.min(LIMITED_BITS)));
    match variant {
        Some(Variant::ServerContextDropped) => params.server_no_context_takeover = true,
        Some(Variant::ClientContextRefused) => params.client_no_context_takeover = true,
        Some(Variant::ServerWindowLimited) => {
            params.server_max_window_bits = limited(params.server_max_window_bits);
        }
        Some(Variant::ClientWindowLimited) if offer.client_max_window_bits.is_some() => {
            params.client_max_window_bits = limited(params.client_max_window_bits);
        }
        Some(Variant::ClientContextHintIgnored) => params.client_no_context_takeover = false,
        Some(Variant::ClientWindowHintExceeded) if params.client_max_window_bits.is_some() => {
            params.client_max_window_bits = Some(WINDOW_BITS_MAX);
        }
        Some(Variant::ClientWindowHintIgnored) => params.client_max_window_bits = None,
        Some(_) | None => {}
    }
    params
}
