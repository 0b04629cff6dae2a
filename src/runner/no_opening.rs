//! Why nothing can be played against a server, and what to change: the address, the scheme, a header, the certificate.

use memchr::memmem;
use std::fmt::Write;
use std::io;
use tokio_rustls::rustls::{CertificateError, Error};
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::matching::expected_accept;
use wsgauntlet_suite::oracle::judge;
use wsgauntlet_suite::requirement::Catalogue;
use wsgauntlet_suite::transcript::{EventKind, Transcript};
use wsgauntlet_wire::hex;
use wsgauntlet_wire::opening::ResponseHead;
use wsgauntlet_wire::opening::head::Fields;
use wsgauntlet_wire::opening::strict::violations;

/// The most octets that are shown of what is not the head of a response.
const OCTETS_SHOWN: usize = 48;

/// The most lines that are shown of a head.
const LINES_SHOWN: usize = 12;

/// The most characters of a response's body that are quoted.
const BODY_LEN_MAX: usize = 120;

/// The first two octets of a TLS record: an alert or a handshake, of version 3.
const TLS_RECORDS: [[u8; 2]; 2] = [[0x15, 3], [0x16, 3]];

/// What to change where a server answered the opening with something else than a 101. `resource`: what was asked for.
pub(super) fn advice(transcript: &Transcript, resource: &str, tls: bool) -> String {
    let received = transcript.received();
    let speaks_tls = TLS_RECORDS.iter().any(|record| received.starts_with(record));
    if !tls && speaks_tls {
        return "the server speaks TLS at that port: use wss://".to_owned();
    }
    match ResponseHead::parse(&received) {
        Ok(Some((head, len))) => of_response(&head, &received[len..], resource, tls),
        _ if received.is_empty() => {
            let scheme = if tls { "" } else { " If it speaks TLS, use wss://" };
            let ended = transcript
                .judged()
                .iter()
                .any(|event| matches!(event.kind, EventKind::ReceivedEof | EventKind::ReceivedReset));
            let what = match ended {
                true => "the server ended the connection without an answer",
                false => "the server said nothing",
            };
            format!("{what}. Is it an HTTP server that serves WebSocket at this port?{scheme}")
        }
        parsed => of_octets(&received, parsed.is_ok()),
    }
}

/// What to change where the octets that came are not the head of a response. `is_cut`: they may be the beginning of one.
fn of_octets(received: &[u8], is_cut: bool) -> String {
    if is_http_2(received) {
        return "the server speaks only HTTP/2 at that port; WebSocket of RFC 6455 needs HTTP/1.1 there"
            .to_owned();
    }
    if received.starts_with(b"HTTP/") {
        if is_cut {
            return "the head of its response has no end: an empty line is missing".to_owned();
        }
        let head_len = memmem::find(received, b"\r\n\r\n").map_or(received.len(), |end| end + 4);
        let found: Vec<String> = violations(&received[..head_len]).iter().map(ToString::to_string).collect();
        let found = if found.is_empty() { String::new() } else { format!(": {}", found.join(", ")) };
        return format!("the head of its response is malformed{found}; no client can read it");
    }
    match memmem::find(received, b"HTTP/1.") {
        Some(before) => format!(
            "the server sends {before} octets before its response ({}); nothing may come before it",
            hex::encode_short(&received[..before], OCTETS_SHOWN)
        ),
        None => "what listens at that port does not speak HTTP: is the port right?".to_owned(),
    }
}

/// Whether the first frame is one of SETTINGS, RFC 9113 §3.4: of stream 0, with six octets for each setting.
fn is_http_2(received: &[u8]) -> bool {
    match received {
        [high, middle, low, 4, 0 | 1, 0, 0, 0, 0, ..] => {
            u32::from_be_bytes([0, *high, *middle, *low]).is_multiple_of(6)
        }
        _ => false,
    }
}

/// The opening that failed, judged like any other: the sentence of the RFC, what was expected, and the octets that came. Each
/// line behind a line break.
pub(super) fn finding(instance: &Instance, transcript: &Transcript, catalogue: &Catalogue) -> String {
    let mut out = String::new();
    let verdict = judge(instance, transcript, catalogue);
    if let Some(failure) = verdict.failure {
        if let Some(requirement) = catalogue.get(failure.requirement.as_str()) {
            let (citation, level) = (requirement.citation(), requirement.level);
            let _ = write!(out, "\n  {citation} {level}  \"{}\"", requirement.quote);
        }
        let _ = write!(out, "\n  expected  {}", failure.expected);
    }
    let received = transcript.received();
    for (index, line) in shown(&received).iter().enumerate() {
        let _ = write!(out, "\n  {}  {line}", if index == 0 { "received" } else { "        " });
    }
    if let Some(accept) = expected_accept(transcript).filter(|_| received.starts_with(b"HTTP/")) {
        let _ = write!(
            out,
            "\n  due       HTTP/1.1 101 Switching Protocols, with Sec-WebSocket-Accept: {accept}"
        );
    }
    out
}

/// The head of a response, line by line, or the first octets in hexadecimal and as text.
fn shown(received: &[u8]) -> Vec<String> {
    if received.is_empty() {
        return vec!["nothing".to_owned()];
    }
    let is_text = |octet: &u8| matches!(octet, b'\t' | b'\r' | b'\n' | 0x20..=0x7e);
    let head_len = memmem::find(received, b"\r\n\r\n").unwrap_or(received.len());
    let head = &received[..head_len];
    if !received.starts_with(b"HTTP/") || !head.iter().all(is_text) {
        let text = String::from_utf8_lossy(&received[..received.len().min(OCTETS_SHOWN)]);
        return vec![format!("{}  {text:?}", hex::encode_short(received, OCTETS_SHOWN))];
    }
    let text = String::from_utf8_lossy(head).replace("\r\n", "\n");
    let mut shown: Vec<String> =
        text.lines().take(LINES_SHOWN).map(|line| line.replace('\r', "\\r").replace('\t', "\\t")).collect();
    let more = text.lines().count() - shown.len();
    if more > 0 {
        shown.push(format!(".. {more} more lines"));
    }
    shown
}

fn of_response(head: &ResponseHead, body: &[u8], resource: &str, tls: bool) -> String {
    let value = |name: &str| first(&head.fields, name);
    let said = String::from_utf8_lossy(body);
    let lowered = said.to_ascii_lowercase();
    if !tls && head.status == 400 && ["https", "tls", "ssl"].iter().any(|word| lowered.contains(word)) {
        return "the server asks for TLS at that port: use wss://".to_owned();
    }
    match head.status {
        200 => format!(
            "{resource} is served as a page, not as WebSocket: give the path of the WebSocket endpoint in the URL"
        ),
        300..=399 => match value("Location") {
            Some(location) => format!("the server redirects to {location}: give that address in the URL"),
            None => "the server redirects, and does not say where".to_owned(),
        },
        401 | 407 => {
            "the server asks for credentials: send them with --header 'Authorization: ...'".to_owned()
        }
        403 => {
            "the server forbids it: it may want an Origin or credentials, which --header 'NAME: VALUE' sends"
                .to_owned()
        }
        404 | 405 | 410 => format!(
            "WebSocket is not served at {resource}: give the path of the WebSocket endpoint in the URL"
        ),
        426 => {
            let wanted: Vec<String> = ["Upgrade", "Sec-WebSocket-Version"]
                .iter()
                .filter_map(|name| Some(format!("{name}: {}", value(name)?)))
                .collect();
            let wanted = if wanted.is_empty() { "something else".to_owned() } else { wanted.join(", ") };
            format!(
                "the server asks for {wanted}; what it was sent is Upgrade: websocket, Sec-WebSocket-Version: 13"
            )
        }
        400 => {
            let said = quoted(&said);
            format!(
                "the server finds the request wrong{said}. It may want a field (--header) or a subprotocol (--subprotocol)"
            )
        }
        500..=599 => format!("the server, or what stands behind it, failed{}", quoted(&said)),
        _ => "the server must answer 101 Switching Protocols".to_owned(),
    }
}

fn first(fields: &Fields, name: &str) -> Option<String> {
    fields.values(name).next().map(|value| String::from_utf8_lossy(value).into_owned())
}

/// `, and says "..."`, for a body that is one line of text.
fn quoted(body: &str) -> String {
    let line = body.trim();
    if line.is_empty() || line.chars().any(char::is_control) {
        return String::new();
    }
    let shown: String = line.chars().take(BODY_LEN_MAX).collect();
    format!(", and says {shown:?}")
}

/// What to change where a connection could not be made.
pub(super) fn unreachable_advice(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::ConnectionRefused => {
            "nothing listens there: is the server running, and is the port right?"
        }
        io::ErrorKind::TimedOut => "nothing answers there: is the address right, or does a firewall drop it?",
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            "no route leads there: is the address right?"
        }
        _ => "is the address right?",
    }
}

/// What to change where the TLS handshake failed.
pub(super) fn tls_advice(source: &io::Error) -> &'static str {
    let inner = source.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match inner {
        Some(Error::InvalidMessage(_)) => "the server does not speak TLS at that port: use ws://",
        Some(Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        )) => "its certificate has expired: --insecure takes it all the same",
        Some(Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        )) => {
            "its certificate is for another name: use that name in the URL, or take any certificate with --insecure"
        }
        Some(Error::InvalidCertificate(_)) => {
            "its certificate is not signed by a known authority: trust one with --ca FILE, or take any certificate with --insecure"
        }
        Some(_) => "the server and this client agree on no TLS",
        None => "the server ended the handshake, or did not answer: if it does not speak TLS, use ws://",
    }
}
