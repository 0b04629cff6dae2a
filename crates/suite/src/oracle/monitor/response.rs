//! The head of a server's response, RFC 6455 §4.2.2, RFC 9110 §7.8 and RFC 9112.

use super::deflate_offer::lowered;
use super::{Monitor, Notes};
use crate::oracle::decoded::DecodedTranscript;
use crate::oracle::observed::HeadBreach;
use wsgauntlet_wire::Role;
use wsgauntlet_wire::opening::deflate_params::{DeflateOffer, DeflateParams, NAME, WINDOW_BITS_MAX};
use wsgauntlet_wire::opening::strict::{HeadViolation, violations};
use wsgauntlet_wire::opening::{RequestHead, ResponseHead, extension, token};

pub(super) const RESPONSE_HEAD: Monitor = Monitor {
    name: "response-head",
    doc: "The head of a response is well-formed, and a 101 holds each of its fields as it must.",
    requirements: &[
        VALID,
        STATUS_LINE,
        VERSION,
        BARE_CR,
        LEADING_SPACE,
        NO_TRANSFER_ENCODING,
        UPGRADE,
        UPGRADE_101,
        UPGRADE_426,
        CONNECTION,
        OPTION,
        ACCEPT_ONCE,
    ],
    check: response_head,
};

pub(super) const NEGOTIATION: Monitor = Monitor {
    name: "negotiation",
    doc: "A 101 names no subprotocol and no extension that was not offered.",
    requirements: &[
        SUBPROTOCOL_ONCE,
        SUBPROTOCOL_EMPTY,
        SUBPROTOCOL_FORM,
        SUBPROTOCOL_OFFERED,
        EXTENSIONS_OFFERED,
        EXTENSIONS_NO_OFFER,
        EXTENSIONS_GRAMMAR,
        PARAMETERS_DEFINED,
        SUBPROTOCOL_GRAMMAR,
        DEFLATE_ANSWERS,
    ],
    check: negotiation,
};

const VALID: &str = "rfc6455/4.2.2/accepts-with-valid-response";
const STATUS_LINE: &str = "rfc6455/4.2.2/response-status-line-101";
const VERSION: &str = "rfc9110/6.2/server-version-conformant";
const BARE_CR: &str = "rfc9112/2.2/no-bare-cr-sent";
const LEADING_SPACE: &str = "rfc9112/2.2/no-whitespace-before-first-field";
const NO_TRANSFER_ENCODING: &str = "rfc9112/6.1/no-transfer-encoding-in-101";
const UPGRADE: &str = "rfc6455/4.2.2/response-upgrade-websocket";
const UPGRADE_101: &str = "rfc9110/7.8/101-has-upgrade";
const UPGRADE_426: &str = "rfc9110/7.8/426-has-upgrade";
const CONNECTION: &str = "rfc6455/4.2.2/response-connection-upgrade";
const OPTION: &str = "rfc9110/7.8/upgrade-needs-connection-option";
const ACCEPT_ONCE: &str = "rfc6455/11.3.3/accept-once-in-response";
const SUBPROTOCOL_ONCE: &str = "rfc6455/11.3.4/subprotocol-once-in-response";
const SUBPROTOCOL_EMPTY: &str = "rfc6455/4.2.2/empty-subprotocol-illegal";
const SUBPROTOCOL_FORM: &str = "rfc6455/4.2.2/response-subprotocol-form";
const SUBPROTOCOL_OFFERED: &str = "rfc6455/4.2.2/subprotocol-from-offer";
const EXTENSIONS_OFFERED: &str = "rfc6455/4.2.2/extensions-from-offer";
const EXTENSIONS_NO_OFFER: &str = "rfc6455/9/no-unrequested-extension";
const EXTENSIONS_GRAMMAR: &str = "rfc6455/9.1/parameters-defined-for-extension";
const PARAMETERS_DEFINED: &str = "rfc6455/9/parameters-follow-extension";
const SUBPROTOCOL_GRAMMAR: &str = "rfc6455/4.3/response-subprotocol-grammar";
const DEFLATE_ANSWERS: &str = "rfc7692/5/agreed-parameters-reflect-offer";

fn response_head(decoded: &DecodedTranscript<'_>, notes: &mut Notes) {
    if decoded.role != Role::Server {
        return;
    }
    let Some(head) = &decoded.response else { return };
    let event = decoded.received.event_of(decoded.received.head.len().saturating_sub(1));
    let found = violations(decoded.target_head());
    let has = |violation: HeadViolation| found.contains(&violation);
    notes.subject(BARE_CR, !has(HeadViolation::BareCr), event, "no bare CR", || HeadBreach::BareCr);
    notes.subject(
        LEADING_SPACE,
        !has(HeadViolation::SpaceAfterStartLine),
        event,
        "no whitespace before the first field",
        || HeadBreach::SpaceBeforeFields,
    );
    // No document defines a higher minor version, so that nobody conforms to one.
    notes.subject(VERSION, head.minor_version <= 1, event, "HTTP/1.1", || {
        HeadBreach::ResponseVersion(head.minor_version)
    });
    let fields = &head.fields;
    if fields.count("Upgrade") > 0 {
        // RFC 9110 §7.8: "A sender of Upgrade MUST also send an "Upgrade" connection option".
        let holds = fields.has_token("Connection", "upgrade");
        notes.subject(OPTION, holds, event, "Connection: Upgrade beside Upgrade", || {
            HeadBreach::NoConnectionOption
        });
    }
    if head.status == 426 {
        notes.subject(UPGRADE_426, fields.count("Upgrade") > 0, event, "an Upgrade field in a 426", || {
            HeadBreach::Lacks { status: 426, name: "Upgrade" }
        });
    }
    if head.status == 101 {
        switching(head, decoded.target_head(), &found, event, notes);
    }
}

fn switching(head: &ResponseHead, octets: &[u8], found: &[HeadViolation], event: usize, notes: &mut Notes) {
    let fields = &head.fields;
    let has_rule = |violation: &&HeadViolation| {
        matches!(violation, HeadViolation::BareCr | HeadViolation::SpaceAfterStartLine)
    };
    let other: Vec<HeadViolation> = found.iter().filter(|violation| !has_rule(violation)).copied().collect();
    notes.subject(VALID, other.is_empty(), event, "a well-formed head", || HeadBreach::Form(other.clone()));
    // RFC 9110 §8.6: no Content-Length in a 1xx.
    notes.subject(VALID, fields.count("Content-Length") == 0, event, "no Content-Length in a 101", || {
        HeadBreach::Holds { status: 101, name: "Content-Length" }
    });
    notes.subject(
        NO_TRANSFER_ENCODING,
        fields.count("Transfer-Encoding") == 0,
        event,
        "no Transfer-Encoding in a 101",
        || HeadBreach::Holds { status: 101, name: "Transfer-Encoding" },
    );
    // The version alone is judged above.
    let status_line = matches!(
        octets,
        [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'1'..=b'9', b' ', b'1', b'0', b'1', b' ', ..]
    );
    notes.subject(STATUS_LINE, status_line, event, "\"HTTP/1.1 101 \"", || {
        let line: Vec<u8> = octets.iter().copied().take_while(|octet| *octet != b'\r').collect();
        HeadBreach::StatusLine(String::from_utf8_lossy(&line).into_owned())
    });
    notes.subject(UPGRADE_101, fields.count("Upgrade") > 0, event, "an Upgrade field in a 101", || {
        HeadBreach::Lacks { status: 101, name: "Upgrade" }
    });
    // RFC 6455 §4.2.2: "with value "websocket""; §4.1 has clients fail on any other.
    let upgrade = fields.single("Upgrade").is_some_and(|value| value.eq_ignore_ascii_case(b"websocket"));
    notes.subject(UPGRADE, upgrade, event, "Upgrade: websocket", || HeadBreach::field("Upgrade", fields));
    notes.subject(
        CONNECTION,
        fields.has_token("Connection", "upgrade"),
        event,
        "Connection: Upgrade",
        || HeadBreach::field("Connection", fields),
    );
    notes.subject(
        ACCEPT_ONCE,
        fields.count("Sec-WebSocket-Accept") <= 1,
        event,
        "one Sec-WebSocket-Accept",
        || HeadBreach::Repeated { name: "Sec-WebSocket-Accept", count: fields.count("Sec-WebSocket-Accept") },
    );
}

fn negotiation(decoded: &DecodedTranscript<'_>, notes: &mut Notes) {
    let (Some(response), Some(request)) = (&decoded.response, &decoded.request) else { return };
    if decoded.role != Role::Server || response.status != 101 {
        return;
    }
    let event = decoded.received.event_of(decoded.received.head.len().saturating_sub(1));
    subprotocol(request, response, event, notes);
    extensions(request, response, event, notes);
}

fn subprotocol(request: &RequestHead, response: &ResponseHead, event: usize, notes: &mut Notes) {
    const FIELD: &str = "Sec-WebSocket-Protocol";
    let count = response.fields.count(FIELD);
    notes.subject(SUBPROTOCOL_ONCE, count <= 1, event, "one Sec-WebSocket-Protocol at most", || {
        HeadBreach::Repeated { name: FIELD, count }
    });
    for value in response.fields.values(FIELD) {
        let shown = || HeadBreach::value(value);
        notes.subject(SUBPROTOCOL_EMPTY, !value.is_empty(), event, "a subprotocol that is not empty", shown);
        if value.is_empty() {
            continue;
        }
        for requirement in [SUBPROTOCOL_FORM, SUBPROTOCOL_GRAMMAR] {
            notes.subject(requirement, token::is_token(value), event, "one token", shown);
        }
        let offered = request.fields.values(FIELD).flat_map(token::list).any(|element| element == value);
        notes.subject(SUBPROTOCOL_OFFERED, offered, event, "a subprotocol that was offered", shown);
    }
}

/// RFC 7692 §7.1.2.1: without server_max_window_bits the window is one of 15 bits, which is what an
/// offer of 15 asks for.
fn answers(params: &DeflateParams, offer: DeflateOffer) -> bool {
    let unlimited = offer.server_max_window_bits == Some(WINDOW_BITS_MAX);
    let plain = DeflateOffer { server_max_window_bits: None, ..offer };
    params.answers(&offer).is_ok() || unlimited && params.answers(&plain).is_ok()
}

fn extensions(request: &RequestHead, response: &ResponseHead, event: usize, notes: &mut Notes) {
    const FIELD: &str = "Sec-WebSocket-Extensions";
    let offered = DecodedTranscript::extensions(&request.fields);
    for value in response.fields.values(FIELD) {
        let shown = || HeadBreach::value(value);
        let Ok(agreed) = extension::parse(value) else {
            notes.subject(EXTENSIONS_GRAMMAR, false, event, "a list of extensions", shown);
            continue;
        };
        for extension in &agreed {
            let names = offered.iter().any(|offer| offer.name == extension.name);
            let requirement = if offered.is_empty() { EXTENSIONS_NO_OFFER } else { EXTENSIONS_OFFERED };
            notes.subject(requirement, names, event, "an extension that was offered", shown);
            if extension.name == NAME && names {
                let params = DeflateParams::parse(extension);
                for requirement in [EXTENSIONS_GRAMMAR, PARAMETERS_DEFINED] {
                    let expected = "parameters that are defined for a response";
                    notes.subject(requirement, params.is_ok(), event, expected, shown);
                }
                let Ok(params) = params else { continue };
                let answers = offered
                    .iter()
                    .filter(|offer| offer.name == NAME)
                    .filter_map(|offer| DeflateOffer::parse(&lowered(offer.clone())).ok())
                    .any(|offer| answers(&params, offer));
                notes.subject(DEFLATE_ANSWERS, answers, event, "parameters that answer an offer", shown);
            }
        }
    }
}
