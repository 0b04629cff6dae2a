//! What was seen, in words.

use crate::transcript::Seen;
use crate::transcript::notation::{close_text, quote};
use wsgauntlet_wire::hex;

/// One observation, in a few words.
pub fn describe(seen: &Seen) -> String {
    match seen {
        Seen::Response(head) => format!("response {} {}", head.status, head.reason).trim_end().to_owned(),
        // Not its target: our address differs from run to run, and what is observed does not.
        Seen::Request(_) => "a request".to_owned(),
        Seen::NotAHead(error) => format!("octets that are no HTTP head: {error}"),
        Seen::Message { opcode, compressed, payload, .. } => {
            let compressed = if *compressed { "compressed " } else { "" };
            format!("{compressed}{opcode} message of {} octets{}", payload.len(), shown(payload))
        }
        Seen::Undecodable { opcode, reason } => {
            format!("a compressed {opcode} message that does not inflate: {reason}")
        }
        Seen::Ping(payload) => format!("ping of {} octets{}", payload.len(), shown(payload)),
        Seen::Pong(payload) => format!("pong of {} octets{}", payload.len(), shown(payload)),
        Seen::Close(payload) => format!("Close ({})", close_text(payload)),
        Seen::Stray(header) => format!("a stray {} frame of {} octets", header.opcode, header.payload_len),
        Seen::TooLong(header) => {
            format!("a {} frame that declares {} octets", header.opcode, header.payload_len)
        }
        Seen::GaveUp => "no request".to_owned(),
        Seen::Eof => "the end of the connection".to_owned(),
        Seen::Reset => "a reset of the connection".to_owned(),
        Seen::Flood => "a flood".to_owned(),
    }
}

fn shown(payload: &[u8]) -> String {
    match quote(payload) {
        _ if payload.is_empty() => String::new(),
        Some(text) => format!(" {text}"),
        None => format!(" {}", hex::encode_short(payload, 12)),
    }
}
