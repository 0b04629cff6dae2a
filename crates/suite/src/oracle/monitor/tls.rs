//! What a client shows of its TLS handshake, RFC 6455 §4.1.

use super::{Monitor, Notes};
use crate::oracle::decoded::DecodedTranscript;
use crate::oracle::expected::Expected;
use crate::oracle::observed::FrameBreach;
use crate::transcript::EventKind;
use std::net::IpAddr;

pub(super) const SERVER_NAME: Monitor = Monitor {
    name: "server-name",
    doc: "A client that is given the name of a host sends that name in its TLS handshake.",
    requirements: &[INDICATION],
    check: server_name,
};

const INDICATION: &str = "rfc6455/4.1/server-name-indication";

/// §4.1: "Clients MUST use the Server Name Indication extension in the TLS handshake [RFC6066]." RFC 6066 §3: "Literal
/// IPv4 and IPv6 addresses are not permitted in "HostName"".
fn server_name(decoded: &DecodedTranscript<'_>, notes: &mut Notes) {
    let Some(asked) = &decoded.transcript.asked else { return };
    let host = asked.host.rsplit_once(':').map_or(asked.host.as_str(), |(host, _)| host);
    if host.starts_with('[') || host.parse::<IpAddr>().is_ok() {
        return;
    }
    for (index, event) in decoded.transcript.judged().iter().enumerate() {
        if let EventKind::ClientHello(named) = &event.kind {
            let holds = named.as_ref().is_some_and(|named| named.eq_ignore_ascii_case(host));
            let expected = Expected::rule("the server name {}", format!("{host:?}"));
            notes.subject(INDICATION, holds, index, expected, || FrameBreach::ServerName(named.clone()));
        }
    }
}
