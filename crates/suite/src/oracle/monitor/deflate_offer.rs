//! How permessage-deflate is negotiated, RFC 7692 §5 and §7.1: a client's offers, a server's response.

use super::{Monitor, Notes};
use crate::oracle::decoded::DecodedTranscript;
use crate::oracle::observed::DeflateBreach;
use wsgauntlet_wire::Role;
use wsgauntlet_wire::opening::deflate_params::{
    DeflateOffer, DeflateParamError, DeflateParams, NAME, WINDOW_BITS_MAX,
};
use wsgauntlet_wire::opening::{Extension, RequestHead, ResponseHead};

pub(super) const OFFER: Monitor = Monitor {
    name: "deflate-offer",
    doc: "Every offer of permessage-deflate holds defined parameters, once each, with values that are defined.",
    requirements: &[
        OFFER_NAMES,
        SEVERAL_OFFERS,
        TELLS_WINDOW,
        HINTS_WINDOW,
        OFFERS_SERVER_NO_TAKEOVER,
        VALUELESS,
        OFFERS_CLIENT_NO_TAKEOVER,
        OFFERS_SERVER_BITS,
        OFFERED_SERVER_BITS,
        OFFERS_CLIENT_BITS,
        OFFERED_CLIENT_BITS,
        WINDOW_1024,
    ],
    check: offer,
};

pub(super) const RESPONSE: Monitor = Monitor {
    name: "deflate-response",
    doc: "What a server agrees to answers an offer, and its parameters have the values that are defined.",
    requirements: &[
        ONE_ANSWER,
        DECLINES_BAD,
        VALUELESS,
        NO_TAKEOVER_ECHOED,
        BITS_DECLINED,
        BITS_NOT_GREATER,
        ANSWERED_SERVER_BITS,
        SERVER_BITS_ABNF,
        ANSWERED_CLIENT_BITS,
        CLIENT_BITS_OFFERED,
        CLIENT_BITS_EXAMPLE,
        WINDOW_1024,
    ],
    check: response,
};

const OFFER_NAMES: &str = "rfc7692/5/offer-names-extension";
const SEVERAL_OFFERS: &str = "rfc7692/5/several-offers-of-one-name";
const TELLS_WINDOW: &str = "rfc7692/5/client-tells-its-window";
const HINTS_WINDOW: &str = "rfc7692/5/client-hints-its-window";
const ONE_ANSWER: &str = "rfc7692/5/no-rsv1-conflict-accepted";
const DECLINES_BAD: &str = "rfc7692/7/server-declines-bad-offer";
const OFFERS_SERVER_NO_TAKEOVER: &str = "rfc7692/7.1.1.1/offer-server-no-context-takeover";
const VALUELESS: &str = "rfc7692/7.1.1.1/server-no-context-takeover-valueless";
const NO_TAKEOVER_ECHOED: &str = "rfc7692/7.1.1.1/server-no-context-takeover-echoed";
const OFFERS_CLIENT_NO_TAKEOVER: &str = "rfc7692/7.1.1.2/offer-client-no-context-takeover";
const OFFERS_SERVER_BITS: &str = "rfc7692/7.1.2.1/offer-server-max-window-bits";
const OFFERED_SERVER_BITS: &str = "rfc7692/7.1.2.1/offered-server-max-window-bits-value";
const BITS_DECLINED: &str = "rfc7692/7.1.2.1/unsupported-server-max-window-bits-declined";
const BITS_NOT_GREATER: &str = "rfc7692/7.1.2.1/server-max-window-bits-not-greater";
const ANSWERED_SERVER_BITS: &str = "rfc7692/7.1.2.1/answered-server-max-window-bits-value";
const SERVER_BITS_ABNF: &str = "rfc7692/7.1.2.1/abnf-server-max-window-bits";
const OFFERS_CLIENT_BITS: &str = "rfc7692/7.1.2.2/offer-client-max-window-bits";
const OFFERED_CLIENT_BITS: &str = "rfc7692/7.1.2.2/offered-client-max-window-bits-value";
const ANSWERED_CLIENT_BITS: &str = "rfc7692/7.1.2.2/answered-client-max-window-bits-value";
const CLIENT_BITS_OFFERED: &str = "rfc7692/7.1.2.2/client-max-window-bits-needs-offer";
const CLIENT_BITS_EXAMPLE: &str = "rfc7692/7.1.3/unoffered-client-max-window-bits";
const WINDOW_1024: &str = "rfc7692/7.3/window-of-1024-or-more";

/// The logarithm of the 1,024 octets of §7.3.
const USEFUL_BITS: u8 = 10;

fn named(extensions: Vec<Extension>) -> Vec<Extension> {
    extensions.into_iter().filter(|extension| extension.name == NAME).collect()
}

/// No RFC says whether names of parameters differ by their case. Where it would be an offence, they do not.
pub(super) fn lowered(mut extension: Extension) -> Extension {
    for (name, _) in &mut extension.params {
        name.make_ascii_lowercase();
    }
    extension
}

fn shown(extension: &Extension) -> String {
    let mut text = extension.name.clone();
    for (name, value) in &extension.params {
        text.push_str("; ");
        text.push_str(name);
        if let Some(value) = value {
            text.push('=');
            text.push_str(value);
        }
    }
    text
}

fn values<'a>(extension: &'a Extension, name: &'a str) -> impl Iterator<Item = Option<&'a str>> + 'a {
    extension.params.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_deref())
}

fn is_window_bits(value: &str) -> bool {
    (8..=15).any(|bits: u8| bits.to_string() == value)
}

fn offer(decoded: &DecodedTranscript<'_>, notes: &mut Notes) {
    if decoded.role != Role::Client {
        return;
    }
    let Some(request) = &decoded.request else { return };
    let event = decoded.received.event_of(decoded.received.head.len().saturating_sub(1));
    let offers = named(DecodedTranscript::extensions(&request.fields));
    if offers.len() > 1 {
        notes.meets(SEVERAL_OFFERS);
    }
    for offer in &offers {
        let observed = || DeflateBreach::Params(shown(offer));
        let parsed = DeflateOffer::parse(offer);
        let defined = !matches!(parsed, Err(DeflateParamError::Unknown(_) | DeflateParamError::Twice(_)));
        notes.subject(OFFER_NAMES, defined, event, "defined parameters, once each", observed);
        offered_values(offer, event, notes);
        let Ok(parsed) = parsed else { continue };
        for (requirement, offered) in [
            (TELLS_WINDOW, parsed.server_max_window_bits.is_some()),
            (HINTS_WINDOW, parsed.client_max_window_bits.flatten().is_some()),
            (OFFERS_SERVER_NO_TAKEOVER, parsed.server_no_context_takeover),
            (OFFERS_CLIENT_NO_TAKEOVER, parsed.client_no_context_takeover),
            (OFFERS_SERVER_BITS, parsed.server_max_window_bits.is_some()),
            (OFFERS_CLIENT_BITS, parsed.client_max_window_bits.is_some()),
        ] {
            if offered {
                notes.meets(requirement);
            }
        }
        let useful = parsed.server_max_window_bits.is_none_or(|bits| bits >= USEFUL_BITS);
        notes.subject(WINDOW_1024, useful, event, "a window of 1,024 octets or more", observed);
    }
}

fn offered_values(offer: &Extension, event: usize, notes: &mut Notes) {
    let observed = || DeflateBreach::Params(shown(offer));
    for value in values(offer, "server_no_context_takeover") {
        notes.subject(VALUELESS, value.is_none(), event, "no value", observed);
    }
    for value in values(offer, "server_max_window_bits") {
        let holds = value.is_some_and(is_window_bits);
        notes.subject(OFFERED_SERVER_BITS, holds, event, "a value of 8 to 15", observed);
    }
    for value in values(offer, "client_max_window_bits") {
        let holds = value.is_none_or(is_window_bits);
        notes.subject(OFFERED_CLIENT_BITS, holds, event, "no value, or one of 8 to 15", observed);
    }
}

fn response(decoded: &DecodedTranscript<'_>, notes: &mut Notes) {
    let (Some(request), Some(response)) = (&decoded.request, &decoded.response) else { return };
    if decoded.role != Role::Server || response.status != 101 {
        return;
    }
    let event = decoded.received.event_of(decoded.received.head.len().saturating_sub(1));
    one_answer(request, response, event, notes);
    let Some(answer) = named(DecodedTranscript::extensions(&response.fields)).into_iter().next() else {
        return;
    };
    answered_values(&answer, event, notes);
    let offers: Vec<Extension> =
        named(DecodedTranscript::extensions(&request.fields)).into_iter().map(lowered).collect();
    let lawful: Vec<DeflateOffer> =
        offers.iter().filter_map(|offer| DeflateOffer::parse(offer).ok()).collect();
    let observed =
        || DeflateBreach::Answer { answer: shown(&answer), offers: offers.iter().map(shown).collect() };
    if !offers.is_empty() {
        notes.subject(DECLINES_BAD, !lawful.is_empty(), event, "a bad offer is declined", observed);
    }
    let Ok(params) = DeflateParams::parse(&answer) else { return };
    if !lawful.is_empty() {
        answered_offers(&params, &lawful, event, notes, &observed);
    }
}

/// §5: one extension at most may use RSV1. All those that are known do.
fn one_answer(request: &RequestHead, response: &ResponseHead, event: usize, notes: &mut Notes) {
    let of_rsv1 = |extension: &&Extension| {
        extension.name.starts_with("permessage-") || extension.name == "x-webkit-deflate-frame"
    };
    let answers = DecodedTranscript::extensions(&response.fields);
    let names: Vec<&str> = answers.iter().filter(of_rsv1).map(|extension| extension.name.as_str()).collect();
    let offered = DecodedTranscript::extensions(&request.fields);
    if offered.iter().filter(of_rsv1).count() > 1 && !names.is_empty() {
        let expected = "one extension that uses RSV1";
        notes.subject(ONE_ANSWER, names.len() == 1, event, expected, || {
            DeflateBreach::UsersOfRsv1(names.iter().map(|name| (*name).to_owned()).collect())
        });
    }
}

fn answered_values(answer: &Extension, event: usize, notes: &mut Notes) {
    let observed = || DeflateBreach::Params(shown(answer));
    for value in values(answer, "server_no_context_takeover") {
        notes.subject(VALUELESS, value.is_none(), event, "no value", observed);
    }
    for value in values(answer, "server_max_window_bits") {
        let digits = value.is_some_and(|value| value.bytes().all(|octet| octet.is_ascii_digit()));
        notes.subject(SERVER_BITS_ABNF, digits, event, "digits", observed);
        let holds = value.is_some_and(is_window_bits);
        notes.subject(ANSWERED_SERVER_BITS, holds, event, "a value of 8 to 15", observed);
    }
    for value in values(answer, "client_max_window_bits") {
        let holds = value.is_some_and(is_window_bits);
        notes.subject(ANSWERED_CLIENT_BITS, holds, event, "a value of 8 to 15", observed);
    }
}

/// With several offers, an answer is wrong only where it is wrong for each of them.
fn answered_offers(
    answer: &DeflateParams,
    offers: &[DeflateOffer],
    event: usize,
    notes: &mut Notes,
    observed: &dyn Fn() -> DeflateBreach,
) {
    if offers.iter().all(|offer| offer.server_no_context_takeover) {
        let expected = "server_no_context_takeover, as it was offered";
        notes.subject(NO_TAKEOVER_ECHOED, answer.server_no_context_takeover, event, expected, observed);
    }
    if offers.iter().all(|offer| offer.server_max_window_bits.is_some()) {
        let bits_max = offers.iter().filter_map(|offer| offer.server_max_window_bits).max();
        let answered = answer.server_max_window_bits;
        let expected = "server_max_window_bits, as it was offered";
        // §7.1.2.1: without the parameter the window is one of 15 bits. Who asked for 15 got them.
        let same = answered.is_none() && bits_max == Some(WINDOW_BITS_MAX);
        notes.subject(BITS_DECLINED, answered.is_some() || same, event, expected, observed);
        let holds = answered.is_some() && answered <= bits_max;
        notes.subject(BITS_NOT_GREATER, holds || same, event, "no more bits than offered", observed);
    }
    if offers.iter().all(|offer| offer.client_max_window_bits.is_none()) {
        for requirement in [CLIENT_BITS_OFFERED, CLIENT_BITS_EXAMPLE] {
            let holds = answer.client_max_window_bits.is_none();
            notes.subject(
                requirement,
                holds,
                event,
                "no client_max_window_bits, which was not offered",
                observed,
            );
        }
    }
    // A small window that the client asked for, or hinted at, is not the server's choice.
    let asked = offers
        .iter()
        .flat_map(|offer| [offer.server_max_window_bits, offer.client_max_window_bits.flatten()])
        .flatten()
        .any(|bits| bits < USEFUL_BITS);
    if !asked {
        let chosen = [answer.server_max_window_bits, answer.client_max_window_bits];
        let holds = chosen.into_iter().flatten().all(|bits| bits >= USEFUL_BITS);
        notes.subject(WINDOW_1024, holds, event, "a window of 1,024 octets or more", observed);
    }
}
