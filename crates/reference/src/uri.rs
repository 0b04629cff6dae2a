//! The parts of a WebSocket URI, RFC 6455 §3 and §11.1. Pure: text in, text out.

/// Host and port of an authority, as they are written there.
pub(crate) fn split_port(authority: &str) -> (&str, Option<&str>) {
    let after_literal = authority.rfind(']').map_or(0, |at| at + 1);
    match authority[after_literal..].rfind(':') {
        Some(at) => (&authority[..after_literal + at], Some(&authority[after_literal + at + 1..])),
        None => (authority, None),
    }
}

/// RFC 3986 §3.2.3: "port = *DIGIT".
pub(crate) fn port(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|octet| octet.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// §3: ""/" if the path component is empty, the path component, "?" if the query component is non-empty, the query
/// component".
pub(crate) fn resource_name(written: &str) -> String {
    let (path, query) = written.split_once('?').unwrap_or((written, ""));
    let path = if path.is_empty() { "/".to_owned() } else { encoded(path) };
    if query.is_empty() { path } else { format!("{path}?{}", encoded(query)) }
}

/// §11.1.1: "first encoding the characters as UTF-8 and then replacing the corresponding bytes using their
/// percent-encoded form".
fn encoded(component: &str) -> String {
    let mut out = String::new();
    for c in component.chars() {
        if is_allowed(c) {
            out.push(c);
        } else {
            let mut octets = [0; 4];
            for octet in c.encode_utf8(&mut octets).bytes() {
                out.push_str(&format!("%{octet:02X}"));
            }
        }
    }
    out
}

/// Whether a path or a query may hold a character, RFC 3986 §3.3 and §3.4; "%" begins what is encoded already.
fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/?%".contains(c)
}
