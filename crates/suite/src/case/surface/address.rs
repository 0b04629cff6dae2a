//! The `address` of an opening.

use crate::case::address::{Address, PLACES};
use serde::Deserialize;
use wsgauntlet_wire::opening::certificate::Certificate;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AddressSurface {
    url: String,
    name: Option<String>,
    #[serde(default)]
    default_port: bool,
    certificate: Option<CertificateSurface>,
    #[serde(default)]
    may_refuse: bool,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum CertificateSurface {
    Expired,
    OtherName,
    Untrusted,
}

impl AddressSurface {
    pub fn build(self) -> Result<Address, String> {
        if !["ws://", "wss://"].iter().any(|scheme| self.url.starts_with(scheme)) {
            return Err(format!("`url` begins with ws:// or wss://, not {:?}", self.url));
        }
        let mut bare = self.url.clone();
        for place in PLACES {
            bare = bare.replace(place, "");
        }
        if bare.contains(['{', '}']) {
            return Err(format!("the places of a `url` are {}: {:?}", PLACES.join(", "), self.url));
        }
        if self.default_port == self.url.contains("{port") {
            let what = "a `url` holds {port}, or the case says default-port = true";
            return Err(format!("{what}: {:?}", self.url));
        }
        if self.name.is_none() && !self.url.contains("{host}") {
            return Err(format!(
                "a `url` without {{host}} needs the `name` that it comes to: {:?}",
                self.url
            ));
        }
        if self.certificate.is_some() && !self.url.starts_with("wss:") {
            return Err("a `certificate` is shown in TLS: the `url` begins with wss://".to_owned());
        }
        Ok(Address {
            certificate: match self.certificate {
                None => Certificate::Valid,
                Some(CertificateSurface::Expired) => Certificate::Expired,
                Some(CertificateSurface::OtherName) => Certificate::OtherName,
                Some(CertificateSurface::Untrusted) => Certificate::Untrusted,
            },
            url: self.url,
            name: self.name,
            default_port: self.default_port,
            may_refuse: self.may_refuse,
        })
    }
}
