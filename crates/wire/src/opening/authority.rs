//! The value of `Host`: `uri-host [ ":" port ]`, RFC 9112 §3.2, with the host of RFC 3986 §3.2.2.

use std::net::Ipv6Addr;

/// Whether `value` is a host that is not empty, with an optional port.
pub fn is_valid(value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return false };
    let (host_is_valid, rest) = match text.strip_prefix('[') {
        Some(literal) => match literal.split_once(']') {
            Some((address, rest)) => (is_ip_literal(address), rest),
            None => return false,
        },
        None => {
            let end = text.find(':').unwrap_or(text.len());
            (is_reg_name(&text[..end]), &text[end..])
        }
    };
    let port_is_valid = match rest.strip_prefix(':') {
        Some(port) => port.bytes().all(|octet| octet.is_ascii_digit()),
        None => rest.is_empty(),
    };
    host_is_valid && port_is_valid
}

/// `value` with an IPv6 address in the one form that RFC 5952 recommends: all forms name the same host.
pub fn normal(value: &[u8]) -> Vec<u8> {
    let parts = std::str::from_utf8(value).ok().and_then(|text| text.strip_prefix('[')?.split_once(']'));
    match parts.and_then(|(literal, rest)| Some((literal.parse::<Ipv6Addr>().ok()?, rest))) {
        Some((address, rest)) => format!("[{address}]{rest}").into_bytes(),
        None => value.to_vec(),
    }
}

/// `IPv6address / IPvFuture`, RFC 3986 §3.2.2.
fn is_ip_literal(address: &str) -> bool {
    let future = |rest: &str| {
        rest.split_once('.').is_some_and(|(version, address)| {
            !version.is_empty()
                && version.bytes().all(|octet| octet.is_ascii_hexdigit())
                && !address.is_empty()
                && address.bytes().all(|octet| octet == b':' || is_name_octet(octet))
        })
    };
    match address.strip_prefix(['v', 'V']) {
        Some(rest) => future(rest),
        None => address.parse::<Ipv6Addr>().is_ok(),
    }
}

/// `1*( unreserved / pct-encoded / sub-delims )`.
fn is_reg_name(name: &str) -> bool {
    let mut octets = name.bytes();
    while let Some(octet) = octets.next() {
        let valid = match octet {
            b'%' => [octets.next(), octets.next()]
                .iter()
                .all(|digit| digit.is_some_and(|digit| digit.is_ascii_hexdigit())),
            octet => is_name_octet(octet),
        };
        if !valid {
            return false;
        }
    }
    !name.is_empty()
}

fn is_name_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&octet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_one_address_are_one() {
        assert_eq!(normal(b"[0:0:0:0:0:0:0:1]:9001"), b"[::1]:9001");
        assert_eq!(normal(b"[::1]"), b"[::1]");
        for other in [&b"localhost:9001"[..], b"::1:9001", b"[::1", b"[x]:1", b"\xff"] {
            assert_eq!(normal(other), other);
        }
    }

    #[test]
    fn hosts_with_and_without_ports() {
        for good in ["a", "a.example:80", "127.0.0.1", "[::1]:9001", "[v1.a:b]", "a%20b", "a_b", "a:"] {
            assert!(is_valid(good.as_bytes()), "{good}");
        }
        let bad = [
            "", ":80", "a b", "a/", "u@a", "http://a", "a:http", "a:80:80", "[::1", "[x]", "[]", "a%zz",
            "a%2",
        ];
        for bad in bad {
            assert!(!is_valid(bad.as_bytes()), "{bad}");
        }
        assert!(!is_valid(b"\xe9.example"));
    }
}
