//! The address that a client under test is told to open, where the address is what a case is about.

use wsgauntlet_wire::opening::certificate::Certificate;

/// What a client is told to open, and what awaits it there.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Address {
    /// The URL, with the places `{host}`, `{port}` and `{port+65536}` in it.
    pub url: String,
    /// What the host in the URL comes to, where it is not `{host}`.
    pub name: Option<String>,
    /// The URL has no port: the listener is at the default port of its scheme.
    pub default_port: bool,
    pub certificate: Certificate,
    /// A client that makes no request decides nothing: it may refuse the address, or not resolve its name.
    pub may_refuse: bool,
}

/// The places that a URL may have.
pub const PLACES: [&str; 3] = ["{host}", "{port}", "{port+65536}"];

impl Address {
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

    /// The URL of a listener.
    pub fn url(&self, host: &str, port: u16) -> String {
        let beyond = u32::from(port) + 65_536;
        let url = self.url.replace("{host}", host).replace("{port}", &port.to_string());
        url.replace("{port+65536}", &beyond.to_string())
    }

    /// What stands in `Host`: §4.1, "/port/ (when not using the default port)".
    pub fn authority(&self, host: &str, port: u16) -> String {
        let name = self.name.as_deref().unwrap_or(host);
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
            default_port: false,
            certificate: Certificate::Valid,
            may_refuse: false,
        };
        assert_eq!(address.url("127.0.0.1", 9001), "ws://127.0.0.1:9001/74537");
        assert_eq!((address.authority("[::1]", 9001), address.fixed_port()), ("[::1]:9001".to_owned(), None));
        address.default_port = true;
        address.name = Some("localhost".to_owned());
        assert_eq!(
            (address.authority("[::1]", 80), address.fixed_port()),
            ("localhost".to_owned(), Some(80))
        );
    }
}
