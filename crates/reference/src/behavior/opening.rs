//! The steps of the opening handshake, RFC 6455 §4, and of the negotiation of permessage-deflate, RFC 7692 §5 and §7.

use crate::event::{Demise, Transmit};
use crate::refusal::Refusal;
use crate::response_error::ResponseError;
use std::borrow::Cow;
use std::time::Duration;
use wsgauntlet_wire::opening::deflate_params::DeflateParamError;
use wsgauntlet_wire::opening::head::HeadDraft;
use wsgauntlet_wire::opening::{DeflateOffer, DeflateParams, Extension, RequestHead, ResponseHead};
use wsgauntlet_wire::{CloseCode, Frame, Role};

/// When a server answers a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpeningAnswer {
    /// It sends its response, after this time.
    Respond(Duration),
    /// It sends nothing and keeps TCP open.
    Never,
    /// It sends nothing and ends TCP.
    CloseTcp,
}

/// What a server does with a request that it refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusing {
    /// It sends these octets.
    Respond(Vec<u8>),
    /// It ends TCP without a response.
    CloseTcp,
    /// It resets TCP without a response.
    ResetTcp,
    /// It sends nothing and keeps TCP open.
    Hang,
    /// Its process dies.
    Die(Demise),
}

/// The steps of the opening handshake of both roles.
pub(crate) trait Opening {
    /// Both: whether a head with these octets is read at all.
    fn takes_head_octets(&mut self, _octets: &[u8]) -> bool {
        true
    }

    /// Both: whether the rest of a head is awaited that arrives in several reads.
    fn awaits_rest_of_head(&mut self) -> bool {
        true
    }

    /// Both: the octets of a complete head, as they are read.
    fn head<'h>(&mut self, octets: &'h [u8]) -> Cow<'h, [u8]> {
        Cow::Borrowed(octets)
    }

    /// Both: whether the octets after the peer's head, from the same read, are kept.
    fn keeps_octets_after_head(&mut self) -> bool {
        true
    }

    /// Client: the values of Sec-WebSocket-Extensions that it offers, as one list.
    fn extension_offers(&mut self, offers: String) -> String {
        offers
    }

    /// Client: the request, which is complete. `target`, `host` and `key`: what it was made of.
    fn request(&mut self, _draft: &mut HeadDraft, _target: &str, _host: &str, _key: &str) {}

    /// Client: a frame that it sends before the response. §4.1: it has to wait for it.
    fn frame_before_response(&mut self) -> Option<Frame> {
        None
    }

    /// Client: whether an interim response is skipped. RFC 9110 §15.2: it "MUST be able to parse one or more 1xx responses
    /// received prior to a final response".
    fn skips_interim_responses(&mut self) -> bool {
        true
    }

    /// Client: whether a response is taken in spite of `error`. `accept`: the value that answers the client's key.
    fn overlooks_response_error(
        &mut self,
        _error: &ResponseError,
        _head: &ResponseHead,
        _accept: &str,
        _offered_subprotocols: &[String],
    ) -> bool {
        false
    }

    /// Client: whether a valid response is refused.
    fn refuses_response(&mut self, _head: &ResponseHead) -> bool {
        false
    }

    /// Client: the parameters that the server's answer agrees on. RFC 7692 §7: a client "MUST _Fail the WebSocket Connection_
    /// if the peer server accepted an extension negotiation offer for this extension with an extension negotiation response
    /// meeting any of the following conditions".
    fn deflate_agreed(
        &mut self,
        _extension: &Extension,
        _offers: &[DeflateOffer],
        checked: Result<DeflateParams, DeflateParamError>,
    ) -> Result<DeflateParams, DeflateParamError> {
        checked
    }

    /// Server: whether empty lines before the request are skipped. RFC 9112 §2.2: it "SHOULD ignore at least one empty line".
    fn skips_empty_lines(&mut self) -> bool {
        true
    }

    /// Server: whether it answers as soon as the request's head ends. False: it waits for one octet more.
    fn answers_at_end_of_head(&mut self) -> bool {
        true
    }

    /// Server: whether it answers a request whose head has not ended.
    fn answers_before_end_of_head(&mut self) -> bool {
        false
    }

    /// Server: whether a request is taken in spite of `refusal`.
    fn overlooks_refusal(&mut self, _refusal: &Refusal, _head: &RequestHead) -> bool {
        false
    }

    /// Server: why a valid request is refused.
    fn refuses_request(&mut self, _head: &RequestHead, _offered: &[Extension]) -> Option<Refusal> {
        None
    }

    /// Server: the offer as it is understood. RFC 7692 §7: "A server MUST decline an extension negotiation offer for this
    /// extension if any of the following conditions are met".
    fn deflate_offer(&mut self, offer: &Extension) -> Option<DeflateOffer> {
        DeflateOffer::parse(offer).ok()
    }

    /// Server: the element that accepts an offer of permessage-deflate. `offered`: the client offered it, in any form.
    fn deflate_answer(&mut self, _offered: bool, agreed: Option<DeflateParams>) -> Option<String> {
        agreed.map(|params| params.to_element())
    }

    /// Server: the response that opens, which is complete. `octets`: the request's head.
    fn response(
        &mut self,
        _draft: &mut HeadDraft,
        _head: &RequestHead,
        _octets: &[u8],
        _offered: &[Extension],
    ) {
    }

    /// Server: all octets that answer an accepted request: an interim response, or no octet, and the final one.
    fn responses(&mut self, interim: &[u8], response: &[u8]) -> Vec<u8> {
        [interim, response].concat()
    }

    /// Server: the response that refuses, which is complete.
    fn refusing_response(&mut self, _draft: &mut HeadDraft, _refusal: &Refusal) {}

    /// Server: when it answers, now that it has decided.
    fn answer(&mut self) -> OpeningAnswer {
        OpeningAnswer::Respond(Duration::ZERO)
    }

    /// Server: how it refuses. §4.2.1: it "MUST stop processing the client's handshake and return an HTTP response with an
    /// appropriate error code".
    fn refuse(&mut self, _refusal: &Refusal, response: Vec<u8>) -> Refusing {
        Refusing::Respond(response)
    }

    /// Both: the code of a Close frame that follows the opening handshake at once.
    fn close_when_open(&mut self, _deflate: Option<&DeflateParams>) -> Option<CloseCode> {
        None
    }

    /// Both: what is transmitted as soon as the connection is open.
    fn transmit_when_open(&mut self, _role: Role) -> Vec<Transmit> {
        Vec::new()
    }
}
