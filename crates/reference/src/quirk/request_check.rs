//! A server that overlooks what is wrong with a request.

use super::table::quirks;
use crate::refusal::Refusal;
use wsgauntlet_wire::opening::RequestHead;
use wsgauntlet_wire::opening::extension::ExtensionError;
use wsgauntlet_wire::opening::key::{self, KeyError};
use wsgauntlet_wire::opening::token;

quirks! {
    /// What a server accepts and must refuse.
    pub enum RequestCheck {
        /// Upgrades whatever the method is.
        AcceptAnyMethod "accept-any-method" Server ["rfc6455/4.2.1/get-request-required"],
        /// Takes the method "get" for GET.
        AcceptMethodInAnyCase "accept-method-in-any-case" Server ["rfc6455/4.2.1/get-request-required"],
        /// Upgrades a request of HTTP/1.0.
        AcceptHttp10 "accept-http-1.0" Server ["rfc9110/7.8/http10-upgrade-ignored", "rfc6455/4.2.1/get-request-required"],
        /// Upgrades a request without Host.
        AcceptHostAbsent "accept-host-absent" Server ["rfc9112/3.2/host-missing-or-repeated-400", "rfc6455/4.2.1/host-required"],
        /// Upgrades a request with two Host lines.
        AcceptHostRepeated "accept-host-repeated" Server ["rfc9112/3.2/host-missing-or-repeated-400"],
        /// Upgrades a request whose Host is no authority.
        AcceptHostInvalid "accept-host-invalid" Server ["rfc9112/3.2/host-missing-or-repeated-400"],
        /// Upgrades whatever the request target is.
        AcceptAnyTarget "accept-any-target" Server ["rfc6455/10.7/invalid-opening-http-status", "rfc6455/4.2.1/malformed-opening-refused"],
        /// Does not look for Upgrade.
        AcceptUpgradeAbsent "accept-upgrade-absent" Server ["rfc6455/4.2.1/upgrade-required"],
        /// Looks only whether there is an Upgrade, not what it names.
        AcceptUpgradeOther "accept-upgrade-other" Server ["rfc9110/7.8/no-switch-to-unindicated-protocol", "rfc6455/4.2.1/upgrade-required"],
        /// Looks for "websocket" anywhere within Upgrade.
        AcceptUpgradeSubstring "accept-upgrade-substring" Server ["rfc6455/4.2.1/upgrade-required"],
        /// Folds the case of Upgrade by Unicode's rules: U+017F is an "s".
        AcceptUpgradeUnicode "accept-upgrade-unicode" Server ["rfc6455/4.2.1/upgrade-required"],
        /// Does not look for Connection.
        AcceptConnectionAbsent "accept-connection-absent" Server ["rfc6455/4.2.1/connection-upgrade-required"],
        /// Looks only whether there is a Connection, not for its token.
        AcceptConnectionOther "accept-connection-other" Server ["rfc6455/4.2.1/connection-upgrade-required"],
        /// Looks for "upgrade" anywhere within Connection.
        AcceptConnectionSubstring "accept-connection-substring" Server ["rfc6455/4.2.1/connection-upgrade-required"],
        /// Upgrades a request without a version.
        AcceptVersionAbsent "accept-version-absent" Server ["rfc6455/4.2.1/version-13-required"],
        /// Upgrades whatever the version is.
        AcceptVersionOther "accept-version-other" Server ["rfc6455/4.2.2/version-mismatch-aborts"],
        /// Upgrades every version above 13 too.
        AcceptVersionAbove "accept-version-above" Server ["rfc6455/4.2.2/version-mismatch-aborts"],
        /// Takes a list of versions that holds 13.
        AcceptVersionInList "accept-version-in-list" Server ["rfc6455/4.2.1/version-13-required"],
        /// Reads the version as a number, so that 013 is 13.
        AcceptVersionNumeric "accept-version-numeric" Server ["rfc6455/4.2.1/malformed-opening-refused", "rfc6455/4.3/version-value-grammar"],
        /// Upgrades a request with two version lines.
        AcceptVersionRepeated "accept-version-repeated" Server ["rfc6455/4.2.1/malformed-opening-refused"],
        /// Upgrades a request without a key.
        AcceptKeyAbsent "accept-key-absent" Server ["rfc6455/4.2.1/key-required-16-octets"],
        /// Upgrades a request whose key is empty.
        AcceptKeyEmpty "accept-key-empty" Server ["rfc6455/4.2.1/key-required-16-octets"],
        /// Upgrades a request with two keys, and answers the first.
        AcceptKeyRepeated "accept-key-repeated" Server ["rfc6455/4.2.1/malformed-opening-refused"],
        /// Takes a key of fewer than 16 octets.
        AcceptKeyShort "accept-key-short" Server ["rfc6455/4.2.1/key-required-16-octets"],
        /// Takes a key of more than 16 octets.
        AcceptKeyLong "accept-key-long" Server ["rfc6455/4.2.1/key-required-16-octets"],
        /// Takes a key of 24 characters that is not base64.
        AcceptKeyNotBase64 "accept-key-not-base64" Server ["rfc6455/4.2.1/key-required-16-octets"],
        /// Takes a key without the padding of base64.
        AcceptKeyUnpadded "accept-key-unpadded" Server ["rfc6455/4.2.1/key-required-16-octets"],
        /// Takes a key in the URL-safe alphabet.
        AcceptKeyUrlSafe "accept-key-url-safe" Server ["rfc6455/4.2.1/key-required-16-octets"],
        /// Ignores Content-Length, so that the body is read as frames.
        AcceptBody "accept-body" Server ["rfc9110/7.8/switch-honors-message-semantics"],
        /// Ignores Transfer-Encoding, so that the chunks are read as frames.
        AcceptTransferEncoding "accept-transfer-encoding" Server ["rfc9110/7.8/switch-honors-message-semantics"],
        /// Ignores subprotocols that are no tokens.
        AcceptSubprotocolsMalformed "accept-subprotocols-malformed" Server ["rfc6455/10.7/invalid-opening-http-status", "rfc6455/4.2.1/subprotocol-list-parsed"],
        /// Ignores a Sec-WebSocket-Protocol that names none.
        AcceptSubprotocolsEmpty "accept-subprotocols-empty" Server ["rfc6455/10.7/invalid-opening-http-status", "rfc6455/4.2.1/subprotocol-list-parsed"],
        /// Ignores a Sec-WebSocket-Extensions that is malformed.
        AcceptExtensionsMalformed "accept-extensions-malformed" Server ["rfc6455/9.1/malformed-extensions-fail"],
        /// Ignores a quoted parameter value that is no token once unquoted.
        AcceptQuotedNonToken "accept-quoted-non-token" Server ["rfc6455/10.7/invalid-opening-http-status", "rfc6455/9.1/quoted-value-is-token"],
    }
}

impl RequestCheck {
    /// Whether a request opens all the same.
    pub(super) fn overlooks(self, refusal: &Refusal, head: &RequestHead) -> bool {
        match self {
            RequestCheck::AcceptAnyMethod => *refusal == Refusal::Method,
            RequestCheck::AcceptMethodInAnyCase => {
                *refusal == Refusal::Method && head.method.eq_ignore_ascii_case("GET")
            }
            RequestCheck::AcceptHttp10 => *refusal == Refusal::Http10,
            RequestCheck::AcceptHostAbsent => *refusal == Refusal::Host && head.fields.count("Host") == 0,
            RequestCheck::AcceptHostRepeated => *refusal == Refusal::Host && head.fields.count("Host") > 1,
            RequestCheck::AcceptHostInvalid => {
                let present = |host: &[u8]| !host.is_empty();
                *refusal == Refusal::Host && head.fields.single("Host").is_some_and(present)
            }
            RequestCheck::AcceptAnyTarget => *refusal == Refusal::Target,
            RequestCheck::AcceptUpgradeAbsent
            | RequestCheck::AcceptUpgradeOther
            | RequestCheck::AcceptUpgradeSubstring
            | RequestCheck::AcceptUpgradeUnicode => *refusal == Refusal::Upgrade && self.takes_upgrade(head),
            RequestCheck::AcceptConnectionAbsent => {
                *refusal == Refusal::Connection && head.fields.count("Connection") == 0
            }
            RequestCheck::AcceptConnectionOther => {
                *refusal == Refusal::Connection && head.fields.count("Connection") > 0
            }
            RequestCheck::AcceptConnectionSubstring => {
                *refusal == Refusal::Connection && holds(head, "Connection", "upgrade")
            }
            RequestCheck::AcceptVersionAbsent
            | RequestCheck::AcceptVersionOther
            | RequestCheck::AcceptVersionAbove
            | RequestCheck::AcceptVersionInList
            | RequestCheck::AcceptVersionNumeric => *refusal == Refusal::Version && self.takes_version(head),
            RequestCheck::AcceptVersionRepeated => *refusal == Refusal::VersionRepeated,
            RequestCheck::AcceptKeyAbsent => *refusal == Refusal::KeyAbsent,
            RequestCheck::AcceptKeyRepeated => *refusal == Refusal::KeyRepeated,
            RequestCheck::AcceptKeyEmpty
            | RequestCheck::AcceptKeyShort
            | RequestCheck::AcceptKeyLong
            | RequestCheck::AcceptKeyNotBase64
            | RequestCheck::AcceptKeyUnpadded
            | RequestCheck::AcceptKeyUrlSafe => match refusal {
                Refusal::Key(error) => self.takes_key(*error, head),
                _ => false,
            },
            RequestCheck::AcceptBody => {
                *refusal == Refusal::Body && head.fields.count("Transfer-Encoding") == 0
            }
            RequestCheck::AcceptTransferEncoding => {
                *refusal == Refusal::Body && head.fields.count("Transfer-Encoding") > 0
            }
            RequestCheck::AcceptSubprotocolsMalformed => *refusal == Refusal::Subprotocols && names_any(head),
            RequestCheck::AcceptSubprotocolsEmpty => *refusal == Refusal::Subprotocols && !names_any(head),
            RequestCheck::AcceptExtensionsMalformed => {
                matches!(refusal, Refusal::Extensions(_))
            }
            RequestCheck::AcceptQuotedNonToken => {
                *refusal == Refusal::Extensions(ExtensionError::ValueNotToken)
                    && holds(head, "Sec-WebSocket-Extensions", "\"")
            }
        }
    }

    fn takes_upgrade(self, head: &RequestHead) -> bool {
        let present = head.fields.count("Upgrade") > 0;
        let folds = |value: &[u8]| {
            String::from_utf8_lossy(value).to_lowercase().replace('\u{17f}', "s") == "websocket"
        };
        match self {
            RequestCheck::AcceptUpgradeAbsent => !present,
            RequestCheck::AcceptUpgradeOther => present,
            RequestCheck::AcceptUpgradeSubstring => holds(head, "Upgrade", "websocket"),
            _ => head.fields.values("Upgrade").any(folds),
        }
    }

    fn takes_version(self, head: &RequestHead) -> bool {
        let Some(value) = head.fields.values("Sec-WebSocket-Version").next() else {
            return self == RequestCheck::AcceptVersionAbsent;
        };
        let number = std::str::from_utf8(value).ok().and_then(|text| text.parse::<u32>().ok());
        match self {
            RequestCheck::AcceptVersionOther => true,
            RequestCheck::AcceptVersionAbove => number.is_some_and(|version| version > 13),
            RequestCheck::AcceptVersionInList => token::list(value).any(|version| version == b"13"),
            RequestCheck::AcceptVersionNumeric => number == Some(13),
            _ => false,
        }
    }

    fn takes_key(self, error: KeyError, head: &RequestHead) -> bool {
        let value = head.fields.values("Sec-WebSocket-Key").next();
        let value = value.unwrap_or_default();
        let is_key = |value: Vec<u8>| key::validate(&value) == Ok(());
        match self {
            RequestCheck::AcceptKeyEmpty => value.is_empty(),
            RequestCheck::AcceptKeyShort => matches!(error, KeyError::WrongLength(1..16)),
            RequestCheck::AcceptKeyLong => matches!(error, KeyError::WrongLength(17..)),
            RequestCheck::AcceptKeyNotBase64 => error == KeyError::NotBase64 && value.len() == 24,
            RequestCheck::AcceptKeyUnpadded => is_key([value, b"=="].concat()),
            _ => {
                let standard = |octet: &u8| match octet {
                    b'-' => b'+',
                    b'_' => b'/',
                    octet => *octet,
                };
                is_key(value.iter().map(standard).collect())
            }
        }
    }
}

/// Whether a line of that name holds the text anywhere, in any case.
fn holds(head: &RequestHead, name: &str, text: &str) -> bool {
    let lower = |value: &[u8]| String::from_utf8_lossy(value).to_ascii_lowercase();
    head.fields.values(name).any(|value| lower(value).contains(text))
}

/// Whether Sec-WebSocket-Protocol has an element, a token or not.
fn names_any(head: &RequestHead) -> bool {
    let mut elements = head.fields.values("Sec-WebSocket-Protocol").flat_map(token::list);
    elements.next().is_some()
}
