//! The opening handshake as the client, RFC 6455 §4.1: a request out, a response in and validated.

use super::config::Config;
use super::head_buffer::{HeadBuffer, HeadRead};
use super::heads;
use super::quirk::catalogue::{DeflateNegotiation, HeadReading, OpeningFlow, RequestSent, ResponseCheck};
use super::variant::Variant;
use wsgauntlet_wire::opening::deflate_params::{DeflateParamError, NAME};
use wsgauntlet_wire::opening::extension::{self, ExtensionError};
use wsgauntlet_wire::opening::head::{HeadDraft, Line};
use wsgauntlet_wire::opening::key;
use wsgauntlet_wire::opening::strict::{self, HeadViolation};
use wsgauntlet_wire::opening::token;
use wsgauntlet_wire::opening::{DeflateOffer, DeflateParams, Extension, ResponseHead};

/// Why a response fails the connection, in the order of the checks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResponseError {
    #[error("the connection ended before the response did")]
    CutShort,
    #[error("the octets are not a response: {0}")]
    NotHttp(&'static str),
    #[error("{0}")]
    Grammar(HeadViolation),
    #[error("the status is {0}, not 101")]
    Status(u16),
    #[error("the response is of HTTP/1.0")]
    Http10,
    #[error("Upgrade is absent, or not websocket")]
    Upgrade,
    #[error("Connection does not hold Upgrade")]
    Connection,
    #[error("Sec-WebSocket-Accept is absent")]
    AcceptAbsent,
    #[error("Sec-WebSocket-Accept stands more than once")]
    AcceptRepeated,
    #[error("Sec-WebSocket-Accept does not answer the key")]
    Accept,
    #[error("Sec-WebSocket-Extensions is malformed: {0}")]
    Extensions(ExtensionError),
    #[error("extension {0:?} was not offered")]
    ExtensionNotOffered(String),
    #[error("permessage-deflate is accepted twice")]
    DeflateTwice,
    #[error("permessage-deflate is answered wrongly: {0}")]
    Deflate(DeflateParamError),
    #[error("Sec-WebSocket-Protocol stands more than once")]
    SubprotocolRepeated,
    #[error("subprotocol {0:?} was not offered")]
    SubprotocolNotOffered(String),
}

/// An opening that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    pub subprotocol: Option<String>,
    pub deflate: Option<DeflateParams>,
}

/// What became of the response.
#[derive(Debug)]
pub enum Outcome {
    Incomplete,
    Opened(Opened),
    Failed(ResponseError),
}

/// Awaits one response.
#[derive(Debug)]
pub struct ClientOpening {
    key: String,
    head: HeadBuffer,
    /// What a redirection names.
    location: Option<Vec<u8>>,
}

impl ClientOpening {
    /// The request, and what awaits its response.
    pub fn new(config: &Config, nonce: [u8; 16]) -> (Vec<u8>, ClientOpening) {
        let key = key::encode(nonce);
        let mut draft = request(config, &key);
        heads::vary(config.variant, &mut draft);
        for fault in config.faults().each::<RequestSent>() {
            fault.distort(&mut draft, config, &key);
        }
        let key = sent_key(&draft).unwrap_or(key);
        let request = draft.to_octets();
        let opening = ClientOpening { key, head: HeadBuffer::default(), location: None };
        (request, opening)
    }

    /// Takes octets up to the end of the final response's head; those after it stay.
    pub fn receive(&mut self, config: &Config, octets: &mut &[u8]) -> Outcome {
        loop {
            let result = match self.head.take(octets) {
                HeadRead::Incomplete if self.needs_more_and_cannot_wait(config) => {
                    Err(ResponseError::NotHttp("the head comes in pieces"))
                }
                HeadRead::Incomplete => return Outcome::Incomplete,
                HeadRead::TooLong => Err(ResponseError::NotHttp("the head is too long")),
                HeadRead::Complete(head) => parse(config, &head),
            };
            let result = match result {
                // RFC 9110 §15.2: "A client MUST be able to parse one or more 1xx responses
                // received prior to a final response".
                Ok(head) if is_interim(&head) && !takes_interim_for_final(config) => continue,
                Ok(head) => {
                    let redirects = matches!(head.status, 300..=399);
                    self.location = head.fields.single("Location").filter(|_| redirects).map(<[u8]>::to_vec);
                    validate(config, &self.key, &head)
                }
                Err(error) => Err(error),
            };
            return match result {
                Ok(opened) => Outcome::Opened(opened),
                Err(error) => Outcome::Failed(error),
            };
        }
    }

    /// What the response says about where to ask instead.
    pub fn location(&self) -> Option<&[u8]> {
        self.location.as_deref()
    }

    /// Only a quirk cannot wait for the rest of a head.
    fn needs_more_and_cannot_wait(&self, config: &Config) -> bool {
        !self.head.octets().is_empty() && config.faults().has(OpeningFlow::NeedsHeadInOneSegment)
    }
}

/// The key as it stands in a request, spoilt or not: the response answers that.
fn sent_key(draft: &HeadDraft) -> Option<String> {
    draft.lines.iter().find_map(|line| match line {
        Line::Field { name, value } if name.eq_ignore_ascii_case(b"Sec-WebSocket-Key") => {
            Some(String::from_utf8_lossy(value).into_owned())
        }
        Line::Field { .. } | Line::Raw(_) => None,
    })
}

fn request(config: &Config, key: &str) -> HeadDraft {
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
        let mut offers = offers.join(", ");
        if let Some(fault) =
            config.faults().showing(|fault: DeflateNegotiation| !fault.added_offers().is_empty())
        {
            offers.push_str(fault.added_offers());
        }
        draft.field(EXTENSIONS, offers);
    }
    draft
}

fn parse(config: &Config, octets: &[u8]) -> Result<ResponseHead, ResponseError> {
    let fault = config.faults().showing(|fault: HeadReading| fault.misread(octets) != octets);
    let misread = fault.map(|fault| fault.misread(octets));
    let octets = misread.as_deref().unwrap_or(octets);
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
fn validate(config: &Config, key: &str, head: &ResponseHead) -> Result<Opened, ResponseError> {
    let checks = [
        check(head.status == 101, ResponseError::Status(head.status)),
        check(head.minor_version >= 1, ResponseError::Http10),
        upgrade(head),
        connection(head),
        accept(key, head),
    ];
    for check in checks {
        unless_overlooked(config, key, head, check)?;
    }
    let opened = Opened {
        deflate: unless_overlooked(config, key, head, extensions(config, head))?,
        subprotocol: unless_overlooked(config, key, head, subprotocol(config, head))?,
    };
    check(!refuses(config, head), ResponseError::NotHttp("found fault with, for no reason"))?;
    Ok(opened)
}

/// What fails the connection, unless a quirk overlooks it; then it counts for nothing.
fn unless_overlooked<T: Default>(
    config: &Config,
    key: &str,
    head: &ResponseHead,
    result: Result<T, ResponseError>,
) -> Result<T, ResponseError> {
    match result {
        Err(error) if overlooks(config, key, head, &error) => Ok(T::default()),
        result => result,
    }
}

fn overlooks(config: &Config, key: &str, head: &ResponseHead, error: &ResponseError) -> bool {
    let accept = key::accept(key.as_bytes());
    let mut faults = config.faults().each::<ResponseCheck>();
    faults.any(|fault| fault.overlooks(error, head, &accept, &config.subprotocols))
}

fn is_interim(head: &ResponseHead) -> bool {
    matches!(head.status, 100 | 102..=199)
}

fn takes_interim_for_final(config: &Config) -> bool {
    config.faults().has(ResponseCheck::RefusesInterim)
}

/// Only a quirk finds fault with what passed the checks.
fn refuses(config: &Config, head: &ResponseHead) -> bool {
    let faults = config.faults();
    ResponseCheck::REFUSING.iter().any(|fault| faults.has(*fault) && fault.refuses(head))
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
fn extensions(config: &Config, head: &ResponseHead) -> Result<Option<DeflateParams>, ResponseError> {
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
        agreed = Some(deflate_params(config, extension, offers)?);
    }
    Ok(agreed)
}

fn deflate_params(
    config: &Config,
    extension: &Extension,
    offers: &[DeflateOffer],
) -> Result<DeflateParams, ResponseError> {
    let faults = config.faults();
    let result =
        DeflateParams::parse(extension).and_then(|params| answers_an_offer(&params, offers).map(|()| params));
    match result {
        Ok(params) => {
            let refuses = |fault: DeflateNegotiation| fault.refuses_answer(&params, offers);
            match faults.showing(refuses) {
                Some(_) => Err(ResponseError::Deflate(DeflateParamError::Unknown("any".to_owned()))),
                None => Ok(params),
            }
        }
        Err(error) => {
            let misread = |fault: DeflateNegotiation| fault.misread_answer(extension, &error);
            let params = faults.showing(|fault| misread(fault).is_some()).and_then(misread);
            params.ok_or(ResponseError::Deflate(error))
        }
    }
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
