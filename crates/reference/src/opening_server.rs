//! The opening handshake as the server, RFC 6455 §4.2: a request in, a response out. Strict, and
//! every path is served.

use super::config::Config;
use super::deflate;
use super::head_buffer::{HeadBuffer, HeadRead};
use super::heads;
use super::quirk::Faults;
use super::quirk::catalogue::{
    DeflateNegotiation, HeadReading, OpeningFlow, RefusalSent, RequestCheck, RequestRefusal, ResponseSent,
};
use super::refusal::Refusal;
use super::variant::Variant;
use wsgauntlet_wire::opening::authority;
use wsgauntlet_wire::opening::deflate_params::NAME;
use wsgauntlet_wire::opening::extension::{self, Extension};
use wsgauntlet_wire::opening::head::HeadDraft;
use wsgauntlet_wire::opening::key;
use wsgauntlet_wire::opening::strict;
use wsgauntlet_wire::opening::token;
use wsgauntlet_wire::opening::{DeflateParams, HeadError, RequestHead};

/// An opening that is accepted.
#[derive(Debug)]
pub struct Accepted {
    pub response: Vec<u8>,
    pub target: String,
    pub subprotocol: Option<String>,
    pub deflate: Option<DeflateParams>,
}

/// What became of the request.
#[derive(Debug)]
pub enum Outcome {
    Incomplete,
    Accepted(Accepted),
    Refused { refusal: Refusal, response: Vec<u8> },
}

/// Reads one request.
#[derive(Debug, Default)]
pub struct ServerOpening {
    head: HeadBuffer,
    /// A head whose answer waits for another octet: a quirk.
    waiting: Option<Vec<u8>>,
}

impl ServerOpening {
    /// Takes octets up to the end of the request's head; those after it stay.
    pub fn receive(&mut self, config: &Config, octets: &mut &[u8]) -> Outcome {
        if let Some(head) = self.waiting.take() {
            return decide(config, accept(config, &head));
        }
        let read = self.head.take(octets);
        let result = match &read {
            HeadRead::Incomplete if not_http(self.head.octets()) => Err(Refusal::NotHttp),
            HeadRead::Incomplete => return self.incomplete(config),
            HeadRead::TooLong if not_http(self.head.octets()) => Err(Refusal::NotHttp),
            HeadRead::TooLong => Err(Refusal::HeadTooLong),
            HeadRead::Complete(head) if not_http(head) => Err(Refusal::NotHttp),
            HeadRead::Complete(head)
                if octets.is_empty() && config.faults().has(OpeningFlow::AnswersOnNextOctet) =>
            {
                self.waiting = Some(head.clone());
                return Outcome::Incomplete;
            }
            HeadRead::Complete(head) => accept(config, head),
        };
        decide(config, result)
    }

    /// The end of the head is awaited, unless a quirk does not.
    fn incomplete(&mut self, config: &Config) -> Outcome {
        let so_far = self.head.octets();
        if so_far.is_empty() {
            return Outcome::Incomplete;
        }
        if config.faults().has(OpeningFlow::NeedsHeadInOneSegment) {
            return decide(config, Err(Refusal::Malformed));
        }
        if config.faults().has(OpeningFlow::AnswersEarly)
            && so_far.ends_with(b"\n")
            && let Ok(accepted) = accept(config, &[so_far, b"\r\n"].concat())
        {
            return Outcome::Accepted(accepted);
        }
        Outcome::Incomplete
    }

    /// The peer ended its direction: a request that was begun is answered all the same.
    pub fn receive_eof(&mut self, config: &Config) -> Outcome {
        if self.head.octets().is_empty() {
            Outcome::Incomplete
        } else {
            decide(config, Err(Refusal::CutShort))
        }
    }
}

fn decide(config: &Config, result: Result<Accepted, Refusal>) -> Outcome {
    match result {
        Ok(accepted) => Outcome::Accepted(accepted),
        Err(refusal) => {
            let mut draft = refusing(config, &refusal);
            heads::vary(config.variant, &mut draft);
            for fault in config.faults().each::<RefusalSent>() {
                fault.distort(&mut draft, &refusal);
            }
            let response = draft.to_octets();
            Outcome::Refused { refusal, response }
        }
    }
}

/// Whether the first octet alone shows that this is no request: another protocol's client is not
/// kept waiting for the end of a head that never comes.
fn not_http(head: &[u8]) -> bool {
    let possible = |octet: &u8| token::is_token_octet(*octet) || *octet == b'\r';
    !head.first().is_none_or(possible)
}

fn accept(config: &Config, octets: &[u8]) -> Result<Accepted, Refusal> {
    let faults = config.faults();
    let head = match faults.showing(|fault: HeadReading| fault.misread(octets) != octets) {
        Some(fault) => parse(&fault.misread(octets))?,
        None => parse(octets)?,
    };
    for check in CHECKS {
        unless_overlooked(faults, &head, check(&head))?;
    }
    let offered_subprotocols = unless_overlooked(faults, &head, subprotocols(&head))?;
    let offered_extensions = unless_overlooked(faults, &head, extensions(&head))?;
    let mut refusals = faults.each::<RequestRefusal>();
    if let Some(refusal) = refusals.find_map(|fault| fault.refuses(&head, &offered_extensions)) {
        return Err(refusal);
    }
    let subprotocol = select(config, offered_subprotocols);
    let deflate =
        config.deflate.as_ref().and_then(|_| deflate::accept(&offered_extensions, config.variant, faults));
    let offered = offered_extensions.iter().any(|extension| extension.name == NAME);
    let lawful = deflate.map(|params| params.to_element());
    let answer = |fault: DeflateNegotiation| fault.answer(offered, deflate);
    let element = faults.showing(|fault| answer(fault) != lawful).map_or(lawful.clone(), answer);
    let mut draft = switching(&head, subprotocol.as_deref(), element);
    vary(config.variant, &mut draft);
    for fault in faults.each::<ResponseSent>() {
        fault.distort(&mut draft, &head, octets, &offered_extensions);
    }
    // RFC 9110 §7.8: "the server MUST send a 100 (Continue) response before sending a 101".
    let continues = expects_continue(&head) && !config.varies(Variant::ContinueOmitted);
    let interim: &[u8] = match continues {
        true => b"HTTP/1.1 100 Continue\r\n\r\n",
        false => b"",
    };
    let response = draft.to_octets();
    Ok(Accepted {
        response: assembled(faults, interim, &response),
        target: head.target,
        subprotocol,
        deflate,
    })
}

/// The octets that answer an accepted request.
fn assembled(faults: Faults, interim: &[u8], response: &[u8]) -> Vec<u8> {
    let lawful = [interim, response].concat();
    let mut distorted = faults.each::<ResponseSent>().map(|fault| fault.assemble(interim, response));
    distorted.find(|octets| *octets != lawful).unwrap_or(lawful)
}

/// What is refused, unless a quirk overlooks it; then it counts for nothing.
fn unless_overlooked<T: Default>(
    faults: Faults,
    head: &RequestHead,
    result: Result<T, Refusal>,
) -> Result<T, Refusal> {
    match result {
        Err(refusal) if faults.each::<RequestCheck>().any(|fault| fault.overlooks(&refusal, head)) => {
            Ok(T::default())
        }
        result => result,
    }
}

/// §4.2.2: one of the client's, in its order of preference.
fn select(config: &Config, mut offered: Vec<String>) -> Option<String> {
    match config.variant {
        Some(Variant::SubprotocolIgnored) => return None,
        Some(Variant::SubprotocolLast) => offered.reverse(),
        Some(_) | None => {}
    }
    offered.into_iter().find(|offered| config.subprotocols.contains(offered))
}

/// §4.2.2 step 5: the response that opens.
fn switching(head: &RequestHead, subprotocol: Option<&str>, element: Option<String>) -> HeadDraft {
    let key = head.fields.values(KEY).next().unwrap_or_default();
    let mut draft = HeadDraft::new("HTTP/1.1 101 Switching Protocols");
    draft
        .field("Upgrade", "websocket")
        .field("Connection", "Upgrade")
        .field("Sec-WebSocket-Accept", key::accept(key));
    if let Some(subprotocol) = subprotocol {
        draft.field(PROTOCOL, subprotocol);
    }
    if let Some(element) = element {
        draft.field(EXTENSIONS, element);
    }
    draft
}

fn vary(variant: Option<Variant>, draft: &mut HeadDraft) {
    heads::vary(variant, draft);
    match variant {
        Some(Variant::ReasonOther) => {
            draft.start_line = b"HTTP/1.1 101 Web Socket Protocol Handshake".to_vec();
        }
        Some(Variant::ReasonEmpty) => draft.start_line = b"HTTP/1.1 101 ".to_vec(),
        Some(_) | None => {}
    }
}

/// §4.2.1: "return an HTTP response with an appropriate error code (such as 400 Bad Request)".
fn refusing(config: &Config, refusal: &Refusal) -> HeadDraft {
    let (status, reason) = match config.variant {
        Some(Variant::RefusesWith400) => (400, "Bad Request"),
        Some(Variant::RefusesWith403) if !refusal.needs_400() => (403, "Forbidden"),
        Some(_) | None => refusal.status(),
    };
    let keeps = config.varies(Variant::RefusalKeepsConnection) && refusal.leaves_framing_sound();
    let mut draft = HeadDraft::new(format!("HTTP/1.1 {status} {reason}"));
    match status {
        // RFC 9110 §15.5.6: "The origin server MUST generate an Allow header field".
        405 => {
            draft.field("Allow", "GET");
        }
        // RFC 9110 §7.8: a 426 "MUST send an Upgrade header field".
        426 => {
            draft.field("Upgrade", "websocket");
        }
        _ => {}
    }
    match (status == 426, keeps) {
        (true, true) => draft.field("Connection", "Upgrade"),
        (true, false) => draft.field("Connection", "Upgrade, close"),
        (false, true) => draft.field("Connection", "keep-alive"),
        (false, false) => draft.field("Connection", "close"),
    };
    if status == 426 || refusal.is_about_version() {
        // §4.4: "containing all versions it is willing to use".
        draft.field(VERSION, "13");
    }
    let body = match config.varies(Variant::RefusesWithoutBody) {
        true => String::new(),
        false => format!("{refusal}\n"),
    };
    draft.field("Content-Type", "text/plain; charset=utf-8").field("Content-Length", body.len().to_string());
    draft.body = body.into_bytes();
    draft
}

fn parse(octets: &[u8]) -> Result<RequestHead, Refusal> {
    if let Some(violation) = strict::violations(octets).first() {
        return Err(Refusal::Grammar(*violation));
    }
    match RequestHead::parse(octets) {
        Ok(Some((head, _))) => Ok(head),
        Ok(None) => Err(Refusal::Malformed),
        Err(HeadError::TooLong) => Err(Refusal::HeadTooLong),
        Err(HeadError::TooManyFields) => Err(Refusal::TooManyFields),
        Err(HeadError::Malformed(_)) if is_other_http(octets) => Err(Refusal::HttpVersion),
        Err(HeadError::Malformed(_)) => Err(Refusal::Malformed),
    }
}

/// Whether the request line ends in a version that is HTTP, but not HTTP/1.
fn is_other_http(octets: &[u8]) -> bool {
    let line = request_line(octets);
    let version = line.rsplit(|octet| *octet == b' ').next();
    matches!(version, Some([b'H', b'T', b'T', b'P', b'/', major, b'.', minor])
        if major.is_ascii_digit() && *major != b'1' && minor.is_ascii_digit())
}

fn request_line(octets: &[u8]) -> &[u8] {
    let line = octets.split(|octet| *octet == b'\r').next();
    line.unwrap_or_default()
}

const KEY: &str = "Sec-WebSocket-Key";
const VERSION: &str = "Sec-WebSocket-Version";
const PROTOCOL: &str = "Sec-WebSocket-Protocol";
const EXTENSIONS: &str = "Sec-WebSocket-Extensions";

type Check = fn(&RequestHead) -> Result<(), Refusal>;

/// What is judged before subprotocols and extensions, in this order.
const CHECKS: [Check; 10] =
    [http_version, host, target, method, upgrade, connection, version, body, expectation, websocket_key];

/// RFC 9110 §7.8: "A server that receives an Upgrade header field in an HTTP/1.0 request MUST
/// ignore that Upgrade field."
fn http_version(head: &RequestHead) -> Result<(), Refusal> {
    check(head.minor_version >= 1, Refusal::Http10)
}

/// RFC 9112 §3.2: 400 to a request "that lacks a Host header field and to any request message
/// that contains more than one Host header field line or a Host header field with an invalid
/// field value". RFC 6455 §4.2.1 needs an authority, so it is not empty.
fn host(head: &RequestHead) -> Result<(), Refusal> {
    check(head.fields.single("Host").is_some_and(authority::is_valid), Refusal::Host)
}

/// §4.2.1: a path, "or an absolute HTTP/HTTPS URI".
fn target(head: &RequestHead) -> Result<(), Refusal> {
    let target = head.target.as_bytes();
    let scheme_is = |scheme: &str| {
        target.len() > scheme.len()
            && target[..scheme.len()].eq_ignore_ascii_case(scheme.as_bytes())
            && !matches!(target[scheme.len()], b'/' | b'?')
    };
    let form = target.starts_with(b"/") || scheme_is("http://") || scheme_is("https://");
    let octets = target.iter().all(|octet| octet.is_ascii_graphic() && *octet != b'#');
    check(form && octets, Refusal::Target)
}

fn method(head: &RequestHead) -> Result<(), Refusal> {
    check(head.method == "GET", Refusal::Method)
}

fn upgrade(head: &RequestHead) -> Result<(), Refusal> {
    let upgrades = head.fields.has_token("Upgrade", "websocket");
    check(upgrades, Refusal::Upgrade)
}

fn connection(head: &RequestHead) -> Result<(), Refusal> {
    let upgrades = head.fields.has_token("Connection", "Upgrade");
    check(upgrades, Refusal::Connection)
}

/// §4.2.1: "with a value of 13"; §11.3.5: not "more than once in an HTTP request".
fn version(head: &RequestHead) -> Result<(), Refusal> {
    check(head.fields.count(VERSION) <= 1, Refusal::VersionRepeated)?;
    check(head.fields.single(VERSION) == Some(b"13"), Refusal::Version)
}

/// RFC 9110 §7.8: "A server MUST NOT switch protocols unless the received message semantics can be
/// honored by the new protocol": a body has none in ours.
fn body(head: &RequestHead) -> Result<(), Refusal> {
    let none = head.fields.count("Transfer-Encoding") == 0
        && head
            .fields
            .values("Content-Length")
            .all(|value| !value.is_empty() && value.iter().all(|octet| *octet == b'0'));
    check(none, Refusal::Body)
}

fn expectation(head: &RequestHead) -> Result<(), Refusal> {
    let known = head.fields.count("Expect") == 0 || expects_continue(head);
    check(known, Refusal::Expectation)
}

fn expects_continue(head: &RequestHead) -> bool {
    head.fields.single("Expect").is_some_and(|value| value.eq_ignore_ascii_case(b"100-continue"))
}

/// §4.2.1: "a base64-encoded value that, when decoded, is 16 bytes in length"; §11.3.1: once.
fn websocket_key(head: &RequestHead) -> Result<(), Refusal> {
    check(head.fields.count(KEY) <= 1, Refusal::KeyRepeated)?;
    let key = head.fields.single(KEY).ok_or(Refusal::KeyAbsent)?;
    key::validate(key).map_err(Refusal::Key)
}

/// §4.2.1: "a list of values", §4.3: `1#token`; §4.1: "MUST all be unique strings".
fn subprotocols(head: &RequestHead) -> Result<Vec<String>, Refusal> {
    let mut offered: Vec<String> = Vec::new();
    for element in head.fields.values(PROTOCOL).flat_map(token::list) {
        check(token::is_token(element), Refusal::Subprotocols)?;
        let element = String::from_utf8_lossy(element).into_owned();
        check(!offered.contains(&element), Refusal::SubprotocolRepeated)?;
        offered.push(element);
    }
    let present = head.fields.count(PROTOCOL) > 0;
    check(!present || !offered.is_empty(), Refusal::Subprotocols)?;
    Ok(offered)
}

/// §9.1: the lines make one list; "the recipient of such malformed data MUST immediately _Fail
/// the WebSocket Connection_".
fn extensions(head: &RequestHead) -> Result<Vec<Extension>, Refusal> {
    let lines: Vec<&[u8]> = head.fields.values(EXTENSIONS).collect();
    if lines.is_empty() {
        return Ok(Vec::new());
    }
    extension::parse(&lines.join(&b", "[..])).map_err(Refusal::Extensions)
}

fn check(holds: bool, refusal: Refusal) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(refusal) }
}
