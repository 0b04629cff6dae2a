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
        /// Upgrades HEAD as it does GET.
        AcceptHead "accept-head" Server ["rfc6455/4.2.1/get-request-required"],
        /// Upgrades CONNECT, whose target is an authority.
        AcceptConnect "accept-connect" Server ["rfc6455/4.2.1/get-request-required"],
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
        /// Looks only at the characters of Host, not at their order.
        AcceptHostByCharacters "accept-host-by-characters" Server ["rfc9112/3.2/host-missing-or-repeated-400"],
        /// Upgrades a request target with a fragment.
        AcceptTargetFragment "accept-target-fragment" Server ["rfc6455/10.1/server-distrusts-input", "rfc6455/4.2.1/malformed-opening-refused"],
        /// Upgrades the request target "*".
        AcceptTargetAsterisk "accept-target-asterisk" Server ["rfc6455/10.1/server-distrusts-input", "rfc6455/4.2.1/malformed-opening-refused"],
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
        /// Writes Upgrade in lower case by Unicode's rules: U+212A is a "k".
        AcceptUpgradeKelvin "accept-upgrade-kelvin" Server ["rfc6455/4.2.1/upgrade-required"],
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
        /// Reads the version as JavaScript reads a number: 13.0 and 0xd are 13, and no-break spaces are trimmed.
        AcceptVersionOfJavaScript "accept-version-as-javascript-number" Server ["rfc6455/4.2.1/malformed-opening-refused", "rfc6455/4.3/version-value-grammar"],
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
        /// Takes any key that is not empty.
        AcceptKeyAny "accept-key-any" Server ["rfc6455/4.2.1/key-required-16-octets"],
        /// Skips characters of the key that are not base64, and what is behind the padding.
        AcceptKeySkipping "accept-key-skipping-characters" Server ["rfc6455/4.2.1/key-required-16-octets"],
        /// Takes a Content-Length that is empty.
        AcceptContentLengthEmpty "accept-content-length-empty" Server ["rfc9112/6.3/invalid-content-length-400"],
        /// Reads the body that a valid Content-Length announces as frames.
        AcceptBodyCounted "accept-body-of-content-length" Server ["rfc9110/7.8/switch-honors-message-semantics"],
        /// Ignores Transfer-Encoding where it does not name chunked.
        AcceptTransferCodingOther "accept-transfer-coding-other" Server ["rfc9112/6.3/last-coding-not-chunked-400"],
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
        /// Takes an empty Sec-WebSocket-Extensions for an absent one.
        AcceptExtensionsEmpty "accept-extensions-empty" Server ["rfc6455/9.1/malformed-extensions-fail"],
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
            RequestCheck::AcceptHead => *refusal == Refusal::Method && head.method == "HEAD",
            RequestCheck::AcceptConnect => {
                matches!(refusal, Refusal::Target | Refusal::Method) && head.method == "CONNECT"
            }
            RequestCheck::AcceptHttp10 => *refusal == Refusal::Http10,
            RequestCheck::AcceptHostAbsent => *refusal == Refusal::Host && head.fields.count("Host") == 0,
            RequestCheck::AcceptHostRepeated => *refusal == Refusal::Host && head.fields.count("Host") > 1,
            RequestCheck::AcceptHostInvalid => {
                let present = |host: &[u8]| !host.is_empty();
                *refusal == Refusal::Host && head.fields.single("Host").is_some_and(present)
            }
            RequestCheck::AcceptHostByCharacters => {
                *refusal == Refusal::Host && head.fields.single("Host").is_some_and(is_of_host_characters)
            }
            RequestCheck::AcceptTargetFragment => *refusal == Refusal::Target && head.target.contains('#'),
            RequestCheck::AcceptTargetAsterisk => *refusal == Refusal::Target && head.target == "*",
            RequestCheck::AcceptAnyTarget => *refusal == Refusal::Target,
            RequestCheck::AcceptUpgradeAbsent
            | RequestCheck::AcceptUpgradeOther
            | RequestCheck::AcceptUpgradeSubstring
            | RequestCheck::AcceptUpgradeUnicode
            | RequestCheck::AcceptUpgradeKelvin => *refusal == Refusal::Upgrade && self.takes_upgrade(head),
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
            | RequestCheck::AcceptVersionNumeric
            | RequestCheck::AcceptVersionOfJavaScript => {
                *refusal == Refusal::Version && self.takes_version(head)
            }
            RequestCheck::AcceptVersionRepeated => *refusal == Refusal::VersionRepeated,
            RequestCheck::AcceptKeyAbsent => *refusal == Refusal::KeyAbsent,
            RequestCheck::AcceptKeyRepeated => *refusal == Refusal::KeyRepeated,
            RequestCheck::AcceptKeyEmpty
            | RequestCheck::AcceptKeyShort
            | RequestCheck::AcceptKeyLong
            | RequestCheck::AcceptKeyNotBase64
            | RequestCheck::AcceptKeyUnpadded
            | RequestCheck::AcceptKeyUrlSafe
            | RequestCheck::AcceptKeyAny
            | RequestCheck::AcceptKeySkipping => match refusal {
                Refusal::Key(error) => self.takes_key(*error, head),
                _ => false,
            },
            RequestCheck::AcceptContentLengthEmpty => {
                let empty = head.fields.single("Content-Length") == Some(b"");
                *refusal == Refusal::Body && empty && head.fields.count("Transfer-Encoding") == 0
            }
            RequestCheck::AcceptBodyCounted => {
                let counted = head.fields.single("Content-Length").is_some_and(is_number);
                *refusal == Refusal::Body && counted && head.fields.count("Transfer-Encoding") == 0
            }
            RequestCheck::AcceptTransferCodingOther => {
                *refusal == Refusal::Body
                    && !holds(head, "Transfer-Encoding", "chunked")
                    && head.fields.count("Transfer-Encoding") > 0
            }
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
            RequestCheck::AcceptExtensionsEmpty => {
                let mut values = head.fields.values("Sec-WebSocket-Extensions");
                matches!(refusal, Refusal::Extensions(_)) && values.all(<[u8]>::is_empty)
            }
            RequestCheck::AcceptQuotedNonToken => {
                *refusal == Refusal::Extensions(ExtensionError::ValueNotToken)
                    && holds(head, "Sec-WebSocket-Extensions", "\"")
            }
        }
    }

    fn takes_upgrade(self, head: &RequestHead) -> bool {
        let present = head.fields.count("Upgrade") > 0;
        let lower = |value: &[u8]| String::from_utf8_lossy(value).to_lowercase();
        let folds = |value: &[u8]| lower(value).replace('\u{17f}', "s") == "websocket";
        match self {
            RequestCheck::AcceptUpgradeAbsent => !present,
            RequestCheck::AcceptUpgradeOther => present,
            RequestCheck::AcceptUpgradeSubstring => holds(head, "Upgrade", "websocket"),
            RequestCheck::AcceptUpgradeKelvin => {
                head.fields.values("Upgrade").any(|value| lower(value) == "websocket")
            }
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
            RequestCheck::AcceptVersionOfJavaScript => javascript_number(value) == Some(13.0),
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
            RequestCheck::AcceptKeyAny => !value.is_empty(),
            RequestCheck::AcceptKeySkipping => {
                let is_base64 = |octet: &u8| octet.is_ascii_alphanumeric() || b"+/=".contains(octet);
                let mut octets: Vec<u8> = value.iter().copied().filter(is_base64).collect();
                octets.truncate(24);
                is_key(octets)
            }
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

fn is_number(value: &[u8]) -> bool {
    !value.is_empty() && value.iter().all(u8::is_ascii_digit)
}

/// Whether a Host holds only characters that a host or a port may hold: RFC 3986 §3.2.
fn is_of_host_characters(host: &[u8]) -> bool {
    !host.is_empty() && host.iter().all(|octet| octet.is_ascii_alphanumeric() || b"-._~:[]".contains(octet))
}

/// ECMA-262's `Number(text)`, of octets that are Latin-1, as far as versions and window bits need it.
pub(super) fn javascript_number(value: &[u8]) -> Option<f64> {
    let text: String = value.iter().map(|octet| char::from(*octet)).collect();
    let text = text.trim();
    let digits = |radix, prefix: &str| {
        let digits = text.strip_prefix(prefix)?;
        u32::from_str_radix(digits, radix).ok().map(f64::from)
    };
    let is_decimal = text.bytes().all(|octet| octet.is_ascii_digit() || b"+-.eE".contains(&octet));
    let decimal = || text.parse().ok().filter(|_| is_decimal);
    digits(16, "0x")
        .or_else(|| digits(16, "0X"))
        .or_else(|| digits(8, "0o"))
        .or_else(|| digits(2, "0b"))
        .or_else(decimal)
}
