//! What opening handshakes say, and what they get wrong: RFC 6455 §4.1 and §4.2.1, RFC 7692 §7.1, RFC 9112 §2 to §5.
//!
//! Values may hold the places `{host}`, `{key}` and `{accept}`, which a script's peer fills.

/// The fields that a request must have, RFC 6455 §4.2.1.
pub const REQUEST_FIELDS: &[&str] =
    &["Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version"];

/// The fields that a response must have, RFC 6455 §4.2.2.
pub const RESPONSE_FIELDS: &[&str] = &["Upgrade", "Connection", "Sec-WebSocket-Accept"];

/// The names of all fields of the handshake, and of some that proxies act on.
pub const FIELD_NAMES: &[&str] = &[
    "Upgrade",
    "Connection",
    "Host",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Accept",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Extensions",
    "Origin",
    "Cookie",
    "Content-Length",
    "Transfer-Encoding",
    "Location",
    "X-Note",
    "upgrade",
    "CONNECTION",
    "sec-websocket-key",
];

/// Values of the fields of [`FIELD_NAMES`], right and wrong.
pub const FIELD_VALUES: &[&str] = &[
    "websocket",
    "Upgrade",
    "localhost",
    "dGhlIHNhbXBsZSBub25jZQ==",
    "13",
    "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    "chat",
    "permessage-deflate",
    "permessage-deflate; client_max_window_bits",
    "",
    "keep-alive, Upgrade",
    "WebSocket",
    "8",
    "13, 8",
    "[::1]:9001",
    "0",
    "chunked",
    "http://localhost",
];

/// Values of `Upgrade` that mean `websocket`: letter case and surrounding whitespace do not matter.
pub const LAWFUL_UPGRADES: &[&str] = &["WebSocket", "WEBSOCKET", "websocket ", "\twebsocket"];

/// Values of `Upgrade` in a request that are not `websocket`.
pub const BAD_UPGRADES: &[&str] = &["", "web", "websocket2", "h2c", "websockets", "xwebsocket", "web socket"];

/// Values of `Upgrade` in a response that are not `websocket`.
pub const BAD_RESPONSE_UPGRADES: &[&str] = &["", "web", "h2c", "websocket2"];

/// Values of `Connection` that hold the token `Upgrade`.
pub const LAWFUL_CONNECTIONS: &[&str] =
    &["upgrade", "UPGRADE", "keep-alive, Upgrade", "Upgrade, keep-alive", "a,b ,Upgrade"];

/// Values of `Connection` in a request without the token `Upgrade`.
pub const BAD_CONNECTIONS: &[&str] = &["", "keep-alive", "close", "Upgraded", "xUpgrade", "Up grade"];

/// Values of `Connection` in a response without the token `Upgrade`.
pub const BAD_RESPONSE_CONNECTIONS: &[&str] = &["", "keep-alive", "close", "Upgraded"];

/// Values of `Sec-WebSocket-Version` other than 13, and other spellings of it.
pub const BAD_VERSIONS: &[&str] =
    &["", "0", "8", "12", "14", "130", "013", "1 3", "13, 8", "8, 13", "255", "-13", "13.0"];

/// Values of `Sec-WebSocket-Key` that are not 16 octets in base64.
pub const BAD_KEYS: &[&str] = &[
    "",
    "x",
    "AAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAA=",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "dGhlIHNhbXBsZSBub25jZQ== x",
    "A===",
    "!!!!!!!!!!!!!!!!!!!!!!==",
];

/// Values of `Sec-WebSocket-Accept` that do not answer the key.
pub const BAD_ACCEPTS: &[&str] = &["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "{accept}x", "{key}"];

/// Methods that do not open a WebSocket connection over HTTP/1.1.
pub const BAD_METHODS: &[&str] = &["POST", "HEAD", "PUT", "get", "OPTIONS", "GETT", "G", "CONNECT"];

/// Versions in a request line that are not HTTP/1.1 or a later HTTP/1 as RFC 6455 §4.1 asks for.
pub const BAD_HTTP_VERSIONS: &[&str] =
    &["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.2", "http/1.1", "HTTP/1", "HTTP/11", ""];

/// Versions in a status line that are not HTTP/1.1.
pub const BAD_RESPONSE_VERSIONS: &[&str] = &["HTTP/1.0", "HTTP/2.0", "http/1.1"];

/// Status codes that do not accept the handshake, and texts that are not status codes.
pub const BAD_STATUSES: &[&str] = &["200", "100", "102", "301", "400", "404", "500", "1010", "10"];

/// Request targets that are empty, not in origin form, or not well-formed.
pub const BAD_TARGETS: &[&str] = &["", "x", "*", "/a b", "/#f", "http://", "//", "/%", "/\u{7f}"];

/// Targets in origin form, RFC 9112 §3.2.1.
pub const TARGETS: &[&str] = &["/", "/chat", "/chat?room=1", "/a%20b", "//", "/?", "/gauntlet?instance=1"];

/// Lines that may be added to any head.
pub const LAWFUL_LINES: &[&str] =
    &["X-Note: one", "X-Empty:", "X-Note:one", "X-Note: \tone \t", "Cookie: a=b; c=d"];

/// Lines that repeat what stands once, or that are not well-formed, RFC 9112 §5.
pub const BAD_LINES: &[&str] = &[
    "Host: other",
    "Upgrade: websocket",
    "Sec-WebSocket-Key: {key}",
    "Sec-WebSocket-Version: 13",
    "No colon",
    " folded: x",
    "Bad Name: x",
    "X-Nul: a\0b",
    ": empty",
    "X-Cr: a\rb",
    "Content-Length: 5",
    "Transfer-Encoding: chunked",
];

/// Line ends other than CR LF.
pub const BAD_LINE_BREAKS: &[&str] = &["\n", "\r"];

/// Offers of extensions that a server may accept or ignore, RFC 6455 §9.1.
pub const LAWFUL_EXTENSIONS: &[&str] = &[
    "x-unknown",
    "x-unknown; a=b, permessage-deflate",
    "permessage-deflate; client_max_window_bits, permessage-deflate",
];

/// Offers that are not well-formed, or whose parameters RFC 7692 §7.1 does not know.
pub const BAD_EXTENSIONS: &[&str] = &[
    "",
    ",",
    "permessage-deflate; server_max_window_bits=7",
    "permessage-deflate; server_max_window_bits=16",
    "permessage-deflate; client_max_window_bits=0",
    "permessage-deflate; x",
    "permessage-deflate; server_no_context_takeover=1",
    "=;",
    "a b",
    "permessage-deflate; server_max_window_bits=\"10\"",
];

/// Extensions in a response that no request asked for.
pub const BAD_RESPONSE_EXTENSIONS: &[&str] = &[
    "x-nobody-asked",
    "permessage-deflate; x",
    "permessage-deflate, permessage-deflate",
    "permessage-deflate; server_max_window_bits=16",
];

/// The names of extensions.
pub const EXTENSION_NAMES: &[&str] =
    &["permessage-deflate", "x-unknown", "Permessage-Deflate", "x-webkit-deflate-frame"];

/// The names of extension parameters: those of RFC 7692 §7.1, and others.
pub const PARAMETER_NAMES: &[&str] = &[
    "server_no_context_takeover",
    "client_no_context_takeover",
    "server_max_window_bits",
    "client_max_window_bits",
    "x",
    "Server_Max_Window_Bits",
];

/// The values of extension parameters: window bits, at and beyond their bounds, and spellings that are not lawful.
pub const PARAMETER_VALUES: &[&str] = &["8", "15", "9", "10", "7", "16", "0", "08", "+9", "x", "255"];

/// Lists of subprotocols, RFC 6455 §4.1.
pub const PROTOCOLS: &[&str] = &["", ",", "chat", "chat, chat", "a b", "chat,superchat", "CHAT"];

/// Subprotocols in a response that no request asked for.
pub const BAD_RESPONSE_PROTOCOLS: &[&str] = &["x-nobody-asked", "", "a, b"];

/// Methods of a request, the lawful one first.
pub const METHODS: &[&str] = &["GET", "POST", "HEAD", "get", "CONNECT"];

/// Reason phrases, RFC 9112 §4. An empty one is lawful.
pub const REASONS: &[&str] = &["Switching Protocols", "", "OK", "Bad Request"];

/// Start lines of requests and responses, well-formed and not.
pub const START_LINES: &[&str] = &[
    "GET / HTTP/1.1",
    "HTTP/1.1 101 Switching Protocols",
    "GET /chat?room=1 HTTP/1.1",
    "HTTP/1.1 400 Bad Request",
    "HTTP/1.1 101",
    "HTTP/1.1 101 ",
    "GET / HTTP/1.0",
    "GET / HTTP/1.9",
    "HTTP/1.2 101 Switching Protocols",
    "POST / HTTP/1.1",
    "GET  / HTTP/1.1",
    "GET /",
    "",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opening::{DeflateOffer, extension, key, token};

    /// What the tables call bad is bad, and what they call lawful is read as meant.
    #[test]
    fn values_are_what_the_tables_say() {
        assert!(BAD_KEYS.iter().all(|bad| key::validate(bad.as_bytes()).is_err()));
        let upgrade =
            |value: &&str| token::list(value.as_bytes()).any(|token| token.eq_ignore_ascii_case(b"upgrade"));
        assert!(LAWFUL_CONNECTIONS.iter().all(upgrade) && !BAD_CONNECTIONS.iter().any(upgrade));
        assert!(LAWFUL_EXTENSIONS.iter().all(|value| extension::parse(value.as_bytes()).is_ok()));
        let understood = |value: &&str| {
            let extensions = extension::parse(value.as_bytes());
            extensions.is_ok_and(|all| all.iter().all(|one| DeflateOffer::parse(one).is_ok()))
        };
        let good: Vec<_> = BAD_EXTENSIONS.iter().copied().filter(|value| understood(value)).collect();
        assert_eq!(
            good,
            ["permessage-deflate; server_max_window_bits=\"10\""],
            "quoted, which some readers refuse"
        );
    }
}
