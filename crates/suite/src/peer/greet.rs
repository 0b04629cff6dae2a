//! The opening heads that our peer sends: valid ones, then edited as the case says.

use super::config::PlayConfig;
use crate::case::head_edit::Places;
use crate::case::script::Opening;
use wsgauntlet_wire::opening::deflate_params::{DeflateOffer, DeflateParams, NAME};
use wsgauntlet_wire::opening::head::HeadDraft;
use wsgauntlet_wire::opening::{RequestHead, ResponseHead, extension, key, token};

/// The request of our peer as a client.
pub(super) fn request(opening: &Opening, config: &PlayConfig, nonce: [u8; 16]) -> Vec<u8> {
    let places = Places {
        host: config.host.clone(),
        target: config.target.clone(),
        key: key::encode(nonce),
        accept: String::new(),
        subprotocol: String::new(),
    };
    let mut draft = HeadDraft::new(format!("GET {} HTTP/1.1", config.target));
    draft
        .field("Host", config.host.as_bytes())
        .field("Upgrade", "websocket")
        .field("Connection", "Upgrade")
        .field("Sec-WebSocket-Key", places.key.as_bytes())
        .field("Sec-WebSocket-Version", "13");
    if !config.subprotocols.is_empty() {
        draft.field("Sec-WebSocket-Protocol", config.subprotocols.join(", "));
    }
    if let Some(offer) = &opening.deflate {
        draft.field("Sec-WebSocket-Extensions", offer.to_element());
    }
    for (name, value) in &config.headers {
        draft.set(name.as_bytes(), &[value.clone().into_bytes()]);
    }
    opening.request.apply(draft, &places)
}

/// The response of our peer as a server to a client's request.
pub(super) fn response(opening: &Opening, request: &RequestHead) -> Vec<u8> {
    let given = request.fields.values("Sec-WebSocket-Key").next().unwrap_or_default();
    let places = Places {
        host: String::new(),
        target: request.target.clone(),
        key: String::from_utf8_lossy(given).into_owned(),
        accept: key::accept(given),
        subprotocol: offered_subprotocol(request),
    };
    let mut draft = HeadDraft::new("HTTP/1.1 101 Switching Protocols");
    draft
        .field("Upgrade", "websocket")
        .field("Connection", "Upgrade")
        .field("Sec-WebSocket-Accept", places.accept.as_bytes());
    if let Some(agreed) = agreed_params(opening, request) {
        draft.field("Sec-WebSocket-Extensions", agreed.to_element());
    }
    opening.response.apply(draft, &places)
}

/// What our response agrees to about permessage-deflate, read from its octets. `None`: nothing, or it is no 101.
pub(super) fn agreement(octets: &[u8]) -> Option<DeflateParams> {
    let (head, _) = ResponseHead::parse(octets).ok().flatten()?;
    (head.status == 101).then(|| DeflateParams::agreed_in(&head.fields)).flatten()
}

/// The first subprotocol that a client offers.
fn offered_subprotocol(request: &RequestHead) -> String {
    let mut offers = request.fields.values("Sec-WebSocket-Protocol").flat_map(token::list);
    String::from_utf8_lossy(offers.next().unwrap_or_default()).into_owned()
}

/// What our server agrees to: what the case names, as far as RFC 7692 §7.1 lets it answer the client's offer, and what the
/// offer requires or hints at. `None` where nothing was offered.
fn agreed_params(opening: &Opening, request: &RequestHead) -> Option<DeflateParams> {
    let wanted = opening.deflate.as_ref()?;
    let lines: Vec<&[u8]> = request.fields.values("Sec-WebSocket-Extensions").collect();
    let offered = extension::parse(&lines.join(&b", "[..])).ok()?;
    let offers: Vec<DeflateOffer> = offered
        .iter()
        .filter(|extension| extension.name == NAME)
        .filter_map(|extension| DeflateOffer::parse(extension).ok())
        .collect();
    let answers = |offer: &&DeflateOffer| {
        offer.client_max_window_bits.is_some() || wanted.client_max_window_bits.flatten().is_none()
    };
    let offer = offers.iter().find(answers).or(offers.first())?;
    let server_bits = [wanted.server_max_window_bits, offer.server_max_window_bits];
    Some(DeflateParams {
        server_no_context_takeover: wanted.server_no_context_takeover || offer.server_no_context_takeover,
        client_no_context_takeover: wanted.client_no_context_takeover
            || offer.client_no_context_takeover && !opening.ignore_hint,
        server_max_window_bits: server_bits.into_iter().flatten().min(),
        client_max_window_bits: offer.client_max_window_bits.and(wanted.client_max_window_bits.flatten()),
    })
}
