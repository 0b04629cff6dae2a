//! The address that a client under test has to open, in cases that are about the address.

use wsgauntlet_wire::opening::certificate::Certificate;
use wsgauntlet_wire::opening::head::{HeadDraft, Line};

/// What a client has to open, and what it finds there.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Address {
    /// The URL, with the places `{host}`, `{port}` and `{port+65536}` in it.
    pub url: String,
    /// The host in the URL as a client has to send it, where the URL has no `{host}`.
    pub name: Option<String>,
    /// Where the listener is, and what `{host}` stands for, where that is not the host of the run: an IP address, as a URL has it.
    pub listen: Option<String>,
    /// The URL has no port: the listener is at the default port of its scheme.
    pub default_port: bool,
    /// The certificate that our server shows, where the scheme is `wss`.
    pub certificate: Certificate,
    /// A client that makes no request decides nothing: it may refuse the address, or not resolve its name.
    pub may_refuse: bool,
    /// The answer to the requests that come before the one that is played.
    pub redirect: Option<Redirect>,
}

/// A redirection. The request that follows it is played, or that none does.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Redirect {
    /// The status code of the response, 300 to 399.
    pub status: u16,
    /// The value of `Location`, as octets, with the places `{here}` and `{other}` in it.
    pub location: Vec<u8>,
    /// More field lines of the response.
    pub add: Vec<Vec<u8>>,
    /// How many requests are answered like this, one after another.
    pub times: usize,
}

/// The places that a `Location` may have: what stands in `Host` where the client is, and at another origin.
pub const REDIRECT_PLACES: [&str; 2] = ["{here}", "{other}"];

/// Where the other origin listens: another host than that of any run on this machine.
pub const OTHER_HOST: &str = "127.0.0.2";

impl Redirect {
    /// Whether it leads to the other origin.
    pub fn leads_away(&self) -> bool {
        self.location.windows(7).any(|octets| octets == b"{other}")
    }

    /// Whether the other origin is asked in TLS.
    pub fn is_secure(&self) -> bool {
        self.location.starts_with(b"wss:") || self.location.starts_with(b"https:")
    }

    /// The value of `Location`, its places filled.
    pub fn location(&self, here: &str, other: &str) -> Vec<u8> {
        let location: String = self.location.iter().map(|octet| char::from(*octet)).collect();
        let filled = location.replace("{here}", here).replace("{other}", other);
        filled.chars().map(|c| c as u8).collect()
    }

    /// The octets of the response.
    pub fn response(&self, here: &str, other: &str) -> Vec<u8> {
        let mut head = HeadDraft::new(format!("HTTP/1.1 {} Elsewhere", self.status));
        head.field("Location", self.location(here, other));
        head.field("Content-Length", "0").field("Connection", "close");
        head.lines.extend(self.add.iter().cloned().map(Line::Raw));
        head.to_octets()
    }
}

/// The places that a URL may have.
pub const PLACES: [&str; 3] = ["{host}", "{port}", "{port+65536}"];

impl Address {
    /// Whether a client opens it over TLS.
    pub fn is_secure(&self) -> bool {
        self.url.starts_with("wss:")
    }

    /// The port of its listener, where that is not any free one.
    pub fn fixed_port(&self) -> Option<u16> {
        match (self.default_port, self.is_secure()) {
            (false, _) => None,
            (true, false) => Some(80),
            (true, true) => Some(443),
        }
    }

    /// Where the listener is, as it stands in a URL; `host` is that of the run.
    pub fn host<'a>(&'a self, host: &'a str) -> &'a str {
        self.listen.as_deref().unwrap_or(host)
    }

    /// The URL of a listener.
    pub fn url(&self, host: &str, port: u16) -> String {
        let host = self.host(host);
        let beyond = u32::from(port) + 65_536;
        let url = self.url.replace("{host}", host).replace("{port}", &port.to_string());
        url.replace("{port+65536}", &beyond.to_string())
    }

    /// What stands in `Host`: §4.1, "/port/ (when not using the default port)".
    pub fn authority(&self, host: &str, port: u16) -> String {
        let name = self.name.as_deref().unwrap_or(self.host(host));
        if self.default_port { name.to_owned() } else { format!("{name}:{port}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled() {
        let mut address = Address {
            url: "ws://{host}:{port}/{port+65536}".to_owned(),
            name: None,
            listen: None,
            default_port: false,
            certificate: Certificate::Valid,
            may_refuse: false,
            redirect: None,
        };
        assert_eq!(address.url("127.0.0.1", 9001), "ws://127.0.0.1:9001/74537");
        assert_eq!((address.authority("[::1]", 9001), address.fixed_port()), ("[::1]:9001".to_owned(), None));
        address.default_port = true;
        address.name = Some("localhost".to_owned());
        assert_eq!(
            (address.authority("[::1]", 80), address.fixed_port()),
            ("localhost".to_owned(), Some(80))
        );
        address.default_port = false;
        (address.name, address.listen) = (None, Some("[::1]".to_owned()));
        assert_eq!(address.authority("127.0.0.1", 9001), "[::1]:9001");
        assert!(address.url("127.0.0.1", 9001).starts_with("ws://[::1]:9001/"));
    }

    #[test]
    fn redirections_lead_here_or_away() {
        let redirect = |location: &str| Redirect {
            status: 302,
            location: location.as_bytes().to_vec(),
            add: vec![b"Set-Cookie: a=b".to_vec()],
            times: 1,
        };
        let away = redirect("wss://{other}/a");
        assert!(away.leads_away() && away.is_secure());
        assert_eq!(away.location("h:1", "o:2"), b"wss://o:2/a");
        let here = redirect("http://{here}/a");
        assert!(!here.leads_away() && !here.is_secure());
        let expected = "HTTP/1.1 302 Elsewhere\r\nLocation: http://h:1/a\r\nContent-Length: 0\r\n\
                        Connection: close\r\nSet-Cookie: a=b\r\n\r\n";
        assert_eq!(String::from_utf8_lossy(&here.response("h:1", "o:2")), expected);
    }
}
