//! A server that refuses what it must accept.

use super::table::quirks;
use crate::refusal::Refusal;
use wsgauntlet_wire::opening::deflate_params::NAME;
use wsgauntlet_wire::opening::token;
use wsgauntlet_wire::opening::{DeflateOffer, Extension, RequestHead};

quirks! {
    /// What a server refuses without a reason.
    pub enum RequestRefusal {
        /// Wants Connection to be "Upgrade" alone.
        ConnectionList "refuse-connection-list" Server ["rfc6455/4.2.1/connection-upgrade-required", "rfc6455/4.2.2/valid-opening-accepted"],
        /// Compares Upgrade with "websocket" octet by octet.
        UpgradeInOtherCase "refuse-upgrade-in-other-case" Server ["rfc6455/4.2.1/upgrade-required", "rfc9110/7.8/protocol-names-case-insensitive"],
        /// Compares the tokens of Connection with "Upgrade" octet by octet.
        ConnectionInOtherCase "refuse-connection-in-other-case" Server ["rfc6455/4.2.1/connection-upgrade-required"],
        /// Wants an Origin from everybody.
        WithoutOrigin "refuse-without-origin" Server ["rfc6455/4.2.2/valid-opening-accepted"],
        /// Does not know the absolute form of the request target.
        AbsoluteForm "refuse-absolute-form" Server ["rfc6455/4.2.1/absolute-request-uri"],
        /// Refuses header fields that it does not know.
        UnknownFields "refuse-unknown-headers" Server ["rfc6455/4.2.1/unknown-header-fields-ignored"],
        /// Refuses octets above 127 in values.
        ObsText "refuse-obs-text" Server ["rfc6455/4.2.1/unknown-header-fields-ignored"],
        /// Takes a Content-Length of 0 for a body.
        ContentLengthZero "refuse-content-length-0" Server ["rfc6455/4.2.2/valid-opening-accepted"],
        /// Refuses extensions that it does not know.
        UnknownExtensions "refuse-unknown-extensions" Server ["rfc6455/4.2.1/extension-list-parsed"],
        /// Refuses a request for an offer of permessage-deflate that it should decline.
        BadDeflateOffer "refuse-bad-deflate-offer" Server ["rfc7692/7/server-declines-bad-offer"],
        /// Refuses lists with empty elements.
        EmptyListElements "refuse-empty-list-elements" Server ["rfc6455/4.2.2/valid-opening-accepted"],
        /// Refuses a second line of Sec-WebSocket-Extensions.
        SecondExtensionsLine "refuse-second-extensions-line" Server ["rfc6455/9.1/extensions-header-may-split", "rfc6455/11.3.2/extensions-may-repeat-in-request"],
        /// Does not know quoted parameter values.
        QuotedParam "refuse-quoted-parameter" Server ["rfc6455/4.2.1/extension-list-parsed"],
        /// Does not know whitespace around the semicolons of extensions.
        SpacedParam "refuse-spaced-parameter" Server ["rfc6455/4.2.1/extension-list-parsed"],
    }
}

const KNOWN: [&str; 13] = [
    "host",
    "upgrade",
    "connection",
    "origin",
    "user-agent",
    "content-length",
    "expect",
    "sec-websocket-key",
    "sec-websocket-version",
    "sec-websocket-protocol",
    "sec-websocket-extensions",
    "cookie",
    "authorization",
];

impl RequestRefusal {
    pub(super) fn refuses(self, head: &RequestHead, extensions: &[Extension]) -> Option<Refusal> {
        let fields = &head.fields;
        let is_list = |name| fields.values(name).any(|value| value.contains(&b','));
        let lacks =
            |name, wanted: &[u8]| !fields.values(name).flat_map(token::list).any(|element| element == wanted);
        let extension_value = |octets: &[u8]| {
            let holds = |value: &[u8]| value.windows(octets.len()).any(|window| window == octets);
            fields.values("Sec-WebSocket-Extensions").any(holds)
        };
        let refused = match self {
            RequestRefusal::ConnectionList => is_list("Connection") || fields.count("Connection") > 1,
            RequestRefusal::UpgradeInOtherCase => lacks("Upgrade", b"websocket"),
            RequestRefusal::ConnectionInOtherCase => lacks("Connection", b"Upgrade"),
            RequestRefusal::WithoutOrigin => fields.count("Origin") == 0,
            RequestRefusal::AbsoluteForm => !head.target.starts_with('/'),
            RequestRefusal::UnknownFields => {
                let known = |name: &str| KNOWN.contains(&name.to_ascii_lowercase().as_str());
                fields.0.iter().any(|field| !known(&field.name))
            }
            RequestRefusal::ObsText => fields.0.iter().any(|field| !field.value.is_ascii()),
            RequestRefusal::ContentLengthZero => fields.count("Content-Length") > 0,
            RequestRefusal::UnknownExtensions => extensions.iter().any(|e| e.name != NAME),
            RequestRefusal::BadDeflateOffer => {
                let bad = |e: &Extension| e.name == NAME && DeflateOffer::parse(e).is_err();
                extensions.iter().any(bad)
            }
            RequestRefusal::EmptyListElements => {
                let empty = |element: &[u8]| token::trim(element).is_empty();
                let lists = ["Connection", "Upgrade", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"];
                let mut values = lists.iter().flat_map(|name| fields.values(name));
                values.any(|value| value.split(|octet| *octet == b',').any(empty))
            }
            RequestRefusal::SecondExtensionsLine => fields.count("Sec-WebSocket-Extensions") > 1,
            RequestRefusal::QuotedParam => extension_value(b"\""),
            RequestRefusal::SpacedParam => extension_value(b" ;") || extension_value(b"; "),
        };
        refused.then_some(Refusal::Malformed)
    }
}
