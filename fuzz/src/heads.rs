//! Valid heads, and the octets of them after an edit.

use wsgauntlet::case::head_edit::{HeadEdit, Places};
use wsgauntlet::wire::opening::head::HeadDraft;
use wsgauntlet::wire::opening::{RequestHead, key};

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

fn places(key: &str) -> Places {
    Places {
        host: "localhost".to_owned(),
        target: "/".to_owned(),
        key: key.to_owned(),
        accept: key::accept(key.as_bytes()),
        subprotocol: String::new(),
    }
}

/// A request that the reference accepts, after the edit.
pub(crate) fn request(edit: &HeadEdit) -> Vec<u8> {
    let mut draft = HeadDraft::new("GET / HTTP/1.1");
    draft
        .field("Host", "localhost")
        .field("Upgrade", "websocket")
        .field("Connection", "Upgrade")
        .field("Sec-WebSocket-Key", KEY)
        .field("Sec-WebSocket-Version", "13");
    edit.apply(draft, &places(KEY))
}

/// A response that accepts `request`, after the edit. It answers the key of the RFC's example where the request has none.
pub(crate) fn response(edit: &HeadEdit, request: &[u8]) -> Vec<u8> {
    let parsed = RequestHead::parse(request).ok().flatten();
    let key = parsed.and_then(|(head, _)| {
        head.fields.single("Sec-WebSocket-Key").map(|key| String::from_utf8_lossy(key).into_owned())
    });
    let places = places(key.as_deref().unwrap_or(KEY));
    let mut draft = HeadDraft::new("HTTP/1.1 101 Switching Protocols");
    draft
        .field("Upgrade", "websocket")
        .field("Connection", "Upgrade")
        .field("Sec-WebSocket-Accept", places.accept.as_str());
    edit.apply(draft, &places)
}
