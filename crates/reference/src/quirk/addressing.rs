//! A client that misreads its address, or trusts a certificate that is not valid.

use super::table::quirks;
use crate::address::Destination;
use wsgauntlet_wire::opening::certificate::Certificate;

quirks! {
    /// What goes wrong before the request.
    pub enum Addressing {
        /// Loses the query of an address without a path.
        QueryLost "address-query-lost-without-path" Client ["rfc6455/3/resource-name-construction"],
        /// Begins the request target with the query of an address without a path.
        SlashOmitted "address-slash-omitted-without-path" Client ["rfc6455/3/resource-name-construction"],
        /// Decodes what is percent-encoded.
        Decoded "address-decoded" Client ["rfc6455/3/resource-name-construction"],
        /// Decodes an escaped number sign.
        NumberSignDecoded "address-number-sign-decoded" Client ["rfc6455/3/number-sign-escaped", "rfc6455/3/no-fragment-identifier"],
        /// Sends the fragment of its address.
        FragmentSent "address-fragment-sent" Client ["rfc6455/3/no-fragment-identifier"],
        /// Sends characters beyond ASCII as they stand in its address.
        NotEncoded "address-not-percent-encoded" Client ["rfc6455/11.1.1/ws-components-percent-encoded", "rfc6455/11.1.2/wss-components-percent-encoded"],
        /// Encodes the characters of its address as Latin-1.
        EncodedAsLatin1 "address-encoded-as-latin-1" Client ["rfc6455/11.1.1/ws-components-percent-encoded", "rfc6455/11.1.2/wss-components-percent-encoded"],
        /// Sends the host of its address as it stands there.
        HostNotAscii "address-host-not-ascii" Client ["rfc6455/11.1.1/ws-host-to-ascii", "rfc6455/11.1.2/wss-host-to-ascii"],
        /// Cuts the port to 16 bits.
        PortCut "address-port-cut-to-16-bits" Client ["rfc6455/4.1/uri-components-valid", "rfc6455/4.1/invalid-uri-fails"],
        /// Reads the port up to the first character that is no digit.
        PortPrefix "address-port-read-in-part" Client ["rfc6455/4.1/uri-components-valid", "rfc6455/4.1/invalid-uri-fails"],
        /// Takes a port with a sign.
        PortSigned "address-port-with-sign" Client ["rfc6455/4.1/uri-components-valid", "rfc6455/4.1/invalid-uri-fails"],
        /// Connects to port 8080 where its address has none.
        DefaultPort "address-default-port-8080" Client ["rfc6455/3/default-ports"],
        /// Sends a space as it stands in its address.
        SpaceKept "address-space-kept" Client ["rfc6455/4.1/uri-components-valid", "rfc6455/4.1/request-is-valid-http"],
        /// Sends a line break as it stands in its address.
        LineBreakKept "address-line-break-kept" Client ["rfc6455/4.1/uri-components-valid", "rfc6455/4.1/request-is-valid-http"],
        /// Opens no address below /.well-known/.
        WellKnownRefused "address-well-known-refused" Client ["rfc8307/1/well-known-uris"],
        /// Leaves the port out of Host where the host is an IPv6 address.
        PortLostBehindIpv6 "address-port-lost-behind-ipv6" Client ["rfc6455/4.1/request-host"],
        /// Leaves the brackets out of Host that stand around an IPv6 address.
        BracketsLost "address-brackets-lost" Client ["rfc6455/4.1/request-host", "rfc6455/4.1/request-is-valid-http"],
        /// Follows a redirection, and names the host of its address in the request.
        RedirectHostKept "redirect-host-kept" Client ["rfc6455/4.1/request-host", "rfc9110/15.4/redirected-request-modified"],
        /// Follows a redirection, and asks there for what its address names.
        RedirectTargetKept "redirect-target-kept" Client ["rfc9110/15.4/redirected-request-modified"],
        /// Follows a redirection, and sends the credentials and the cookies of its address to another origin.
        RedirectCredentialsKept "redirect-credentials-kept" Client ["rfc9110/15.4/redirected-request-modified"],
        /// Follows redirections without end.
        RedirectsForEver "redirects-followed-for-ever" Client ["rfc9110/15.4/cyclical-redirections-detected"],
        /// Names no server in its TLS handshake.
        ServerNameOmitted "tls-without-server-name" Client ["rfc6455/4.1/server-name-indication"],
        /// Takes a certificate that expired.
        ExpiredTaken "tls-takes-expired-certificate" Client ["rfc6455/4.1/tls-failure-fails"],
        /// Takes a certificate for another name.
        OtherNameTaken "tls-takes-certificate-for-other-name" Client ["rfc6455/4.1/tls-failure-fails"],
        /// Takes a certificate of whatever authority.
        UntrustedTaken "tls-takes-untrusted-certificate" Client ["rfc6455/4.1/tls-failure-fails"],
    }
}

impl Addressing {
    /// Whether a certificate is taken that is not valid.
    pub(super) fn trusts(self, certificate: Certificate) -> bool {
        match certificate {
            Certificate::Valid => false,
            Certificate::Expired => self == Addressing::ExpiredTaken,
            Certificate::OtherName => self == Addressing::OtherNameTaken,
            Certificate::Untrusted => self == Addressing::UntrustedTaken,
        }
    }

    /// The value of `Host`, of a host as it is written in ASCII and of a port, where there is one.
    pub(super) fn authority(self, host: &str, port: Option<u16>) -> Option<String> {
        let bare = host.strip_prefix('[')?.strip_suffix(']')?;
        match (self, port) {
            (Addressing::PortLostBehindIpv6, Some(_)) => Some(host.to_owned()),
            (Addressing::BracketsLost, Some(port)) => Some(format!("{bare}:{port}")),
            (Addressing::BracketsLost, None) => Some(bare.to_owned()),
            _ => None,
        }
    }

    /// How many redirections it follows.
    pub(super) fn redirects_max(self) -> usize {
        match self {
            Addressing::RedirectHostKept
            | Addressing::RedirectTargetKept
            | Addressing::RedirectCredentialsKept => 1,
            Addressing::RedirectsForEver => usize::MAX,
            _ => 0,
        }
    }

    /// The port that is read where the URI has an invalid one.
    pub(super) fn misread_port(self, text: &str) -> Option<u16> {
        match self {
            Addressing::PortCut => text.parse::<u32>().ok().map(|port| port as u16),
            Addressing::PortPrefix => {
                let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
                text[..end].parse().ok()
            }
            Addressing::PortSigned => text.strip_prefix('+').and_then(|digits| digits.parse().ok()),
            _ => None,
        }
    }

    /// Spoils host, request target and further fields of the request that follows a redirection from `from`.
    pub(super) fn follow(
        self,
        from: &Destination,
        host: &mut String,
        target: &mut String,
        fields: &mut Vec<(&'static str, String)>,
    ) {
        match self {
            Addressing::RedirectHostKept => host.clone_from(&from.authority),
            Addressing::RedirectTargetKept => target.clone_from(&from.resource),
            Addressing::RedirectCredentialsKept => {
                let credentials = "Basic d3NnYXVudGxldDpzZWNyZXQ=".to_owned();
                *fields = vec![("Authorization", credentials), ("Cookie", "gauntlet=1".to_owned())];
            }
            _ => {}
        }
    }

    /// The request target that is made of the rest of an address.
    pub(super) fn resource_name(self, written: &str) -> Option<String> {
        match self {
            Addressing::QueryLost if !written.starts_with('/') => Some("/".to_owned()),
            Addressing::SlashOmitted if written.starts_with('?') => Some(written.to_owned()),
            Addressing::Decoded => Some(written.replace("%20", "+").replace("%2F", "/").replace("%25", "%")),
            Addressing::NumberSignDecoded if written.contains("%23") => Some(written.replace("%23", "#")),
            Addressing::FragmentSent if written.contains('#') => Some(written.to_owned()),
            Addressing::NotEncoded if !written.is_ascii() => Some(written.to_owned()),
            Addressing::EncodedAsLatin1 if !written.is_ascii() => {
                let encode = |c: char| match c {
                    c if c.is_ascii() => c.to_string(),
                    c => format!("%{:02X}", u32::from(c) & 0xff),
                };
                Some(written.chars().map(encode).collect())
            }
            Addressing::SpaceKept if written.contains(' ') => Some(written.to_owned()),
            Addressing::LineBreakKept if written.contains("\r\n") => Some(written.to_owned()),
            _ => None,
        }
    }
}
