//! From a WebSocket URI to where a client connects and what it asks for there: RFC 6455 §3, §4.1 steps 1 to 5, §11.1.

use super::quirk::Faults;
use super::quirk::addressing::Addressing;
use url::Host;
use wsgauntlet_wire::opening::certificate::Certificate;

/// What a client is told to open, and what awaits it there: for plays in memory, where nothing is dialled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub url: String,
    /// The port at which the peer listens.
    pub port: u16,
    pub certificate: Certificate,
    /// Where the peer sends its client on to.
    pub redirect: Option<Redirection>,
}

/// A redirection that a client gets where its address leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirection {
    /// The value of `Location`.
    pub location: Vec<u8>,
    /// So many times, one after another.
    pub times: usize,
    /// The port of the other origin.
    pub other_port: u16,
}

/// A WebSocket URI, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// §3: "the scheme component matches "wss" case-insensitively".
    pub secure: bool,
    /// In ASCII, without brackets.
    pub host: String,
    pub port: u16,
    /// What stands in `Host`.
    pub authority: String,
    /// §3's resource name: path and query.
    pub resource: String,
    /// What goes into the TLS extension server_name. RFC 6066 §3: no address in digits.
    pub server_name: Option<String>,
}

/// Why a client does not open an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("the scheme is neither ws nor wss")]
    Scheme,
    #[error("a fragment has no meaning in it (RFC 6455 §3)")]
    Fragment,
    #[error("it has user information")]
    UserInformation,
    #[error("the host {0:?} is none")]
    Host(String),
    #[error("the port {0:?} is none")]
    Port(String),
    #[error("refused for no reason")]
    NoReason,
}

impl Destination {
    /// §4.1: "The components of the WebSocket URI passed into this algorithm [...] MUST be valid".
    pub fn parse(url: &str, faults: Faults) -> Result<Destination, AddressError> {
        let fault = faults.addressing();
        let (scheme, rest) = url.split_once("://").ok_or(AddressError::Scheme)?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "ws" => false,
            "wss" => true,
            _ => return Err(AddressError::Scheme),
        };
        if rest.contains('#') && fault != Some(Addressing::FragmentSent) {
            return Err(AddressError::Fragment);
        }
        let (authority, resource) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(AddressError::UserInformation);
        }
        let (written, port_text) = split_port(authority);
        let parsed = Host::parse(written).map_err(|_| AddressError::Host(written.to_owned()))?;
        let default_port = match fault {
            Some(fault) => fault.default_port(secure),
            None if secure => 443,
            None => 80,
        };
        let port = match port_text {
            None | Some("") => default_port,
            Some(text) => port(text, fault).ok_or_else(|| AddressError::Port(text.to_owned()))?,
        };
        if fault == Some(Addressing::WellKnownRefused) && resource.starts_with("/.well-known/") {
            return Err(AddressError::NoReason);
        }
        let ascii = parsed.to_string();
        let shown = if fault == Some(Addressing::HostNotAscii) { written } else { &ascii };
        Ok(Destination {
            secure,
            authority: {
                let port = port_text.filter(|text| !text.is_empty()).map(|_| port);
                let right = || port.map_or(shown.to_owned(), |port| format!("{shown}:{port}"));
                fault.and_then(|fault| fault.authority(&ascii, port)).unwrap_or_else(right)
            },
            resource: resource_name(resource, fault),
            server_name: match &parsed {
                Host::Domain(name) if fault != Some(Addressing::ServerNameOmitted) => Some(name.clone()),
                Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_) => None,
            },
            host: ascii.trim_matches(['[', ']']).to_owned(),
            port,
        })
    }
}

/// What `Location` says to a client that asked for `base`: RFC 9110 §10.2.2, "a URI-reference", which is resolved against it. The
/// schemes of HTTP mean those of WebSocket.
pub fn redirected(base: &Destination, location: &[u8]) -> Result<String, AddressError> {
    let location = std::str::from_utf8(location).map_err(|_| AddressError::Scheme)?;
    let scheme = if base.secure { "wss" } else { "ws" };
    let here = format!("{scheme}://{}", base.authority);
    let end_of_path = base.resource.find('?').unwrap_or(base.resource.len());
    let folder = base.resource[..end_of_path].rfind('/').map_or("/", |at| &base.resource[..=at]);
    if let Some((scheme, rest)) = location.split_once("://") {
        return match scheme.to_ascii_lowercase().as_str() {
            "ws" | "http" => Ok(format!("ws://{rest}")),
            "wss" | "https" => Ok(format!("wss://{rest}")),
            _ => Err(AddressError::Scheme),
        };
    }
    match location {
        "" => Err(AddressError::Scheme),
        rest if rest.starts_with("//") => Ok(format!("{scheme}:{rest}")),
        rest if rest.starts_with('/') => Ok(format!("{here}{rest}")),
        rest if rest.split('/').next().is_some_and(|first| first.contains(':')) => Err(AddressError::Scheme),
        rest => Ok(format!("{here}{folder}{rest}")),
    }
}

/// Host and port as they are written.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    let after_literal = authority.rfind(']').map_or(0, |at| at + 1);
    match authority[after_literal..].rfind(':') {
        Some(at) => (&authority[..after_literal + at], Some(&authority[after_literal + at + 1..])),
        None => (authority, None),
    }
}

/// RFC 3986 §3.2.3: "port = *DIGIT".
fn port(text: &str, fault: Option<Addressing>) -> Option<u16> {
    let misread = fault.and_then(|fault| fault.misread_port(text));
    let digits = text.bytes().all(|octet| octet.is_ascii_digit());
    misread.or_else(|| digits.then(|| text.parse().ok()).flatten()).filter(|port| *port != 0)
}

/// §3: ""/" if the path component is empty, the path component, "?" if the query component is non-empty, the query
/// component".
fn resource_name(written: &str, fault: Option<Addressing>) -> String {
    if let Some(misread) = fault.and_then(|fault| fault.resource_name(written)) {
        return misread;
    }
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

/// What may stand in a path or a query, RFC 3986 §3.3 and §3.4; "%" begins what is encoded already.
pub fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/?%".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Destination, AddressError> {
        Destination::parse(url, Faults::default())
    }

    #[test]
    fn resource_names() {
        for (url, authority, port, resource) in [
            ("ws://127.0.0.1:9001", "127.0.0.1:9001", 9001, "/"),
            ("ws://localhost", "localhost", 80, "/"),
            ("WSS://localhost/a%23b", "localhost", 443, "/a%23b"),
            ("ws://[::1]:9001?a=b", "[::1]:9001", 9001, "/?a=b"),
            ("ws://h/a?", "h", 80, "/a"),
            ("ws://h:/a b?\u{e9}", "h", 80, "/a%20b?%C3%A9"),
            ("ws://\u{ff4c}ocalhost:9001/", "localhost:9001", 9001, "/"),
        ] {
            let parsed = parse(url).expect("a URL");
            assert_eq!((parsed.authority.as_str(), parsed.port), (authority, port), "{url}");
            assert_eq!(parsed.resource, resource, "{url}");
        }
        assert_eq!(parse("wss://localhost").expect("a URL").server_name, Some("localhost".to_owned()));
        assert_eq!(parse("wss://127.0.0.1").expect("a URL").server_name, None);
    }

    #[test]
    fn locations_are_resolved() {
        let base = parse("ws://h:1/a/b?c").expect("a URL");
        for (location, url) in [
            ("ws://o:2/x", "ws://o:2/x"),
            ("HTTPS://o/x", "wss://o/x"),
            ("//o:2/x", "ws://o:2/x"),
            ("/x?y", "ws://h:1/x?y"),
            ("x", "ws://h:1/a/x"),
        ] {
            assert_eq!(redirected(&base, location.as_bytes()).as_deref(), Ok(url), "{location}");
        }
        for none in [&b""[..], b"file:///etc", b"javascript:alert(1)", b"\xff"] {
            assert_eq!(redirected(&base, none), Err(AddressError::Scheme));
        }
    }

    #[test]
    fn what_is_none() {
        for (url, error) in [
            ("http://h/", AddressError::Scheme),
            ("h:9001", AddressError::Scheme),
            ("ws://h/#top", AddressError::Fragment),
            ("ws://user@h/", AddressError::UserInformation),
            ("ws:///a", AddressError::Host(String::new())),
            ("ws://h:0/", AddressError::Port("0".into())),
            ("ws://h:65536/", AddressError::Port("65536".into())),
            ("ws://h:+80/", AddressError::Port("+80".into())),
            ("ws://h:80x/", AddressError::Port("80x".into())),
        ] {
            assert_eq!(parse(url), Err(error), "{url}");
        }
    }
}
