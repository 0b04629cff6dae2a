//! From a WebSocket URI to where a client connects and what it asks for there: RFC 6455 §3, §4.1 steps 1 to 5, §11.1.

use super::address::{AddressError, Destination};
use super::behavior::Dialing;
use super::uri;
use url::Host;

/// §4.1: "The components of the WebSocket URI passed into this algorithm [...] MUST be valid".
pub(crate) fn parse_destination(url: &str, behavior: &mut impl Dialing) -> Result<Destination, AddressError> {
    let (scheme, rest) = url.split_once("://").ok_or(AddressError::Scheme)?;
    // §3: "the scheme component matches "wss" case-insensitively".
    let secure = match scheme.to_ascii_lowercase().as_str() {
        "ws" => false,
        "wss" => true,
        _ => return Err(AddressError::Scheme),
    };
    // §3: "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used on these URIs."
    if rest.contains('#') && !behavior.takes_fragment() {
        return Err(AddressError::Fragment);
    }
    let (authority, resource) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if authority.contains('@') {
        return Err(AddressError::UserInformation);
    }
    // §11.1.1: the host is converted to ASCII. §3: "The port component is OPTIONAL".
    let (written, port_text) = uri::split_port(authority);
    let parsed = Host::parse(written).map_err(|_| AddressError::Host(written.to_owned()))?;
    let ascii = parsed.to_string();
    let port_text = port_text.filter(|text| !text.is_empty());
    let port = match port_text {
        None => behavior.default_port(secure),
        Some(text) => {
            let port = behavior.port(text).filter(|port| *port != 0);
            port.ok_or_else(|| AddressError::Port(text.to_owned()))?
        }
    };
    if behavior.refuses_resource(resource) {
        return Err(AddressError::NoReason);
    }
    Ok(Destination {
        secure,
        // §4.1: "|Host| header field whose value contains /host/ plus optionally ":" followed by /port/".
        authority: behavior.authority(written, &ascii, port_text.map(|_| port)),
        resource: behavior.resource_name(resource),
        server_name: match &parsed {
            Host::Domain(name) => behavior.server_name(name),
            Host::Ipv4(_) | Host::Ipv6(_) => None,
        },
        host: ascii.trim_matches(['[', ']']).to_owned(),
        port,
    })
}

/// The WebSocket URI that a client requests after a response with this `Location`, when it asked for `base` before. RFC 9110
/// §10.2.2: a URI-reference, resolved against `base`. `http` and `https` stand for `ws` and `wss`.
///
/// # Errors
/// [`AddressError::Scheme`] for a location that is empty, not UTF-8 or of another scheme.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behavior::Strict;

    fn parse(url: &str) -> Result<Destination, AddressError> {
        parse_destination(url, &mut Strict)
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
    fn invalid_addresses_are_refused() {
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
