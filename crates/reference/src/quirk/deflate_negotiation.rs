//! An endpoint that negotiates permessage-deflate wrongly.

use super::request_check::javascript_number;
use super::table::quirks;
use wsgauntlet_wire::opening::deflate_params::DeflateParamError;
use wsgauntlet_wire::opening::{DeflateOffer, DeflateParams, Extension};

quirks! {
    /// What is wrong with offers, answers and their checks.
    pub enum DeflateNegotiation {
        /// Accepts an offer with a parameter that it does not know.
        OfferUnknownParam "accept-deflate-offer-unknown-parameter" Server ["rfc7692/7/decline-undefined-parameter"],
        /// Accepts an offer with window bits out of range.
        OfferInvalidBits "accept-deflate-offer-window-bits" Server ["rfc7692/7/decline-invalid-value", "rfc7692/7.1.2.1/offered-server-max-window-bits-value"],
        /// Reads offered window bits as JavaScript reads a number: 08, 0xa and 1e1 are in range.
        OfferBitsOfJavaScript "accept-deflate-offer-javascript-number" Server ["rfc7692/7/decline-invalid-value"],
        /// Accepts an offer of window bits with leading zeros or a plus.
        OfferBitsDecimal "accept-deflate-offer-leading-zero" Server ["rfc7692/7/decline-invalid-value"],
        /// Accepts an offer of client_max_window_bits with any number.
        OfferClientBitsAny "accept-deflate-offer-any-client-window" Server ["rfc7692/7/decline-invalid-value"],
        /// Accepts an offer of server_max_window_bits without a value.
        OfferBitsAbsent "accept-deflate-offer-without-value" Server ["rfc7692/7/decline-invalid-value"],
        /// Accepts an offer of no_context_takeover with a value.
        OfferFlagValue "accept-deflate-offer-flag-value" Server ["rfc7692/7.1.1.1/server-no-context-takeover-valueless", "rfc7692/7/decline-invalid-value"],
        /// Accepts an offer with a parameter twice.
        OfferParamTwice "accept-deflate-offer-parameter-twice" Server ["rfc7692/7/decline-repeated-parameter"],
        /// Leaves server_no_context_takeover out of the answer to an offer with it.
        AnswerWithoutTakeover "deflate-answer-without-server-no-context-takeover" Server ["rfc7692/7.1.1.1/server-no-context-takeover-echoed"],
        /// Leaves server_max_window_bits out of the answer to an offer with it.
        AnswerWithoutWindow "deflate-answer-without-server-window" Server ["rfc7692/7.1.2.1/server-max-window-bits-not-greater", "rfc7692/5/agreed-parameters-reflect-offer"],
        /// Answers a greater server_max_window_bits than was offered.
        AnswerGreaterWindow "deflate-answer-greater-server-window" Server ["rfc7692/7.1.2.1/server-max-window-bits-not-greater"],
        /// Answers client_max_window_bits to an offer without it.
        AnswerClientWindow "deflate-answer-unoffered-client-window" Server ["rfc7692/7.1.2.2/client-max-window-bits-needs-offer", "rfc7692/7.1.3/unoffered-client-max-window-bits"],
        /// Answers client_max_window_bits without a value.
        AnswerClientWindowValueless "deflate-answer-client-window-without-value" Server ["rfc7692/7.1.2.2/answered-client-max-window-bits-value"],
        /// Answers window bits out of range.
        AnswerInvalidBits "deflate-answer-window-bits-16" Server ["rfc7692/7.1.2.1/answered-server-max-window-bits-value"],
        /// Answers window bits with a leading zero.
        AnswerLeadingZero "deflate-answer-leading-zero" Server ["rfc7692/7.1.2.1/abnf-server-max-window-bits", "rfc7692/7.1.2.1/answered-server-max-window-bits-value"],
        /// Answers a parameter that is not defined.
        AnswerUnknownParam "deflate-answer-unknown-parameter" Server ["rfc6455/9.1/parameters-defined-for-extension", "rfc7692/7/client-fails-on-bad-response"],
        /// Answers a parameter twice.
        AnswerParamTwice "deflate-answer-parameter-twice" Server ["rfc6455/9/parameters-follow-extension", "rfc7692/7/fail-on-repeated-parameter"],
        /// Answers with the extension twice.
        AnswerTwice "deflate-answer-twice" Server ["rfc7692/5/no-rsv1-conflict-accepted"],
        /// Answers permessage-deflate to clients that did not offer it.
        AnswerUnoffered "deflate-answer-unoffered" Server ["rfc6455/9/no-unrequested-extension", "rfc6455/4.2.2/no-unoffered-extensions"],
        /// Writes the parameters as extensions: a comma for the semicolon.
        AnswerCommas "deflate-answer-commas" Server ["rfc6455/9/parameters-follow-extension", "rfc6455/4.2.2/no-unoffered-extensions"],
        /// Declines an offer, and compresses all the same.
        DeclinesAndUses "deflate-declined-and-used" Server ["rfc7692/5/declined-means-uncompressed", "rfc7692/5/accept-names-extension"],
        /// Offers window bits out of range.
        OffersInvalidBits "deflate-offer-window-bits-7" Client ["rfc7692/7.1.2.1/offered-server-max-window-bits-value"],
        /// Offers window bits with a leading zero.
        OffersLeadingZero "deflate-offer-leading-zero" Client ["rfc7692/7.1.2.1/offered-server-max-window-bits-value", "rfc7692/7.1.2.2/offered-client-max-window-bits-value"],
        /// Offers no_context_takeover with a value.
        OffersFlagValue "deflate-offer-flag-value" Client ["rfc7692/7.1.1.1/server-no-context-takeover-valueless"],
        /// Offers a parameter that is not defined.
        OffersUnknownParam "deflate-offer-unknown-parameter" Client ["rfc6455/9.1/parameters-defined-for-extension"],
        /// Compresses though its offer was declined.
        UsesDeclined "deflate-used-though-declined" Client ["rfc7692/5/declined-means-uncompressed", "rfc6455/9.1/offered-extension-not-used-early"],
        /// Takes an answer with a parameter that it does not know.
        ResponseUnknownParam "accept-deflate-answer-unknown-parameter" Client ["rfc7692/7/fail-on-undefined-parameter"],
        /// Takes an answer with a value that is not valid.
        ResponseInvalidValue "accept-deflate-answer-invalid-value" Client ["rfc7692/7/fail-on-invalid-value", "rfc7692/7.1.2.1/answered-server-max-window-bits-value"],
        /// Takes window bits with leading zeros or a plus in an answer.
        ResponseBitsDecimal "accept-deflate-answer-leading-zero" Client ["rfc7692/7/fail-on-invalid-value"],
        /// Takes an answer with a parameter twice.
        ResponseParamTwice "accept-deflate-answer-parameter-twice" Client ["rfc7692/7/fail-on-repeated-parameter"],
        /// Takes client_max_window_bits without a value.
        ResponseValueless "accept-deflate-answer-without-value" Client ["rfc7692/7.1.2.2/answered-client-max-window-bits-value"],
        /// Takes client_max_window_bits though it was not offered.
        ResponseClientWindow "accept-deflate-answer-unoffered-client-window" Client ["rfc7692/5/client-fails-on-invalid-response"],
        /// Takes a greater server_max_window_bits than it offered, or none.
        ResponseServerWindow "accept-deflate-answer-greater-server-window" Client ["rfc7692/7.1.2.1/server-max-window-bits-not-greater"],
        /// Takes an answer without the server_no_context_takeover that it offered.
        ResponseWithoutTakeover "accept-deflate-answer-without-server-no-context-takeover" Client ["rfc7692/7.1.1.1/server-no-context-takeover-echoed"],
        /// Fails on a server_max_window_bits that it did not offer.
        RefusesServerWindow "refuse-deflate-answer-server-window" Client ["rfc7692/7.1.2.1/server-max-window-bits-unrequested"],
        /// Fails on a server_no_context_takeover that it did not offer.
        RefusesServerTakeover "refuse-deflate-answer-server-no-context-takeover" Client ["rfc7692/7.1.1.1/server-no-context-takeover-unrequested"],
        /// Fails on client_no_context_takeover.
        RefusesClientTakeover "refuse-deflate-answer-client-no-context-takeover" Client ["rfc7692/7.1.1.2/client-no-context-takeover-supported"],
    }
}

const KNOWN: [&str; 4] = [
    "server_no_context_takeover",
    "client_no_context_takeover",
    "server_max_window_bits",
    "client_max_window_bits",
];

impl DeflateNegotiation {
    /// The offer that this server reads in one that it should decline.
    pub(super) fn misread_offer(self, extension: &Extension) -> Option<DeflateOffer> {
        let is_flag = |name: &str| name.ends_with("_takeover");
        let keep = |(name, value): &(String, Option<String>)| match self {
            DeflateNegotiation::OfferUnknownParam => KNOWN.contains(&name.as_str()),
            DeflateNegotiation::OfferInvalidBits => is_flag(name) || value.is_none(),
            DeflateNegotiation::OfferBitsAbsent => name != "server_max_window_bits" || value.is_some(),
            DeflateNegotiation::OfferFlagValue => !is_flag(name) || value.is_none(),
            _ => true,
        };
        let kept = extension.params.iter().filter(|param| keep(param));
        let mut params: Vec<_> =
            kept.map(|(name, value)| (name.clone(), self.misread_bits(name, value))).collect();
        if self == DeflateNegotiation::OfferParamTwice {
            let mut seen: Vec<String> = Vec::new();
            params.retain(|(name, _)| {
                let first = !seen.contains(name);
                seen.push(name.clone());
                first
            });
        }
        let name = extension.name.clone();
        DeflateOffer::parse(&Extension { name, params }).ok()
    }

    /// The value of a parameter as this server reads it.
    fn misread_bits(self, name: &str, value: &Option<String>) -> Option<String> {
        let Some(text) = value.as_deref().filter(|_| name.ends_with("_window_bits")) else {
            return value.clone();
        };
        let unread = value.clone();
        let plain = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        match self {
            DeflateNegotiation::OfferBitsOfJavaScript => {
                javascript_number(text.as_bytes()).map(|number| number.to_string()).or(unread)
            }
            DeflateNegotiation::OfferBitsDecimal => {
                plain(text.trim().trim_start_matches('+').trim_start_matches('0')).or(unread)
            }
            DeflateNegotiation::OfferClientBitsAny
                if name == "client_max_window_bits" && text.bytes().all(|octet| octet.is_ascii_digit()) =>
            {
                None
            }
            _ => unread,
        }
    }

    /// The element with which a server accepts an offer. `params`: what it would answer.
    pub(super) fn answer(self, mut params: DeflateParams) -> Option<String> {
        let mut added = String::new();
        match self {
            DeflateNegotiation::AnswerWithoutTakeover => params.server_no_context_takeover = false,
            DeflateNegotiation::AnswerWithoutWindow => params.server_max_window_bits = None,
            DeflateNegotiation::AnswerGreaterWindow => {
                params.server_max_window_bits = params.server_max_window_bits.map(|_| 15);
            }
            DeflateNegotiation::AnswerClientWindow => {
                params.client_max_window_bits = params.client_max_window_bits.or(Some(12));
            }
            DeflateNegotiation::AnswerClientWindowValueless => {
                params.client_max_window_bits = None;
                added.push_str("; client_max_window_bits");
            }
            DeflateNegotiation::AnswerInvalidBits => {
                params.server_max_window_bits = None;
                added.push_str("; server_max_window_bits=16");
            }
            DeflateNegotiation::AnswerLeadingZero => {
                params.server_max_window_bits = None;
                added.push_str("; server_max_window_bits=08");
            }
            DeflateNegotiation::AnswerUnknownParam => added.push_str("; mem_level=8"),
            DeflateNegotiation::AnswerParamTwice => {
                params.server_no_context_takeover = true;
                added.push_str("; server_no_context_takeover");
            }
            DeflateNegotiation::AnswerTwice => {
                added = format!(", {}", params.to_element());
            }
            DeflateNegotiation::AnswerCommas => {
                params.server_no_context_takeover = true;
                return Some(params.to_element().replace(';', ","));
            }
            DeflateNegotiation::DeclinesAndUses => return None,
            _ => {}
        }
        Some(params.to_element() + &added)
    }

    /// Those that add something to the offers of a client.
    pub(super) const ADDING: &'static [DeflateNegotiation] = &[
        DeflateNegotiation::OffersInvalidBits,
        DeflateNegotiation::OffersLeadingZero,
        DeflateNegotiation::OffersFlagValue,
        DeflateNegotiation::OffersUnknownParam,
    ];

    /// What a client adds to its offers.
    pub(super) fn added_offers(self) -> &'static str {
        match self {
            DeflateNegotiation::OffersInvalidBits => "; server_max_window_bits=7",
            DeflateNegotiation::OffersLeadingZero => "; server_max_window_bits=010",
            DeflateNegotiation::OffersFlagValue => "; server_no_context_takeover=1",
            DeflateNegotiation::OffersUnknownParam => "; mem_level=8",
            _ => "",
        }
    }

    /// The parameters that this client reads in an answer that it should fail.
    pub(super) fn misread_answer(
        self,
        extension: &Extension,
        error: &DeflateParamError,
    ) -> Option<DeflateParams> {
        let overlooked = match (self, error) {
            (DeflateNegotiation::ResponseUnknownParam, DeflateParamError::Unknown(_))
            | (DeflateNegotiation::ResponseParamTwice, DeflateParamError::Twice(_))
            | (DeflateNegotiation::ResponseInvalidValue, DeflateParamError::InvalidValue(_)) => true,
            (DeflateNegotiation::ResponseBitsDecimal, DeflateParamError::InvalidValue(_)) => {
                let mut values = extension.params.iter().filter_map(|(_, value)| value.as_deref());
                values.all(|value| in_window(value.trim_start_matches('+').trim_start_matches('0')))
            }
            (DeflateNegotiation::ResponseValueless, DeflateParamError::InvalidValue(name)) => {
                name == "client_max_window_bits"
            }
            (DeflateNegotiation::ResponseClientWindow, DeflateParamError::NotOffered(name)) => {
                *name == "client_max_window_bits"
            }
            (DeflateNegotiation::ResponseServerWindow, DeflateParamError::NotOffered(name)) => {
                *name == "server_max_window_bits"
            }
            (DeflateNegotiation::ResponseWithoutTakeover, DeflateParamError::NotOffered(name)) => {
                *name == "server_no_context_takeover"
            }
            _ => false,
        };
        overlooked.then(|| DeflateParams::parse(extension).unwrap_or_default())
    }

    /// Whether this client fails on an answer that is right. `offers`: what it offered.
    pub(super) fn refuses_answer(self, params: &DeflateParams, offers: &[DeflateOffer]) -> bool {
        let offered = |test: fn(&DeflateOffer) -> bool| offers.iter().any(test);
        match self {
            DeflateNegotiation::RefusesServerWindow => {
                params.server_max_window_bits.is_some()
                    && !offered(|offer| offer.server_max_window_bits.is_some())
            }
            DeflateNegotiation::RefusesServerTakeover => {
                params.server_no_context_takeover && !offered(|offer| offer.server_no_context_takeover)
            }
            DeflateNegotiation::RefusesClientTakeover => params.client_no_context_takeover,
            _ => false,
        }
    }
}

/// Whether a text is a number of window bits, 8 to 15.
fn in_window(text: &str) -> bool {
    text.parse().is_ok_and(|bits: u8| (8..=15).contains(&bits))
}
