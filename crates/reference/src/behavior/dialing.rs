//! The steps from a WebSocket URI to a connection: RFC 6455 §3, §4.1 and §11.1.

use crate::address::Destination;
use crate::config::Config;
use crate::uri;
use wsgauntlet_wire::opening::certificate::Certificate;

/// The steps of a client before its request.
pub(crate) trait Dialing {
    /// Whether a URI may have a fragment. §3: they "MUST NOT be used on these URIs."
    fn takes_fragment(&mut self) -> bool {
        false
    }

    /// §3: "the default for "ws" is port 80, while the default for "wss" is port 443."
    fn default_port(&mut self, secure: bool) -> u16 {
        if secure { 443 } else { 80 }
    }

    /// The port of a URI, where one is written. None: the URI is invalid.
    fn port(&mut self, text: &str) -> Option<u16> {
        uri::port(text)
    }

    /// Whether a resource is refused that is valid.
    fn refuses_resource(&mut self, _resource: &str) -> bool {
        false
    }

    /// The value of `Host`: the host in ASCII (§11.1.1), and the port where the URI has one. `written`: the host as it is
    /// written in the URI.
    fn authority(&mut self, _written: &str, ascii: &str, port: Option<u16>) -> String {
        port.map_or(ascii.to_owned(), |port| format!("{ascii}:{port}"))
    }

    /// §3's resource name, from the path and query as they are written.
    fn resource_name(&mut self, written: &str) -> String {
        uri::resource_name(written)
    }

    /// §4.1: "Clients MUST use the Server Name Indication extension in the TLS handshake".
    fn server_name(&mut self, name: &str) -> Option<String> {
        Some(name.to_owned())
    }

    /// Whether TLS succeeds. §4.1: "If this fails (e.g., the server's certificate could not be verified), then the client MUST
    /// _Fail the WebSocket Connection_".
    fn trusts(&mut self, certificate: Certificate) -> bool {
        certificate == Certificate::Valid
    }

    /// How many redirections are followed. §4.1 leaves it open; this reference follows none.
    fn redirects_max(&mut self) -> usize {
        0
    }

    /// A redirection was followed: `config` asks for the new host and target.
    fn follow(&mut self, _config: &mut Config, _from: &Destination) {}
}
