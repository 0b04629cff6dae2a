//! A server that refuses what it must accept.

use super::table::quirks;
use crate::refusal::Refusal;
use wsgauntlet_wire::opening::deflate_params::NAME;
use wsgauntlet_wire::opening::token;
use wsgauntlet_wire::opening::{Extension, RequestHead};

quirks! {
    /// What a server refuses without a reason.
    pub enum RequestRefusal {
        /// Wants Connection to be "Upgrade" alone.
        ConnectionList "refuse-connection-list" Server ["rfc6455/4.2.1/connection-upgrade-required", "rfc6455/4.2.2/valid-opening-accepted"],
        /// Wants Upgrade to be "websocket" alone, in any case.
        UpgradeList "refuse-upgrade-list" Server ["rfc6455/4.2.1/upgrade-required"],
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
        /// Does not know whitespace around the equals sign of extensions.
        SpacedEquals "refuse-spaced-equals" Server ["rfc6455/4.2.1/extension-list-parsed"],
        /// Refuses an offer of a window of 8 bits.
        WindowOf8 "refuse-deflate-window-of-8" Server ["rfc6455/4.2.2/valid-opening-accepted"],
        /// Answers 500 to an offer of a window of 8 bits.
        WindowOf8With500 "refuse-deflate-window-of-8-with-500" Server ["rfc6455/10.7/invalid-opening-http-status", "rfc6455/4.2.2/valid-opening-accepted"],
        /// Answers 500 to an offer of window bits that are out of range or no number.
        WindowInvalidWith500 "refuse-deflate-window-bits-with-500" Server ["rfc6455/10.7/invalid-opening-http-status", "rfc7692/7/server-declines-bad-offer"],
        /// Refuses an empty line before the request line.
        EmptyLineBefore "refuse-empty-line-before-request" Server ["rfc6455/4.2.2/valid-opening-accepted"],
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
    /// Whether it refuses with 500.
    pub(super) fn is_internal_error(self) -> bool {
        matches!(self, RequestRefusal::WindowOf8With500 | RequestRefusal::WindowInvalidWith500)
    }

    /// Why a valid request is refused. `declines`: an offer of permessage-deflate is one that the server declines.
    pub(super) fn refuses(
        self,
        head: &RequestHead,
        extensions: &[Extension],
        declines: bool,
    ) -> Option<Refusal> {
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
            RequestRefusal::UpgradeList => is_list("Upgrade") || fields.count("Upgrade") > 1,
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
            RequestRefusal::BadDeflateOffer => declines,
            RequestRefusal::EmptyListElements => {
                let empty = |element: &[u8]| token::trim(element).is_empty();
                let lists = ["Connection", "Upgrade", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"];
                let mut values = lists.iter().flat_map(|name| fields.values(name));
                values.any(|value| value.split(|octet| *octet == b',').any(empty))
            }
            RequestRefusal::SecondExtensionsLine => fields.count("Sec-WebSocket-Extensions") > 1,
            RequestRefusal::QuotedParam => extension_value(b"\""),
            RequestRefusal::SpacedEquals => extension_value(b" =") || extension_value(b"= "),
            RequestRefusal::WindowOf8 | RequestRefusal::WindowOf8With500 => {
                window_bits(extensions).any(|(name, bits)| name == "server_max_window_bits" && bits == "8")
            }
            RequestRefusal::WindowInvalidWith500 => {
                let valid = |bits: &str| bits.parse().is_ok_and(|bits: u8| (8..=15).contains(&bits));
                window_bits(extensions).any(|(_, bits)| !valid(bits))
            }
            RequestRefusal::EmptyLineBefore => false,
            RequestRefusal::SpacedParam => extension_value(b" ;") || extension_value(b"; "),
        };
        refused.then_some(match self {
            RequestRefusal::UpgradeList => Refusal::Upgrade,
            _ => Refusal::Malformed,
        })
    }
}

/// The values of window bits that are offered, each with the name of its parameter.
fn window_bits(extensions: &[Extension]) -> impl Iterator<Item = (&str, &str)> {
    let params = extensions.iter().filter(|extension| extension.name == NAME).flat_map(|e| &e.params);
    let valued = params.filter_map(|(name, value)| Some((name.as_str(), value.as_deref()?)));
    valued.filter(|(name, _)| name.ends_with("_window_bits"))
}
