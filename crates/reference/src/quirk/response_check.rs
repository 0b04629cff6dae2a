//! A client that overlooks what is wrong with a response, or refuses one that is right.

use super::table::quirks;
use crate::response_error::ResponseError;
use wsgauntlet_wire::opening::ResponseHead;
use wsgauntlet_wire::opening::deflate_params::NAME;
use wsgauntlet_wire::opening::token;

quirks! {
    /// What a client accepts and must not.
    pub enum ResponseCheck {
        /// Opens whatever the status is.
        StatusAny "accept-response-any-status" Client ["rfc6455/4.1/status-other-than-101"],
        /// Opens on status 200 too.
        Status200 "accept-response-200" Client ["rfc6455/4.1/status-other-than-101"],
        /// Looks for "101" anywhere in the status line.
        StatusInReason "accept-response-101-in-reason" Client ["rfc6455/4.1/status-other-than-101"],
        /// Opens without Upgrade.
        UpgradeAbsent "accept-response-without-upgrade" Client ["rfc6455/4.1/response-upgrade-checked"],
        /// Opens whatever Upgrade names.
        UpgradeOther "accept-response-other-upgrade" Client ["rfc6455/4.1/response-upgrade-checked"],
        /// Looks for "websocket" anywhere within Upgrade.
        UpgradeSubstring "accept-response-upgrade-substring" Client ["rfc6455/4.1/response-upgrade-checked"],
        /// Writes Upgrade in lower case by Unicode's rules: U+212A is a "k".
        UpgradeKelvin "accept-response-upgrade-kelvin" Client ["rfc6455/4.1/response-upgrade-checked"],
        /// Opens without Connection.
        ConnectionAbsent "accept-response-without-connection" Client ["rfc6455/4.1/response-connection-checked"],
        /// Opens whatever Connection holds.
        ConnectionOther "accept-response-other-connection" Client ["rfc6455/4.1/response-connection-checked"],
        /// Looks for "upgrade" anywhere within Connection.
        ConnectionSubstring "accept-response-connection-substring" Client ["rfc6455/4.1/response-connection-checked"],
        /// Opens without Sec-WebSocket-Accept.
        AcceptAbsent "accept-response-without-accept" Client ["rfc6455/4.1/accept-key-checked"],
        /// Opens whatever Sec-WebSocket-Accept is.
        AcceptOther "accept-response-other-accept" Client ["rfc6455/4.1/accept-key-checked"],
        /// Compares Sec-WebSocket-Accept without regard to case.
        AcceptInAnyCase "accept-response-accept-in-any-case" Client ["rfc6455/4.1/accept-key-checked"],
        /// Compares only as many characters of Sec-WebSocket-Accept as were sent.
        AcceptPrefix "accept-response-accept-prefix" Client ["rfc6455/4.1/accept-key-checked"],
        /// Opens on two Sec-WebSocket-Accept lines, of which it reads one.
        AcceptRepeated "accept-response-two-accepts" Client ["rfc6455/4.1/accept-key-checked"],
        /// Ignores extensions that it did not offer.
        ExtensionNotOffered "accept-response-unoffered-extension" Client ["rfc6455/4.1/unrequested-extension-fails"],
        /// Ignores a malformed Sec-WebSocket-Extensions.
        ExtensionsMalformed "accept-response-malformed-extensions" Client ["rfc6455/9.1/malformed-extensions-fail"],
        /// Takes permessage-deflate without having offered it.
        DeflateNotOffered "accept-response-unoffered-deflate" Client ["rfc7692/5/client-fails-on-invalid-response", "rfc6455/4.1/unrequested-extension-fails"],
        /// Takes permessage-deflate twice.
        DeflateTwice "accept-response-deflate-twice" Client ["rfc7692/5/client-fails-on-rsv1-conflict"],
        /// Takes a subprotocol that it did not offer.
        SubprotocolNotOffered "accept-response-unoffered-subprotocol" Client ["rfc6455/4.1/unrequested-subprotocol-fails"],
        /// Compares the subprotocol without regard to case.
        SubprotocolInAnyCase "accept-response-subprotocol-in-any-case" Client ["rfc7936/2/subprotocol-case-sensitive", "rfc6455/4.1/unrequested-subprotocol-fails"],
        /// Takes a list of subprotocols.
        SubprotocolList "accept-response-subprotocol-list" Client ["rfc6455/4.1/nonconforming-response-fails"],
        /// Takes an empty Sec-WebSocket-Protocol.
        SubprotocolEmpty "accept-response-empty-subprotocol" Client ["rfc6455/4.1/nonconforming-response-fails"],
        /// Takes two Sec-WebSocket-Protocol lines.
        SubprotocolRepeated "accept-response-two-subprotocols" Client ["rfc6455/4.1/unrequested-subprotocol-fails"],
        /// Leaves a Sec-WebSocket-Protocol unread that is not ASCII.
        SubprotocolNotAscii "accept-response-subprotocol-not-ascii" Client ["rfc6455/4.1/unrequested-subprotocol-fails", "rfc6455/4.3/response-subprotocol-grammar"],
        /// Leaves a Sec-WebSocket-Extensions unread that is not ASCII.
        ExtensionsNotAscii "accept-response-extensions-not-ascii" Client ["rfc6455/9.1/malformed-extensions-fail"],
        /// Wants Connection to be "Upgrade" alone.
        RefusesConnectionList "refuse-response-connection-list" Client ["rfc6455/4.1/response-connection-checked"],
        /// Compares Upgrade with "websocket" octet by octet.
        RefusesUpgradeCase "refuse-response-upgrade-in-other-case" Client ["rfc6455/4.1/response-upgrade-checked"],
        /// Compares the tokens of Connection with "Upgrade" octet by octet.
        RefusesConnectionCase "refuse-response-connection-in-other-case" Client ["rfc6455/4.1/response-connection-checked"],
        /// Does not know quoted values in an answer of permessage-deflate.
        RefusesQuoted "refuse-response-quoted-parameter" Client ["rfc7692/5.2/parameter-value-may-be-quoted"],
        /// Does not know more than one space around the semicolons of extensions, or a tab.
        RefusesMuchSpace "refuse-response-much-space-in-extensions" Client ["rfc7692/5.2/parameter-value-may-be-quoted"],
        /// Refuses empty elements in Sec-WebSocket-Extensions.
        RefusesEmptyElements "refuse-response-empty-extension-elements" Client ["rfc7692/5.2/parameter-value-may-be-quoted"],
        /// Wants the reason phrase of the RFC.
        RefusesOtherReason "refuse-response-other-reason" Client ["rfc6455/4.1/response-validated"],
        /// Refuses header fields that it does not know.
        RefusesUnknownFields "refuse-response-unknown-headers" Client ["rfc6455/4.1/response-validated"],
        /// Refuses header fields with octets above 127.
        RefusesObsText "refuse-response-obs-text" Client ["rfc6455/4.1/response-validated"],
        /// Takes an interim response for the final one.
        RefusesInterim "refuse-response-after-interim" Client ["rfc9110/15.2/interim-responses-parsed"],
    }
}

impl ResponseCheck {
    /// Whether a response opens all the same.
    pub(super) fn overlooks(
        self,
        error: &ResponseError,
        head: &ResponseHead,
        accept: &str,
        offered: &[String],
    ) -> bool {
        let present = |name| head.fields.count(name) > 0;
        let value = |name| {
            let value = head.fields.values(name).next().unwrap_or_default();
            String::from_utf8_lossy(value).into_owned()
        };
        let holds = |name, text| value(name).to_ascii_lowercase().contains(text);
        let is_ascii = |name| head.fields.values(name).all(<[u8]>::is_ascii);
        let status = matches!(error, ResponseError::Status(_));
        let deflate = matches!(error, ResponseError::ExtensionNotOffered(name) if name == NAME);
        let protocol = matches!(error, ResponseError::SubprotocolNotOffered(_));
        let selected = value("Sec-WebSocket-Protocol");
        match self {
            ResponseCheck::StatusAny => status,
            ResponseCheck::Status200 => *error == ResponseError::Status(200),
            ResponseCheck::StatusInReason => status && head.reason.contains("101"),
            ResponseCheck::UpgradeAbsent => *error == ResponseError::Upgrade && !present("Upgrade"),
            ResponseCheck::UpgradeOther => *error == ResponseError::Upgrade && present("Upgrade"),
            ResponseCheck::UpgradeSubstring => {
                *error == ResponseError::Upgrade && holds("Upgrade", "websocket")
            }
            ResponseCheck::UpgradeKelvin => {
                *error == ResponseError::Upgrade && value("Upgrade").to_lowercase() == "websocket"
            }
            ResponseCheck::ConnectionAbsent => *error == ResponseError::Connection && !present("Connection"),
            ResponseCheck::ConnectionOther => *error == ResponseError::Connection && present("Connection"),
            ResponseCheck::ConnectionSubstring => {
                *error == ResponseError::Connection && holds("Connection", "upgrade")
            }
            ResponseCheck::AcceptAbsent => *error == ResponseError::AcceptAbsent,
            ResponseCheck::AcceptOther => *error == ResponseError::Accept,
            ResponseCheck::AcceptInAnyCase => {
                let same = value("Sec-WebSocket-Accept").eq_ignore_ascii_case(accept);
                *error == ResponseError::Accept && same
            }
            ResponseCheck::AcceptPrefix => {
                let prefix = accept.starts_with(&value("Sec-WebSocket-Accept"));
                *error == ResponseError::Accept && prefix
            }
            ResponseCheck::AcceptRepeated => *error == ResponseError::AcceptRepeated,
            ResponseCheck::ExtensionNotOffered => {
                matches!(error, ResponseError::ExtensionNotOffered(_)) && !deflate
            }
            ResponseCheck::ExtensionsMalformed => matches!(error, ResponseError::Extensions(_)),
            ResponseCheck::DeflateNotOffered => deflate,
            ResponseCheck::DeflateTwice => *error == ResponseError::DeflateTwice,
            ResponseCheck::SubprotocolNotOffered => protocol,
            ResponseCheck::SubprotocolInAnyCase => {
                protocol && offered.iter().any(|offered| offered.eq_ignore_ascii_case(&selected))
            }
            ResponseCheck::SubprotocolList => protocol && selected.contains(','),
            ResponseCheck::SubprotocolEmpty => protocol && selected.is_empty(),
            ResponseCheck::SubprotocolRepeated => *error == ResponseError::SubprotocolRepeated,
            ResponseCheck::SubprotocolNotAscii => protocol && !is_ascii("Sec-WebSocket-Protocol"),
            ResponseCheck::ExtensionsNotAscii => {
                let extensions =
                    matches!(error, ResponseError::Extensions(_) | ResponseError::ExtensionNotOffered(_));
                extensions && !is_ascii("Sec-WebSocket-Extensions")
            }
            ResponseCheck::RefusesConnectionList
            | ResponseCheck::RefusesUpgradeCase
            | ResponseCheck::RefusesConnectionCase
            | ResponseCheck::RefusesQuoted
            | ResponseCheck::RefusesMuchSpace
            | ResponseCheck::RefusesEmptyElements
            | ResponseCheck::RefusesOtherReason
            | ResponseCheck::RefusesUnknownFields
            | ResponseCheck::RefusesObsText
            | ResponseCheck::RefusesInterim => false,
        }
    }

    /// Whether a valid response is refused.
    pub(super) fn refuses(self, head: &ResponseHead) -> bool {
        const KNOWN: [&str; 5] = [
            "upgrade",
            "connection",
            "sec-websocket-accept",
            "sec-websocket-protocol",
            "sec-websocket-extensions",
        ];
        let fields = &head.fields;
        let lacks =
            |name, wanted: &[u8]| !fields.values(name).flat_map(token::list).any(|element| element == wanted);
        let extensions = |octets: &[u8]| {
            let holds = |value: &[u8]| value.windows(octets.len()).any(|window| window == octets);
            fields.values("Sec-WebSocket-Extensions").any(holds)
        };
        match self {
            ResponseCheck::RefusesConnectionList => {
                fields.values("Connection").any(|value| value.contains(&b','))
            }
            ResponseCheck::RefusesUpgradeCase => lacks("Upgrade", b"websocket"),
            ResponseCheck::RefusesConnectionCase => lacks("Connection", b"Upgrade"),
            ResponseCheck::RefusesQuoted => extensions(b"\""),
            ResponseCheck::RefusesMuchSpace => extensions(b"  ") || extensions(b"\t"),
            ResponseCheck::RefusesEmptyElements => {
                let empty = |element: &[u8]| token::trim(element).is_empty();
                let mut values = fields.values("Sec-WebSocket-Extensions");
                values.any(|value| value.split(|octet| *octet == b',').any(empty))
            }
            ResponseCheck::RefusesOtherReason => head.reason != "Switching Protocols",
            ResponseCheck::RefusesUnknownFields => {
                let known = |name: &str| KNOWN.contains(&name.to_ascii_lowercase().as_str());
                fields.0.iter().any(|field| !known(&field.name))
            }
            ResponseCheck::RefusesObsText => fields.0.iter().any(|field| !field.value.is_ascii()),
            _ => false,
        }
    }
}
