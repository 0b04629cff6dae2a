//! The head of a client's request, RFC 6455 §4.1, §9.1 and §11.3, RFC 7692 §7.1 and RFC 9112.

use super::{Monitor, Notes};
use crate::oracle::decoded::DecodedTranscript;
use crate::oracle::expected::Expected;
use crate::oracle::observed::{Beginning, HeadBreach};
use crate::transcript::{Asked, EventKind};
use wsgauntlet_wire::Role;
use wsgauntlet_wire::opening::deflate_params::{DeflateOffer, DeflateParamError, NAME};
use wsgauntlet_wire::opening::extension::ExtensionError;
use wsgauntlet_wire::opening::strict::{HeadViolation, violations};
use wsgauntlet_wire::opening::{Extension, RequestHead, authority, extension, key, token};

pub(super) const REQUEST_HEAD: Monitor = Monitor {
    name: "request-head",
    doc: "An opening request is well-formed, and holds each of its fields as it must.",
    requirements: &[
        VALID,
        BARE_CR,
        LEADING_SPACE,
        GET,
        CONFORMANT,
        TARGET,
        NO_FRAGMENT,
        HOST,
        UPGRADE,
        CONNECTION,
        OPTION,
        KEY,
        NONCE,
        KEY_ONCE,
        KEY_RANDOM,
        VERSION,
        VERSION_ONCE,
        VERSION_GRAMMAR,
        WS_HOST,
        WSS_HOST,
    ],
    check: request_head,
};

pub(super) const OFFERS: Monitor = Monitor {
    name: "offers",
    doc: "The subprotocols and extensions that a request offers are well-formed.",
    requirements: &[
        SUBPROTOCOL_TOKENS,
        SUBPROTOCOL_UNIQUE,
        EXTENSIONS_GRAMMAR,
        PARAMETERS,
        DEFINED,
        NO_VALUE,
        SERVER_WINDOW,
        CLIENT_WINDOW,
        QUOTED,
        QUOTED_TOO,
        EXTENSIONS_SPLIT,
        EXTENSIONS_REPEATED,
        SUBPROTOCOLS_REPEATED,
    ],
    check: offers,
};

pub(super) const BEFORE_RESPONSE: Monitor = Monitor {
    name: "before-response",
    doc: "A client sends nothing between its request and the response.",
    requirements: &[NO_DATA],
    check: before_response,
};

const VALID: &str = "rfc6455/4.1/request-is-valid-http";
const BARE_CR: &str = "rfc9112/2.2/no-bare-cr-sent";
const LEADING_SPACE: &str = "rfc9112/2.2/no-whitespace-before-first-field";
const GET: &str = "rfc6455/4.1/request-is-get";
const CONFORMANT: &str = "rfc9110/6.2/client-version-conformant";
const TARGET: &str = "rfc6455/4.1/request-target-matches-resource";
const NO_FRAGMENT: &str = "rfc6455/3/no-fragment-identifier";
const HOST: &str = "rfc6455/4.1/request-host";
const UPGRADE: &str = "rfc6455/4.1/request-upgrade";
const CONNECTION: &str = "rfc6455/4.1/request-connection";
const OPTION: &str = "rfc9110/7.8/upgrade-needs-connection-option";
const KEY: &str = "rfc6455/4.1/request-key-present";
const NONCE: &str = "rfc6455/4.1/key-is-16-octet-nonce";
const KEY_ONCE: &str = "rfc6455/11.3.1/key-once-in-request";
const KEY_RANDOM: &str = "rfc6455/4.1/key-random-per-connection";
const VERSION: &str = "rfc6455/4.1/request-version-13";
const VERSION_ONCE: &str = "rfc6455/11.3.5/version-once-in-request";
const WS_HOST: &str = "rfc6455/11.1.1/ws-host-to-ascii";
const WSS_HOST: &str = "rfc6455/11.1.2/wss-host-to-ascii";
const VERSION_GRAMMAR: &str = "rfc6455/4.3/version-value-grammar";
const QUOTED: &str = "rfc6455/4.3/extension-value-is-token";
const QUOTED_TOO: &str = "rfc6455/9.1/quoted-value-is-token";
const EXTENSIONS_SPLIT: &str = "rfc6455/9.1/extensions-header-may-split";
const EXTENSIONS_REPEATED: &str = "rfc6455/11.3.2/extensions-may-repeat-in-request";
const SUBPROTOCOLS_REPEATED: &str = "rfc6455/11.3.4/subprotocol-may-repeat-in-request";
const SUBPROTOCOL_TOKENS: &str = "rfc6455/4.1/subprotocols-are-tokens";
const SUBPROTOCOL_UNIQUE: &str = "rfc6455/4.1/subprotocols-unique";
const EXTENSIONS_GRAMMAR: &str = "rfc6455/9.1/malformed-extensions-fail";
const DEFINED: &str = "rfc6455/9/parameters-follow-extension";
const PARAMETERS: &str = "rfc6455/9.1/parameters-defined-for-extension";
const NO_VALUE: &str = "rfc7692/7.1.1.1/server-no-context-takeover-valueless";
const SERVER_WINDOW: &str = "rfc7692/7.1.2.1/offered-server-max-window-bits-value";
const CLIENT_WINDOW: &str = "rfc7692/7.1.2.2/offered-client-max-window-bits-value";
const NO_DATA: &str = "rfc6455/4.1/no-data-before-response";

/// The nonces of the examples in RFC 6455 §1.2 and §4.1: whoever sends one draws none.
const EXAMPLES: [&[u8]; 2] = [b"dGhlIHNhbXBsZSBub25jZQ==", b"AQIDBAUGBwgJCgsMDQ4PEA=="];

fn request_head(decoded: &DecodedTranscript<'_>, notes: &mut Notes) {
    let Some(head) = &decoded.request else { return };
    if decoded.role != Role::Client {
        return;
    }
    let event = decoded.received.event_of(decoded.received.head.len().saturating_sub(1));
    form(decoded.target_head(), event, notes);
    let line = || HeadBreach::RequestLine {
        method: head.method.clone(),
        target: head.target.clone(),
        minor_version: head.minor_version,
    };
    notes.subject(GET, head.method == "GET" && head.minor_version >= 1, event, "GET, and HTTP/1.1", line);
    // No document defines a higher minor version, so that nobody conforms to one.
    notes.subject(CONFORMANT, head.minor_version <= 1, event, "HTTP/1.1", line);
    target(head, decoded.transcript.asked.as_ref(), event, notes);
    ascii_host(decoded, head, event, notes);
    host(head, decoded.transcript.asked.as_ref(), event, notes);
    let fields = &head.fields;
    let value = |name: &'static str| HeadBreach::field(name, fields);
    notes.subject(UPGRADE, fields.has_token("Upgrade", "websocket"), event, "Upgrade: websocket", || {
        value("Upgrade")
    });
    let upgrade = fields.has_token("Connection", "upgrade");
    notes.subject(CONNECTION, upgrade, event, "Connection: Upgrade", || value("Connection"));
    if fields.count("Upgrade") > 0 {
        // RFC 9110 §7.8: "A sender of Upgrade MUST also send an "Upgrade" connection option".
        notes.subject(OPTION, upgrade, event, "Connection: Upgrade beside Upgrade", || value("Connection"));
    }
    const VERSION_FIELD: &str = "Sec-WebSocket-Version";
    let count = fields.count(VERSION_FIELD);
    notes.subject(VERSION_ONCE, count <= 1, event, "one Sec-WebSocket-Version", || value(VERSION_FIELD));
    let thirteen = count > 0 && fields.values(VERSION_FIELD).all(|value| value == b"13");
    notes.subject(VERSION, thirteen, event, "Sec-WebSocket-Version: 13", || value(VERSION_FIELD));
    for value in head.fields.values(VERSION_FIELD) {
        let holds = version_grammar(value);
        let shown = || HeadBreach::field(VERSION_FIELD, fields);
        notes.subject(VERSION_GRAMMAR, holds, event, "0 to 255, without leading zeros", shown);
    }
    nonce(head, event, notes);
}

/// §4.3: "version = DIGIT | (NZDIGIT DIGIT) | ("1" DIGIT DIGIT) | ("2" DIGIT DIGIT) ; Limited to 0-255 range, with no
/// leading zeros".
fn version_grammar(value: &[u8]) -> bool {
    let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let zeros = value.len() > 1 && value[0] == b'0';
    digits && !zeros && std::str::from_utf8(value).is_ok_and(|value| value.parse::<u8>().is_ok())
}

/// The grammar of RFC 9112, line by line.
fn form(octets: &[u8], event: usize, notes: &mut Notes) {
    let found = violations(octets);
    let has = |violation: HeadViolation| found.contains(&violation);
    notes.subject(BARE_CR, !has(HeadViolation::BareCr), event, "no bare CR", || HeadBreach::BareCr);
    let space = has(HeadViolation::SpaceAfterStartLine);
    notes.subject(LEADING_SPACE, !space, event, "no whitespace before the first field", || {
        HeadBreach::SpaceBeforeFields
    });
    let has_rule = |violation: &&HeadViolation| {
        matches!(violation, HeadViolation::BareCr | HeadViolation::SpaceAfterStartLine)
    };
    let other: Vec<HeadViolation> = found.iter().filter(|violation| !has_rule(violation)).copied().collect();
    notes.subject(VALID, other.is_empty(), event, "a well-formed head", || HeadBreach::Form(other.clone()));
}

fn target(head: &RequestHead, asked: Option<&Asked>, event: usize, notes: &mut Notes) {
    let shown = || HeadBreach::RequestTarget(head.target.clone());
    // §3: "Fragment identifiers are meaningless in the context of WebSocket URIs".
    notes.subject(NO_FRAGMENT, !head.target.contains('#'), event, "no fragment identifier", shown);
    let path = match absolute(&head.target) {
        Some((authority, path)) => {
            // "an absolute http/https URI that, when parsed, has a /resource name/, /host/, and /port/
            // that match": the host is held against what was asked for below.
            let matches = asked.is_none_or(|asked| is_host(authority.as_bytes(), &asked.host));
            notes.subject(TARGET, matches, event, "the host that was asked for", shown);
            path
        }
        None => &head.target,
    };
    let expected = asked.and_then(|asked| asked.target.as_deref());
    let matches = path.starts_with('/') && expected.is_none_or(|expected| path == expected);
    let expected = match expected {
        Some(expected) => Expected::rule("{}", format!("{expected:?}")),
        None => "a path".into(),
    };
    notes.subject(TARGET, matches, event, expected, shown);
}

/// Host, with port, and the rest of an absolute http URI.
fn absolute(target: &str) -> Option<(&str, &str)> {
    let rest = target.strip_prefix("http://").or_else(|| target.strip_prefix("https://"))?;
    let at = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    Some((authority, if path.is_empty() { "/" } else { path }))
}

/// §11.1: "Characters in the host component that are excluded by the syntax defined above MUST be converted from Unicode to
/// ASCII".
fn ascii_host(decoded: &DecodedTranscript<'_>, head: &RequestHead, event: usize, notes: &mut Notes) {
    let secure =
        decoded.transcript.judged().iter().any(|event| matches!(event.kind, EventKind::ClientHello(_)));
    let requirement = if secure { WSS_HOST } else { WS_HOST };
    for value in head.fields.values("Host") {
        notes.subject(requirement, value.is_ascii(), event, "Host in ASCII", || {
            HeadBreach::line("Host", value)
        });
    }
}

fn host(head: &RequestHead, asked: Option<&Asked>, event: usize, notes: &mut Notes) {
    let count = head.fields.count("Host");
    let shown = || HeadBreach::field("Host", &head.fields);
    // RFC 9112 §3.2: a request with "more than one Host header field line" is invalid.
    notes.subject(VALID, count <= 1, event, "one Host", shown);
    let expected = match asked {
        Some(asked) => Expected::rule("Host: {}", &asked.host),
        None => "a Host".into(),
    };
    let given = head.fields.values("Host").next();
    let matches = given.is_some_and(|given| match asked {
        Some(asked) => is_host(given, &asked.host),
        None => !given.is_empty(),
    });
    notes.subject(HOST, matches, event, expected, shown);
}

/// RFC 9110 §4.2.3: a default port may stand there, or not.
fn is_host(given: &[u8], asked: &str) -> bool {
    let has_port = asked.rsplit(']').next().is_some_and(|rest| rest.contains(':'));
    let ports: &[&str] = if has_port { &[""] } else { &["", ":80", ":443"] };
    let given = authority::normal(given);
    ports
        .iter()
        .any(|port| given.eq_ignore_ascii_case(&authority::normal(format!("{asked}{port}").as_bytes())))
}

fn nonce(head: &RequestHead, event: usize, notes: &mut Notes) {
    const FIELD: &str = "Sec-WebSocket-Key";
    let count = head.fields.count(FIELD);
    notes.subject(KEY, count > 0, event, "a Sec-WebSocket-Key", || HeadBreach::field(FIELD, &head.fields));
    notes.subject(KEY_ONCE, count <= 1, event, "one Sec-WebSocket-Key", || HeadBreach::Repeated {
        name: FIELD,
        count,
    });
    for value in head.fields.values(FIELD) {
        let shown = || String::from_utf8_lossy(value).into_owned();
        match key::validate(value) {
            Ok(()) => notes.meets(NONCE),
            Err(error) => notes.subject(NONCE, false, event, "16 octets in base64", || HeadBreach::Key {
                value: shown(),
                error,
            }),
        }
        let example = EXAMPLES.contains(&value);
        notes.subject(KEY_RANDOM, !example, event, "a nonce that was drawn", || {
            HeadBreach::ExampleKey(shown())
        });
    }
}

fn offers(decoded: &DecodedTranscript<'_>, notes: &mut Notes) {
    let Some(head) = &decoded.request else { return };
    if decoded.role != Role::Client {
        return;
    }
    let event = decoded.received.event_of(decoded.received.head.len().saturating_sub(1));
    subprotocols(head, event, notes);
    for value in head.fields.values("Sec-WebSocket-Extensions") {
        let shown = || HeadBreach::value(value);
        let parsed = extension::parse(value);
        notes.subject(EXTENSIONS_GRAMMAR, parsed.is_ok(), event, "a list of extensions", shown);
        for offer in parsed.iter().flatten().filter(|offer| offer.name == NAME) {
            deflate(offer, event, notes, &shown);
        }
        if value.contains(&b'"') {
            let token = parsed != Err(ExtensionError::ValueNotToken);
            for requirement in [QUOTED, QUOTED_TOO] {
                notes.subject(requirement, token, event, "a token in quotes", shown);
            }
        }
    }
    repeated(head, event, notes);
}

/// Lines of one name are "logically the same as a single" one: each of them holds elements of the list, whole ones.
fn repeated(head: &RequestHead, event: usize, notes: &mut Notes) {
    let lines = |name| head.fields.values(name).collect::<Vec<&[u8]>>();
    let shown = |lines: &[&[u8]]| {
        let lines: Vec<String> =
            lines.iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        HeadBreach::Lines(lines)
    };
    let extensions = lines("Sec-WebSocket-Extensions");
    if extensions.len() > 1 {
        let whole = extensions.iter().all(|line| extension::parse(line).is_ok());
        for requirement in [EXTENSIONS_SPLIT, EXTENSIONS_REPEATED] {
            notes.subject(requirement, whole, event, "whole elements in each line", || shown(&extensions));
        }
    }
    let subprotocols = lines("Sec-WebSocket-Protocol");
    if subprotocols.len() > 1 {
        let whole = subprotocols.iter().all(|line| token::list(line).next().is_some());
        let expected = "elements in each line";
        notes.subject(SUBPROTOCOLS_REPEATED, whole, event, expected, || shown(&subprotocols));
    }
}

fn subprotocols(head: &RequestHead, event: usize, notes: &mut Notes) {
    let mut seen: Vec<&[u8]> = Vec::new();
    for value in head.fields.values("Sec-WebSocket-Protocol") {
        let shown = || HeadBreach::line("Sec-WebSocket-Protocol", value);
        let elements: Vec<&[u8]> = token::list(value).collect();
        let tokens = !elements.is_empty() && elements.iter().all(|element| token::is_token(element));
        notes.subject(SUBPROTOCOL_TOKENS, tokens, event, "tokens, one at least", shown);
        for element in elements {
            notes.subject(
                SUBPROTOCOL_UNIQUE,
                !seen.contains(&element),
                event,
                "each subprotocol once",
                shown,
            );
            seen.push(element);
        }
    }
}

/// RFC 7692 §7.1: the parameters of an offer.
fn deflate(offer: &Extension, event: usize, notes: &mut Notes, shown: &dyn Fn() -> HeadBreach) {
    let mistake = DeflateOffer::parse(offer).err();
    let breaks = |requirement: &str| match &mistake {
        None => false,
        Some(DeflateParamError::InvalidValue(name)) => {
            requirement
                == match name.as_str() {
                    "server_max_window_bits" => SERVER_WINDOW,
                    "client_max_window_bits" => CLIENT_WINDOW,
                    _ => NO_VALUE,
                }
        }
        Some(
            DeflateParamError::Unknown(_) | DeflateParamError::Twice(_) | DeflateParamError::NotOffered(_),
        ) => requirement == PARAMETERS,
    };
    let has = |name: &str| offer.params.iter().any(|(param, _)| param == name);
    let expected = "parameters that are defined for an offer";
    notes.subject(PARAMETERS, !breaks(PARAMETERS), event, expected, shown);
    notes.subject(DEFINED, mistake.is_none(), event, expected, shown);
    if has("server_no_context_takeover") || has("client_no_context_takeover") {
        notes.subject(NO_VALUE, !breaks(NO_VALUE), event, "no value", shown);
    }
    if has("server_max_window_bits") {
        notes.subject(SERVER_WINDOW, !breaks(SERVER_WINDOW), event, "8 to 15", shown);
    }
    if has("client_max_window_bits") {
        notes.subject(CLIENT_WINDOW, !breaks(CLIENT_WINDOW), event, "no value, or 8 to 15", shown);
    }
}

fn before_response(decoded: &DecodedTranscript<'_>, notes: &mut Notes) {
    if decoded.role != Role::Client || decoded.request.is_none() {
        return;
    }
    // What arrives with or after our first octets may be an answer to them.
    let mut before = 0;
    for event in decoded.transcript.judged() {
        match &event.kind {
            EventKind::Sent(_) => break,
            EventKind::Received(octets) => before += octets.len(),
            _ => {}
        }
    }
    let extra = before.saturating_sub(decoded.received.head.len());
    let event = decoded.received.event_of(before.saturating_sub(1));
    notes.subject(NO_DATA, extra == 0, event, "nothing before the response", || {
        let octets = &decoded.received.octets[decoded.received.head.len()..before];
        HeadBreach::Early { len: extra, octets: Beginning::of(octets, 12) }
    });
}
