//! What RFC 6455 §4.2.1, RFC 9110 and RFC 9112 demand of a request that opens a connection. Pure: a head in, the refusal out.

use super::refusal::Refusal;
use wsgauntlet_wire::opening::authority;
use wsgauntlet_wire::opening::extension::{self, Extension};
use wsgauntlet_wire::opening::key;
use wsgauntlet_wire::opening::strict;
use wsgauntlet_wire::opening::token;
use wsgauntlet_wire::opening::{HeadError, RequestHead};

const KEY: &str = "Sec-WebSocket-Key";
const VERSION: &str = "Sec-WebSocket-Version";
const PROTOCOL: &str = "Sec-WebSocket-Protocol";
const EXTENSIONS: &str = "Sec-WebSocket-Extensions";

type Check = fn(&RequestHead) -> Result<(), Refusal>;

/// The checks before those of subprotocols and extensions, in this order.
pub(crate) const CHECKS: [Check; 10] =
    [http_version, host, target, method, upgrade, connection, version, body, expectation, websocket_key];

/// The head of a request, if it is one of HTTP/1: RFC 9112 §2 to §5.
pub(crate) fn parse(octets: &[u8]) -> Result<RequestHead, Refusal> {
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

/// §4.2.1: "An HTTP/1.1 or higher GET request".
fn method(head: &RequestHead) -> Result<(), Refusal> {
    check(head.method == "GET", Refusal::Method)
}

/// §4.2.1: "containing the value "websocket", treated as an ASCII case-insensitive value".
fn upgrade(head: &RequestHead) -> Result<(), Refusal> {
    let upgrades = head.fields.has_token("Upgrade", "websocket");
    check(upgrades, Refusal::Upgrade)
}

/// §4.2.1: "that includes the token "Upgrade", treated as an ASCII case-insensitive value".
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
/// honored by the new protocol": RFC 6455 gives a body no meaning.
fn body(head: &RequestHead) -> Result<(), Refusal> {
    let none = head.fields.count("Transfer-Encoding") == 0
        && head
            .fields
            .values("Content-Length")
            .all(|value| !value.is_empty() && value.iter().all(|octet| *octet == b'0'));
    check(none, Refusal::Body)
}

/// RFC 9110 §10.1.1: "A server that receives an Expect field value containing a member other than 100-continue MAY respond
/// with a 417 (Expectation Failed) status code".
fn expectation(head: &RequestHead) -> Result<(), Refusal> {
    let known = head.fields.count("Expect") == 0 || expects_continue(head);
    check(known, Refusal::Expectation)
}

pub(crate) fn expects_continue(head: &RequestHead) -> bool {
    head.fields.single("Expect").is_some_and(|value| value.eq_ignore_ascii_case(b"100-continue"))
}

/// §4.2.1: "a base64-encoded value that, when decoded, is 16 bytes in length"; §11.3.1: once.
fn websocket_key(head: &RequestHead) -> Result<(), Refusal> {
    check(head.fields.count(KEY) <= 1, Refusal::KeyRepeated)?;
    let key = head.fields.single(KEY).ok_or(Refusal::KeyAbsent)?;
    key::validate(key).map_err(Refusal::Key)
}

/// §4.2.1: "a list of values", §4.3: `1#token`; §4.1: "MUST all be unique strings".
pub(crate) fn subprotocols(head: &RequestHead) -> Result<Vec<String>, Refusal> {
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
pub(crate) fn extensions(head: &RequestHead) -> Result<Vec<Extension>, Refusal> {
    let lines: Vec<&[u8]> = head.fields.values(EXTENSIONS).collect();
    if lines.is_empty() {
        return Ok(Vec::new());
    }
    extension::parse(&lines.join(&b", "[..])).map_err(Refusal::Extensions)
}

fn check(holds: bool, refusal: Refusal) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(refusal) }
}
