//! Why nothing can be played against a server, and what to change: the address, the scheme, a header, the certificate.

use std::io;
use tokio_rustls::rustls::{CertificateError, Error};
use wsgauntlet_suite::transcript::Transcript;
use wsgauntlet_wire::opening::ResponseHead;
use wsgauntlet_wire::opening::head::Fields;

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
            format!(
                "the server said nothing. Is it an HTTP server that serves WebSocket at this port?{scheme}"
            )
        }
        _ => "what listens at that port does not speak HTTP: is the port right?".to_owned(),
    }
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
