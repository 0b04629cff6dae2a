//! The `address` of an opening.

use super::shape::Latin1;
use crate::case::address::{Address, PLACES, REDIRECT_PLACES, Redirect};
use serde::Deserialize;
use std::net::{Ipv4Addr, Ipv6Addr};
use wsgauntlet_wire::opening::certificate::Certificate;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct AddressSurface {
    url: String,
    name: Option<String>,
    listen: Option<String>,
    #[serde(default)]
    default_port: bool,
    certificate: Option<CertificateSurface>,
    #[serde(default)]
    may_refuse: bool,
    redirect: Option<RedirectSurface>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RedirectSurface {
    status: u16,
    location: Latin1,
    #[serde(default)]
    add: Vec<Latin1>,
    times: Option<usize>,
}

/// The most redirections of one instance.
const REDIRECTS_MAX: usize = 100;

impl RedirectSurface {
    fn build(self) -> Result<Redirect, String> {
        if !(300..400).contains(&self.status) {
            return Err(format!("the `status` of a `redirect` is 3xx, not {}", self.status));
        }
        let times = self.times.unwrap_or(1);
        if !(1..=REDIRECTS_MAX).contains(&times) {
            return Err(format!("the `times` of a `redirect` are 1 to {REDIRECTS_MAX}"));
        }
        let mut bare: String = self.location.0.iter().map(|octet| char::from(*octet)).collect();
        for place in REDIRECT_PLACES {
            bare = bare.replace(place, "");
        }
        if bare.contains(['{', '}']) {
            return Err(format!("the places of a `location` are {}: {bare:?}", REDIRECT_PLACES.join(", ")));
        }
        let add = self.add.into_iter().map(|line| line.0).collect();
        Ok(Redirect { status: self.status, location: self.location.0, add, times })
    }
}

/// `127.0.0.1` or `[::1]`, as it stands in a URL.
fn is_address(text: &str) -> bool {
    match text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(literal) => literal.parse::<Ipv6Addr>().is_ok(),
        None => text.parse::<Ipv4Addr>().is_ok(),
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum CertificateSurface {
    Expired,
    OtherName,
    Untrusted,
}

impl AddressSurface {
    pub(crate) fn build(self) -> Result<Address, String> {
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
            return Err(format!("a `url` without {{host}} needs the `name` of the host: {:?}", self.url));
        }
        if let Some(listen) = self.listen.as_deref().filter(|listen| !is_address(listen)) {
            return Err(format!("`listen` is an address such as 127.0.0.1 or [::1], not {listen:?}"));
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
            listen: self.listen,
            default_port: self.default_port,
            may_refuse: self.may_refuse,
            redirect: self.redirect.map(RedirectSurface::build).transpose()?,
        })
    }
}
