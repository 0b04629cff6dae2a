//! Why a server opens no lane: it does not speak HTTP/2, or does not offer WebSocket over it.

use super::event::{EventKind, Transcript};
use wsgauntlet_wire::http2::{ErrorCode, FRAME_LEN_MAX, FrameReader, FrameType, Payload, SettingId};

/// Why no lane was opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It answers the preface in HTTP/1.
    #[error("the server answers in HTTP/1.1: it does not speak HTTP/2 at this port without TLS")]
    Http1,
    /// RFC 9113 §3.4: its first frame has to be SETTINGS.
    #[error("the server does not speak HTTP/2: its first octets are no SETTINGS frame (RFC 9113 §3.4)")]
    NoSettings,
    /// It said nothing.
    #[error("the server sent nothing after the preface of HTTP/2")]
    Silence,
    /// RFC 8441 §3: a client may only then send an extended CONNECT.
    #[error(
        "the server speaks HTTP/2 and does not offer WebSocket over it: its SETTINGS lack SETTINGS_ENABLE_CONNECT_PROTOCOL = 1 (RFC 8441 §3)"
    )]
    NoConnectProtocol,
    /// It ended the stream of the request.
    #[error("the server reset the stream of the request with {0}")]
    StreamReset(ErrorCode),
    /// It ended the connection.
    #[error("the server ended the connection with GOAWAY {0}")]
    GoAway(ErrorCode),
}

/// What went wrong before a lane was opened; `None` if nothing of that kind is seen.
pub fn trouble(transcript: &Transcript) -> Option<Trouble> {
    let mut octets = Vec::new();
    for event in transcript.judged() {
        if let EventKind::CarrierReceived(piece) = &event.kind {
            octets.extend_from_slice(piece);
        }
    }
    if octets.is_empty() {
        return Some(Trouble::Silence);
    }
    if octets.starts_with(b"HTTP/") {
        return Some(Trouble::Http1);
    }
    let mut reader = FrameReader::default();
    reader.push(&octets);
    let mut enabled = None;
    let mut ended = None;
    while let Ok(Some(frame)) = reader.next_frame(FRAME_LEN_MAX) {
        if enabled.is_none() && frame.header.kind != FrameType::SETTINGS {
            return Some(Trouble::NoSettings);
        }
        match Payload::parse(&frame) {
            Ok(Payload::Settings(settings)) => {
                let says = |setting: &&wsgauntlet_wire::http2::Setting| {
                    setting.id == SettingId::ENABLE_CONNECT_PROTOCOL
                };
                let says = settings.iter().rev().find(says).map(|setting| setting.value == 1);
                enabled = says.or(enabled).or(Some(false));
            }
            Ok(Payload::RstStream(code)) => ended = ended.or(Some(Trouble::StreamReset(code))),
            Ok(Payload::GoAway { code, .. }) if code != ErrorCode::NO_ERROR => {
                ended = ended.or(Some(Trouble::GoAway(code)));
            }
            _ => {}
        }
    }
    match enabled {
        None => Some(Trouble::NoSettings),
        Some(false) => Some(Trouble::NoConnectProtocol),
        Some(true) => ended,
    }
}
