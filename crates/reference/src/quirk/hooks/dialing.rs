//! What quirks do before the request.

use crate::address::Destination;
use crate::behavior::{Dialing, Strict};
use crate::config::Config;
use crate::quirk::catalogue::Addressing;
use crate::quirk::faulty::Faulty;
use wsgauntlet_wire::opening::certificate::Certificate;

impl Dialing for Faulty {
    fn takes_fragment(&mut self) -> bool {
        self.has(Addressing::FragmentSent)
    }

    fn default_port(&mut self, secure: bool) -> u16 {
        match self.has(Addressing::DefaultPort) {
            true => 8080,
            false => Strict.default_port(secure),
        }
    }

    fn port(&mut self, text: &str) -> Option<u16> {
        let misread = self.all().find_map(|fault: Addressing| fault.misread_port(text));
        misread.or_else(|| Strict.port(text))
    }

    fn refuses_resource(&mut self, resource: &str) -> bool {
        resource.starts_with("/.well-known/") && self.has(Addressing::WellKnownRefused)
    }

    fn authority(&mut self, written: &str, ascii: &str, port: Option<u16>) -> String {
        let shown = if self.has(Addressing::HostNotAscii) { written } else { ascii };
        let misread = self.all().find_map(|fault: Addressing| fault.authority(ascii, port));
        misread.unwrap_or_else(|| Strict.authority(written, shown, port))
    }

    fn resource_name(&mut self, written: &str) -> String {
        let misread = self.all().find_map(|fault: Addressing| fault.resource_name(written));
        misread.unwrap_or_else(|| Strict.resource_name(written))
    }

    fn server_name(&mut self, name: &str) -> Option<String> {
        Strict.server_name(name).filter(|_| !self.has(Addressing::ServerNameOmitted))
    }

    fn trusts(&mut self, certificate: Certificate) -> bool {
        Strict.trusts(certificate) || self.all().any(|fault: Addressing| fault.trusts(certificate))
    }

    fn redirects_max(&mut self) -> usize {
        self.all().map(Addressing::redirects_max).max().unwrap_or_else(|| Strict.redirects_max())
    }

    fn follow(&mut self, config: &mut Config, from: &Destination) {
        for fault in self.all::<Addressing>() {
            fault.follow(from, &mut config.host, &mut config.target, &mut config.fields);
        }
    }
}
