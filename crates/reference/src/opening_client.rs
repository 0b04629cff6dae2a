//! The opening handshake as the client, RFC 6455 §4.1: a request out, a response in and validated.

use super::behavior::{Opening, Strict};
use super::config::Config;
use super::head_buffer::{HeadBuffer, HeadRead};
use super::heads;
use super::variant::Variant;
use wsgauntlet_wire::opening::deflate_params::{DeflateParamError, NAME};
use wsgauntlet_wire::opening::extension;
use wsgauntlet_wire::opening::head::{HeadDraft, Line};
use wsgauntlet_wire::opening::key;
use wsgauntlet_wire::opening::strict;
use wsgauntlet_wire::opening::token;
use wsgauntlet_wire::opening::{DeflateOffer, DeflateParams, Extension, ResponseHead};

pub use super::response_error::ResponseError;

/// An opening that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The one that the server selected, one of those offered.
    pub subprotocol: Option<String>,
    /// What was agreed about permessage-deflate. None: it is not used.
    pub deflate: Option<DeflateParams>,
}

/// What became of the response.
#[derive(Debug)]
pub enum ResponseOutcome {
    /// The head has not ended: `receive` wants more octets.
    Incomplete,
    /// The connection is open; octets behind the head are frames.
    Opened(Opened),
    /// The client has to fail the connection.
    Failed(ResponseError),
}

/// Awaits one response, as the strict client does.
#[derive(Debug)]
pub struct ClientOpening {
    key: String,
    head: HeadBuffer,
    /// The `Location` of a redirection.
    location: Option<Vec<u8>>,
}

impl ClientOpening {
    /// The octets of the request, and what awaits its response. `nonce`: the 16 octets of Sec-WebSocket-Key.
    pub fn new(config: &Config, nonce: [u8; 16]) -> (Vec<u8>, ClientOpening) {
        ClientOpening::new_as(config, nonce, &mut Strict)
    }

    /// Takes octets up to the end of the final response's head; those after it stay.
    pub fn receive(&mut self, config: &Config, octets: &mut &[u8]) -> ResponseOutcome {
        self.receive_as(config, octets, &mut Strict)
    }

    pub(crate) fn new_as(
        config: &Config,
        nonce: [u8; 16],
        behavior: &mut impl Opening,
    ) -> (Vec<u8>, ClientOpening) {
        let key = key::encode(nonce);
        let mut draft = request(config, &key, behavior);
        heads::vary(config.variant, &mut draft);
        behavior.request(&mut draft, &config.target, &config.host, &key);
        let key = sent_key(&draft).unwrap_or(key);
        let request = draft.to_octets();
        let opening = ClientOpening { key, head: HeadBuffer::default(), location: None };
        (request, opening)
    }

    pub(crate) fn receive_as(
        &mut self,
        config: &Config,
        octets: &mut &[u8],
        behavior: &mut impl Opening,
    ) -> ResponseOutcome {
        loop {
            let result = match self.head.take(octets) {
                HeadRead::Incomplete if self.head.octets().is_empty() || behavior.awaits_rest_of_head() => {
                    return ResponseOutcome::Incomplete;
                }
                HeadRead::Incomplete => Err(ResponseError::NotHttp("the head comes in pieces")),
                HeadRead::TooLong => Err(ResponseError::NotHttp("the head is too long")),
                HeadRead::Complete(head) => parse(&head, behavior),
            };
            let result = match result {
                // RFC 9110 §15.2: "A client MUST be able to parse one or more 1xx responses
                // received prior to a final response".
                Ok(head) if is_interim(&head) && behavior.skips_interim_responses() => continue,
                Ok(head) => {
                    let redirects = matches!(head.status, 300..=399);
                    self.location = head.fields.single("Location").filter(|_| redirects).map(<[u8]>::to_vec);
                    validate(config, &self.key, &head, behavior)
                }
                Err(error) => Err(error),
            };
            return match result {
                Ok(opened) => ResponseOutcome::Opened(opened),
                Err(error) => ResponseOutcome::Failed(error),
            };
        }
    }

    /// The `Location` of a response that redirects (3xx).
    pub(crate) fn location(&self) -> Option<&[u8]> {
        self.location.as_deref()
    }
}

/// The key of a request as it is sent: the response has to answer that.
fn sent_key(draft: &HeadDraft) -> Option<String> {
    draft.lines.iter().find_map(|line| match line {
        Line::Field { name, value } if name.eq_ignore_ascii_case(b"Sec-WebSocket-Key") => {
            Some(String::from_utf8_lossy(value).into_owned())
        }
        Line::Field { .. } | Line::Raw(_) => None,
    })
}

/// §4.1: "The handshake consists of an HTTP Upgrade request, along with a list of required and optional header fields."
fn request(config: &Config, key: &str, behavior: &mut impl Opening) -> HeadDraft {
    let target = match config.varies(Variant::AbsoluteTarget) {
        true => format!("http://{}{}", config.host, config.target),
        false => config.target.clone(),
    };
    let mut draft = HeadDraft::new(format!("GET {target} HTTP/1.1"));
    draft
        .field("Host", config.host.as_str())
        .field("Upgrade", "websocket")
        .field("Connection", "Upgrade")
        .field("Sec-WebSocket-Key", key)
        .field("Sec-WebSocket-Version", "13");
    if config.varies(Variant::OriginSent) {
        draft.field("Origin", format!("http://{}", config.host));
    }
    if config.varies(Variant::SubprotocolLines) {
        for subprotocol in &config.subprotocols {
            draft.field(PROTOCOL, subprotocol.as_str());
        }
    } else if !config.subprotocols.is_empty() {
        draft.field(PROTOCOL, config.subprotocols.join(", "));
    }
    for (name, value) in &config.fields {
        draft.field(*name, value.as_str());
    }
    if let Some(deflate) = &config.deflate {
        let offers: Vec<String> = deflate.offers.iter().map(DeflateOffer::to_element).collect();
        draft.field(EXTENSIONS, behavior.extension_offers(offers.join(", ")));
    }
    draft
}

fn parse(octets: &[u8], behavior: &mut impl Opening) -> Result<ResponseHead, ResponseError> {
    let octets = &behavior.head(octets)[..];
    if let Some(violation) = strict::violations(octets).first() {
        return Err(ResponseError::Grammar(*violation));
    }
    match ResponseHead::parse(octets) {
        Ok(Some((head, _))) => Ok(head),
        Ok(None) => Err(ResponseError::NotHttp("no end of the head")),
        Err(_) => Err(ResponseError::NotHttp("malformed")),
    }
}

const PROTOCOL: &str = "Sec-WebSocket-Protocol";
const EXTENSIONS: &str = "Sec-WebSocket-Extensions";

/// §4.1: "The client MUST validate the server's response as follows".
fn validate(
    config: &Config,
    key: &str,
    head: &ResponseHead,
    behavior: &mut impl Opening,
) -> Result<Opened, ResponseError> {
    let checks = [
        check(head.status == 101, ResponseError::Status(head.status)),
        check(head.minor_version >= 1, ResponseError::Http10),
        upgrade(head),
        connection(head),
        accept(key, head),
    ];
    for check in checks {
        unless_overlooked(config, key, head, check, behavior)?;
    }
    let deflate = extensions(config, head, behavior);
    let opened = Opened {
        deflate: unless_overlooked(config, key, head, deflate, behavior)?,
        subprotocol: unless_overlooked(config, key, head, subprotocol(config, head), behavior)?,
    };
    check(!behavior.refuses_response(head), ResponseError::NotHttp("refused for no reason"))?;
    Ok(opened)
}

/// The connection is failed by an error, unless a quirk overlooks it; then the field has no effect.
fn unless_overlooked<T: Default>(
    config: &Config,
    key: &str,
    head: &ResponseHead,
    result: Result<T, ResponseError>,
    behavior: &mut impl Opening,
) -> Result<T, ResponseError> {
    result.or_else(|error| {
        let accept = key::accept(key.as_bytes());
        match behavior.overlooks_response_error(&error, head, &accept, &config.subprotocols) {
            true => Ok(T::default()),
            false => Err(error),
        }
    })
}

fn is_interim(head: &ResponseHead) -> bool {
    matches!(head.status, 100 | 102..=199)
}

/// "a value that is not an ASCII case-insensitive match for the value "websocket"".
fn upgrade(head: &ResponseHead) -> Result<(), ResponseError> {
    let value = head.fields.single("Upgrade");
    let matches = value.is_some_and(|value| value.eq_ignore_ascii_case(b"websocket"));
    check(matches, ResponseError::Upgrade)
}

/// "doesn't contain a token that is an ASCII case-insensitive match for the value "Upgrade"".
fn connection(head: &ResponseHead) -> Result<(), ResponseError> {
    let contains = head.fields.has_token("Connection", "Upgrade");
    check(contains, ResponseError::Connection)
}

/// "but ignoring any leading and trailing whitespace"; §11.3.3: not more than once.
fn accept(key: &str, head: &ResponseHead) -> Result<(), ResponseError> {
    let count = head.fields.count("Sec-WebSocket-Accept");
    check(count >= 1, ResponseError::AcceptAbsent)?;
    check(count == 1, ResponseError::AcceptRepeated)?;
    let expected = key::accept(key.as_bytes());
    let value = head.fields.single("Sec-WebSocket-Accept");
    check(value == Some(expected.as_bytes()), ResponseError::Accept)
}

/// Only what was offered, and permessage-deflate as RFC 7692 §7 allows.
fn extensions(
    config: &Config,
    head: &ResponseHead,
    behavior: &mut impl Opening,
) -> Result<Option<DeflateParams>, ResponseError> {
    let lines: Vec<&[u8]> = head.fields.values(EXTENSIONS).collect();
    if lines.is_empty() {
        return Ok(None);
    }
    let accepted = extension::parse(&lines.join(&b", "[..])).map_err(ResponseError::Extensions)?;
    let offers = config.deflate.as_ref().map_or(&[][..], |d| &d.offers[..]);
    let mut agreed = None;
    for extension in &accepted {
        if extension.name != NAME || offers.is_empty() {
            let name = extension.name.clone();
            return Err(ResponseError::ExtensionNotOffered(name));
        }
        check(agreed.is_none(), ResponseError::DeflateTwice)?;
        agreed = Some(deflate_params(extension, offers, behavior)?);
    }
    Ok(agreed)
}

fn deflate_params(
    extension: &Extension,
    offers: &[DeflateOffer],
    behavior: &mut impl Opening,
) -> Result<DeflateParams, ResponseError> {
    let checked =
        DeflateParams::parse(extension).and_then(|params| answers_an_offer(&params, offers).map(|()| params));
    behavior.deflate_agreed(extension, offers, checked).map_err(ResponseError::Deflate)
}

fn answers_an_offer(params: &DeflateParams, offers: &[DeflateOffer]) -> Result<(), DeflateParamError> {
    let mut result = Ok(());
    for offer in offers {
        result = params.answers(offer);
        if result.is_ok() {
            break;
        }
    }
    result
}

/// One of those offered, octet by octet. None is lawful.
fn subprotocol(config: &Config, head: &ResponseHead) -> Result<Option<String>, ResponseError> {
    let count = head.fields.count(PROTOCOL);
    check(count <= 1, ResponseError::SubprotocolRepeated)?;
    let Some(value) = head.fields.single(PROTOCOL) else {
        return Ok(None);
    };
    let value = String::from_utf8_lossy(value).into_owned();
    let offered = config.subprotocols.contains(&value) && token::is_token(value.as_bytes());
    check(offered, ResponseError::SubprotocolNotOffered(value.clone()))?;
    Ok(Some(value))
}

fn check(holds: bool, error: ResponseError) -> Result<(), ResponseError> {
    if holds { Ok(()) } else { Err(error) }
}
