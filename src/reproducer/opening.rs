//! The opening head that our peer sends, with the places that depend on the target.

use super::literal;
use super::subject::Subject;
use wsgauntlet_suite::case::Cut;
use wsgauntlet_suite::case::script::Opening;
use wsgauntlet_suite::peer::{Action, AfterClose, Endpoint, EndpointConfig, Output};
use wsgauntlet_suite::transcript::Seen;
use wsgauntlet_wire::Role;
use wsgauntlet_wire::opening::head::{Field, Fields};
use wsgauntlet_wire::opening::{DeflateParams, RequestHead, ResponseHead, key};

/// What stands for the places of a response while it is made.
const KEY: &str = "d3NnYXVudGxldC1yZXByb2R1Y2U=";
const TARGET: &str = "/the-target-of-the-request";
const SUBPROTOCOL: &str = "a-subprotocol-of-the-request";

/// The octets of our request.
pub(crate) fn request(subject: &Subject<'_>) -> Vec<u8> {
    let opening = whole(&subject.instance.script.opening);
    let mut endpoint = endpoint(Role::Client, subject.play.seed);
    endpoint.connect(&opening, &subject.play);
    octets(&mut endpoint)
}

/// Our response to a request with these offers, with `{accept}`, `{key}` and the like for what depends on the request, and what it
/// agrees to.
pub(crate) fn response(subject: &Subject<'_>, offers: &str) -> (Vec<u8>, Option<DeflateParams>) {
    let opening = whole(&subject.instance.script.opening);
    let mut fields = vec![("Sec-WebSocket-Key", KEY), ("Sec-WebSocket-Protocol", SUBPROTOCOL)];
    if !offers.is_empty() {
        fields.push(("Sec-WebSocket-Extensions", offers));
    }
    let field =
        |(name, value): (&str, &str)| Field { name: name.to_owned(), value: value.as_bytes().to_vec() };
    let request = RequestHead {
        method: "GET".to_owned(),
        target: TARGET.to_owned(),
        minor_version: 1,
        fields: Fields(fields.into_iter().map(field).collect()),
    };
    let mut endpoint = endpoint(Role::Server, subject.play.seed);
    endpoint.see(&Seen::Request(request), &opening, AfterClose::EndTcp);
    let agreed = endpoint.agreed(None);
    (with_places(octets(&mut endpoint)), agreed)
}

/// The head in one write: cuts are made by the program.
fn whole(opening: &Opening) -> Opening {
    Opening { cut: Cut::Whole, stop_after: None, segments: 0, ..opening.clone() }
}

fn endpoint(role: Role, seed: u64) -> Endpoint {
    Endpoint::new(EndpointConfig {
        role,
        seed,
        holds_head: false,
        compresses_ordinarily: true,
        holds_answers: false,
    })
}

fn octets(endpoint: &mut Endpoint) -> Vec<u8> {
    let mut octets = Vec::new();
    while let Some(output) = endpoint.poll() {
        if let Output::Act(Action::Write(write)) = output {
            octets.extend(write);
        }
    }
    octets
}

fn with_places(octets: Vec<u8>) -> Vec<u8> {
    let accept = key::accept(KEY.as_bytes());
    let other_case = |text: &str| -> String {
        text.chars()
            .map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
            .collect()
    };
    [
        (accept.clone(), "{accept}"),
        (other_case(&accept), "{accept-in-other-case}"),
        (KEY.to_owned(), "{key}"),
        (TARGET.to_owned(), "{target}"),
        (other_case(SUBPROTOCOL), "{subprotocol-in-other-case}"),
    ]
    .into_iter()
    .fold(octets, |octets, (from, to)| replaced(&octets, from.as_bytes(), to.as_bytes()))
}

fn replaced(octets: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len());
    let mut rest = octets;
    while let Some(at) = memchr::memmem::find(rest, from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// What permessage-deflate is agreed to, as the programs compare it: `None`, or sorted pairs.
pub(crate) fn agreement_key(agreed: Option<&DeflateParams>) -> String {
    let Some(agreed) = agreed else { return "None".to_owned() };
    let mut pairs = Vec::new();
    let flag = |set: bool, name: &str| set.then(|| (name.to_owned(), String::new()));
    let bits = |bits: Option<u8>, name: &str| bits.map(|bits| (name.to_owned(), bits.to_string()));
    pairs.extend(flag(agreed.server_no_context_takeover, "server_no_context_takeover"));
    pairs.extend(flag(agreed.client_no_context_takeover, "client_no_context_takeover"));
    pairs.extend(bits(agreed.server_max_window_bits, "server_max_window_bits"));
    pairs.extend(bits(agreed.client_max_window_bits, "client_max_window_bits"));
    pairs.sort();
    let pair =
        |(name, value): &(String, String)| format!("({}, {})", literal::text(name), literal::text(value));
    match pairs.as_slice() {
        [one] => format!("({},)", pair(one)),
        pairs => format!("({})", pairs.iter().map(pair).collect::<Vec<_>>().join(", ")),
    }
}

/// What a response of a server agrees to, by the lines of its head.
pub(crate) fn agreed_in(lines: &[String]) -> Option<DeflateParams> {
    let field = |line: &String| Field {
        name: "Sec-WebSocket-Extensions".to_owned(),
        value: line.clone().into_bytes(),
    };
    let head = ResponseHead {
        minor_version: 1,
        status: 101,
        reason: String::new(),
        fields: Fields(lines.iter().map(field).collect()),
    };
    DeflateParams::agreed_in(&head.fields)
}
